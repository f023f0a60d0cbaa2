/** Who may call what, written down by hand once more: a procedure whose access changes, or a new one, must be changed here too. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createColleague, createOwner, createTestTenancy } from '@outlay/tenancy/testing';
import { callProcedure } from './testing/call-procedure';
import { listProcedures } from './testing/list-procedures';
import { openBrowser, startTestApi, type Browser, type TestApi } from './testing/test-api';

const ROLES = ['owner', 'admin', 'finance', 'developer', 'viewer'] as const;
const EVERYBODY = [...ROLES];
const PUBLIC = 'public';
const FINANCE = ['owner', 'admin', 'finance'];
const ADMINS = ['owner', 'admin'];
const CAPS = ['owner', 'admin', 'developer', 'finance'];

const ALLOWED: Record<string, readonly string[] | typeof PUBLIC> = {
  'auth.me': PUBLIC, 'auth.signUp': PUBLIC, 'auth.signIn': PUBLIC, 'auth.signOut': PUBLIC, 'auth.requestPasswordReset': PUBLIC, 'auth.resetPassword': PUBLIC,
  'auth.switchTenant': EVERYBODY, 'auth.createTeam': EVERYBODY,
  'sessions.list': EVERYBODY, 'sessions.revoke': EVERYBODY, 'sessions.revokeOthers': EVERYBODY,
  'members.list': EVERYBODY, 'members.leave': EVERYBODY,
  'members.invite': ['owner', 'admin'], 'members.revokeInvitation': ['owner', 'admin'], 'members.changeRole': ['owner', 'admin'], 'members.remove': ['owner', 'admin'],
  'invitations.peek': PUBLIC, 'invitations.accept': PUBLIC,
  'keys.list': ['owner', 'admin', 'developer'], 'keys.create': ['owner', 'admin', 'developer'], 'keys.revoke': ['owner', 'admin', 'developer'],
  'audit.list': ['owner', 'admin', 'finance'],
  'tenant.get': EVERYBODY, 'tenant.update': ['owner', 'admin'],
  'mailbox.list': PUBLIC,
  'prices.list': EVERYBODY, 'prices.get': EVERYBODY, 'prices.waiting': EVERYBODY, 'prices.imports': EVERYBODY, 'prices.diff': EVERYBODY,
  'prices.plan': FINANCE, 'prices.record': FINANCE, 'prices.withdraw': FINANCE, 'prices.approve': FINANCE, 'prices.decline': FINANCE,
  'repricing.quarantine': EVERYBODY, 'repricing.list': EVERYBODY, 'repricing.get': EVERYBODY, 'repricing.healing': EVERYBODY,
  'repricing.plan': FINANCE, 'repricing.start': FINANCE, 'repricing.cancel': FINANCE, 'repricing.setHealing': FINANCE,
  'workflows.list': EVERYBODY, 'workflows.get': EVERYBODY, 'workflows.runs': EVERYBODY, 'runs.get': EVERYBODY, 'workflows.save': ['owner', 'admin', 'developer'],
  'views.save': ['owner', 'admin', 'finance', 'developer'], 'views.rename': ['owner', 'admin', 'finance', 'developer'],
  'views.overwrite': ['owner', 'admin', 'finance', 'developer'], 'views.remove': ['owner', 'admin', 'finance', 'developer'],
  'versions.get': EVERYBODY,
  'demo.progress': EVERYBODY, 'demo.create': EVERYBODY, 'demo.remove': EVERYBODY, 'demo.refill': EVERYBODY,
  'data.erasure': EVERYBODY, 'data.requestErasure': ['owner'], 'data.cancelErasure': ['owner'], 'environments.list': EVERYBODY,
  'balance.list': EVERYBODY, 'balance.prove': ['owner', 'admin', 'finance', 'developer'],
  'models.list': EVERYBODY, 'models.whatIf': EVERYBODY, 'customers.list': EVERYBODY, 'customers.users': EVERYBODY, 'customers.get': EVERYBODY,
  'plans.list': EVERYBODY, 'plans.get': EVERYBODY, 'plans.templates': EVERYBODY, 'plans.diff': EVERYBODY, 'plans.create': FINANCE, 'plans.saveDraft': FINANCE, 'plans.discardDraft': FINANCE,
  'plans.publish': FINANCE, 'plans.withdraw': FINANCE, 'plans.setDefault': FINANCE, 'plans.archive': FINANCE,
  'customers.plan': EVERYBODY, 'customers.overrideDiff': EVERYBODY, 'customers.save': FINANCE, 'customers.assign': FINANCE, 'customers.setOverride': FINANCE, 'customers.suspend': FINANCE,
  'customers.resume': FINANCE, 'customers.liftRisk': FINANCE,
  'gate.holds': EVERYBODY, 'gate.decisions': EVERYBODY, 'gate.decision': EVERYBODY, 'gate.freeHold': ['owner', 'admin', 'developer'], 'customers.limits': EVERYBODY,
  'plans.preview': EVERYBODY, 'plans.simulate': EVERYBODY, 'plans.figures': EVERYBODY,
  'caps.list': EVERYBODY, 'caps.standing': EVERYBODY, 'caps.risk': EVERYBODY, 'caps.save': CAPS, 'caps.remove': CAPS, 'caps.setEnabled': CAPS, 'caps.saveRisk': CAPS,
  'alerts.list': EVERYBODY, 'alerts.get': EVERYBODY, 'alerts.rules': EVERYBODY, 'alerts.acknowledge': CAPS, 'alerts.mute': CAPS, 'alerts.act': CAPS, 'alerts.undo': CAPS, 'alerts.backtest': EVERYBODY, 'alerts.saveRule': CAPS, 'alerts.setRuleEnabled': CAPS, 'alerts.removeRule': CAPS,
  'channels.list': EVERYBODY, 'channels.deliveries': EVERYBODY, 'channels.save': ADMINS, 'channels.remove': ADMINS, 'channels.test': ADMINS, 'channels.replay': ADMINS,
  'digests.mine': EVERYBODY, 'digests.subscribe': EVERYBODY, 'digests.unsubscribe': EVERYBODY, 'budgets.list': EVERYBODY, 'budgets.save': FINANCE, 'budgets.remove': FINANCE,
  'forecast.read': EVERYBODY, 'spend.series': EVERYBODY,
  'jobs.list': ['owner', 'admin', 'developer'], 'jobs.retry': ['owner', 'admin'], 'preflight.run': ['owner', 'admin'],
  'credits.statement': EVERYBODY, 'credits.grant': FINANCE,
  'providers.list': EVERYBODY, 'providers.syncs': EVERYBODY, 'providers.usage': EVERYBODY, 'providers.compare': EVERYBODY, 'providers.test': ADMINS, 'providers.connect': ADMINS, 'providers.update': ADMINS, 'providers.pause': ADMINS,
  'reconciliation.list': EVERYBODY, 'reconciliation.day': EVERYBODY, 'reconciliation.run': ADMINS,
  'providers.resume': ADMINS, 'providers.remove': ADMINS, 'providers.syncNow': ADMINS, 'providers.importCsv': ADMINS,
  'overview.get': EVERYBODY, 'overview.trendByCustomer': EVERYBODY, 'ledger.list': EVERYBODY, 'ledger.get': EVERYBODY, 'ledger.total': EVERYBODY, 'ledger.correct': FINANCE, 'views.list': EVERYBODY, 'live.activity': EVERYBODY, 'live.firstEvent': EVERYBODY, 'search.find': EVERYBODY, 'notices.list': EVERYBODY, 'notices.markRead': EVERYBODY,
};

/** They would act without any input: tried with one that is wrong, or where it does no harm. */
const NOT_A_ROLE = { userId: 'x', role: 'x' };

