/** Rows for tests and the bench: realistic, complete, deterministic by their index. */
import { TOKEN_CLASSES } from '@outlay/kernel';
import { newId, sha256 } from '@outlay/kernel/ids';
import type { EventRow } from './columns';

const NO_TOKENS = Object.fromEntries(TOKEN_CLASSES.map((name) => [name, 0])) as Record<(typeof TOKEN_CLASSES)[number], number>;

/** A priced call; whatever the test is about goes into `change`. */
export function makeRow(tenantId: string, n: number, change: Partial<EventRow> = {}): EventRow {
  const occurredAt = change.occurred_at ?? new Date().toISOString();
  const row: EventRow = {
    ...NO_TOKENS,
    tenant_id: tenantId, id: newId(Date.parse(occurredAt)), kind: 'usage', subject: 'call', part: 0, sign: 1, corrects: null, revision: 0, input_hash: '',
    run_id: null, run_ref: null, attempt: 1, attempt_kind: 'first', request_id: `req_${n}`, provider_request_id: `chatcmpl-${n}`,
    occurred_at: occurredAt, late: false, environment: 'production', api_key_id: null, customer_id: `customer_${n % 50}`, user_id: `user_${n % 400}`,
    workflow: ['pdf_question', 'report_generation', 'ticket_reply'][n % 3]!, feature: 'rag', tags: '{"plan":"pro"}', prompt_version: 'v7', policy_version: null,
    app_version: '1.4.2', provider: 'openai', api: 'chat', provider_account: 'proj_main', model_requested: 'gpt-4o-mini', model_served: 'gpt-4o-mini-2024-07-18',
    service_tier_requested: null, service_tier_served: 'default', region: null, source: 'sdk', status: 'succeeded', error_class: null, outcome: null,
    latency_ms: 400 + (n % 4000), ttft_ms: 120 + (n % 300), input_uncached: 900 + (n % 500), cache_read: 256, output_text: 120 + (n % 200), output_reasoning: 64,
    extras: null,
    raw_usage: JSON.stringify({
      prompt_tokens: 1156 + (n % 500), completion_tokens: 184 + (n % 200), total_tokens: 1340, prompt_tokens_details: { cached_tokens: 256, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 64, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
    }),
    normaliser_version: 1, cost_pico: 250_000_000n + BigInt(n % 1000) * 1000n, ceiling_pico: 250_000_000n + BigInt(n % 1000) * 1000n, provider_cost_pico: null,
    cost_basis: 'priced', price_version_id: null, snapshot_hash: null, plan_version_id: null, active_price_id: null, units: null,
    ...change,
  };
  return row.input_hash ? row : { ...row, input_hash: sha256(row.id) };
}
