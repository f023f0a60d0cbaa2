/** The walk of re-pricing and quarantine: each event once, in the state that it had at the cut; and few rows are found without reading many. */
import { newId } from '@outlay/kernel/ids';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readCut, type Cut } from './cut';
import type { EventRow } from './columns';
import type { RepricingFilter } from './repricing-run';
import type { Sender } from './record-usage';
import { openTestLedger, type TestLedger } from './testing-ledger';
import { readValidRows } from './walk-valid-rows';

let ledger: TestLedger;

beforeAll(async () => {
  ledger = await openTestLedger();
});

afterAll(async () => {
  await ledger?.close();
});

const call = (n: number, change: Record<string, unknown> = {}): Record<string, unknown> =>
  ({ id: newId(), occurred_at: new Date(Date.now() - n * 1_000).toISOString(), provider: 'openai', model_requested: 'gpt', customer_id: 'acme', quantities: { input_uncached: 10 }, ...change });

async function walk({ tenantId }: Sender, filter: RepricingFilter, cut: Cut, limit: number): Promise<EventRow[]> {
  const rows: EventRow[] = [];
  let cursor: string | null = null;
  do {
    const batch = await ledger.db.withTenant(tenantId, (tx) => readValidRows(tx, tenantId, filter, cut, cursor, limit));
    rows.push(...batch.rows);
    cursor = batch.cursor;
  } while (cursor !== null);
  return rows;
}

it('meets every call once, in its valid state at the cut, whatever the batch and whatever comes later', async () => {
  const sender = await ledger.createSender();
  const events = Array.from({ length: 12 }, (_, n) => call(n));
  await ledger.record(sender, [...events, { kind: 'outcome', occurred_at: new Date().toISOString(), run_id: 'run', outcome: 'usable' }]);
  const [one, two] = events.map((event) => event['id']);
  await ledger.correct(sender, [{ original_id: one, revision: 0, set: { customer_id: 'globex' }, reason: 'wrong customer' }]);
  await ledger.correct(sender, [{ original_id: one, revision: 1, set: { customer_id: 'initech' }, reason: 'wrong again' }]);
  const cut = await ledger.db.withTenant(sender.tenantId, readCut);
  await ledger.correct(sender, [{ original_id: two, revision: 0, set: { customer_id: 'later' }, reason: 'after the cut' }]);
  await ledger.record(sender, [call(99)]);
  for (const limit of [1, 2, 5, 100]) {
    const rows = await walk(sender, {}, cut, limit);
    expect(rows.map((row) => row.corrects ?? row.id).sort()).toEqual(events.map((event) => event['id']).sort());
    expect(rows.map((row) => row.customer_id).sort()).toEqual([...Array<string>(11).fill('acme'), 'initech']);
  }
  expect((await walk(sender, { customerId: 'globex' }, cut, 3)).length).toBe(0);
  expect((await walk(sender, { customerId: 'initech' }, cut, 3)).map((row) => row.revision)).toEqual([2]);
});

it('finds rows without a price by an index of their own', async () => {
  const sender = await ledger.createSender();
  await ledger.record(sender, Array.from({ length: 3_000 }, (_, n) => call(n, n % 500 === 0 ? { model_requested: 'mystery' } : {})));
  const admin = new pg.Client({ connectionString: ledger.test.adminUrl });
  await admin.connect();
  await admin.query('ANALYZE usage_events');
  const { rows: indexes } = await admin.query<{ name: string }>(`select indexname as name from pg_indexes where indexdef like '%cost_basis = ''unpriced''%'`);
  await admin.end();
  const cut = await ledger.db.withTenant(sender.tenantId, readCut);
  const plans: string[] = [];
  const rows = await ledger.db.withTenant(sender.tenantId, (tx) => readValidRows({
    query: async (sql: string, values: unknown[]) => {
      plans.push((await tx.query<Record<'QUERY PLAN', string>>(`EXPLAIN (COSTS OFF) ${sql}`, values)).rows.map((row) => row['QUERY PLAN']).join('\n'));
      return await tx.query(sql, values);
    },
  } as unknown as typeof tx, sender.tenantId, { costBasis: 'unpriced' }, cut, null, 100));
  expect(rows.rows.length).toBe(6);
  // The month's partition; the others are empty, and read through.
  expect(indexes.some(({ name }) => plans[0]!.includes(`using ${name} on `))).toBe(true);
});
