/** The examples of the API's description; a test sends each of them. */
const call = {
  occurred_at: '2026-11-01T09:30:00Z', customer_id: 'acme', workflow: 'pdf_question', provider: 'openai', api: 'chat', model_requested: 'gpt-4o-mini', model_served: 'gpt-4o-mini-2024-07-18',
  usage: { prompt_tokens: 1_200, completion_tokens: 180, total_tokens: 1_380, prompt_tokens_details: { cached_tokens: 1_024 } },
};

export const EXAMPLES = {
  record: {
    events: [
      { ...call, idempotency_key: 'question-4711-call-1', run_id: 'question-4711' },
      { kind: 'outcome', occurred_at: '2026-11-01T09:30:02Z', run_id: 'question-4711', customer_id: 'acme', workflow: 'pdf_question', outcome: 'usable', units: 1 },
    ],
    today: true,
  },
  cloudEvents: [{
    specversion: '1.0', type: 'outlay.usage.v1', source: 'https://app.example.com', id: 'call-4712', time: '2026-11-01T09:31:00Z', subject: 'acme',
    data: { workflow: 'pdf_question', provider: 'anthropic', model_requested: 'claude-sonnet-4-5', usage: { input_tokens: 900, output_tokens: 120 } },
  }],
  correct: { corrections: [{ original_id: '019a9f00-0000-7000-8000-000000000001', revision: 0, set: { customer_id: 'globex' }, reason: 'booked on the wrong customer' }] },
};
