/** Laws 2, 3 and 5 on real Postgres: whatever the order, the split and the repetition, the ledger is the same and balances. */
import fc from 'fast-check';
import { newId } from '@outlay/kernel/ids';
import { createTenantFixture, createTestDatabase, type TestDatabase } from '@outlay/platform/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { correctUsage } from './correct-usage';
import type { PriceUsageOf } from './price-event';
import { recordUsage, type Sender } from './record-usage';
import { findImbalances } from './trial-balance';
import { createLedgerWriter, type LedgerWriter } from './writer';

let test: TestDatabase;
let writers: LedgerWriter[];

beforeAll(async () => {
  test = await createTestDatabase();
  writers = [await createLedgerWriter(test.db, { rowsPerGroup: 7 }), await createLedgerWriter(test.db, { connections: 1 })];
});

afterAll(async () => {
  await Promise.all((writers ?? []).map((writer) => writer.close()));
  await test?.close();
});

const price: PriceUsageOf = (_tenantId, { quantities, model }) => {
  const tokens = BigInt(Object.values(quantities).reduce((sum, count) => sum + (count ?? 0), 0));
  return model === 'mystery' ? { costPico: null, ceilingPico: tokens * 9n, basis: 'unpriced', priceVersionId: null, priceVersion: null, reason: 'unknown_model' }
    : { costPico: tokens * 3n, ceilingPico: tokens * 3n, basis: 'priced', priceVersion: null, priceVersionId: null, reason: null };
};

const START = Date.now() - 5 * 86_400_000;

/** Facts as a sender would make them; few labels and runs, so that cells and runs really collide. */
const eventArbitrary = fc.record({
  minute: fc.integer({ min: 0, max: 4 * 24 * 60 }),
  run: fc.integer({ min: 0, max: 5 }),
  customer: fc.constantFrom('acme', 'globex', undefined),
  workflow: fc.constantFrom('pdf_question', 'ticket_reply', undefined),
  model: fc.constantFrom('gpt-4o-mini', 'gpt-5-mini', 'mystery'),
  status: fc.constantFrom('succeeded', 'failed', 'aborted'),
  attempt: fc.integer({ min: 1, max: 3 }),
  tokens: fc.integer({ min: 0, max: 5_000 }),
  outcome: fc.constantFrom('usable', 'unusable', undefined, undefined, undefined),
});

type Fact = typeof eventArbitrary extends fc.Arbitrary<infer T> ? T : never;

function toEvents(facts: readonly Fact[]): Record<string, unknown>[] {
  const runIds = Array.from({ length: 6 }, (_, n) => (n % 2 ? newId(START) : `run-${n}`));
  const decided = new Set<string>();
  return facts.flatMap((fact) => {
    const occurredMs = START + fact.minute * 60_000;
    const labels = { run_id: runIds[fact.run], customer_id: fact.customer, workflow: fact.workflow, occurred_at: new Date(occurredMs).toISOString() };
    const call = {
      ...labels, id: newId(occurredMs), provider: 'openai', api: 'chat', model_requested: fact.model, status: fact.status, attempt: fact.attempt, latency_ms: fact.tokens,
      usage: { prompt_tokens: fact.tokens, completion_tokens: 10, total_tokens: fact.tokens + 10 },
    };
    if (fact.outcome === undefined || decided.has(String(labels.run_id))) return [call];
    decided.add(String(labels.run_id));
    return [call, { ...labels, kind: 'outcome', outcome: fact.outcome }];
  });
}

async function sendAll(tenantId: string, events: readonly unknown[], cuts: readonly number[]): Promise<string[]> {
  const sender: Sender = { tenantId, keyId: null, environment: 'production', timeZone: 'America/St_Johns', lateWindowDays: 7 };
  const bounds = [...new Set([0, ...cuts.map((cut) => cut % (events.length + 1)), events.length])].sort((a, b) => a - b);
  const answers = await Promise.all(bounds.slice(1).map((end, i) => {
    const batch = events.slice(bounds[i], end);
    return recordUsage({ db: test.db, writer: writers[i % writers.length]!, price }, sender, { events: batch });
  }));
  return answers.flatMap(({ results }) => results.map(({ verdict }) => verdict));
}

