import { createHash } from 'node:crypto';
import { newId } from '@outlay/kernel/ids';
import type { Database } from '@outlay/platform';
import { askErasure, createDemoTeam, eraseTeam } from '@outlay/tenancy';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { archiveMonth, type ArchiveFiles, type ArchivedMonth, dropMonth, listMonths } from './archive-month';
import { createArchiveSeal } from './archive-seal';
import { findBrokenSeal, readTotals } from './archive-totals';
import { readOverview } from './overview';
import { recordUsage, type Sender } from './record-usage';
import { restoreMonth } from './restore-month';
import { openTestLedger, type TestLedger } from './testing-ledger';
import { makeScene, writeScene } from './testing-scenes';
import { findImbalances } from './trial-balance';

const seal = createArchiveSeal({ bytes: Buffer.alloc(32, 7) });
const nowMs = Date.parse('2026-11-21T12:00:00Z');

let ledger: TestLedger;
let db: Database;
let admin: Client;

beforeAll(async () => {
  ledger = await openTestLedger({ nowMs });
  ({ db } = ledger);
  admin = new Client({ connectionString: ledger.test.adminUrl });
  await admin.connect();
});

afterAll(async () => {
  await admin.end();
  await ledger.close();
});

/** Files in memory: what an archive is made of. */
function createFiles(): ArchiveFiles & { readonly content: Map<string, string[]> } {
  const content = new Map<string, string[]>();
  return {
    content,
    write: async (tenantId, month, lines) => {
      const file = `${month}/${tenantId}`;
      const kept: string[] = [];
      for await (const line of lines) kept.push(line);
      content.set(file, kept);
      return { file, contentSha256: createHash('sha256').update(kept.map((line) => `${line}\n`).join('')).digest('hex') };
    },
  };
}

async function* linesOf(files: ReturnType<typeof createFiles>, file: string): AsyncGenerator<string> {
  yield* files.content.get(file) ?? [];
}

const noProgress = (): void => {};
const imbalancesOf = (sender: Sender): ReturnType<typeof findImbalances> => db.withTenantSnapshot(sender.tenantId, findImbalances);

/** Three months of calls, runs across their edges, corrections, outcomes, callers' own keys. */
async function createHistory(seed: number, timeZone = 'UTC'): Promise<Sender> {
  const sender = await ledger.createSender({ timeZone });
  await writeScene(ledger.writer, makeScene(sender.tenantId, { seed, endMs: Date.parse('2026-08-31T12:00:00Z'), days: 85, calls: 400 }));
  return sender;
}

/** Every row of the team, as Postgres writes it. */
async function digestRows(sender: Sender): Promise<string> {
  const { rows } = await admin.query<{ digest: string }>(`select md5(string_agg(to_jsonb(e)::text, ',' order by id)) as digest from usage_events e where tenant_id = $1`, [sender.tenantId]);
  return rows[0]!.digest;
}

async function countRows(sender: Sender, month: string): Promise<number> {
  const { rows } = await admin.query<{ n: number }>(`select count(*)::int as n from usage_events_${month.replace('-', '')} where tenant_id = $1`, [sender.tenantId]);
  return rows[0]!.n;
}

async function readScreen(sender: Sender): Promise<unknown> {
  const { totals } = await readOverview(db, sender.tenantId, { fromMs: Date.parse('2026-06-01T00:00:00Z'), toMs: Date.parse('2026-09-01T00:00:00Z') }, nowMs);
  return totals;
}

async function archive(month: string, files = createFiles()): Promise<{ archived: ArchivedMonth; files: ReturnType<typeof createFiles> }> {
  return { archived: await archiveMonth(db, month, seal, files, noProgress), files };
}

const call = (at: string, change: Record<string, unknown> = {}): Record<string, unknown> => ({
  id: newId(Date.parse(at)), occurred_at: at, run_id: 'late-run', customer_id: 'acme', workflow: 'w', provider: 'openai', model_requested: 'm', quantities: { input_uncached: 10 }, ...change,
});

