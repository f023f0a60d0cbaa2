/** Proofs of the books through the real jobs: one that somebody asked for, and one whose worker died. */
import { newId } from '@outlay/kernel/ids';
import { createLedgerWriter, listBalances, listDueBalances, recordUsage, requestBalance, type StoredBalance } from '@outlay/ledger';
import { createJobs, createLog, JOBS, type Jobs } from '@outlay/platform';
import { createTenantFixture, createTestDatabase, type TestDatabase, until } from '@outlay/platform/testing';
import { importCatalogue, openPriceBooks, type PriceBooks } from '@outlay/pricing';
import type { Acting } from '@outlay/tenancy';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHandlers } from './handlers';
import { type RunningWorker, startWorker } from './start-worker';

const log = createLog({ level: 'silent' });
let test: TestDatabase;
let prices: PriceBooks;
let jobs: Jobs<typeof JOBS>;
let worker: RunningWorker;

beforeAll(async () => {
  test = await createTestDatabase();
  await importCatalogue(test.db, { now: new Date() });
  prices = await openPriceBooks(test.db, { warn: () => {} });
  jobs = await createJobs({ catalogue: JOBS, databaseUrl: test.url });
  worker = await startWorker({ db: test.db, jobs, log, smtpUrl: null, mailFrom: 'Outlay <outlay@localhost>' });
});

afterAll(async () => {
  await worker?.close();
  prices?.close();
  await test?.close();
});

async function makeTeam(): Promise<Acting> {
  const { tenantId } = await createTenantFixture(test.db);
  const writer = await createLedgerWriter(test.db, { connections: 1 });
  const { price } = await prices.of(tenantId);
  const call = { occurred_at: new Date().toISOString(), run_id: 'run-1', workflow: 'report', provider: 'openai', api: 'chat', model_requested: 'gpt-4o', usage: { prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100 } };
  await recordUsage({ db: test.db, writer, price }, { tenantId, keyId: null, environment: 'production', timeZone: 'UTC', lateWindowDays: 7 }, { events: [{ ...call, id: newId() }, { ...call, id: newId() }] });
  await writer.close();
  return { id: newId(), email: 'ada@example.com', name: 'Ada', tenantId, role: 'owner', requestId: newId() };
}

async function finished(tenantId: string): Promise<StoredBalance> {
  return await until('the proof is done', async () => {
    const [proof] = await listBalances(test.db, tenantId);
    return proof?.state === 'done' ? proof : null;
  }, 20_000);
}

it('proves the books of whoever asks, with the prices that were recorded', async () => {
  const acting = await makeTeam();
  await requestBalance(test.db, acting);
  await jobs.add('prove-ledger', { tenantId: acting.tenantId });
  const proof = await finished(acting.tenantId);
  expect(proof).toMatchObject({ rowsRead: 2, rowsExpected: 2 });
  expect(proof.checks.filter(({ state }) => state === 'failed')).toEqual([]);
  expect(proof.checks.find(({ name }) => name === 'prices')).toMatchObject({ state: 'passed', checked: 2 });
});

it('goes on with what a dead worker left, as soon as its lease is over', async () => {
  const acting = await makeTeam();
  const { id } = await requestBalance(test.db, acting);
  // As a killed process leaves it: taken, alive until a moment ago, never released.
  await test.db.withTenant(acting.tenantId, (tx) => tx.query(
    `UPDATE trial_balances SET state = 'running', lease = $2, leased_until = now() + interval '1 hour', attempts = 1, started_at = now() WHERE id = $1`, [id, newId()]));
  const handlers = createHandlers({ db: test.db, log, mailer: null, prices });
  await handlers['prove-ledger']({}, { jobId: '1', attempt: 1 });
  expect(await listBalances(test.db, acting.tenantId)).toMatchObject([{ state: 'running', rowsRead: 0 }]);
  expect(await listDueBalances(test.db)).toEqual([]);

  await test.db.withTenant(acting.tenantId, (tx) => tx.query(`UPDATE trial_balances SET leased_until = now() - interval '1 ms' WHERE id = $1`, [id]));
  await handlers['prove-ledger']({}, { jobId: '2', attempt: 1 });
  expect(await finished(acting.tenantId)).toMatchObject({ id, rowsRead: 2 });
});

it('asks by itself for a team with new rows', async () => {
  const acting = await makeTeam();
  const inDays = Date.now() + 3 * 86_400_000;
  const handlers = createHandlers({ db: test.db, log, mailer: null, prices, now: () => inDays });
  await handlers['plan-proofs']({}, { jobId: '1', attempt: 1 });
  await handlers['prove-ledger']({ tenantId: acting.tenantId }, { jobId: '2', attempt: 1 });
  expect(await finished(acting.tenantId)).toMatchObject({ requestedBy: 'outlay' });
});