async function readLedger(tenantId: string): Promise<unknown> {
  return await test.db.withTenant(tenantId, async (tx) => {
    const events = await tx.query(`SELECT encode(input_hash, 'hex') AS hash, subject, customer_id, workflow, occurred_at, input_uncached, output_text, cost_pico, ceiling_pico, cost_basis, outcome
      FROM usage_events ORDER BY hash, subject`);
    const runs = await tx.query('SELECT customer_id, workflow, cost_pico, ceiling_pico, calls, retries, unpriced, outcome, outcome_at, units, first_at, last_at, open_until FROM runs ORDER BY cost_pico, calls, customer_id, last_at');
    const cells = await tx.query('SELECT bucket, workflow, model, sum(cost_pico) AS cost, sum(calls) AS calls, sum(outcomes_usable) AS usable, sum(cost_usable_pico) AS cost_usable FROM usage_rollup GROUP BY 1, 2, 3 HAVING sum(calls) <> 0 OR sum(outcomes_usable) <> 0 ORDER BY 1, 2, 3');
    return { events: events.rows, runs: runs.rows, cells: cells.rows };
  });
}

describe('recording', () => {
  it('gives the same ledger for the same events in any order, split and repetition (laws 2, 3, 5)', async () => {
    await fc.assert(fc.asyncProperty(
      fc.array(eventArbitrary, { minLength: 1, maxLength: 40 }), fc.array(fc.nat(50), { maxLength: 6 }), fc.array(fc.nat(1_000), { minLength: 80, maxLength: 80 }), fc.nat(79),
      async (facts, cuts, keys, repeats) => {
        const events = toEvents(facts);
        const shuffled = [...events, ...events.slice(0, repeats)].map((event, i) => ({ event, key: keys[i % keys.length]! })).sort((a, b) => a.key - b.key).map(({ event }) => event);
        const [plain, mixed] = [await createTenantFixture(test.db, { timeZone: 'America/St_Johns' }), await createTenantFixture(test.db, { timeZone: 'America/St_Johns' })];
        await sendAll(plain.tenantId, events, []);
        const verdicts = await sendAll(mixed.tenantId, shuffled, cuts);
        expect(verdicts.filter((verdict) => verdict === 'accepted' || verdict === 'unpriced')).toHaveLength(events.length);
        expect(verdicts.filter((verdict) => verdict === 'duplicate')).toHaveLength(shuffled.length - events.length);
        expect(await readLedger(mixed.tenantId)).toEqual(await readLedger(plain.tenantId));
        for (const { tenantId } of [plain, mixed]) expect(await test.db.withTenant(tenantId, (tx) => findImbalances(tx))).toEqual([]);
      },
    ), { numRuns: 25 });
  });

  it('stays balanced under corrections, and lets one of two correctors win', async () => {
    await fc.assert(fc.asyncProperty(fc.array(eventArbitrary, { minLength: 2, maxLength: 12 }), fc.nat(100), fc.constantFrom('acme', 'hooli', null), fc.nat(9_000), async (facts, pick, customer, tokens) => {
      const { tenantId } = await createTenantFixture(test.db);
      const sender: Sender = { tenantId, keyId: null, environment: 'production', timeZone: 'UTC', lateWindowDays: 7 };
      const events = toEvents(facts);
      const deps = (n: number) => ({ db: test.db, writer: writers[n]!, price });
      const { results } = await recordUsage(deps(0), sender, { events });
      const target = results[pick % results.length]!;
      const isOutcome = events[target.index]!['kind'] === 'outcome';
      const set = isOutcome ? { customer_id: customer, outcome: 'unusable' } : { customer_id: customer, model_served: 'gpt-5', usage: { prompt_tokens: tokens, completion_tokens: 1, total_tokens: tokens + 1 } };
      const answers = await Promise.all([0, 1].map((n) => correctUsage(deps(n), sender, { corrections: [{ original_id: target.id, revision: 0, set, reason: `corrector ${n}` }] }, 'req_test')));
      const verdicts = answers.map((answer) => answer.results[0]!.verdict).sort();
      expect(verdicts).toEqual(['accepted', 'conflict']);
      const again = await correctUsage(deps(0), sender, { corrections: [{ original_id: target.id, revision: 1, set: { customer_id: 'final' }, reason: 'second look' }] }, 'req_test');
      expect(again.results[0]).toMatchObject({ verdict: 'accepted', revision: 2 });
      expect(await test.db.withTenant(tenantId, (tx) => findImbalances(tx))).toEqual([]);
    }), { numRuns: 15 });
  });
});
