/** One law: whatever way a sum is asked for, it is the sum of the rows. */
import fc from 'fast-check';
import { DAY_MS, formatPico } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import { createTenantFixture, createTestDatabase, type TestDatabase } from '@outlay/platform/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventRow } from './columns';
import type { LabelFilter } from './event-filter';
import { exportEvents } from './export-events';
import { foldRollups } from './fold-rollups';
import { type Grouping, GROUPINGS, summarise } from './summarise';
import { makeRow } from './testing-rows';
import { makeScene, writeScene } from './testing-scenes';
import { createLedgerWriter, type LedgerWriter } from './writer';

let test: TestDatabase;
let db: Database;
let writer: LedgerWriter;

beforeAll(async () => {
  test = await createTestDatabase();
  db = test.db;
  writer = await createLedgerWriter(db);
});

afterAll(async () => {
  await writer?.close();
  await test?.close();
});

const NOW = Date.parse('2026-11-21T07:41:23.456Z');
const ZONES = ['UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'America/Havana', 'Pacific/Chatham', 'Australia/Lord_Howe'];

const query = fc.record({
  seed: fc.integer(),
  timeZone: fc.constantFrom(...ZONES),
  fold: fc.boolean(),
  questions: fc.array(fc.record({
    filter: fc.record({
      fromMs: fc.integer({ min: NOW - 22 * DAY_MS, max: NOW - DAY_MS }), toMs: fc.integer({ min: NOW - DAY_MS + 1, max: NOW + DAY_MS }),
      environment: fc.constantFrom('production', 'staging'), workflow: fc.constantFrom('report', 'corrected'), customerId: fc.constantFrom('acme', '=initech'),
      userId: fc.constantFrom('u1'), feature: fc.constantFrom('rag'), provider: fc.constantFrom('openai', 'anthropic'), model: fc.constantFrom('gpt-5', 'gpt-5-v2'),
    }, { requiredKeys: [] }),
    groupBy: fc.uniqueArray(fc.constantFrom(...(Object.keys(GROUPINGS) as Grouping[])), { maxLength: 3 }),
    aligned: fc.boolean(),
  }), { minLength: 6, maxLength: 6 }),
});

describe('a summary', () => {
  it('is the same from the rollups as from the ledger, folded or not, for every filter, grouping, span and zone', async () => {
    await fc.assert(fc.asyncProperty(query, async ({ seed, timeZone, fold, questions }) => {
      const tenant = await createTenantFixture(db, { timeZone });
      await writeScene(writer, makeScene(tenant.tenantId, { seed, endMs: NOW }));
      if (fold) await foldRollups(db, tenant.tenantId, { nowMs: NOW, rowsPerStatement: 50 });
      for (const { filter, groupBy, aligned } of questions) {
        const asked = aligned ? { ...filter, ...(filter.fromMs ? { fromMs: filter.fromMs - (filter.fromMs % DAY_MS) } : {}), ...(filter.toMs ? { toMs: filter.toMs - (filter.toMs % 900_000) } : {}) } : filter;
        const { freshAt: _a, ...fast } = await summarise(db, tenant, { filter: asked, groupBy }, NOW);
        const { freshAt: _b, ...slow } = await summarise(db, tenant, { filter: asked, groupBy, source: 'ledger' }, NOW);
        expect(fast).toEqual(slow);
      }
    }), { numRuns: 12 });
  }, 120_000);

  it('is the sum of the export, and of its own groups', async () => {
    await fc.assert(fc.asyncProperty(fc.integer(), fc.constantFrom<LabelFilter>({}, { environment: 'staging' }, { customerId: 'acme' }, { userId: 'u2' }), async (seed, labels) => {
      const tenant = await createTenantFixture(db, { timeZone: 'Asia/Kathmandu' });
      await writeScene(writer, makeScene(tenant.tenantId, { seed, endMs: NOW }));
      const filter = { fromMs: NOW - 9 * DAY_MS, toMs: NOW, ...labels };
      const { totals, groups } = await summarise(db, tenant, { filter, groupBy: ['workflow', 'day'] }, NOW);
      const rows = await readExport(tenant.tenantId, filter);
      const calls = rows.filter((row) => row.subject === 'call');
      expect(totals['cost_usd']).toBe(formatPico(sumOf(calls, 'cost_usd')));
      expect(totals['ceiling_usd']).toBe(formatPico(sumOf(calls, 'ceiling_usd')));
      expect(totals['calls']).toBe(calls.filter((row) => row.part === 0).reduce((sum, row) => sum + row.sign, 0));
      expect(totals['input_uncached']).toBe(calls.reduce((sum, row) => sum + row.input_uncached, 0));
      expect(totals['outcomes_usable']).toBe(rows.filter((row) => row.outcome === 'usable').reduce((sum, row) => sum + row.sign, 0));
      for (const name of ['cost_usd', 'cost_usable_usd'] as const) {
        expect(formatPico(groups.reduce((sum, { measures }) => sum + pico(String(measures[name])), 0n))).toBe(totals[name]);
      }
      for (const name of ['calls', 'failed', 'retries', 'untagged', 'unpriced', 'outcomes_unusable', 'latency_le_1s']) {
        expect(groups.reduce((sum, { measures }) => sum + Number(measures[name]), 0)).toBe(totals[name]);
      }
    }), { numRuns: 8 });
  }, 120_000);

  it('counts by model the outcomes of the runs that used it, with the cost of its calls only', async () => {
    const tenant = await createTenantFixture(db);
    const at = new Date(NOW - 60_000).toISOString();
    const call = (n: number, runRef: string, model: string, change: Partial<EventRow> = {}): EventRow =>
      makeRow(tenant.tenantId, n, { run_id: runIdOf(runRef), occurred_at: new Date(NOW - 3 * DAY_MS).toISOString(), model_served: model, cost_pico: 10n ** BigInt(n), ceiling_pico: 10n ** BigInt(n), workflow: 'w', ...change });
    const outcome = (runRef: string, kind: string): EventRow => makeRow(tenant.tenantId, 0, {
      run_id: runIdOf(runRef), occurred_at: at, kind: 'outcome', subject: 'outcome', outcome: kind, units: '2', provider: null, model_served: null, model_requested: null, cost_pico: 0n,
      ceiling_pico: 0n, input_uncached: 0, cache_read: 0, output_text: 0, output_reasoning: 0, latency_ms: null, attempt: null, attempt_kind: null, workflow: 'w',
    });
    const rows = [call(1, 'a', 'big'), call(2, 'a', 'small'), call(3, 'b', 'small'), call(4, 'c', 'big'), outcome('a', 'usable'), outcome('b', 'usable'), outcome('c', 'unusable')];
    await writer.submit(rows.map((row) => ({ rows: [row] })));
    // The calls lie three days before their outcomes, outside of the span: the outcomes are found through them all the same.
    const ofDay = { fromMs: NOW - DAY_MS, toMs: NOW };
    const { totals } = await summarise(db, tenant, { filter: { ...ofDay, model: 'big' }, groupBy: [] }, NOW);
    expect(totals).toMatchObject({ calls: 0, outcomes_usable: 1, outcomes_unusable: 1, units: '4', cost_usable_usd: formatPico(10n), cost_unusable_usd: formatPico(10_000n) });
    const byModel = await summarise(db, tenant, { filter: { fromMs: NOW - 5 * DAY_MS, toMs: NOW }, groupBy: ['model'] }, NOW);
    expect(byModel.groups.map(({ keys, measures }) => [keys.model, measures['calls'], measures['outcomes_usable']])).toEqual([['big', 2, null], ['small', 2, null]]);
    expect(byModel.totals).toMatchObject({ calls: 4, outcomes_usable: 2, cost_per_usable_usd: formatPico(5_555n) });
  });

  it('refuses a span that ends before it begins', async () => {
    const tenant = await createTenantFixture(db);
    await expect(summarise(db, tenant, { filter: { fromMs: NOW }, groupBy: [] }, NOW)).rejects.toMatchObject({ code: 'invalid_input', field: 'from' });
  });
});

function runIdOf(ref: string): string {
  return `f0000000-0000-7000-8000-00000000000${ref}`;
}

type ExportedRow = Record<'cost_usd' | 'ceiling_usd', string | null> & { subject: string; part: number; sign: number; outcome: string | null; input_uncached: number };

async function readExport(tenantId: string, filter: LabelFilter): Promise<ExportedRow[]> {
  const { chunks } = await exportEvents(db, tenantId, filter, 'jsonl', { rowsPerBatch: 17 });
  let text = '';
  for await (const chunk of chunks) text += chunk;
  return text.split('\n').filter(Boolean).map((line) => JSON.parse(line) as ExportedRow);
}

function sumOf(rows: readonly ExportedRow[], name: 'cost_usd' | 'ceiling_usd'): bigint {
  return rows.reduce((sum, row) => sum + pico(row[name] ?? '0'), 0n);
}

function pico(usd: string): bigint {
  const [whole = '', fraction = ''] = usd.replace('-', '').split('.');
  return BigInt(whole + fraction.padEnd(12, '0')) * (usd.startsWith('-') ? -1n : 1n);
}
