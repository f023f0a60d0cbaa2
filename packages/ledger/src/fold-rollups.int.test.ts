import { BUCKET_MS, DAY_MS } from '@outlay/kernel';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foldEveryTenant, foldRollups, foldStatement, FOLDED_SLOT, LOCK_CELLS } from './fold-rollups';
import { ROLLUPS } from './measures';
import type { Sender } from './record-usage';
import { openTestLedger, type TestLedger } from './testing-ledger';
import { makeScene, writeScene } from './testing-scenes';
import { findImbalances } from './trial-balance';
import { createLedgerWriter, type LedgerWriter } from './writer';

let ledger: TestLedger;
let writers: LedgerWriter[];

beforeAll(async () => {
  ledger = await openTestLedger();
  // Each has slots of its own, so that cells stand several times.
  writers = [ledger.writer, await createLedgerWriter(ledger.db, { connections: 1 })];
});

afterAll(async () => {
  await writers?.[1]?.close();
  await ledger?.close();
});

const NOW = Date.now();
const TABLES = Object.values(ROLLUPS).flatMap(({ table, dayTable }) => [table, dayTable]);

async function writeScenes(sender: Sender, seed: number, endMs = NOW): Promise<void> {
  await writeScene(writers[0]!, makeScene(sender.tenantId, { seed, endMs, days: 4 }));
  await writeScene(writers[1]!, makeScene(sender.tenantId, { seed: seed + 1, endMs, days: 4 }));
}

async function cellsOf({ tenantId }: Sender): Promise<Record<string, { open: number; folded: number; cost: string }>> {
  return await ledger.db.withTenant(tenantId, async (tx) => {
    const found: Record<string, { open: number; folded: number; cost: string }> = {};
    for (const table of TABLES) {
      const { rows } = await tx.query<{ open: number; folded: number; cost: string }>(
        `SELECT count(*) FILTER (WHERE slot >= 0)::int AS open, count(*) FILTER (WHERE slot = ${FOLDED_SLOT})::int AS folded, sum(cost_pico)::text AS cost FROM ${table}`);
      found[table] = rows[0]!;
    }
    return found;
  });
}

const imbalances = (sender: Sender): Promise<unknown> => ledger.db.withTenantSnapshot(sender.tenantId, findImbalances);

