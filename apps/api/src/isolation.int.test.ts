/**
 * Law 7: a team reads and writes only its own rows, through every procedure and every route. Both are enumerated at run time from the router and
 * from Fastify; a new one without a case fails. The attacker owns a team and its keys, knows every id of the victim, and plants them wherever an id fits.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId, randomToken } from '@outlay/kernel/ids';
import { openAlert } from '@outlay/insights';
import { listTenantTables } from '@outlay/platform';
import { createKey, inviteMember, listAudit } from '@outlay/tenancy';
import { createColleague, createOwner, createTestTenancy, testEmail, type TestPerson } from '@outlay/tenancy/testing';
import { callProcedure } from './testing/call-procedure';
import { listProcedures } from './testing/list-procedures';
import { openBrowser, startTestApi, type Answer, type Browser, type TestApi } from './testing/test-api';

/** Stands in every label of the victim, so that whatever leaks is recognised. */
const MARK = `victim${randomToken(6).replace(/[^a-zA-Z0-9]/g, '')}`;

interface Victim {
  readonly person: TestPerson;
  readonly colleagueId: string;
  readonly eventId: string;
  readonly runId: string;
  readonly requestId: string;
  readonly keyId: string;
  readonly sessionId: string;
  readonly invitationId: string;
  readonly auditId: string;
  readonly cursor: string;
  readonly cut: string;
  readonly customerId: string;
  readonly proposalId: string;
  readonly repricingId: string;
  readonly viewId: string;
  readonly planId: string;
  readonly capId: string;
  readonly connectionId: string;
  readonly channelId: string;
  readonly ruleId: string;
  readonly budgetId: string;
  readonly alertId: string;
  readonly deliveryId: string;
  readonly versionId: string;
}

let test: TestApi;
let victim: Victim;
let attacker: Browser;
let attackerKey: string;
const now = (): string => new Date().toISOString();
const utcDay = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

