import { openDatabase } from '@outlay/platform';
import { createTenantFixture, createTestDatabase, type TestDatabase } from '@outlay/platform/testing';
import { createLedgerWriter, type LedgerWriter, recordUsage } from '@outlay/ledger';
import { newId } from '@outlay/kernel/ids';
import { importCatalogue, openPriceBooks, type PriceBooks } from '@outlay/pricing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { saveBudget } from '../budgets/save-budget';
import { evaluateAlerts } from './evaluate-alerts';
import { acknowledgeAlert, muteAlert } from './answer-alert';
import { getAlert, listAlerts } from './read-alerts';
import { listRules, removeRule, saveRule, setRuleEnabled } from './save-rule';

const NOON = Date.parse('2026-11-21T12:00:00Z');
const MINUTE = 60_000;
let test: TestDatabase;
let prices: PriceBooks;
let writer: LedgerWriter;

beforeAll(async () => {
  test = await createTestDatabase();
  await importCatalogue(test.db, { now: new Date(NOON - 86_400_000) });
  prices = await openPriceBooks(test.db, { warn: () => {} });
  writer = await createLedgerWriter(test.db, { connections: 1 });
});

afterAll(async () => {
  await writer.close();
  prices.close();
  await test.close();
});

async function makeTeam() {
  const { tenantId } = await createTenantFixture(test.db);
  const by = { tenantId, actorId: null, actor: 'test', requestId: 'test' };
  const { price } = await prices.of(tenantId);
  return {
    tenantId, by,
    record: (calls: readonly Record<string, unknown>[]) => recordUsage({ db: test.db, writer, price }, { tenantId, keyId: null, environment: 'production', timeZone: 'UTC', lateWindowDays: 7 }, {
      events: calls.map((call) => ({ id: newId(), occurred_at: new Date(NOON - 5 * MINUTE).toISOString(), provider: 'openai', api: 'chat', model_requested: 'gpt-4o', workflow: 'report', customer_id: 'acme', usage: { prompt_tokens: 1_000_000, completion_tokens: 0, total_tokens: 1_000_000 }, ...call })),
    }),
    look: (nowMs = NOON, db = test.db) => evaluateAlerts({ db, log: (sentence, _team, error) => { throw new Error(sentence, { cause: error }); } }, nowMs, tenantId),
    alerts: async (state: 'all' | undefined = undefined) => (await listAlerts(test.db, tenantId, { state })).rows.map(({ kind, title, state: is }) => `${kind} ${is}: ${title}`).toSorted(),
    messages: async () => (await test.db.withTenant(tenantId, (tx) => tx.query<{ kind: string }>('SELECT kind FROM deliveries ORDER BY id'))).rows.map(({ kind }) => kind),
  };
}

it('tells of a budget at each threshold once, however many engines look how often', async () => {
  const team = await makeTeam();
  // $2.50 of $4: 62 %.
  await team.record([{}]);
  await saveBudget(test.db, team.by, { scope: 'customer', subject: 'acme', monthUsd: '4' });
  await saveBudget(test.db, team.by, { scope: 'model', subject: 'gpt-4o', monthUsd: '$1,000' });
  const engines = await Promise.all([0, 1, 2].map(() => openDatabase({ url: test.url })));
  try {
    for (const minute of [0, 1, 2]) await Promise.all(engines.map((db) => team.look(NOON + minute * MINUTE, db)));
    expect(await team.alerts()).toEqual(['budget firing: Customer acme: 50 % of the month\'s budget is spent']);
    expect(await team.messages()).toEqual(['alert']);
    await team.record([{}]);
    for (const minute of [3, 4, 20]) await Promise.all(engines.map((db) => team.look(NOON + minute * MINUTE, db)));
  } finally {
    await Promise.all(engines.map((db) => db.close()));
  }
  // 125 %: 80 was never alone, and 50 goes on.
  expect(await team.alerts()).toEqual(['budget firing: Customer acme: 100 % of the month\'s budget is spent', 'budget firing: Customer acme: 50 % of the month\'s budget is spent']);
  expect(await team.messages()).toEqual(['alert', 'alert']);
  const { rows: [newest] } = await listAlerts(test.db, team.tenantId, { kind: 'budget' });
  expect((await getAlert(test.db, team.tenantId, newest!.id)).events.map(({ kind }) => kind)).toEqual(['pending', 'fired', 'notified']);
});

it('tells of rows without a price until they have one, and of a share of failures', async () => {
  const team = await makeTeam();
  const rule = await saveRule(test.db, team.by, { kind: 'error_share', scope: 'workflow', settings: { minCalls: 3, share: 0.5 } });
  await team.record([{ model_requested: 'gpt-99-mystery' }, { status: 'failed' }, { status: 'failed' }, { workflow: 'chat' }]);
  await team.look();
  expect(await team.alerts()).toEqual(['error_share pending: report: 67 % of calls failed', 'unpriced firing: An event has no price']);
  await team.look(NOON + 2 * MINUTE);
  expect((await team.alerts())[0]).toContain('error_share firing');
  // An hour later the calls are out of the window.
  await team.look(NOON + 70 * MINUTE);
  expect(await team.alerts()).toEqual(['unpriced firing: An event has no price']);
  await setRuleEnabled(test.db, team.by, rule.id, false);
  await removeRule(test.db, team.by, rule.id);
  expect((await listRules(test.db, team.tenantId)).some(({ kind }) => kind === 'error_share')).toBe(false);
});

