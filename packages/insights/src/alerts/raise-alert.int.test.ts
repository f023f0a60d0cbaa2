import { createTenantFixture, createTestDatabase, type TestDatabase } from '@outlay/platform/testing';
import { openDatabase } from '@outlay/platform';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AlertRule } from './alert-rule';
import { ensureDefaultRules } from './default-rules';
import { type Crossing, openAlert, resolveAlerts, type Watch } from './raise-alert';
import { readRules, updateRule } from './store-rules';

const MINUTE = 60_000;
const NOON = Date.parse('2026-11-21T12:00:00Z');
let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
});

afterAll(() => test.close());

const CROSSING: Crossing = { subject: '', windowKey: 'm2026-11', thresholdKey: '80', severity: 'warning', title: 'Budget at 80 %', facts: { spentPico: '8' }, startedAtMs: NOON };

async function makeTeam(change: Partial<AlertRule> = {}, timeZone = 'UTC') {
  const { tenantId } = await createTenantFixture(test.db, { timeZone });
  const rule = await test.db.withTenant(tenantId, async (tx) => {
    await ensureDefaultRules(tx, tenantId, NOON);
    const [budget] = await readRules(tx, { kinds: ['budget'] });
    await updateRule(tx, { ...budget!, ...change });
    return (await readRules(tx, { kinds: ['budget'] }))[0]!;
  });
  const watch = (nowMs: number): Watch => ({ tenantId, timeZone, nowMs });
  return {
    tenantId, rule, watch,
    see: (nowMs: number, crossing: Partial<Crossing> = {}, db = test.db) => db.withTenant(tenantId, (tx) => openAlert(tx, rule, { ...CROSSING, ...crossing }, watch(nowMs))),
    calm: (nowMs: number, seen: string[] = []) => test.db.withTenant(tenantId, (tx) => resolveAlerts(tx, rule, new Set(seen), watch(nowMs))),
    messages: async () => (await test.db.withTenant(tenantId, (tx) => tx.query<{ kind: string; dedupe_key: string; next_attempt_at: Date }>('SELECT kind, dedupe_key, next_attempt_at FROM deliveries ORDER BY created_at, id'))).rows,
    events: async () => (await test.db.withTenant(tenantId, (tx) => tx.query<{ kind: string }>('SELECT kind FROM alert_events ORDER BY at, id'))).rows.map(({ kind }) => kind),
    alerts: async () => (await test.db.withTenant(tenantId, (tx) => tx.query('SELECT * FROM alerts'))).rows as Record<string, unknown>[],
  };
}

it('makes one alert and one message of a crossing that three engines see at once', async () => {
  const engines = await Promise.all([0, 1, 2].map(() => openDatabase({ url: test.url })));
  try {
    const team = await makeTeam();
    const seen = await Promise.all(Array.from({ length: 12 }, (_, n) => team.see(NOON + n, {}, engines[n % 3])));
    expect(new Set(seen.map(({ alertId }) => alertId)).size).toBe(1);
    expect(seen.filter(({ firedNow }) => firedNow)).toHaveLength(1);
    expect(await team.alerts()).toHaveLength(1);
    expect(await team.messages()).toHaveLength(1);
    expect((await team.events()).toSorted()).toEqual(['fired', 'notified', 'pending']);
  } finally {
    await Promise.all(engines.map((engine) => engine.close()));
  }
});

it('makes the rules and the channel of a team once, and keeps what a person changed', async () => {
  const { tenantId } = await createTenantFixture(test.db);
  await Promise.all(Array.from({ length: 4 }, () => test.db.withTenant(tenantId, (tx) => ensureDefaultRules(tx, tenantId, NOON))));
  await test.db.withTenant(tenantId, async (tx) => {
    const rules = await readRules(tx);
    expect(rules.map(({ kind }) => kind).toSorted()).toEqual(['balance_broken', 'budget', 'credits_low', 'forecast', 'spike', 'sync_broken', 'unpriced']);
    await updateRule(tx, { ...rules[0]!, enabled: false });
    await ensureDefaultRules(tx, tenantId, NOON);
    expect((await readRules(tx, { enabledOnly: true })).length).toBe(rules.length - 1);
    expect((await tx.query('SELECT 1 FROM channels')).rowCount).toBe(1);
  });
});

it('is resolved once it has been gone for a while, tells that once, and goes on when it comes back', async () => {
  const team = await makeTeam();
  const { alertId } = await team.see(NOON);
  expect(await team.calm(NOON + 2 * MINUTE)).toEqual([]);
  expect(await team.calm(NOON + 3 * MINUTE, [alertId])).toEqual([]);
  expect(await team.calm(NOON + 6 * MINUTE)).toEqual([alertId]);
  expect(await team.calm(NOON + 7 * MINUTE)).toEqual([]);
  expect((await team.messages()).map(({ kind }) => kind)).toEqual(['alert', 'resolved']);
  expect(await team.see(NOON + 9 * MINUTE, { facts: { spentPico: '9' } })).toMatchObject({ alertId, state: 'firing', firedNow: false });
  expect(await team.alerts()).toMatchObject([{ state: 'firing', resolved_at: null, facts: { spentPico: '9' } }]);
  expect(await team.events()).toEqual(['pending', 'fired', 'notified', 'resolved', 'reopened']);
  expect(await team.messages()).toHaveLength(2);
});

it('waits in the quiet hours of the team, and tells in the morning what still holds', async () => {
  const team = await makeTeam({ quietHours: { from: '22:00', to: '07:00' } }, 'America/New_York');
  const night = Date.parse('2026-11-21T04:00:00Z');
  expect(await team.see(night)).toMatchObject({ state: 'firing', firedNow: true });
  expect(await team.messages()).toEqual([]);
  await team.see(Date.parse('2026-11-21T11:59:00Z'));
  expect(await team.messages()).toEqual([]);
  await team.see(Date.parse('2026-11-21T12:00:00Z'));
  await team.see(Date.parse('2026-11-21T12:01:00Z'));
  expect((await team.messages()).map(({ kind }) => kind)).toEqual(['alert']);
  // Over again at night: that is told in the morning, too.
  await team.calm(Date.parse('2026-11-22T04:00:00Z'));
  expect((await team.messages()).at(-1)).toMatchObject({ kind: 'resolved', next_attempt_at: new Date('2026-11-22T12:00:00Z') });
});

it('tells at any hour what acts by itself', async () => {
  const team = await makeTeam({ quietHours: { from: '00:00', to: '23:59' }, action: { kind: 'suspend_customer' } });
  await team.see(NOON);
  expect(await team.messages()).toHaveLength(1);
});

it('says nothing while the rule is muted for maintenance', async () => {
  const team = await makeTeam({ mutedUntil: '2026-11-21T13:00:00.000Z' });
  await team.see(NOON);
  await team.calm(NOON + 10 * MINUTE);
  expect(await team.messages()).toEqual([]);
});

it('is told again as often as the rule says, by one of three engines', async () => {
  const team = await makeTeam({ renotifyMinutes: 60 });
  for (const minute of [0, 30, 60, 61, 119, 121]) await Promise.all([team.see(NOON + minute * MINUTE), team.see(NOON + minute * MINUTE), team.see(NOON + minute * MINUTE)]);
  expect((await team.messages()).map(({ dedupe_key: key }) => key.slice(key.indexOf(':')))).toEqual([':alert:0', ':alert:1', ':alert:2']);
});