beforeAll(async () => {
  test = await startTestApi({ mailbox: false });
  const tenancy = createTestTenancy(test.db);
  const person = await createOwner(tenancy, { teamName: `${MARK} team`, name: `${MARK} owner`, email: `${MARK.toLowerCase()}-${testEmail()}` });
  const colleague = await createColleague(tenancy, person, 'admin', { name: `${MARK} admin` });
  const acting = await person.acting();
  const key = await createKey(tenancy, acting, { name: `${MARK} key`, environment: 'production', abilities: ['ingest', 'read', 'admin'] });
  const invitation = await inviteMember(tenancy, acting, { email: `${MARK.toLowerCase()}x-${testEmail()}`, role: 'viewer' });
  const browser = openBrowser(test.url);
  browser.cookie = person.secret;
  const { planId } = await browser.trpc.plans.create.mutate({ name: `${MARK} plan`, template: 'hybrid' });
  const { versionId } = await browser.trpc.plans.publish.mutate({ planId, migrates: 'now' });
  await browser.trpc.plans.setDefault.mutate({ planId });
  const { id: capId } = await browser.trpc.caps.save.mutate({ scope: 'user', metric: 'cost', window: 'day', limit: '400', name: `${MARK} cap` });
  const { id: connectionId } = await browser.trpc.providers.connect.mutate({ provider: 'openai', name: `${MARK} connection`, settings: { baseUrl: 'http://127.0.0.1:9/v1' }, credentials: `sk-admin-${MARK}` });
  const { channel } = await browser.trpc.channels.save.mutate({ kind: 'webhook', name: `${MARK} channel`, url: `https://${MARK.toLowerCase()}.example.com/hook` });
  const rule = await browser.trpc.alerts.saveRule.mutate({ kind: 'unpriced', name: `${MARK} rule`, channelIds: [channel.id] });
  const { id: budgetId } = await browser.trpc.budgets.save.mutate({ scope: 'customer', subject: `${MARK}-customer`, monthUsd: '9' });
  await browser.trpc.digests.subscribe.mutate({ kind: 'daily' });
  const { alertId } = await test.db.withTenant(person.tenantId, (tx) => openAlert(tx, { ...rule }, {
    subject: `${MARK}-customer`, windowKey: 'd1', thresholdKey: '', severity: 'warning', title: `${MARK} alert`, facts: {}, startedAtMs: Date.now() - 600_000,
  }, { tenantId: person.tenantId, timeZone: 'UTC', nowMs: Date.now() }));
  const { rows: [delivery] } = await browser.trpc.channels.deliveries.query({});
  const [eventId, otherId, runId] = [newId(), newId(), newId()];
  const labels = { run_id: runId, customer_id: `${MARK}-customer`, workflow: `${MARK}-workflow`, user_id: `${MARK}-user`, request_id: `${MARK}-request`, tags: { note: MARK } };
  const call = { occurred_at: now(), ...labels, provider: 'openai', model_requested: 'gpt-4o', usage: { prompt_tokens: 10, completion_tokens: 5 }, snapshot: { entitlement: { plan: MARK } } };
  const sent = await send(key.secret, 'POST', '/v1/usage', { events: [{ id: eventId, ...call }, { id: otherId, ...call }, { id: newId(), kind: 'outcome', occurred_at: now(), ...labels, outcome: 'usable' }] });
  expect(JSON.parse(sent.text).results.map((result: { verdict: string }) => result.verdict)).toEqual(['accepted', 'accepted', 'accepted']);
  const page = JSON.parse((await send(key.secret, 'GET', '/v1/usage?limit=1')).text) as { next_cursor: string };
  const download = await send(key.secret, 'GET', '/v1/export/usage.csv');
  expect(download.text).toContain(MARK);
  await browser.trpc.customers.setOverride.mutate({ scope: 'customer', subject: `${MARK}-customer`, patch: { baseFee: '7' }, note: MARK });
  const negotiated = await browser.trpc.prices.record.mutate(priceOf('1'));
  expect(negotiated.state).toBe('recorded');
  const { proposalId } = await browser.trpc.prices.record.mutate(priceOf('100'));
  const repricing = await browser.trpc.repricing.plan.mutate({ filter: { customerId: `${MARK}-customer` }, reason: `${MARK} reason` });
  const view = await browser.trpc.views.save.mutate({ name: `${MARK} view`, search: { customerId: `${MARK}-customer` } });
  victim = {
    person, planId, capId, connectionId, channelId: channel.id, ruleId: rule.id, budgetId, alertId, deliveryId: delivery!.id, versionId, viewId: view.id, proposalId: proposalId!, repricingId: repricing.id, colleagueId: colleague.userId, eventId, runId, requestId: `${MARK}-request`, keyId: key.id, invitationId: invitation.id,
    sessionId: (await browser.trpc.sessions.list.query())[0]!.id, auditId: (await listAudit(tenancy, acting, {})).rows[0]!.id,
    cursor: page.next_cursor, cut: download.headers.get('x-outlay-cut')!, customerId: `${MARK}-customer`,
  };

  const intruder = await createOwner(tenancy, { teamName: 'Intruders', name: 'Eve' });
  attackerKey = (await createKey(tenancy, await intruder.acting(), { name: 'eve', environment: 'production', abilities: ['ingest', 'gate', 'read', 'admin'] })).secret;
  attacker = openBrowser(test.url);
  attacker.cookie = intruder.secret;
  await tenancy.close();
});

afterAll(async () => {
  await test?.close();
});

/** A model that only the victim knows. Above ten times it waits for approval. */
function priceOf(price: string) {
  return { provider: 'openai', model: `${MARK}-model`, effectiveFrom: null, source: `${MARK} contract`, brackets: [{ contextFrom: 0, rates: [{ class: 'input_uncached', price, per: 1_000_000 }] }] };
}

