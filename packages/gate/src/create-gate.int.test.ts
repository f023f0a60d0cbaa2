/** The gate on a real database: the right to decide, rows of others, holds that nobody settles. */
import { newId } from '@outlay/kernel/ids';
import { createLedgerWriter, findImbalances, type LedgerWriter, recordUsage, type Sender } from '@outlay/ledger';
import { createTenantFixture, createTestDatabase, type TestDatabase, until } from '@outlay/platform/testing';
import { createEntitlementsOf, openPolicies, type Policies } from '@outlay/plans';
import { importCatalogue, openPriceBooks, type PriceBooks } from '@outlay/pricing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createGate, type Gate } from './create-gate';
import type { GateConnection } from './journal';
import { createMemoryStore } from './memory-store';
import { createOwnConnection } from './own-connection';
import type { ToldDenial, ToldPermission } from './tell-decision';

let test: TestDatabase;
let policies: Policies;
let prices: PriceBooks;
let writer: LedgerWriter;
/** Of another process: this one hears nothing of what it commits. */
let foreign: LedgerWriter;
let gate: Gate;
let tenantId: string;
let clockMs = 0;
const right = { epoch: 0, held: true };
const keyId = newId();

const warn = (): void => undefined;

beforeAll(async () => {
  test = await createTestDatabase();
  await importCatalogue(test.db, { now: new Date() });
  policies = await openPolicies(test.db, { warn });
  prices = await openPriceBooks(test.db, { warn });
  writer = await createLedgerWriter(test.db, { onCommitted: (committed) => gate?.onCommitted(committed) });
  foreign = await createLedgerWriter(test.db);
  const own = createOwnConnection(test.db);
  const connection: GateConnection = {
    get epoch() {
      return right.epoch;
    },
    client: () => (right.held ? own.client() : Promise.resolve(null)),
    close: () => own.close(),
  };
  gate = await createGate({
    db: test.db, createStore: createMemoryStore, isShared: false, policies, prices, writer, entitlementsOf: createEntitlementsOf(test.db, policies), connection, log: warn,
    readers: { history: () => Promise.resolve(null), dailyMean: () => Promise.resolve(null) }, now: () => Date.now() + clockMs,
  });
});

afterAll(async () => {
  await gate?.close();
  await Promise.all([writer?.close(), foreign?.close(), policies?.close()]);
  prices?.close();
  await test?.close();
});

beforeEach(async () => {
  clockMs = 0;
  ({ tenantId } = await createTenantFixture(test.db));
  await test.db.withTenant(tenantId, (tx) => tx.query(
    `INSERT INTO caps (tenant_id, id, name, scope, metric, window_kind, mode, limit_amount, source, created_by) VALUES ($1, $2, 'Day', 'customer', 'cost', 'month', 'hard', 1000000000000, 'person', 'ada')`, [tenantId, newId()]));
});

const asker = (): { tenantId: string; keyId: string; environment: string } => ({ tenantId, keyId, environment: 'production' });
const sender = (): Sender => ({ tenantId, keyId, environment: 'production', timeZone: 'UTC', lateWindowDays: 7 });
const begin = (usd: string, more: object = {}): ReturnType<Gate['begin']> => gate.begin(asker(), { customer_id: 'acme', workflow: 'report', estimate_usd: usd, ...more }, newId());

async function capNow(): Promise<{ used: string; held: string }> {
  const told = await gate.check(asker(), { customer_id: 'acme', estimate_usd: '0' });
  const { used, held } = told.limits.find(({ kind }) => kind === 'cap')!;
  return { used, held };
}

async function record(through: LedgerWriter, usd: string, runId?: string): Promise<void> {
  const { price } = await prices.of(tenantId);
  const { results } = await recordUsage({ db: test.db, writer: through, price }, sender(), { events: [{
    id: newId(), occurred_at: new Date().toISOString(), customer_id: 'acme', workflow: 'report', ...(runId === undefined ? {} : { run_id: runId }), provider: 'openai', model_requested: 'gpt-4o-mini',
    extras: [{ kind: 'search', quantity: 1, unit: 'request', cost: usd }], quantities: {},
  }] });
  expect(results[0]!.verdict).toBe('accepted');
}

