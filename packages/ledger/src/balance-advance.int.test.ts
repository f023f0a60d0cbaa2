/** A proof of the books from the request to its result: what it finds, how it survives its worker, and when Outlay asks by itself. */
import pg from 'pg';
import { DAY_MS } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import { type Database, openDatabase } from '@outlay/platform';
import { until } from '@outlay/platform/testing';
import type { Acting } from '@outlay/tenancy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { advanceBalance, type BalanceDependencies, listDueBalances } from './balance-advance';
import { CHECK_NAMES } from './balance-checks';
import { listBalances, requestBalance, requestNightlyBalances } from './balance-request';
import type { Sender } from './record-usage';
import type { StoredBalance } from './store-balances';
import { openTestLedger, type TestLedger } from './testing-ledger';

let ledger: TestLedger;
let admin: pg.Client;

beforeAll(async () => {
  ledger = await openTestLedger();
  admin = new pg.Client({ connectionString: ledger.test.adminUrl });
  await admin.connect();
});

afterAll(async () => {
  await admin?.end();
  await ledger?.close();
});

const HOUR_MS = DAY_MS / 24;

const actingFor = ({ tenantId }: Sender, role: Acting['role'] = 'developer'): Acting => ({ id: newId(), email: 'dev@example.com', name: 'Dev', tenantId, role, requestId: newId() });

async function makeTeam(calls = 12): Promise<{ sender: Sender; ids: string[] }> {
  const sender = await ledger.createSender({ timeZone: 'Asia/Kathmandu' });
  const ids = Array.from({ length: calls }, () => newId());
  const occurred_at = new Date(Date.now() - 3_600_000).toISOString();
  // Without a price of its own an extra states what it cost, which is priced from the row's own facts.
  await ledger.record(sender, ids.map((id, n) => ({ id, occurred_at, run_id: `run-${n % 3}`, customer_id: 'acme', workflow: 'report', extras: [{ kind: 'ocr', quantity: '1', unit: 'page', cost: '0.002' }] })));
  return { sender, ids };
}

async function prove(sender: Sender, options: Partial<BalanceDependencies> = {}): Promise<StoredBalance> {
  const { id } = await requestBalance(ledger.db, actingFor(sender));
  return (await advanceBalance({ db: ledger.db, versionById: () => null, seal: null, rowsPerBatch: 5, ...options }, { tenantId: sender.tenantId, id }))!;
}

const stateOf = ({ checks }: StoredBalance, name: string): string | undefined => checks.find((check) => check.name === name)?.state;
const faultOf = ({ checks }: StoredBalance, name: string) => checks.find((check) => check.name === name)?.fault;

async function tamper(sql: string, values: unknown[]): Promise<void> {
  await admin.query(`set session_replication_role = 'replica'`);
  const { rowCount } = await admin.query(sql, values);
  await admin.query(`set session_replication_role = 'origin'`);
  expect(rowCount).toBe(1);
}

