/** The load of the ingest bench: full events, every label set, as a busy product sends them. Deterministic but for the ids. */
import { newId } from '@outlay/kernel/ids';

const WORKFLOWS = ['pdf_question', 'report_generation', 'ticket_reply'];
const MODELS = ['gpt-4o-mini', 'gpt-5-mini', 'gpt-4o'];

const CALLS_PER_RUN = 2;
let run = { of: -1, id: '' };

/** The n-th event; ids are new at each call, so that the same n may be sent again as another fact. Two neighbours share a run. */
export function makeEvent(n: number, nowMs: number = Date.now()): Record<string, unknown> {
  const ofRun = Math.floor(n / CALLS_PER_RUN);
  const occurredMs = nowMs - (ofRun % 600) * 1_000;
  const attempt = (n % CALLS_PER_RUN) + 1;
  if (run.of !== ofRun || attempt === 1) run = { of: ofRun, id: newId(occurredMs) };
  const prompt = 800 + ((n * 37) % 4_000);
  const cached = n % 3 === 0 ? 512 : 0;
  const completion = 60 + ((n * 13) % 700);
  const reasoning = n % 4 === 0 ? 48 : 0;
  return {
    id: newId(occurredMs), occurred_at: new Date(occurredMs).toISOString(), run_id: run.id, attempt, request_id: `req_${n}_${occurredMs}`,
    provider_request_id: `chatcmpl-${n}-${occurredMs}`, environment: 'production', customer_id: `customer_${ofRun % 200}`, user_id: `user_${n % 5_000}`,
    workflow: WORKFLOWS[ofRun % 3], feature: 'rag', tags: { plan: 'pro', region: 'eu-west' }, prompt_version: 'v12', policy_version: '2026-11-01', app_version: '4.18.2',
    provider: 'openai', api: 'chat', provider_account: 'proj_main', model_requested: MODELS[n % 3], model_served: MODELS[n % 3],
    service_tier_requested: 'auto', service_tier_served: 'default', source: 'sdk', status: n % 25 === 0 ? 'failed' : 'succeeded', latency_ms: 300 + ((n * 31) % 9_000), ttft_ms: 90 + (n % 400),
    usage: {
      prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion,
      prompt_tokens_details: { cached_tokens: cached, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: reasoning, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
    },
  };
}
