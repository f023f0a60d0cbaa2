import { DAY_MS } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foldRollups } from './fold-rollups';
import { readOverview } from './overview';
import { rebuildDays, withWritersStopped } from './rebuild-days';
import type { Sender } from './record-usage';
import { openTestLedger, type TestLedger } from './testing-ledger';
import { makeScene, writeScene } from './testing-scenes';
import { findImbalances } from './trial-balance';

let ledger: TestLedger;

beforeAll(async () => {
  ledger = await openTestLedger();
});

afterAll(async () => {
  await ledger?.close();
});

const NOW = Date.now();
const ZONES = ['Asia/Kolkata', 'America/New_York', 'Pacific/Chatham', 'America/Havana', 'UTC'];

async function changeZone({ tenantId }: Sender, timeZone: string): Promise<void> {
  await withWritersStopped(ledger.db, (stillStopped) => ledger.db.withTenant(tenantId, async (tx) => {
    await tx.query('UPDATE tenants SET time_zone = $1', [timeZone]);
    await rebuildDays((sql, values) => tx.query(sql, [...values]), tenantId);
    await stillStopped();
  }));
}

const imbalances = (sender: Sender): Promise<unknown> => ledger.db.withTenantSnapshot(sender.tenantId, findImbalances);

describe('the days of another time zone', () => {
  it('balance with the ledger, before and after folding, and are those of this team alone', async () => {
    const [sender, other] = [await ledger.createSender(), await ledger.createSender()];
    for (const { tenantId } of [sender, other]) await writeScene(ledger.writer, makeScene(tenantId, { seed: 1, endMs: NOW }));
    for (const zone of ZONES) {
      await changeZone(sender, zone);
      expect([zone, await imbalances(sender), await imbalances(other)]).toEqual([zone, [], []]);
      await foldRollups(ledger.db, sender.tenantId, { nowMs: NOW });
      await writeScene(ledger.writer, makeScene(sender.tenantId, { seed: ZONES.indexOf(zone) + 5, endMs: NOW, calls: 30 }));
      expect(await imbalances(sender)).toEqual([]);
    }
  });

  it('leave the ends of a wider span as they were: only the days move', async () => {
    const sender = await ledger.createSender();
    await writeScene(ledger.writer, makeScene(sender.tenantId, { seed: 2, endMs: NOW }));
    const span = { fromMs: NOW - 25 * DAY_MS, toMs: NOW };
    const { totals } = await readOverview(ledger.db, sender.tenantId, span, NOW);
    for (const zone of ZONES) {
      await changeZone(sender, zone);
      const after = await readOverview(ledger.db, sender.tenantId, span, NOW);
      expect([after.timeZone, after.totals]).toEqual([zone, totals]);
    }
  });

  it('lose nothing of what writers and folds do meanwhile', async () => {
    const sender = await ledger.createSender();
    let busy = true;
    let seed = 100;
    const traffic = Promise.all([0, 1].map(async () => {
      while (busy) await writeScene(ledger.writer, makeScene(sender.tenantId, { seed: seed++, endMs: NOW, days: 3, calls: 20 }));
    }));
    const folding = (async () => {
      while (busy) await foldRollups(ledger.db, sender.tenantId, { nowMs: NOW + 2 * DAY_MS, rowsPerStatement: 30 });
    })();
    for (const zone of [...ZONES, ...ZONES]) {
      await changeZone(sender, zone);
      expect([zone, await imbalances(sender)]).toEqual([zone, []]);
    }
    busy = false;
    await Promise.all([traffic, folding]);
    expect(await imbalances(sender)).toEqual([]);
    expect(seed).toBeGreaterThan(105);
  });
});

describe('withWritersStopped', () => {
  it('lets nobody write, and lets those who wait write after it', async () => {
    const sender = await ledger.createSender();
    const event = { id: newId(NOW), occurred_at: new Date(NOW - 1_000).toISOString(), provider: 'openai', model_requested: 'gpt', quantities: { input_uncached: 1 } };
    let written = false;
    const writing = await withWritersStopped(ledger.db, async (stillStopped) => {
      const pending = ledger.record(sender, [event]).then(() => { written = true; });
      // The writer has sent its statement once it stands in the queue of locks.
      for (let waiting = 0; waiting === 0;) {
        const { rows } = await ledger.db.app.query<{ waiting: number }>(`SELECT count(*)::int AS waiting FROM pg_locks WHERE NOT granted AND relation = 'writer_slots'::regclass`);
        waiting = rows[0]!.waiting;
      }
      await stillStopped();
      expect(written).toBe(false);
      return [pending];
    });
    await writing[0];
    expect(written).toBe(true);
  });

  it('changes nothing and lets writers go when its work fails', async () => {
    const sender = await ledger.createSender();
    await writeScene(ledger.writer, makeScene(sender.tenantId, { seed: 3, endMs: NOW, calls: 20 }));
    await expect(withWritersStopped(ledger.db, () => ledger.db.withTenant(sender.tenantId, async (tx) => {
      await tx.query(`UPDATE tenants SET time_zone = 'Asia/Tokyo'`);
      await rebuildDays((sql, values) => tx.query(sql, [...values]), sender.tenantId);
      throw new Error('the audit log is away');
    }))).rejects.toThrow('the audit log is away');
    expect((await readOverview(ledger.db, sender.tenantId, {}, NOW)).timeZone).toBe('UTC');
    await writeScene(ledger.writer, makeScene(sender.tenantId, { seed: 4, endMs: NOW, calls: 20 }));
    expect(await imbalances(sender)).toEqual([]);
  });
});