describe('an archived month', () => {
  it('leaves the books right at every step, and comes back row for row', { timeout: 90_000 }, async () => {
    const [berlin, utc] = [await createHistory(1, 'Europe/Berlin'), await createHistory(2)];
    const before = [await digestRows(berlin), await digestRows(utc)];
    const screens = [await readScreen(berlin), await readScreen(utc)];
    for (const sender of [berlin, utc]) expect(await imbalancesOf(sender)).toEqual([]);
    const inJuly = await countRows(berlin, '2026-07');
    expect(inJuly).toBeGreaterThan(50);
    const { rows: [victim] } = await admin.query<{ id: string; occurred_at: Date }>(`select id, occurred_at from usage_events_202607 where tenant_id = $1 limit 1`, [berlin.tenantId]);

    const { archived, files } = await archive('2026-07');
    expect(archived.teams.map(({ facts }) => facts.tenant_id).sort()).toEqual([berlin.tenantId, utc.tenantId].sort());
    expect(archived.teams.find(({ facts }) => facts.tenant_id === berlin.tenantId)!.facts.row_count).toBe(inJuly);
    // The rows still stand; the totals speak for them already.
    for (const sender of [berlin, utc]) expect(await imbalancesOf(sender)).toEqual([]);
    await dropMonth(db, '2026-07');
    expect(await countRows(berlin, '2026-07')).toBe(0);
    for (const sender of [berlin, utc]) expect(await imbalancesOf(sender)).toEqual([]);
    expect([await readScreen(berlin), await readScreen(utc)]).toEqual(screens);

    // A second month: runs now lie in two archives and in the ledger.
    const june = await archive('2026-06');
    await dropMonth(db, '2026-06');
    for (const sender of [berlin, utc]) expect(await imbalancesOf(sender)).toEqual([]);

    // What is sent again for it is refused, and keeps nobody else from being recorded.
    const deps = { db, writer: ledger.writer, price: ledger.price, now: () => nowMs };
    const { results } = await recordUsage(deps, berlin, { events: [
      call(victim!.occurred_at.toISOString(), { id: victim!.id }), call('2026-07-10T00:00:00Z'), call('2026-11-20T00:00:00Z'), call('2026-07-10T00:00:00Z', { id: undefined, idempotency_key: 'own' }),
    ] });
    expect(results.map(({ verdict, reason }) => reason ?? verdict)).toEqual(['month_archived', 'month_archived', 'accepted', 'accepted']);
    expect(await imbalancesOf(berlin)).toEqual([]);

    for (const { archived: month, files: from } of [{ archived, files }, june]) {
      const restored = await restoreMonth(db, month, seal, ({ file }) => linesOf(from, file), noProgress);
      expect(restored).toMatchObject({ teams: 2, erased: [] });
      for (const sender of [berlin, utc]) expect(await imbalancesOf(sender)).toEqual([]);
    }
    expect(await digestRows(utc)).toBe(before[1]);
    await ledger.record(berlin, [call('2026-07-10T00:00:00Z')]);
    expect(await imbalancesOf(berlin)).toEqual([]);
    const { rows } = await admin.query(`select count(*)::int as n from runs where archived_cost_pico is not null or archived_outcome is not null or archived_calls is not null`);
    expect(rows).toEqual([{ n: 0 }]);
    expect(await listMonths(db)).toContainEqual(expect.objectContaining({ month: '2026-07', state: null }));
  });

  it('is taken up again where it broke off', { timeout: 60_000 }, async () => {
    const senders = [await createHistory(3), await createHistory(4)].sort((a, b) => (a.tenantId < b.tenantId ? -1 : 1));
    const files = createFiles();
    const full = { ...files, write: (tenantId: string, month: string, lines: AsyncIterable<string>) => (tenantId === senders[1]!.tenantId ? Promise.reject(new Error('disk full')) : files.write(tenantId, month, lines)) };
    await expect(archiveMonth(db, '2026-08', seal, full, noProgress)).rejects.toThrow('disk full');
    for (const sender of senders) expect(await imbalancesOf(sender)).toEqual([]);
    await expect(dropMonth(db, '2026-08')).rejects.toMatchObject({ code: 'conflict', message: expect.stringMatching(/rows in 2026-08-01 that no total covers/) as string });
    expect(await countRows(senders[0]!, '2026-08')).toBeGreaterThan(0);
    const archived = await archiveMonth(db, '2026-08', seal, files, noProgress);
    await dropMonth(db, '2026-08');
    for (const sender of senders) expect(await imbalancesOf(sender)).toEqual([]);
    await restoreMonth(db, archived, seal, ({ file }) => linesOf(files, file), noProgress);
    for (const sender of senders) expect(await imbalancesOf(sender)).toEqual([]);
  });

  it('does not come back from a file, a total or a manifest that somebody changed', { timeout: 60_000 }, async () => {
    const sender = await createHistory(5);
    const { archived, files } = await archive('2026-07');
    await dropMonth(db, '2026-07');
    const mine = archived.teams.find(({ facts }) => facts.tenant_id === sender.tenantId)!;
    const restore = (month: ArchivedMonth): Promise<unknown> => restoreMonth(db, month, seal, ({ file }) => linesOf(files, file), noProgress);

    const lines = files.content.get(mine.file)!;
    files.content.set(mine.file, lines.map((line) => line.replace(/"cost_pico": (\d+)/, '"cost_pico": 1$1')));
    await expect(restore({ ...archived, teams: [mine] })).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('checksum') as string });
    files.content.set(mine.file, lines.slice(1));
    await expect(restore({ ...archived, teams: [mine] })).rejects.toMatchObject({ code: 'conflict' });
    files.content.set(mine.file, lines);
    await expect(restore({ ...archived, teams: [{ ...mine, facts: { ...mine.facts, row_count: 1 } }] })).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('seal') as string });
    expect(await countRows(sender, '2026-07')).toBe(0);
    expect(await imbalancesOf(sender)).toEqual([]);

    // The books notice a changed total by its sum, and one whose sums were all changed to fit by its seal.
    const totals = await db.withTenant(sender.tenantId, readTotals);
    expect(findBrokenSeal(totals, seal)).toBeNull();
    await admin.query(`update archived_totals set totals = jsonb_set(totals, '{measures,cost_pico}', '"1"') where tenant_id = $1`, [sender.tenantId]);
    expect((await imbalancesOf(sender)).map(({ measure }) => measure)).toEqual(['cost_pico', 'cost_pico', 'cost_pico', 'cost_pico']);
    expect(findBrokenSeal(await db.withTenant(sender.tenantId, readTotals), seal)).toContain('2026-07');
    await admin.query(`update archived_totals set totals = $2 where tenant_id = $1`, [sender.tenantId, JSON.stringify(mine.facts.totals)]);
    expect(await imbalancesOf(sender)).toEqual([]);
    await restore(archived);
    expect(await imbalancesOf(sender)).toEqual([]);
  });

  it('is made while others write, and none of them waits for long', { timeout: 60_000 }, async () => {
    const [old, busy] = [await createHistory(6), await ledger.createSender()];
    let writing = true;
    let recorded = 0;
    const writer = (async () => {
      for (; writing; recorded += 50) await ledger.record(busy, Array.from({ length: 50 }, () => call('2026-11-20T10:00:00Z', { run_id: undefined })));
    })();
    const { archived, files } = await archive('2026-07');
    await dropMonth(db, '2026-07');
    await restoreMonth(db, archived, seal, ({ file }) => linesOf(files, file), noProgress);
    writing = false;
    await writer;
    expect(recorded).toBeGreaterThan(0);
    for (const sender of [old, busy]) expect(await imbalancesOf(sender)).toEqual([]);
  });

  it('of an erased team stays away', { timeout: 60_000 }, async () => {
    const { tenantId } = await createDemoTeam(db, { teamName: 'Demo', name: 'Dora', email: 'dora@example.com', password: 'correct horse', timeZone: 'UTC', story: { seed: 1, events: 1_000, endsAt: new Date() } });
    await writeScene(ledger.writer, makeScene(tenantId, { seed: 9, endMs: Date.parse('2026-08-31T12:00:00Z'), days: 85, calls: 100 }));
    const { archived, files } = await archive('2026-07');
    await dropMonth(db, '2026-07');
    await askErasure(db, { tenantId, name: 'Demo', by: 'test', graceDays: 0 });
    await eraseTeam(db, tenantId);
    expect((await admin.query('select from archived_totals where tenant_id = $1', [tenantId])).rowCount).toBe(0);
    expect(await restoreMonth(db, archived, seal, ({ file }) => linesOf(files, file), noProgress)).toMatchObject({ erased: [tenantId] });
    expect((await admin.query('select from usage_events where tenant_id = $1', [tenantId])).rowCount).toBe(0);
  });
});

describe('what may not be archived', () => {
  it('is a month that is young, or is not there', async () => {
    await ledger.record(await ledger.createSender(), [call('2026-10-05T00:00:00Z')]);
    await expect(archive('2026-10')).rejects.toMatchObject({ code: 'invalid_input', message: expect.stringContaining('too young') as string });
    await expect(archive('2023-01')).rejects.toMatchObject({ code: 'not_found' });
    await expect(dropMonth(db, '2026-10')).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('not frozen') as string });
    expect((await listMonths(db)).every(({ month }) => /^\d{4}-\d\d$/.test(month))).toBe(true);
    // The partitions of callers' own keys are no months.
    const { rows } = await admin.query<{ n: number }>(`select count(*)::int as n from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'usage_events'::regclass and c.relname ~ '^usage_events_f[0-9a-f]$'`);
    expect(rows[0]!.n).toBe(16);
  });

  it('is anything, by those who serve requests', async () => {
    for (const pool of [db.app, db.writer]) {
      for (const name of ['freeze_usage_month', 'drop_usage_month', 'thaw_usage_month']) await expect(pool.query(`select ${name}('2026-07-01')`), name).rejects.toThrow(/permission denied/);
    }
  });
});
