import type { Database } from '@outlay/platform';
import { createTenantFixture, createTestDatabase, type TestDatabase } from '@outlay/platform/testing';
import { deriveId, newId } from '@outlay/kernel/ids';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventRow } from './columns';
import { makeRow } from './testing-rows';
import { findImbalances } from './trial-balance';
import { createLedgerWriter, type LedgerWriter, type WriteUnit } from './writer';

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

const unit = (...rows: EventRow[]): WriteUnit => ({ rows });

async function imbalances(tenantId: string): Promise<unknown[]> {
  return await db.withTenant(tenantId, (tx) => findImbalances(tx));
}

async function countEvents(tenantId: string): Promise<number> {
  return await db.withTenant(tenantId, async (tx) => (await tx.query<{ n: number }>('SELECT count(*)::int AS n FROM usage_events')).rows[0]!.n);
}

function outcomeRow(tenantId: string, runId: string, change: Partial<EventRow> = {}): EventRow {
  return makeRow(tenantId, 0, {
    id: deriveId(runId, 'outcome', 0), kind: 'outcome', subject: 'outcome', run_id: runId, outcome: 'usable', units: '1', cost_pico: 0n, ceiling_pico: 0n,
    input_uncached: 0, cache_read: 0, output_text: 0, output_reasoning: 0, raw_usage: null, provider: null, model_served: null, model_requested: null,
    attempt: null, attempt_kind: null, latency_ms: null, ...change,
  });
}

describe('the writer', () => {
  it('records many single events in few groups and answers each after the commit', async () => {
    const { tenantId } = await createTenantFixture(db);
    const rows = Array.from({ length: 2_500 }, (_, n) => makeRow(tenantId, n));
    const verdicts = await Promise.all(rows.map((row) => writer.submit([unit(row)])));
    expect(verdicts.flat().every(({ verdict }) => verdict === 'accepted')).toBe(true);
    expect(await countEvents(tenantId)).toBe(2_500);
    const batches = await db.withTenant(tenantId, async (tx) => (await tx.query('SELECT DISTINCT writer_slot, batch FROM usage_events')).rowCount);
    expect(batches).toBeLessThan(200);
    expect(await imbalances(tenantId)).toEqual([]);
  });

  it('keeps law 2: the same events again, in any order, by several writers at once, add nothing', async () => {
    const { tenantId } = await createTenantFixture(db);
    const other = await createLedgerWriter(db);
    const rows = Array.from({ length: 400 }, (_, n) => makeRow(tenantId, n));
    const answers = await Promise.all([
      writer.submit(rows.map((row) => unit(row))),
      other.submit([...rows].reverse().map((row) => unit(row))),
      writer.submit(rows.map((row) => unit({ ...row, occurred_at: new Date(Date.parse(row.occurred_at) + 60_000).toISOString() }))),
    ]);
    await other.close();
    const kinds = answers.flat().map(({ verdict }) => verdict);
    expect(kinds.filter((kind) => kind === 'accepted')).toHaveLength(400);
    expect(kinds.filter((kind) => kind === 'duplicate')).toHaveLength(800);
    expect(await countEvents(tenantId)).toBe(400);
    expect(await imbalances(tenantId)).toEqual([]);
  });

  it('tells a conflict from a duplicate, in the group and against the ledger, and shows both hashes', async () => {
    const { tenantId } = await createTenantFixture(db);
    const row = makeRow(tenantId, 1);
    const changed = { ...row, input_hash: 'ab'.repeat(32), output_text: 9 };
    expect((await writer.submit([unit(row), unit(row), unit(changed)])).map(({ verdict }) => verdict)).toEqual(['accepted', 'duplicate', 'conflict']);
    expect(await writer.submit([unit(changed)])).toEqual([{ verdict: 'conflict', inputHash: 'ab'.repeat(32), storedHash: row.input_hash }]);
  });

  it('never writes half of an event: a further part is taken back when the first part is another event', async () => {
    const { tenantId } = await createTenantFixture(db);
    const whole = makeRow(tenantId, 1);
    await writer.submit([unit(whole)]);
    const part = (n: number): EventRow => ({ ...makeRow(tenantId, 1), id: n === 0 ? whole.id : deriveId(whole.id, 'part', n), part: n, input_hash: 'cd'.repeat(32) });
    const neighbour = makeRow(tenantId, 2);
    const verdicts = await writer.submit([unit(part(0), part(1)), unit(neighbour)]);
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['conflict', 'accepted']);
    expect(await countEvents(tenantId)).toBe(2);
    expect(await imbalances(tenantId)).toEqual([]);
  });

  it('rejects one event that cannot be stored and keeps its neighbours', async () => {
    const { tenantId } = await createTenantFixture(db);
    const rows = Array.from({ length: 20 }, (_, n) => makeRow(tenantId, n));
    rows[7] = { ...rows[7]!, feature: 'nul\u0000byte' };
    const verdicts = await writer.submit(rows.map((row) => unit(row)));
    expect(verdicts.filter(({ verdict }) => verdict === 'accepted')).toHaveLength(19);
    expect(verdicts[7]).toMatchObject({ verdict: 'rejected', reason: 'not_storable' });
  });

  it('makes the partition of an old month on demand', async () => {
    const { tenantId } = await createTenantFixture(db);
    const old = new Date(Date.now() - 400 * 86_400_000).toISOString();
    expect(await writer.submit([unit(makeRow(tenantId, 1, { occurred_at: old }))])).toEqual([{ verdict: 'accepted' }]);
  });

  it('refuses more than it can hold before memory grows', async () => {
    const { tenantId } = await createTenantFixture(db);
    const small = await createLedgerWriter(db, { rowsWaitingMax: 100, connections: 1 });
    const answers = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => small.submit(Array.from({ length: 50 }, (_unit, i) => unit(makeRow(tenantId, n * 50 + i))))));
    expect(answers.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0);
    expect(answers.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'overloaded' } });
    await small.close();
    expect(await countEvents(tenantId)).toBe(50 * answers.filter(({ status }) => status === 'fulfilled').length);
  });
});

