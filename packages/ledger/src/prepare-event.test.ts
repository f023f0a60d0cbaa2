import { newId, idFromKey } from '@outlay/kernel/ids';
import { describe, expect, it } from 'vitest';
import { parseEvent } from './event-parser';
import { prepareEvent, type PrepareContext } from './prepare-event';
import type { PriceUsageOf } from './price-event';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const TENANT = '01900000-0000-7000-8000-000000000001';
/** One pico-dollar a token; a model called "mystery" has no price. */
const price: PriceUsageOf = (_tenantId, { quantities, model, problem }) => {
  const tokens = BigInt(Object.values(quantities).reduce((sum, count) => sum + (count ?? 0), 0));
  return model === 'mystery' || Boolean(problem)
    ? { costPico: null, ceilingPico: tokens * 9n, basis: 'unpriced', priceVersionId: null, priceVersion: null, reason: problem ?? 'unknown_model' }
    : { costPico: tokens, ceilingPico: tokens, basis: 'priced', priceVersion: null, priceVersionId: 'aaaaaaaa-0000-4000-8000-000000000000', reason: null };
};
const context: PrepareContext = { tenantId: TENANT, apiKeyId: null, environment: 'production', nowMs: NOW, lateWindowDays: 7, price };

const chatUsage = {
  prompt_tokens: 100, completion_tokens: 50, total_tokens: 150, prompt_tokens_details: { cached_tokens: 40 }, completion_tokens_details: { reasoning_tokens: 20 },
};

function call(change: Record<string, unknown> = {}): Record<string, unknown> {
  return { id: newId(NOW), occurred_at: '2026-11-21T11:59:00Z', provider: 'openai', api: 'chat', model_requested: 'gpt-4o-mini', usage: chatUsage, customer_id: 'acme', workflow: 'pdf_question', ...change };
}

function prepare(raw: Record<string, unknown>): ReturnType<typeof prepareEvent> {
  const parsed = parseEvent(raw);
  return parsed.ok ? prepareEvent(parsed.value, context) : parsed;
}

function rejection(raw: Record<string, unknown>): { field: string; reason: string } | null {
  const made = prepare(raw);
  return made.ok ? null : { field: made.error.field, reason: made.error.reason };
}

