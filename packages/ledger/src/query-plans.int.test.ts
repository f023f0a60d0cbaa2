/**
 * Which partitions and indexes a screen touches. Read from the plans that Postgres makes for the very statements of the product, so that an
 * innocent change of a condition cannot turn a page into a walk through years.
 */
import { DAY_MS } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import type { Database } from '@outlay/platform';
import type { PoolClient } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportEvents } from './export-events';
import { listEvents } from './list-events';
import { listRuns } from './list-runs';
import { readOverview } from './overview';
import type { Sender } from './record-usage';
import { openTestLedger, type TestLedger } from './testing-ledger';

const NOW = Date.parse('2026-11-21T07:41:23.456Z');
const MONTHS = 24;
let ledger: TestLedger;
let sender: Sender;

beforeAll(async () => {
  ledger = await openTestLedger({ nowMs: NOW });
  sender = await ledger.createSender({ timeZone: 'Asia/Kolkata' });
  await ledger.record(sender, Array.from({ length: MONTHS }, (_, n) => {
    const occurredMs = NOW - n * 30 * DAY_MS;
    return { id: newId(occurredMs), occurred_at: new Date(occurredMs).toISOString(), request_id: `req-${n}`, run_id: `run-${n}`, customer_id: 'acme', workflow: 'report', provider: 'openai', model_requested: 'gpt', quantities: { input_uncached: 1 } };
  }));
});

afterAll(async () => {
  await ledger?.close();
});

/** The product's database, whose every SELECT is explained. The tables are tiny, so reading them through was cheapest: that way is closed. */
async function plansOf(run: (db: Database) => Promise<unknown>): Promise<string[]> {
  const plans: string[] = [];
  const explained = (tx: PoolClient): PoolClient => ({
    query: async (sql: string, values?: unknown[]) => {
      if (/^\s*SELECT/.test(sql)) {
        await tx.query('SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off');
        const { rows } = await tx.query<Record<'QUERY PLAN', string>>(`EXPLAIN (COSTS OFF) ${sql}`, values);
        plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
      }
      return await tx.query(sql, values);
    },
  }) as unknown as PoolClient;
  const { db } = ledger;
  await run({ ...db, withTenant: (id, work) => db.withTenant(id, (tx) => work(explained(tx))), withTenantSnapshot: (id, work) => db.withTenantSnapshot(id, (tx) => work(explained(tx))) });
  return plans;
}

const partitionsIn = (plan: string): string[] => [...new Set([...plan.matchAll(/ on usage_events_(\w+)/g)].map((match) => match[1]!))].sort();
const KEYED = Array.from({ length: 16 }, (_, n) => `f${n.toString(16)}`);
const pageOf = (plans: readonly string[]): string => plans.find((plan) => plan.startsWith('Limit'))!;

describe('a page of the ledger', () => {
  it('comes in order from the index by time, merged over the partitions, without a sort', async () => {
    const plan = pageOf(await plansOf((db) => listEvents(db, sender.tenantId, {})));
    expect(plan).toMatch(/^Limit\n {2}-> {2}Merge Append/);
    expect(plan).toMatch(/tenant_id_occurred_at_id_idx/);
    expect(plan).not.toMatch(/Seq Scan| Sort\n/);
  });

  it('of a span opens its own months, 35 days around it, and the partitions of callers\' keys', async () => {
    const span = { fromMs: Date.parse('2026-06-10T00:00:00Z'), toMs: Date.parse('2026-06-20T00:00:00Z') };
    const months = ['202605', '202606', '202607'];
    expect(partitionsIn(pageOf(await plansOf((db) => listEvents(db, sender.tenantId, span))))).toEqual([...months, ...KEYED].sort());
    const exported = (await plansOf(async (db) => {
      for await (const chunk of (await exportEvents(db, sender.tenantId, span, 'jsonl')).chunks) expect(chunk).not.toBe('');
    })).find((plan) => plan.includes('usage_events'));
    expect(partitionsIn(exported!)).toEqual([...months, ...KEYED].sort());
    const lately = partitionsIn(pageOf(await plansOf((db) => listEvents(db, sender.tenantId, { fromMs: NOW - DAY_MS }))));
    expect(lately.filter((name) => !name.startsWith('f')).every((month) => month >= '202610')).toBe(true);
  });

  it('far down opens only what is left', async () => {
    const { nextCursor } = await listEvents(ledger.db, sender.tenantId, {}, { limit: MONTHS - 4 });
    const months = partitionsIn(pageOf(await plansOf((db) => listEvents(db, sender.tenantId, {}, { cursor: nextCursor! })))).filter((name) => !name.startsWith('f'));
    expect(months.length).toBeLessThan(9);
  });

  it('of a customer, a run or a request is found by that index', async () => {
    const indexOf = async (filter: Parameters<typeof listEvents>[2]): Promise<string> => pageOf(await plansOf((db) => listEvents(db, sender.tenantId, filter)));
    for (const plan of [await indexOf({ runId: 'run-3' }), await indexOf({ requestId: 'req-3' }), await indexOf({ customerId: 'acme' })]) expect(plan).not.toContain('Seq Scan');
    for (const plan of await plansOf((db) => listEvents(db, sender.tenantId, { search: 'req-3' }))) expect(plan).not.toContain('Seq Scan');
  });
});

describe('a page of a workflow\'s runs', () => {
  it('comes in order from the index by last event, without reading the span through', async () => {
    const plan = pageOf(await plansOf((db) => listRuns(db, sender.tenantId, { range: '30d', workflow: 'report', limit: 5 }, NOW)));
    expect(plan).toMatch(/Index Scan Backward using runs_last_at_idx/);
    // Sorted only where last events fall into the same millisecond.
    expect(plan).toMatch(/Presorted Key: r?\.?last_at/);
    expect(plan).not.toContain('Seq Scan');
  });
});

describe('the overview', () => {
  it('of 30 days reads rollups by their keys, and of the ledger only the two ends', async () => {
    const plans = await plansOf((db) => readOverview(db, sender.tenantId, { range: '30d' }, NOW));
    for (const plan of plans) expect(plan).not.toMatch(/Seq Scan on (usage|customer)/);
    const all = plans.join('\n');
    expect(all).toMatch(/Index (Only )?Scan using usage_rollup_day_pkey/);
    const months = partitionsIn(all).filter((name) => !name.startsWith('f'));
    // The end of the span before lies in September: its 35 days reach into August.
    expect(months.every((month) => month >= '202608')).toBe(true);
  });

  it('of whole days alone does not read the ledger', async () => {
    const span = { fromMs: Date.parse('2026-10-31T18:30:00Z'), toMs: Date.parse('2026-11-20T18:30:00Z') };
    const plans = await plansOf((db) => readOverview(db, sender.tenantId, span, NOW));
    expect(plans.flatMap(partitionsIn)).toEqual([]);
  });
});
