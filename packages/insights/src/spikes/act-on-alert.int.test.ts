/** What is done about an alert holds at the next begin, by hand and by the rule itself, ends by itself, and is taken back. */
import { newId } from '@outlay/kernel/ids';
import { createGate, createMemoryStore, createOwnConnection, type Gate } from '@outlay/gate';
import { createEntitlementsOf, openPolicies, type Policies, saveCustomer } from '@outlay/plans';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { actOnAlert, undoAction } from './act-on-alert';
import { type AlertActionInput, alertActionSchema } from './alert-action';
import { openWatchedLedger, type PlacedCall, type WatchedLedger } from './testing-watch';

let ledger: WatchedLedger;
let policies: Policies;
let gate: Gate;
let tenantId: string;
const warn = (): void => undefined;

beforeAll(async () => {
  ledger = await openWatchedLedger();
  const { db, prices, writer } = ledger;
  policies = await openPolicies(db, { warn });
  gate = await createGate({
    db, createStore: createMemoryStore, isShared: false, policies, prices, writer, entitlementsOf: createEntitlementsOf(db, policies), connection: createOwnConnection(db), log: warn,
    readers: { history: () => Promise.resolve(null), dailyMean: () => Promise.resolve(null) }, now: () => ledger.nowMs,
  });
});

afterAll(async () => {
  await gate?.close();
  await policies?.close();
  await ledger?.close();
});

const by = () => ({ tenantId, actorId: null, actor: 'ada', requestId: newId() });
const begin = (more: object = {}) => gate.begin({ tenantId, keyId: newId(), environment: 'production' }, { customer_id: 'wild', workflow: 'report', models: ['gpt-4o', 'gpt-4o-mini'], estimate_usd: '0.01', ...more }, newId());
const wild = (minutesAgo: number): PlacedCall[] => Array.from({ length: 30 }, () => ({ minutesAgo, output: 40_000, customer: 'wild' }));

beforeEach(async () => {
  tenantId = await ledger.createTeam();
  for (const customerId of ['calm', 'wild']) await saveCustomer(ledger.db, by(), { customerId }, 'console');
  await ledger.db.withTenant(tenantId, (tx) => tx.query(
    `INSERT INTO workflows (tenant_id, name, route) VALUES ($1, 'report', '[{"model":"gpt-4o","cheaper":false},{"model":"gpt-4o-mini","cheaper":true}]')`, [tenantId]));
  await ledger.record(tenantId, [{ minutesAgo: 30, customer: 'calm', output: 40_000 }, { minutesAgo: 20, customer: 'calm', output: 40_000 }]);
});

async function alertOfWild(): Promise<string> {
  await ledger.record(tenantId, wild(0.3));
  await ledger.createWatch().run(tenantId);
  const [alert] = await ledger.spikes(tenantId);
  expect(alert).toMatchObject({ state: 'firing' });
  return alert!.id;
}

async function alertAbout(scope: string, subject: string): Promise<string> {
  const id = await alertOfWild();
  const [alert] = await ledger.spikes(tenantId);
  expect([alert!.scope, alert!.subject]).toEqual([scope, subject]);
  // Nobody acts in the very millisecond in which it fires.
  ledger.nowMs += 1_000;
  return id;
}

async function act(alertId: string, action: AlertActionInput) {
  const taken = await actOnAlert(ledger.db, by(), alertId, alertActionSchema.parse(action), ledger.nowMs);
  policies.forget(tenantId);
  return taken;
}

async function undo(eventId: string): Promise<void> {
  await undoAction(ledger.db, by(), eventId, ledger.nowMs);
  policies.forget(tenantId);
}