describe('the right to decide', () => {
  it('is needed: nothing is acknowledged without it, and nothing stays held', async () => {
    await begin('0.1');
    right.held = false;
    try {
      await expect(begin('0.1')).rejects.toMatchObject({ code: 'unavailable' });
    } finally {
      right.held = true;
    }
    expect(await capNow()).toEqual({ used: '0', held: '0.1' });
  });

  it('was somebody else\'s meanwhile: what is in memory is forgotten, and rows of holds and ledger are read again', async () => {
    await begin('0.2', { run_id: 'mine' });
    // As another process would, while this one had no right: it ends the run, and records.
    await test.db.withTenant(tenantId, (tx) => tx.query(`UPDATE holds SET ended_at = now(), end_reason = 'released' WHERE run_ref = 'mine'`));
    await record(foreign, '0.05');
    right.epoch += 1;
    expect(await capNow()).toEqual({ used: '0.05', held: '0' });
    await expect(begin('0.2', { run_id: 'mine' })).rejects.toMatchObject({ code: 'conflict' });
    expect(await capNow()).toEqual({ used: '0.05', held: '0' });
  });
});

it('counts what other processes commit, once, whatever came between', async () => {
  await begin('0.1', { run_id: 'counted' });
  await record(foreign, '0.3');
  await record(writer, '0.2');
  await record(foreign, '0.1', 'counted');
  await until('all of it to be counted', async () => (await capNow()).used === '0.6');
  expect(await capNow()).toEqual({ used: '0.6', held: '0' });
  const denied = (await begin('0.41')) as unknown as ToldDenial;
  expect([denied.decision, denied.reason]).toEqual(['deny', 'hard_cap_reached']);
});

describe('a run that is never heard of again', () => {
  const estimates = async (): Promise<{ kind: string; cost: string; ceiling: string; basis: string }[]> => (await test.db.withTenant(tenantId, (tx) => tx.query<{ kind: string; cost: string; ceiling: string; basis: string }>(
    `SELECT kind, cost_pico::text AS cost, ceiling_pico::text AS ceiling, cost_basis AS basis FROM usage_events WHERE source = 'gate' ORDER BY revision, sign`))).rows;

  it('leaves an estimate for caps when its hold ends, which the truth takes out', async () => {
    const told = (await begin('0.7', { run_id: 'silent', expires_in_seconds: 10 })) as unknown as ToldPermission;
    expect(told.hold.cost_usd).toBe('0.7');
    clockMs = 11_000;
    await gate.expire();
    expect(await estimates()).toEqual([{ kind: 'usage', cost: '0', ceiling: '700000000000', basis: 'estimated' }]);
    expect(await capNow()).toEqual({ used: '0.7', held: '0' });
    await gate.expire();
    expect(await estimates()).toHaveLength(1);
    const finished = await gate.finish(sender(), 'silent', { outcome: 'usable', calls: [{ id: newId(), occurred_at: new Date().toISOString(), extras: [{ kind: 'search', quantity: 1, unit: 'request', cost: '0.4' }] }] });
    expect(finished).toMatchObject({ outcome: { verdict: 'accepted' }, settled: { cost_usd: '0.4', reserved_usd: '0.7', released_usd: '0' } });
    expect(await estimates()).toEqual([
      { kind: 'usage', cost: '0', ceiling: '700000000000', basis: 'estimated' }, { kind: 'reversal', cost: '0', ceiling: '-700000000000', basis: 'estimated' }, { kind: 'restatement', cost: '0', ceiling: '0', basis: 'estimated' },
    ]);
    expect(await capNow()).toEqual({ used: '0.4', held: '0' });
    expect(await test.db.withTenantSnapshot(tenantId, findImbalances)).toEqual([]);
  });

  it('leaves none when it had reported a call', async () => {
    await begin('0.7', { run_id: 'talked', expires_in_seconds: 10 });
    await record(writer, '0.1', 'talked');
    clockMs = 11_000;
    await gate.expire();
    expect(await estimates()).toEqual([]);
    expect(await capNow()).toEqual({ used: '0.1', held: '0' });
  });
});