describe('runs and rollups', () => {
  it('move a run between cells in whatever order its calls and outcome come', async () => {
    const { tenantId } = await createTenantFixture(db, { timeZone: 'Asia/Kathmandu' });
    const runId = newId();
    const at = (minutes: number): string => new Date(Date.now() - 3_600_000 + minutes * 60_000).toISOString();
    const calls = [0, 1, 2].map((n) => makeRow(tenantId, n, { run_id: runId, occurred_at: at(n * 16), attempt: n + 1, attempt_kind: n ? 'retry' : 'first', workflow: 'draft' }));
    const outcome = outcomeRow(tenantId, runId, { occurred_at: at(20), workflow: 'report_generation', customer_id: 'acme' });
    for (const row of [calls[2]!, outcome, calls[0]!, calls[1]!]) {
      await writer.submit([unit(row)]);
      expect(await imbalances(tenantId)).toEqual([]);
    }
    const { rows } = await db.withTenant(tenantId, (tx) => tx.query('SELECT workflow, customer_id, calls, retries, outcome, cost_pico FROM runs'));
    const cost = calls.reduce((sum, row) => sum + row.cost_pico!, 0n);
    expect(rows).toEqual([{ workflow: 'report_generation', customer_id: 'acme', calls: 3, retries: 2, outcome: 'usable', cost_pico: cost }]);
  });

  it('follow corrections of calls and outcomes', async () => {
    const { tenantId } = await createTenantFixture(db);
    const runId = newId();
    const call = makeRow(tenantId, 1, { run_id: runId });
    const outcome = outcomeRow(tenantId, runId);
    await writer.submit([unit(call), unit(outcome)]);
    const pairOf = (original: EventRow, change: Partial<EventRow>): WriteUnit => {
      const negated = Object.fromEntries(Object.entries(original).map(([key, value]) =>
        [key, (/^(input_|cache_|output_)/.test(key) && typeof value === 'number') ? -value : value])) as unknown as EventRow;
      const both = { corrects: original.id, revision: 1, input_hash: 'ef'.repeat(32) };
      return unit(
        { ...negated, ...both, id: deriveId(original.id, 'reversal', 1), kind: 'reversal', sign: -1, cost_pico: -original.cost_pico!, ceiling_pico: -original.ceiling_pico, units: original.units === null ? null : `-${original.units}` },
        { ...original, ...both, id: deriveId(original.id, 'restatement', 1), kind: 'restatement', ...change },
      );
    };
    const verdicts = await writer.submit([pairOf(call, { customer_id: 'globex', workflow: 'other', cost_pico: 7n, ceiling_pico: 7n }), pairOf(outcome, { outcome: 'unusable' })]);
    expect(verdicts).toEqual([{ verdict: 'accepted' }, { verdict: 'accepted' }]);
    expect(await imbalances(tenantId)).toEqual([]);
    const { rows } = await db.withTenant(tenantId, (tx) => tx.query('SELECT outcome, cost_pico, calls FROM runs'));
    expect(rows).toEqual([{ outcome: 'unusable', cost_pico: 7n, calls: 1 }]);
  });

  it('are proved by a trial balance that names the cell and the run that somebody changed', async () => {
    const { tenantId } = await createTenantFixture(db);
    const runId = newId();
    await writer.submit([unit(makeRow(tenantId, 1, { run_id: runId, customer_id: 'acme' }))]);
    await db.withTenant(tenantId, (tx) => tx.query('UPDATE customer_rollup SET cost_pico = cost_pico + 1'));
    await db.withTenant(tenantId, (tx) => tx.query('UPDATE runs SET calls = 5'));
    expect(await imbalances(tenantId)).toMatchObject([
      { table: 'runs', where: `run ${runId}`, measure: 'calls', ledger: '1', projection: '5' },
      { table: 'customer_rollup', where: expect.stringContaining('acme') as unknown, measure: 'cost_pico' },
    ]);
  });

  it('stay balanced when many writers race on the same runs', async () => {
    const { tenantId } = await createTenantFixture(db);
    const writers = await Promise.all([1, 2, 3].map(() => createLedgerWriter(db, { rowsPerGroup: 40 })));
    const runIds = Array.from({ length: 15 }, () => newId());
    const rows = runIds.flatMap((runId) => [
      ...Array.from({ length: 12 }, (_, n) => makeRow(tenantId, n, { run_id: runId, attempt: n + 1, attempt_kind: n ? 'fallback' : 'first' })), outcomeRow(tenantId, runId),
    ]);
    const shuffled = rows.map((row, i) => ({ row, key: (i * 7919) % rows.length })).sort((a, b) => a.key - b.key).map(({ row }) => row);
    await Promise.all(shuffled.flatMap((row, i) => [writers[i % 3]!.submit([unit(row)]), writers[(i + 1) % 3]!.submit([unit(row)])]));
    await Promise.all(writers.map((w) => w.close()));
    expect(await countEvents(tenantId)).toBe(rows.length);
    expect(await imbalances(tenantId)).toEqual([]);
  });
});