describe('from an alert', () => {
  it.each<[AlertActionInput, object]>([
    [{ kind: 'lower_cap', limitUsd: '2.00' }, { decision: 'deny', reason: 'hard_cap_reached' }],
    [{ kind: 'suspend_customer' }, { decision: 'deny', reason: 'hard_cap_reached' }],
    [{ kind: 'suspend_customer', expiresInMinutes: null }, { decision: 'deny', reason: 'customer_suspended' }],
    [{ kind: 'force_cheaper' }, { decision: 'degrade', models: ['gpt-4o-mini'] }],
  ])('%j holds at the next begin, for nobody else, and is taken back', async (action, answer) => {
    const alertId = await alertAbout('customer', 'wild');
    expect(await begin()).toMatchObject({ decision: 'allow' });
    const { eventId } = await act(alertId, action);
    expect(await begin()).toMatchObject(answer);
    expect(await begin({ customer_id: 'calm' })).toMatchObject({ decision: 'allow' });
    ledger.nowMs += 1_000;
    await undo(eventId);
    await undo(eventId);
    expect(await begin()).toMatchObject({ decision: 'allow' });
    const [alert] = await ledger.spikes(tenantId);
    expect(alert!.events.map(({ kind }) => kind).slice(-2)).toEqual(['action', 'undone']);
  });

  it('a throttle answers when to come again, and ends by itself', async () => {
    const alertId = await alertAbout('customer', 'wild');
    await act(alertId, { kind: 'throttle', perMinute: 2, expiresInMinutes: 30 });
    expect([(await begin()).decision, (await begin()).decision]).toEqual(['allow', 'allow']);
    expect(await begin()).toMatchObject({ decision: 'deny', reason: 'rate_limited', retry_after_seconds: expect.any(Number) });
    ledger.nowMs += 31 * 60_000;
    expect([(await begin()).decision, (await begin()).decision, (await begin()).decision]).toEqual(['allow', 'allow', 'allow']);
  });

  it('stands in the audit log, and refuses what cannot help', async () => {
    const alertId = await alertAbout('customer', 'wild');
    await act(alertId, { kind: 'lower_cap', limitUsd: '2.00' });
    const { rows } = await ledger.db.withTenant(tenantId, (tx) => tx.query<{ action: string; actor: string }>(`SELECT action, actor FROM audit_log WHERE action LIKE 'cap.%'`));
    expect(rows).toEqual([{ action: 'cap.created', actor: 'ada' }]);
    await ledger.db.withTenant(tenantId, (tx) => tx.query(`UPDATE alerts SET facts = facts || '{"origin":"polled"}' WHERE id = $1`, [alertId]));
    await expect(act(alertId, { kind: 'throttle', perMinute: 5 })).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('at the provider') });
    await expect(act(newId(), { kind: 'throttle', perMinute: 5 })).rejects.toMatchObject({ code: 'not_found' });
    await expect(undoAction(ledger.db, by(), newId())).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('by the rule itself', () => {
  it('acts once when it fires, however many workers look, and stays undone once somebody took it back', async () => {
    await ledger.createWatch().run(tenantId);
    await ledger.db.withTenant(tenantId, (tx) => tx.query(`UPDATE alert_rules SET action = '{"kind":"lower_cap","limitUsd":"1","expiresInMinutes":60}' WHERE kind = 'spike'`));
    await ledger.record(tenantId, wild(0.3));
    const workers = [ledger.createWatch(), ledger.createWatch(), ledger.createWatch()];
    await Promise.all(workers.map((worker) => worker.run(tenantId)));
    policies.forget(tenantId);
    expect(await begin()).toMatchObject({ decision: 'deny', reason: 'hard_cap_reached' });
    const actions = (await ledger.spikes(tenantId))[0]!.events.filter(({ kind }) => kind === 'action');
    expect(actions).toHaveLength(1);
    expect(actions[0]).toMatchObject({ by: 'rule "Spend spike"', details: { words: 'A hard cap of $1 a day' } });
    await undo(actions[0]!.id);
    ledger.nowMs += 60_000;
    for (const worker of workers) await worker.run(tenantId);
    policies.forget(tenantId);
    expect(await begin()).toMatchObject({ decision: 'allow' });
  });
});