describe('folding', () => {
  it('leaves one cell where several stood, the same sums, and nothing to do for the next round', async () => {
    const sender = await ledger.createSender({ timeZone: 'America/New_York' });
    await writeScenes(sender, 1);
    const before = await cellsOf(sender);
    expect(await foldRollups(ledger.db, sender.tenantId, { nowMs: NOW + 3 * DAY_MS })).toBe(Object.values(before).reduce((sum, { open }) => sum + open, 0));
    const after = await cellsOf(sender);
    for (const table of TABLES) {
      expect([table, after[table]!.open, after[table]!.cost]).toEqual([table, 0, before[table]!.cost]);
      expect(after[table]!.folded).toBeLessThanOrEqual(before[table]!.open);
    }
    expect(after['usage_rollup_day']!.folded).toBeLessThan(before['usage_rollup_day']!.open);
    expect(await imbalances(sender)).toEqual([]);
    expect(await foldRollups(ledger.db, sender.tenantId, { nowMs: NOW + 3 * DAY_MS })).toBe(0);
    expect(await cellsOf(sender)).toEqual(after);
  });

  it('takes back what a late event opened again, and adds it', async () => {
    const sender = await ledger.createSender();
    await writeScenes(sender, 3);
    await foldRollups(ledger.db, sender.tenantId, { nowMs: NOW + 3 * DAY_MS });
    await writeScenes(sender, 5);
    expect(await foldRollups(ledger.db, sender.tenantId, { nowMs: NOW + 3 * DAY_MS, rowsPerStatement: 7 })).toBeGreaterThan(0);
    expect(await imbalances(sender)).toEqual([]);
    expect((await cellsOf(sender))['customer_rollup']!.open).toBe(0);
  });

  it('leaves open what is still being written: the last half hour, and today', async () => {
    const sender = await ledger.createSender({ timeZone: 'Asia/Kolkata' });
    await writeScenes(sender, 7);
    await foldRollups(ledger.db, sender.tenantId, { nowMs: NOW });
    await ledger.db.withTenant(sender.tenantId, async (tx) => {
      const { rows: quarters } = await tx.query<{ bucket: Date }>('SELECT DISTINCT bucket FROM usage_rollup WHERE slot >= 0');
      for (const { bucket } of quarters) expect(bucket.getTime()).toBeGreaterThan(NOW - 2 * BUCKET_MS - 1);
      const { rows: days } = await tx.query<{ open: string }>(`SELECT DISTINCT day::text AS open FROM usage_rollup_day WHERE slot >= 0 ORDER BY 1`);
      const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Kolkata', dateStyle: 'short' }).format(NOW - BUCKET_MS);
      expect(days.map(({ open }) => open).every((day) => day >= today)).toBe(true);
    });
    expect(await imbalances(sender)).toEqual([]);
  });

  it('with a lower bound leaves older cells to the round that looks at everything', async () => {
    const sender = await ledger.createSender();
    await writeScenes(sender, 9);
    await foldRollups(ledger.db, sender.tenantId, { nowMs: NOW, sinceMs: NOW - DAY_MS });
    const { rows } = await ledger.db.withTenant(sender.tenantId, (tx) => tx.query<{ last: Date }>('SELECT max(bucket) AS last FROM usage_rollup WHERE slot >= 0 AND bucket < $1', [new Date(NOW - 2 * BUCKET_MS)]));
    expect(rows[0]!.last.getTime()).toBeLessThan(NOW - DAY_MS);
    expect((await cellsOf(sender))['usage_rollup']!.open).toBeGreaterThan(0);
  });

  it('keeps the books right beside writers that write into the very same cells', async () => {
    const sender = await ledger.createSender();
    let writing = true;
    let folded = 0;
    const folding = Promise.all([0, 1].map(async () => {
      while (writing) folded += await foldRollups(ledger.db, sender.tenantId, { nowMs: NOW + 3 * DAY_MS, rowsPerStatement: 20 });
    }));
    for (let seed = 20; seed < 28; seed++) {
      await Promise.all(writers.map((writer, i) => writeScene(writer, makeScene(sender.tenantId, { seed: seed * 2 + i, endMs: NOW, days: 1, calls: 60 }))));
      expect(await imbalances(sender)).toEqual([]);
    }
    writing = false;
    await folding;
    expect(folded).toBeGreaterThan(0);
    expect(await imbalances(sender)).toEqual([]);
  });

  it('does nothing while another round or a rebuild holds the team\'s cells', async () => {
    const sender = await ledger.createSender();
    await writeScenes(sender, 11);
    await ledger.db.withTenant(sender.tenantId, async (tx) => {
      await tx.query(LOCK_CELLS, [sender.tenantId]);
      expect(await foldRollups(ledger.db, sender.tenantId, { nowMs: NOW + 3 * DAY_MS })).toBe(0);
    });
    expect(await foldRollups(ledger.db, sender.tenantId, { nowMs: NOW + 3 * DAY_MS })).toBeGreaterThan(0);
  });

  it('goes straight to what it picked, though statistics know of nothing that is open', async () => {
    const sender = await ledger.createSender();
    await writeScenes(sender, 21);
    await foldRollups(ledger.db, sender.tenantId, { nowMs: NOW + 3 * DAY_MS });
    const admin = new Client({ connectionString: ledger.test.adminUrl });
    await admin.connect();
    try {
      await admin.query('ANALYZE');
    } finally {
      await admin.end();
    }
    const kind = ROLLUPS.usage;
    for (const [table, time] of [[kind.table, 'bucket'], [kind.dayTable, 'day']] as const) {
      const { rows } = await ledger.db.withTenant(sender.tenantId, (tx) => tx.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${foldStatement(table, time, kind.dimensions)}`, [null, new Date(NOW), 1_000]));
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).toContain(`Tid Scan on ${table} r`);
      expect(plan).not.toMatch(/Nested Loop|Hash Join|Merge Join/);
    }
  });

  it('goes through every team, and past one that fails', async () => {
    const senders = [await ledger.createSender(), await ledger.createSender()];
    for (const [i, sender] of senders.entries()) await writeScenes(sender, 30 + 2 * i);
    const failed: string[] = [];
    const broken = senders[0]!.tenantId;
    const db = { ...ledger.db, withTenant: ((tenantId, run) => (tenantId === broken ? Promise.reject(new Error('away')) : ledger.db.withTenant(tenantId, run))) as typeof ledger.db.withTenant };
    expect(await foldEveryTenant(db, { nowMs: NOW + 3 * DAY_MS }, (tenantId) => failed.push(tenantId))).toBeGreaterThan(0);
    expect(failed).toEqual([broken]);
    expect((await cellsOf(senders[1]!))['usage_rollup']!.open).toBe(0);
    expect((await cellsOf(senders[0]!))['usage_rollup']!.folded).toBe(0);
  });
});