describe('a proof of the books', () => {
  it('checks every law once, counts what it read, and passes right books', async () => {
    const { sender } = await makeTeam();
    const proof = await prove(sender);
    expect(proof).toMatchObject({ state: 'done', requestedBy: 'Dev <dev@example.com>', rowsExpected: 12, rowsRead: 12, failure: null, startedAt: expect.any(Date), finishedAt: expect.any(Date) });
    expect(proof.checks.map(({ name }) => name).sort()).toEqual([...CHECK_NAMES].sort());
    expect(Object.fromEntries(proof.checks.map(({ name, state }) => [name, state]))).toEqual({
      runs: 'passed', usage_rollup: 'passed', usage_rollup_day: 'passed', customer_rollup: 'passed', customer_rollup_day: 'passed', pairs: 'passed', prices: 'passed', classes: 'passed',
      // Nothing was archived, nothing is remembered yet, and no other room handed its proof in.
      archive: 'skipped', cut: 'skipped', credits: 'skipped',
    });
    expect(proof.checks.find(({ name }) => name === 'runs')).toMatchObject({ checked: 3 });
    expect(proof.checks.find(({ name }) => name === 'prices')).toMatchObject({ checked: 12 });
  });

  it('asks other rooms for their proofs, and tells their faults with the place', async () => {
    const { sender } = await makeTeam();
    const fault = { message: 'lot 1: 2 remain, but its entries sum to 3', place: { kind: 'run' as const, runId: newId() } };
    const { checks } = await prove(sender, { rooms: [{ name: 'credits', prove: async () => ({ checked: 7, fault }) }] });
    expect(checks.find(({ name }) => name === 'credits')).toMatchObject({ state: 'failed', checked: 7, fault });
  });

  it('names a cell of a rollup that somebody changed, with its place', async () => {
    const { sender } = await makeTeam();
    await tamper(`update customer_rollup set cost_pico = cost_pico + 7 where tenant_id = $1 and customer_id = 'acme'`, [sender.tenantId]);
    const proof = await prove(sender);
    expect(stateOf(proof, 'customer_rollup')).toBe('failed');
    expect(faultOf(proof, 'customer_rollup')).toEqual({
      message: expect.stringMatching(/^customer_rollup, .*acme.*report: cost is \$0.024000000007, but its events sum to \$0.024$/),
      place: { kind: 'rows', from: expect.any(String), to: expect.any(String), customerId: 'acme', workflow: 'report' },
    });
    expect(stateOf(proof, 'customer_rollup_day')).toBe('passed');
  });

  it('names a row that costs something else than its price gives', async () => {
    const { sender, ids } = await makeTeam();
    await tamper('update usage_events set cost_pico = cost_pico * 2 where tenant_id = $1 and id = $2', [sender.tenantId, ids[7]]);
    const proof = await prove(sender);
    expect(faultOf(proof, 'prices')).toEqual({ message: `event ${ids[7]}: it costs $0.004, but its own facts gives $0.002`, place: { kind: 'event', id: ids[7] } });
    expect(stateOf(proof, 'runs')).toBe('failed');
  });

  it('holds the past against what the last proof saw, until it is right again', async () => {
    const { sender, ids } = await makeTeam();
    await prove(sender);
    await ledger.record(sender, [{ id: newId(), occurred_at: new Date().toISOString(), run_id: 'run-9', extras: [{ kind: 'ocr', quantity: '1', unit: 'page', cost: '1' }] }]);
    const second = await prove(sender);
    expect(second.checks.find(({ name }) => name === 'cut')).toMatchObject({ state: 'passed', checked: 12 });
    await tamper('delete from usage_events where tenant_id = $1 and id = $2', [sender.tenantId, ids[3]]);
    for (let again = 0; again < 2; again++) {
      const proof = await prove(sender);
      expect(faultOf(proof, 'cut')?.message).toMatch(/^rows of \d{4}-\d\d, as of .*: 12 rows stand where 13 stood$/);
    }
  });

  it('is one at a time a team, asked for by those who may', async () => {
    const { sender } = await makeTeam(1);
    const { id } = await requestBalance(ledger.db, actingFor(sender));
    await expect(requestBalance(ledger.db, actingFor(sender, 'owner'))).rejects.toMatchObject({ code: 'conflict' });
    await expect(requestBalance(ledger.db, actingFor(sender, 'viewer'))).rejects.toMatchObject({ code: 'role_missing' });
    expect(await listDueBalances(ledger.db)).toContainEqual({ tenantId: sender.tenantId, id });
    const { rows } = await ledger.db.withTenant(sender.tenantId, (tx) => tx.query('select action, subject_id from audit_log'));
    expect(rows).toEqual([{ action: 'ledger.proof_requested', subject_id: id }]);
  });
});