describe('prepareEvent', () => {
  it('splits a usage into disjoint classes and prices it', () => {
    const made = prepare(call());
    if (!made.ok) throw new Error(made.error.message);
    expect(made.value.rows).toHaveLength(1);
    expect(made.value.rows[0]).toMatchObject({
      kind: 'usage', subject: 'call', part: 0, input_uncached: 60, cache_read: 40, output_text: 30, output_reasoning: 20, cost_pico: 150n, cost_basis: 'priced',
      attempt_kind: 'first', late: false, occurred_at: '2026-11-21T11:59:00.000Z',
    });
  });

  it('names the field and the reason of every bad event', () => {
    expect(rejection(call({ custmer_id: 'x' }))).toEqual({ field: 'custmer_id', reason: 'unknown_field' });
    expect(rejection(call({ occurred_at: '2026-11-21T11:59:00' }))).toEqual({ field: 'occurred_at', reason: 'wrong_form' });
    expect(rejection(call({ occurred_at: '2026-11-21T12:06:00Z' }))).toEqual({ field: 'occurred_at', reason: 'in_future' });
    expect(rejection(call({ occurred_at: '2026-13-41T12:06:00Z' }))).toEqual({ field: 'occurred_at', reason: 'wrong_form' });
    expect(rejection(call({ id: undefined }))).toEqual({ field: 'id', reason: 'missing' });
    expect(rejection(call({ idempotency_key: 'k' }))).toEqual({ field: 'id', reason: 'missing' });
    expect(rejection(call({ id: 'f0000000-0000-7000-8000-000000000001' }))).toEqual({ field: 'id', reason: 'id_reserved' });
    expect(rejection(call({ id: newId(NOW - 40 * 86_400_000) }))).toEqual({ field: 'id', reason: 'id_time' });
    expect(rejection(call({ id: newId(NOW + 6 * 60_000) }))).toEqual({ field: 'id', reason: 'id_time' });
    expect(rejection(call({ environment: 'staging' }))).toEqual({ field: 'environment', reason: 'environment_mismatch' });
    expect(rejection(call({ provider: undefined }))).toEqual({ field: 'provider', reason: 'missing' });
    expect(rejection(call({ attempt: 0 }))?.field).toBe('attempt');
    expect(rejection(call({ quantities: { input_uncached: 1 } }))).toEqual({ field: 'quantities', reason: 'not_allowed' });
    expect(rejection(call({ usage: undefined, quantities: { input_tokens: 1 } }))).toEqual({ field: 'quantities.input_tokens', reason: 'unknown_field' });
    expect(rejection(call({ outcome: 'usable' }))).toEqual({ field: 'outcome', reason: 'not_allowed' });
    expect(rejection({ kind: 'outcome', occurred_at: '2026-11-21T11:59:00Z', outcome: 'usable' })).toEqual({ field: 'run_id', reason: 'missing' });
    expect(rejection({ kind: 'outcome', occurred_at: '2026-11-21T11:59:00Z', run_id: 'r', outcome: 'usable', provider_cost: '1' })).toEqual({ field: 'provider_cost', reason: 'not_allowed' });
    expect(rejection(call({ usage: { text: 'x'.repeat(17_000) } }))).toEqual({ field: 'usage', reason: 'too_large' });
  });

  it('never prices the unknown at zero', () => {
    const mystery = prepare(call({ model_requested: 'mystery' }));
    expect(mystery.ok && mystery.value.rows[0]).toMatchObject({ cost_pico: null, cost_basis: 'unpriced', ceiling_pico: 1_350n });
    const unreadable = prepare(call({ usage: { tokens: 'many' } }));
    expect(unreadable.ok && unreadable.value.rows[0]).toMatchObject({ cost_pico: null, cost_basis: 'unpriced', raw_usage: '{"tokens":"many"}' });
    const broken = prepare(call({ usage: undefined, status: 'aborted' }));
    expect(broken.ok && broken.value.rows[0]).toMatchObject({ cost_pico: null, cost_basis: 'unpriced' });
    const refused = prepare(call({ usage: undefined, status: 'failed' }));
    expect(refused.ok && refused.value.rows[0]).toMatchObject({ cost_pico: 0n, cost_basis: 'priced' });
  });

  it('takes the provider\'s own figure where it has no price', () => {
    const made = prepare(call({ model_requested: 'mystery', provider_cost: '0.0125' }));
    expect(made.ok && made.value.rows[0]).toMatchObject({ cost_pico: 12_500_000_000n, provider_cost_pico: 12_500_000_000n, cost_basis: 'provider_reported' });
    const known = prepare(call({ provider_cost: 9.75e-7 }));
    expect(known.ok && known.value.rows[0]).toMatchObject({ cost_pico: 150n, provider_cost_pico: 975_000n, cost_basis: 'priced' });
  });

  it('finds the provider\'s own figure in the usage, and lets the sender overrule it', () => {
    const usage = { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12, cost: 0.0031 };
    const routed = { provider: 'openrouter', api: 'chat', model_requested: 'mystery', usage };
    const made = prepare(call(routed));
    expect(made.ok && made.value.rows[0]).toMatchObject({ cost_pico: 3_100_000_000n, provider_cost_pico: 3_100_000_000n, cost_basis: 'provider_reported' });
    const overruled = prepare(call({ ...routed, provider_cost: '0.002' }));
    expect(overruled.ok && overruled.value.rows[0]).toMatchObject({ provider_cost_pico: 2_000_000_000n });
  });

  it('keeps broken-off streams apart from money', () => {
    const made = prepare(call({ estimated: true, status: 'aborted' }));
    expect(made.ok && made.value.rows[0]).toMatchObject({ cost_basis: 'estimated', status: 'aborted' });
  });

  it('marks what comes after the late window, and keeps it', () => {
    const made = prepare(call({ id: newId(NOW - 8 * 86_400_000), occurred_at: '2026-11-13T11:00:00Z' }));
    expect(made.ok && made.value.rows[0]!.late).toBe(true);
  });

  it('derives an outcome from its run, so that a second one has the same id and its own hash', () => {
    const outcome = (change: Record<string, unknown>): ReturnType<typeof prepareEvent> =>
      prepare({ kind: 'outcome', occurred_at: '2026-11-21T11:59:00Z', run_id: 'run-17', outcome: 'usable', ...change });
    const [first, again, other] = [outcome({ id: newId(NOW) }), outcome({ id: newId(NOW) }), outcome({ outcome: 'unusable' })];
    if (!first.ok || !again.ok || !other.ok) throw new Error('must be accepted');
    expect(first.value.id).toBe(again.value.id);
    expect(first.value.rows[0]!.input_hash).toBe(again.value.rows[0]!.input_hash);
    expect(first.value.id).toBe(other.value.id);
    expect(first.value.rows[0]!.input_hash).not.toBe(other.value.rows[0]!.input_hash);
    expect(first.value.rows[0]).toMatchObject({ run_id: idFromKey(TENANT, 'run', 'run-17'), run_ref: 'run-17', units: '1', cost_pico: 0n });
  });

  it('hashes what was said: null and absent are one, another value is another', () => {
    const id = newId(NOW);
    const hash = (change: Record<string, unknown>): string => {
      const made = prepare(call({ id, ...change }));
      if (!made.ok) throw new Error(made.error.message);
      return made.value.rows[0]!.input_hash;
    };
    expect(hash({ feature: null })).toBe(hash({}));
    expect(hash({ feature: 'rag' })).not.toBe(hash({}));
    expect(hash({ attempt: 1 })).not.toBe(hash({}));
  });

  it('gives a cost without a model call to its run, never as a call of its own', () => {
    const made = prepare({ id: newId(NOW), occurred_at: '2026-11-21T11:59:00Z', run_id: 'r', extras: [{ kind: 'ocr', quantity: 12, unit: 'page', cost: '0.018' }] });
    expect(made.ok && made.value.rows[0]).toMatchObject({ part: 1, provider: null });
  });
});