it('lasts over midnight as one alert', async () => {
  const team = await makeTeam();
  await team.record([{ model_requested: 'gpt-99-mystery' }]);
  for (const at of ['2026-11-21T23:59:00Z', '2026-11-22T00:00:00Z', '2026-11-23T08:00:00Z']) await team.look(Date.parse(at));
  expect(await team.alerts('all')).toHaveLength(1);
  expect(await team.messages()).toEqual(['alert']);
});

it('takes an answer: known, muted, by whom; and nobody else\'s', async () => {
  const team = await makeTeam();
  await team.record([{ model_requested: 'gpt-99-mystery' }]);
  await team.look();
  const { rows: [alert], counts } = await listAlerts(test.db, team.tenantId, {});
  expect(counts).toEqual({ pending: 0, firing: 1, acknowledged: 0, resolved: 0 });
  await acknowledgeAlert(test.db, team.by, alert!.id, NOON + MINUTE);
  await acknowledgeAlert(test.db, team.by, alert!.id, NOON + MINUTE + 1);
  await muteAlert(test.db, team.by, alert!.id, 2, NOON + 2 * MINUTE);
  expect(await getAlert(test.db, team.tenantId, alert!.id)).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'test', mutedUntil: '2026-11-21T14:02:00.000Z', events: [{}, {}, {}, { kind: 'acknowledged' }, { kind: 'muted' }] });
  await expect(acknowledgeAlert(test.db, { ...team.by, tenantId: (await makeTeam()).tenantId }, alert!.id)).rejects.toMatchObject({ code: 'not_found' });
  const audited = await test.db.withTenant(team.tenantId, (tx) => tx.query<{ action: string }>('SELECT action FROM audit_log ORDER BY at, id'));
  expect(audited.rows.map(({ action }) => action)).toEqual(['alert.acknowledged', 'alert.muted']);
});

it('refuses by field what is no rule', async () => {
  const { by } = await makeTeam();
  const wrong = [
    [{ kind: 'budget', scope: 'customer' }, 'scope'], [{ kind: 'unpriced', subject: 'acme' }, 'subject'], [{ kind: 'no_data', channelIds: [newId()] }, 'channelIds'], [{ kind: 'no_data', renotifyMinutes: 4 }, 'renotifyMinutes'],
    [{ kind: 'spike', action: { kind: 'lower_cap' } }, 'action.limitUsd'], [{ kind: 'spike', action: { kind: 'lower_cap', limitUsd: '$5' } }, 'action.limitUsd'], [{ kind: 'spike', action: { kind: 'lower_cap', limitUsd: '9000001' } }, 'action.limitUsd'],
    [{ kind: 'spike', action: { kind: 'throttle', perMinute: 1.5 } }, 'action.perMinute'], [{ kind: 'spike', action: { kind: 'throttle', perMinute: 3, expiresInMinutes: 0 } }, 'action.expiresInMinutes'], [{ kind: 'spike', action: { kind: 'pause' } }, 'action.kind'],
    [{ kind: 'spike', action: { kind: 'throttle', perMinute: 3, limitUsd: '1' } }, 'action'], [{ kind: 'budget', action: { kind: 'force_cheaper' } }, 'action'], [{ kind: 'spike', scope: 'workflow', action: { kind: 'suspend_customer' } }, 'action'],
    [{ kind: 'spike', scope: 'provider', action: { kind: 'force_cheaper' } }, 'action'],
    [{ kind: 'no_data', quietHours: { from: '25:00', to: '07:00' } }, 'quietHours.from'], [{ kind: 'no_data', mutedUntil: 'soon' }, 'mutedUntil'], [{ kind: 'no_data', name: 'a\nb' }, 'name'],
  ] as const;
  for (const [input, field] of wrong) await expect(saveRule(test.db, by, input)).rejects.toMatchObject({ code: 'invalid_input', field });
  const [builtIn] = await listRules(test.db, by.tenantId);
  await expect(removeRule(test.db, by, builtIn!.id)).rejects.toMatchObject({ code: 'conflict' });
  expect(await saveRule(test.db, by, { id: builtIn!.id, kind: builtIn!.kind, quietHours: { from: '22:00', to: '07:00' } })).toMatchObject({ name: builtIn!.name, builtIn: true, channelIds: builtIn!.channelIds });
});

it('keeps what a rule does by itself with its defaults written out, and refuses a change that makes it impossible', async () => {
  const { by } = await makeTeam();
  const rule = await saveRule(test.db, by, { kind: 'spike', scope: 'customer', action: { kind: 'suspend_customer' } });
  expect(rule.action).toEqual({ kind: 'suspend_customer', expiresInMinutes: 240 });
  await expect(saveRule(test.db, by, { id: rule.id, kind: 'spike', scope: 'model' })).rejects.toMatchObject({ code: 'invalid_input', field: 'action', message: 'Only an alert about a customer can suspend one.' });
  const builtIn = (await listRules(test.db, by.tenantId)).find(({ kind }) => kind === 'spike')!;
  // It watches every scope, customers among them.
  await saveRule(test.db, by, { id: builtIn.id, kind: 'spike', action: { kind: 'suspend_customer', expiresInMinutes: null } });
  expect((await listRules(test.db, by.tenantId)).find(({ id }) => id === builtIn.id)).toMatchObject({ scope: builtIn.scope, action: { kind: 'suspend_customer', expiresInMinutes: null } });
});