async function send(key: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const headers = { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
  return await openBrowser(test.url).request(method, path, { headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}

/** Every row of the victim's team, of every tenant table, and its people's sessions and passwords. */
async function readVictim(): Promise<string> {
  const { tenantId, userId } = victim.person;
  const tables = await test.db.withTenant(tenantId, (tx) => listTenantTables(tx));
  const rows = await test.db.withTenant(tenantId, async (tx) => {
    const all: string[] = [];
    for (const table of tables) {
      const { rows: found } = await tx.query<{ row: string }>(`SELECT row_to_json(t)::text AS row FROM ${table} t ORDER BY 1`);
      all.push(...found.map(({ row }) => `${table} ${row.replace(/"last_used_at":(null|"[^"]*")/, '')}`));
    }
    return all;
  });
  const user = await test.db.prisma.user.findUniqueOrThrow({ where: { id: userId } });
  const sessions = await test.db.prisma.session.count({ where: { userId } });
  return JSON.stringify([rows, user, sessions]);
}

/** Inputs with the victim's ids in every place where an id or a name fits. `null` where a procedure takes nothing that could name somebody's row. */
const PROCEDURES: Record<string, (() => unknown[]) | null> = {
  'auth.me': null, 'auth.signUp': null, 'auth.signOut': null, 'sessions.revokeOthers': null,
  'auth.signIn': () => [{ email: victim.person.email, password: 'a guess that is wrong' }],
  'auth.switchTenant': () => [{ tenantId: victim.person.tenantId }],
  'auth.createTeam': () => [{ teamName: 'Another', timeZone: 'UTC' }],
  'auth.requestPasswordReset': () => [{ email: 'nobody@example.com' }],
  'auth.resetPassword': () => [{ token: victim.invitationId, password: 'a new password, quite long' }],
  'sessions.list': () => [undefined],
  'sessions.revoke': () => [{ id: victim.sessionId }, { id: victim.person.secret }],
  'members.list': () => [undefined],
  'members.invite': () => [{ email: testEmail(), role: 'viewer' }],
  'members.revokeInvitation': () => [{ id: victim.invitationId }],
  'members.changeRole': () => [victim.person.userId, victim.colleagueId].map((userId) => ({ userId, role: 'viewer' })),
  'members.remove': () => [victim.person.userId, victim.colleagueId].map((userId) => ({ userId })),
  'members.leave': null,
  'invitations.peek': () => [{ token: victim.invitationId }, { token: victim.keyId }],
  'invitations.accept': () => [{ token: victim.invitationId, name: 'Eve', password: 'correct horse battery' }],
  'keys.list': () => [undefined],
  'keys.create': () => [{ name: 'mine', environment: 'production', abilities: ['read'] }],
  'keys.revoke': () => [{ id: victim.keyId }],
  'audit.list': () => [{}, { actorId: victim.person.userId }, { search: MARK }, { cursor: victim.auditId }],
  'tenant.get': () => [undefined],
  'tenant.update': () => [{ name: 'Renamed' }, { timeZone: 'Asia/Kolkata' }],
  'versions.get': () => [undefined],
  'demo.progress': () => [undefined],
  'demo.create': () => [{ timeZone: 'UTC' }],
  'demo.refill': () => [{ tenantId: victim.person.tenantId }],
  'demo.remove': () => [{ tenantId: victim.person.tenantId }],
  'data.erasure': () => [undefined], 'data.requestErasure': () => [{ name: `${MARK} team` }], 'data.cancelErasure': () => [undefined], 'environments.list': () => [undefined],
  'balance.list': () => [undefined],
  'balance.prove': () => [undefined],
  'mailbox.list': () => [undefined],
  'models.list': () => [{}, { customerId: victim.customerId }, { workflow: `${MARK}-workflow`, range: '24h' }],
  'models.whatIf': () => [{ provider: 'openai', model: 'gpt-4o', otherProvider: 'openai', otherModel: `${MARK}-model` }, { provider: 'openai', model: 'gpt-4o', customerId: victim.customerId, otherProvider: 'openai', otherModel: 'gpt-4o-mini' }],
  'customers.list': () => [{}, { search: victim.customerId }, { customerId: victim.customerId }],
  'customers.users': () => [{}, { customerId: victim.customerId }, { search: `${MARK}-user` }],
  'customers.get': () => [{ customerId: victim.customerId }, { customerId: victim.customerId, range: '24h' }],
  'customers.plan': () => [{ customerId: victim.customerId }],
  'customers.save': () => [{ customerId: victim.customerId, name: 'planted', segment: 'planted' }],
  'customers.assign': () => [{ customerId: victim.customerId, planId: victim.planId }, { customerId: victim.customerId, planId: victim.planId, versionId: victim.versionId, when: 'renewal' }],
  'customers.setOverride': () => [{ scope: 'customer', subject: victim.customerId, patch: { baseFee: '0' } }, { scope: 'customer', subject: victim.customerId, patch: null }],
  'customers.overrideDiff': () => [{ scope: 'customer', subject: victim.customerId, patch: { baseFee: '0' } }],
  'customers.suspend': () => [{ customerId: victim.customerId, reason: 'planted' }],
  'customers.resume': () => [{ customerId: victim.customerId }],
  'customers.liftRisk': () => [{ customerId: victim.customerId, hours: 1 }],
  'plans.list': () => [undefined],
  'plans.templates': () => [undefined],
  'plans.get': () => [{ planId: victim.planId }],
  'plans.preview': () => [{ planId: victim.planId }],
  'plans.simulate': () => [{ planId: victim.planId, changes: { baseFee: '1' } }],
  'plans.figures': () => [{ planId: victim.planId }],
  'plans.diff': () => [{ planId: victim.planId }],
  'plans.create': () => [{ name: 'mine', copyOf: victim.planId }, { name: 'mine' }],
  'plans.saveDraft': () => [{ planId: victim.planId, definition: {}, name: 'planted' }],
  'plans.discardDraft': () => [{ planId: victim.planId }],
  'plans.publish': () => [{ planId: victim.planId, migrates: 'now' }],
  'plans.withdraw': () => [{ versionId: victim.versionId }],
  'plans.setDefault': () => [{ planId: victim.planId }, { planId: null }],
  'plans.archive': () => [{ planId: victim.planId }],
  'customers.limits': () => [{ customerId: victim.customerId }],
  'gate.holds': () => [{}, { customerId: victim.customerId }],
  'gate.freeHold': () => [{ runId: newId() }],
  'gate.decisions': () => [{}, { customerId: victim.customerId }, { requestId: victim.requestId }, { runId: victim.runId }],
  'gate.decision': () => [{ id: newId() }],
  'caps.list': () => [undefined],
  'caps.standing': () => [undefined],
  'caps.risk': () => [undefined],
  'caps.save': () => [{ id: victim.capId, scope: 'tenant', metric: 'cost', window: 'day', limit: '0', name: 'planted' }, { scope: 'tenant', metric: 'cost', window: 'day', limit: '5' }],
  'caps.remove': () => [{ id: victim.capId }],
  'caps.setEnabled': () => [{ id: victim.capId, enabled: false }],
  'caps.saveRisk': () => [{ enabled: false, floorUsd: '1', factor: '2' }],
  'alerts.list': () => [{}, { state: 'all' }, { kind: 'unpriced', cursor: `2100-01-01T00:00:00.000Z_${victim.alertId}` }],
  'alerts.get': () => [{ id: victim.alertId }],
  'alerts.acknowledge': () => [{ id: victim.alertId }],
  'alerts.mute': () => [{ id: victim.alertId, hours: 1 }],
  'alerts.act': () => [{ id: victim.alertId, action: { kind: 'lower_cap', limitUsd: '1' } }, { id: victim.alertId, action: { kind: 'suspend_customer', expiresInMinutes: null } }],
  'alerts.undo': () => [{ eventId: victim.alertId }],
  'alerts.backtest': () => [{ rule: { kind: 'spike', scope: 'tenant', settings: { hourPico: '1' } } }, { rule: { kind: 'spike', scope: 'customer', subject: MARK, settings: { hourPico: '1' } } }],
  'alerts.rules': () => [undefined],
  'alerts.saveRule': () => [{ id: victim.ruleId, kind: 'unpriced', name: 'planted' }, { kind: 'error_share', channelIds: [victim.channelId] }, { kind: 'no_data' }],
  'alerts.setRuleEnabled': () => [{ id: victim.ruleId, enabled: false }],
  'alerts.removeRule': () => [{ id: victim.ruleId }],
  'channels.list': () => [undefined],
  'channels.save': () => [{ id: victim.channelId, kind: 'webhook', name: 'planted' }, { kind: 'email', to: ['eve@example.com'] }],
  'channels.remove': () => [{ id: victim.channelId }],
  'channels.test': () => [{ id: victim.channelId }],
  'channels.deliveries': () => [{}, { channelId: victim.channelId }],
  'channels.replay': () => [{ deliveryId: victim.deliveryId }],
  'digests.mine': () => [undefined],
  'digests.subscribe': () => [{ kind: 'weekly' }],
  'digests.unsubscribe': () => [{ kind: 'daily' }],
  'budgets.list': () => [undefined],
  'budgets.save': () => [{ id: victim.budgetId, scope: 'tenant', monthUsd: '1' }, { scope: 'tenant', monthUsd: '1' }],
  'budgets.remove': () => [{ id: victim.budgetId }],
  'forecast.read': () => [{}, { scope: 'customer', subject: victim.customerId }, { scope: 'workflow', subject: `${MARK}-workflow` }],
  'spend.series': () => [{}, { customerId: victim.customerId, groupBy: 'workflow' }, { range: '24h', groupBy: 'customer' }],
  'jobs.list': () => [undefined], 'jobs.retry': () => [{ queue: 'reprice-rows', id: victim.repricingId }], 'preflight.run': () => [undefined],
  'credits.statement': () => [{ customerId: victim.customerId }],
  'credits.grant': () => [{ customerId: victim.customerId, kind: 'top_up', amount: '5', key: 'planted' }],
  'providers.list': () => [undefined],
  'providers.syncs': () => [{ id: victim.connectionId }],
  'providers.usage': () => [{ id: victim.connectionId }, { id: victim.connectionId, width: '1d', by: 'key', before: new Date().toISOString() }],
  'providers.compare': () => [{ from: '2026-01-01', to: '2026-02-01', groupBy: 'model' }, { from: new Date(Date.now() - 3 * 86_400_000).toISOString().slice(0, 10), to: new Date(Date.now() + 86_400_000).toISOString().slice(0, 10), groupBy: 'provider' }],
  'providers.test': () => [{ provider: 'openai', settings: { baseUrl: 'http://127.0.0.1:9/v1' }, id: victim.connectionId }],
  'providers.connect': () => [{ provider: 'openai', name: 'mine', settings: { baseUrl: 'http://127.0.0.1:9/v1' }, credentials: 'sk-admin-eve-eve-eve' }],
  'providers.update': () => [{ id: victim.connectionId, name: 'planted', settings: { baseUrl: 'http://127.0.0.1:9/eve' }, credentials: 'sk-admin-eve-eve-eve' }],
  'providers.pause': () => [{ id: victim.connectionId }],
  'providers.resume': () => [{ id: victim.connectionId }],
  'providers.remove': () => [{ id: victim.connectionId }],
  'providers.syncNow': () => [{ id: victim.connectionId }],
  'providers.importCsv': () => [{ name: 'mine', text: 'date,model,amount_usd\n2026-11-20,eve,1\n', replaceDays: true }],
  'reconciliation.list': () => [{ from: utcDay(-7), to: utcDay(1), by: 'model' }, { from: utcDay(-7), to: utcDay(1), by: 'key', connectionId: victim.connectionId }],
  'reconciliation.day': () => [{ connectionId: victim.connectionId, day: utcDay(-1) }],
  'reconciliation.run': () => [{ connectionId: victim.connectionId }],
  'overview.get': () => [{}, { customerId: victim.customerId }, { workflow: `${MARK}-workflow`, range: '24h' }],
  'overview.trendByCustomer': () => [{}, { customerId: victim.customerId }, { workflow: `${MARK}-workflow`, range: '24h' }],
  'ledger.list': () => [
    {}, { search: victim.eventId }, { search: victim.runId }, { search: victim.requestId }, { customerId: victim.customerId }, { runId: victim.runId }, { cursor: victim.cursor },
  ],
  'notices.list': () => [undefined], 'notices.markRead': () => [undefined],
  'search.find': () => [victim.eventId, victim.runId, victim.requestId, victim.customerId, MARK, victim.eventId.slice(0, 18)].map((query) => ({ query })),
  'ledger.get': () => [{ id: victim.eventId }],
  'ledger.total': () => [{}, { customerId: victim.customerId }, { search: victim.runId, range: '90d' }],
  'ledger.correct': () => [{ originalId: victim.eventId, revision: 0, set: { customerId: 'eve' }, reason: 'planted' }],
  'views.list': () => [undefined],
  'views.save': () => [{ name: 'mine', search: { customerId: victim.customerId } }],
  'views.rename': () => [{ id: victim.viewId, name: 'planted' }],
  'views.overwrite': () => [{ id: victim.viewId, search: {} }],
  'views.remove': () => [{ id: victim.viewId }],
  'workflows.list': () => [{}, { customerId: victim.customerId, range: '24h' }],
  'workflows.get': () => [{ workflow: `${MARK}-workflow` }],
  'workflows.runs': () => [{ workflow: `${MARK}-workflow` }, { workflow: `${MARK}-workflow`, order: 'dearest', state: 'usable' }],
  'workflows.save': () => [{ workflow: `${MARK}-workflow`, unitName: 'answer', targetCostUsd: '1', timeToLiveMs: 3_600_000, usableMeans: 'planted' }],
  'runs.get': () => [{ run: victim.runId }],
  'prices.list': () => [{}, { search: MARK }, { negotiated: true }],
  'prices.get': () => [{ provider: 'openai', model: `${MARK}-model` }],
  'prices.waiting': () => [undefined],
  'prices.imports': () => [undefined],
  'prices.diff': () => [{ from: null, to: now() }],
  'prices.plan': () => [{ ...priceOf('1'), source: 'eve' }],
  'prices.record': () => [{ ...priceOf('100'), source: 'eve' }],
  'prices.withdraw': () => [{ provider: 'openai', model: `${MARK}-model`, effectiveFrom: null, source: 'eve' }],
  'prices.approve': () => [{ id: victim.proposalId, factor: '100' }, { id: victim.proposalId, factor: '100', confirmation: `${MARK}-model` }],
  'prices.decline': () => [{ id: victim.proposalId }],
  'repricing.quarantine': () => [undefined],
  'repricing.list': () => [undefined],
  'repricing.get': () => [{ id: victim.repricingId }],
  'repricing.plan': () => [{ filter: { customerId: victim.customerId }, reason: 'planted' }, { filter: { bookModel: { provider: 'openai', model: `${MARK}-model` } }, reason: 'planted' }],
  'repricing.start': () => [{ id: victim.repricingId }],
  'repricing.cancel': () => [{ id: victim.repricingId }],
  'repricing.healing': () => [undefined],
  'repricing.setHealing': () => [{ heals: false }],
  'live.activity': () => [undefined],
  'live.firstEvent': () => [{ since: '2020-01-01T00:00:00Z' }],
};

const ROUTES: Record<string, (() => Promise<Answer>[])> = {
  'POST /v1/usage': () => [
    // The same id in another team is another event, and the victim's run gains nothing.
    send(attackerKey, 'POST', '/v1/usage', { events: [
      { id: victim.eventId, occurred_at: now(), run_id: victim.runId, provider: 'openai', model_requested: 'gpt-4o', usage: { prompt_tokens: 1, completion_tokens: 1 } },
      { id: newId(), kind: 'outcome', occurred_at: now(), run_id: victim.runId, outcome: 'unusable' },
    ], today: true }),
  ],
  'POST /v1/corrections': () => [
    send(attackerKey, 'POST', '/v1/corrections', { corrections: [{ original_id: victim.eventId, revision: 0, set: { customer_id: 'eve' }, reason: 'planted' }] }),
  ],
  'POST /v1/runs': () => [send(attackerKey, 'POST', '/v1/runs', { run_id: victim.runId, estimate_usd: '1' })],
  'POST /v1/runs/:id/extend': () => [send(attackerKey, 'POST', `/v1/runs/${victim.runId}/extend`, { cost_usd: '1' })],
  'POST /v1/runs/:id/finish': () => [send(attackerKey, 'POST', `/v1/runs/${victim.runId}/finish`, { outcome: 'unusable', calls: [{ id: victim.eventId, occurred_at: now(), provider: 'openai', model_requested: 'gpt-4o', usage: { prompt_tokens: 1, completion_tokens: 1 } }] })],
  'DELETE /v1/runs/:id': () => [send(attackerKey, 'DELETE', `/v1/runs/${victim.runId}`)],
  'POST /v1/check': () => [send(attackerKey, 'POST', '/v1/check', { customer_id: victim.customerId })],
  'GET /v1/customers/:id/entitlements': () => [send(attackerKey, 'GET', `/v1/customers/${victim.customerId}/entitlements`)],
  'GET /v1/customers/:id/usage': () => [send(attackerKey, 'GET', `/v1/customers/${victim.customerId}/usage`)],
  'GET /v1/decisions': () => ['', `?run_id=${victim.runId}`, `?request_id=${victim.requestId}`, `?customer_id=${victim.customerId}`].map((query) => send(attackerKey, 'GET', `/v1/decisions${query}`)),
  'GET /export/audit.csv': () => ['', `?actorId=${victim.person.userId}`].map((query) => attacker.request('GET', `/export/audit.csv${query}`)),
  'GET /v1/plans': () => [send(attackerKey, 'GET', '/v1/plans?state=all')],
  'GET /v1/customers': () => ['', `?after=${victim.customerId.slice(0, -1)}`].map((query) => send(attackerKey, 'GET', `/v1/customers${query}`)),
  'GET /v1/customers/:id': () => [send(attackerKey, 'GET', `/v1/customers/${victim.customerId}`)],
  'PUT /v1/customers/:id': () => [send(attackerKey, 'PUT', `/v1/customers/${victim.customerId}`, { plan: victim.planId })],
  'POST /v1/customers/:id/plan': () => [send(attackerKey, 'POST', `/v1/customers/${victim.customerId}/plan`, { plan: victim.planId })],
  'POST /v1/customers/:id/suspend': () => [send(attackerKey, 'POST', `/v1/customers/${victim.customerId}/suspend`, { reason: 'planted' })],
  'POST /v1/customers/:id/resume': () => [send(attackerKey, 'POST', `/v1/customers/${victim.customerId}/resume`)],
  'PUT /v1/customers/:id/override': () => [send(attackerKey, 'PUT', `/v1/customers/${victim.customerId}/override`, { patch: { baseFee: '0' } })],
  'DELETE /v1/customers/:id/override': () => [send(attackerKey, 'DELETE', `/v1/customers/${victim.customerId}/override`)],
  'GET /v1/customers/:id/charge': () => [send(attackerKey, 'GET', `/v1/customers/${victim.customerId}/charge`)],
  'GET /v1/caps': () => ['', '?scope=tenant'].map((query) => send(attackerKey, 'GET', `/v1/caps${query}`)),
  'PUT /v1/caps/:id': () => [send(attackerKey, 'PUT', `/v1/caps/${victim.capId}`, { scope: 'tenant', metric: 'cost', window: 'day', limit: '0' })],
  'DELETE /v1/caps/:id': () => [send(attackerKey, 'DELETE', `/v1/caps/${victim.capId}`)],
  'GET /v1/customers/:id/credits': () => [send(attackerKey, 'GET', `/v1/customers/${victim.customerId}/credits`)],
  'POST /v1/customers/:id/credits': () => [send(attackerKey, 'POST', `/v1/customers/${victim.customerId}/credits`, { kind: 'top_up', amount: '5', idempotency_key: 'planted' })],
  'GET /v1/usage': () => ['', `?run_id=${victim.runId}`, `?search=${victim.eventId}`, `?request_id=${victim.requestId}`, `?customer_id=${victim.customerId}`, `?cursor=${victim.cursor}`]
    .map((query) => send(attackerKey, 'GET', `/v1/usage${query}`)),
  'GET /v1/usage/:id': () => [send(attackerKey, 'GET', `/v1/usage/${victim.eventId}`)],
  'GET /v1/summary': () => ['', '?group_by=customer', `?customer_id=${victim.customerId}&group_by=workflow`].map((query) => send(attackerKey, 'GET', `/v1/summary${query}`)),
  'GET /v1/export/usage.csv': () => ['', `?search=${victim.runId}`, `?cut=${encodeURIComponent(victim.cut)}`].map((query) => send(attackerKey, 'GET', `/v1/export/usage.csv${query}`)),
  'GET /v1/prices': () => ['', `?model=${MARK}-model`].map((query) => send(attackerKey, 'GET', `/v1/prices${query}`)),
  'GET /v1/export/prices.csv': () => ['', `?model=${MARK}-model`].map((query) => send(attackerKey, 'GET', `/v1/export/prices.csv${query}`)),
  'GET /v1/export/summary.csv': () => ['', '?group_by=customer', `?group_by=run,user&customer_id=${victim.customerId}`, `?group_by=workflow&search=${victim.runId}`]
    .map((query) => send(attackerKey, 'GET', `/v1/export/summary.csv${query}`)),
  'GET /export/everything.zip': () => ['', `?tenant=${victim.person.tenantId}`].map((query) => attacker.request('GET', `/export/everything.zip${query}`)),
  'GET /v1/export/usage.jsonl': () => ['', `?customer_id=${victim.customerId}`].map((query) => send(attackerKey, 'GET', `/v1/export/usage.jsonl${query}`)),
};

/** Queries that take nothing, not even an empty object. */
const NO_INPUT = ['auth.me', 'providers.list', 'prices.waiting', 'repricing.list', 'views.list'];

/** Routes that know no team. */
const NOBODYS = ['GET /unsubscribe', 'POST /unsubscribe', 'GET /healthz', 'GET /readyz', 'GET /metrics', 'GET /v1/openapi.json'];

function leaks(text: string, planted: string): string[] {
  const { person } = victim;
  return [MARK, person.tenantId, person.userId, person.email, victim.colleagueId].filter((fact) => text.includes(fact) && !planted.includes(fact));
}

it('has a case for every procedure and every route', () => {
  expect(Object.keys(PROCEDURES).sort()).toEqual(listProcedures().map(({ path }) => path).sort());
  // The procedures are listed above; HEAD and OPTIONS are what Fastify adds.
  const routes = test.routes.filter(({ method, url }) => !['HEAD', 'OPTIONS'].includes(method) && url !== '/trpc/:path').map(({ method, url }) => `${method} ${url}`);
  expect(routes.filter((route) => !NOBODYS.includes(route)).sort()).toEqual(Object.keys(ROUTES).sort());
});

describe('another team\'s owner with planted ids', () => {
  const procedures = listProcedures().filter(({ path }) => PROCEDURES[path] !== null);

  // Before the procedures: these plant the mark in the attacker's own audit log, which a route would then show.
  it.each(Object.keys(ROUTES))('gets and changes nothing through %s', async (route) => {
    const before = await readVictim();
    for (const answer of await Promise.all(ROUTES[route]!())) {
      expect(answer.status).toBeLessThan(500);
      // A route of one customer says which one it was asked for.
      expect(leaks(route.includes('/customers/:id') || route === 'POST /v1/check' ? answer.text.replaceAll(victim.customerId, '') : answer.text, '')).toEqual([]);
    }
    expect(await readVictim()).toBe(before);
  });

  it.each(procedures)('gets and changes nothing through the procedure $path', async (procedure) => {
    const before = await readVictim();
    for (const input of PROCEDURES[procedure.path]!()) {
      const { text } = await callProcedure(attacker, procedure, input);
      expect(leaks(text, JSON.stringify(input) ?? '')).toEqual([]);
    }
    expect(await readVictim()).toBe(before);
  });

  it('would be noticed: the victim itself sees its mark everywhere', async () => {
    const own = openBrowser(test.url);
    own.cookie = victim.person.secret;
    for (const path of ['overview.get', 'workflows.list', 'customers.list', 'customers.users', 'ledger.list', 'members.list', 'keys.list', 'audit.list', 'prices.list', 'prices.waiting', 'repricing.list', 'views.list', 'providers.list', 'auth.me']) {
      const procedure = listProcedures().find((each) => each.path === path)!;
      expect((await callProcedure(own, procedure, NO_INPUT.includes(path) ? undefined : {})).text).toContain(MARK);
    }
  });
});