let test: TestApi;
const browsers = new Map<string, Browser>();

beforeAll(async () => {
  test = await startTestApi({ mailbox: false });
  const tenancy = createTestTenancy(test.db);
  const owner = await createOwner(tenancy);
  for (const role of ROLES) {
    const browser = openBrowser(test.url);
    browser.cookie = role === 'owner' ? owner.secret : (await createColleague(tenancy, owner, role)).secret;
    browsers.set(role, browser);
  }
  await tenancy.close();
});

afterAll(async () => {
  await test?.close();
});

it('names every procedure of the router', () => {
  expect(listProcedures().map(({ path }) => path).sort()).toEqual(Object.keys(ALLOWED).sort());
});

// The one that ends the membership comes last.
const inOrder = listProcedures().sort((a, b) => Number(a.path === 'members.leave') - Number(b.path === 'members.leave'));

describe.each(inOrder)('$path', ({ path, type }) => {
  it('is refused to strangers, unless it is public', async () => {
    const { code } = await callProcedure(openBrowser(test.url), { path, type }, NOT_A_ROLE);
    if (ALLOWED[path] === PUBLIC) expect(code).not.toBe('not_signed_in');
    else expect(code).toBe('not_signed_in');
  });

  it('is open to its roles and to no other', async () => {
    const refused: string[] = [];
    for (const role of ROLES) {
      if (path === 'auth.signOut') continue;
      const { code } = await callProcedure(browsers.get(role)!, { path, type }, NOT_A_ROLE);
      if (code === 'role_missing') refused.push(role);
      expect(code).not.toBe('not_signed_in');
    }
    const allowed = ALLOWED[path]!;
    expect(refused).toEqual(allowed === PUBLIC ? [] : ROLES.filter((role) => !allowed.includes(role)));
  });
});