describe('a worker that dies', () => {
  it('leaves a proof that the next one goes on with, behind the last row that was saved', async () => {
    const { sender } = await makeTeam(12);
    const { id } = await requestBalance(ledger.db, actingFor(sender));
    const due = { tenantId: sender.tenantId, id };
    // Its connections are gone from one moment to the next: it can neither go on nor say goodbye.
    const dying: Database = await openDatabase({ url: ledger.test.url });
    const death = advanceBalance({
      db: dying, versionById: () => null, seal: null, rowsPerBatch: 5, leaseMs: 600,
      onBatch: async (read) => {
        if (read === 5) await dying.close();
      },
    }, due);
    await expect(death).rejects.toThrow();
    const [left] = await listBalances(ledger.db, sender.tenantId);
    expect(left).toMatchObject({ state: 'running', rowsRead: 5 });

    const batches: number[] = [];
    const done = await until('the lease is over', async () => await advanceBalance({
      db: ledger.db, versionById: () => null, seal: null, rowsPerBatch: 5, onBatch: async (read) => void batches.push(read),
    }, due), 10_000);
    expect(batches).toEqual([10, 12]);
    expect(done).toMatchObject({ state: 'done', rowsRead: 12 });
    expect(done.checks.filter(({ state }) => state !== 'passed' && state !== 'skipped')).toEqual([]);
    expect(done.checks.find(({ name }) => name === 'classes')).toMatchObject({ checked: 12 });
  });

  it('writes nothing any more once another has taken over', async () => {
    const { sender } = await makeTeam(12);
    const { id } = await requestBalance(ledger.db, actingFor(sender));
    const due = { tenantId: sender.tenantId, id };
    const deps = { db: ledger.db, versionById: () => null, seal: null, rowsPerBatch: 5 };
    await advanceBalance({
      ...deps,
      onBatch: async (read) => {
        if (read !== 5) return;
        // It slept past its lease: another one finishes the proof.
        await ledger.db.withTenant(sender.tenantId, (tx) => tx.query(`update trial_balances set leased_until = now() - interval '1 s' where id = $1`, [id]));
        expect(await advanceBalance(deps, due)).toMatchObject({ state: 'done', rowsRead: 12 });
      },
    }, due);
    expect(await listBalances(ledger.db, sender.tenantId)).toMatchObject([{ id, state: 'done', rowsRead: 12 }]);
  });

  it('again and again ends the proof as failed, not as running for ever', async () => {
    const { sender } = await makeTeam(1);
    const { id } = await requestBalance(ledger.db, actingFor(sender));
    await ledger.db.withTenant(sender.tenantId, (tx) => tx.query('update trial_balances set attempts = 5 where id = $1', [id]));
    expect(await advanceBalance({ db: ledger.db, versionById: () => null, seal: null }, { tenantId: sender.tenantId, id })).toMatchObject({ state: 'failed', failure: expect.stringContaining('5 times') });
    expect((await prove(sender)).state).toBe('done');
  });

  it('on purpose lets go at once: the next one need not wait for the lease', async () => {
    const { sender } = await makeTeam(12);
    const { id } = await requestBalance(ledger.db, actingFor(sender));
    const stop = new AbortController();
    const deps = { db: ledger.db, versionById: () => null, seal: null, rowsPerBatch: 5 };
    const broken = await advanceBalance({ ...deps, signal: stop.signal, onBatch: async () => stop.abort() }, { tenantId: sender.tenantId, id });
    expect(broken).toMatchObject({ state: 'running' });
    expect(broken!.rowsRead).toBeLessThan(12);
    expect(await advanceBalance(deps, { tenantId: sender.tenantId, id })).toMatchObject({ state: 'done', rowsRead: 12 });
  });
});

describe('the proof of the night', () => {
  it('is asked for once a night, of teams that recorded something since the last', async () => {
    const [{ sender }, quiet] = [await makeTeam(2), await ledger.createSender()];
    const noon = Math.floor(Date.now() / DAY_MS) * DAY_MS + 6 * HOUR_MS;
    // 02:30 in Kathmandu, where midnight is at 18:15 UTC.
    const night = noon + DAY_MS + 14.75 * HOUR_MS;
    expect(await requestNightlyBalances(ledger.db, noon)).not.toContain(sender.tenantId);
    const asked = await requestNightlyBalances(ledger.db, night);
    expect(asked).toContain(sender.tenantId);
    expect(asked).not.toContain(quiet.tenantId);
    // It waits: there is one at a time.
    expect(await requestNightlyBalances(ledger.db, night)).not.toContain(sender.tenantId);
    for (const due of await listDueBalances(ledger.db)) await advanceBalance({ db: ledger.db, versionById: () => null, seal: null }, due);
    expect(await listBalances(ledger.db, sender.tenantId)).toMatchObject([{ state: 'done', requestedBy: 'outlay' }]);
    expect(await requestNightlyBalances(ledger.db, Date.now())).not.toContain(sender.tenantId);
    // Rows of the last two minutes before a cut count as new once more, so the memory is made younger.
    await ledger.db.withTenant(sender.tenantId, (tx) => tx.query(`update trial_balances set checks = (select jsonb_agg(case when c ->> 'name' = 'cut'
      then jsonb_set(c, '{memory,cut}', to_jsonb('0:1@' || to_char((now() at time zone 'UTC') + interval '3 minutes', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))) else c end) from jsonb_array_elements(checks) c)`));
    expect(await requestNightlyBalances(ledger.db, night + DAY_MS)).not.toContain(sender.tenantId);
  });

  it('comes at any hour where nothing runs at night', async () => {
    const { sender } = await makeTeam(2);
    const noon = (Math.floor(Date.now() / DAY_MS) + 4) * DAY_MS + 6 * HOUR_MS;
    expect(await requestNightlyBalances(ledger.db, noon)).toContain(sender.tenantId);
  });
});
