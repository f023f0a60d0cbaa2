import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router';
import { parseAlertsSearch, parseRulesSearch } from './alerts/alerts-search';
import { meOptions, type Me } from './api/me';
import { queryClient } from './api/trpc';
import { parseCapsSearch } from './caps/caps-search';
import { parseChannelsSearch } from './channels/channels-search';
import { DocsFrame } from './docs/docs-frame';
import { parseComparedSearch, parseLedgerSearch, parseSearchText, writeSearchText } from './filters/search';
import { parseCustomersSearch } from './customers/customers-search';
import { parseForecastSearch } from './forecast/forecast-search';
import { parseDecisionsSearch, parseHoldsSearch } from './gate/gate-search';
import { parseJobsSearch } from './jobs/jobs-search';
import { parseModelsSearch } from './models/models-search';
import { parseMarginSearch } from './overview/margin-search';
import { parsePlanSearch, parsePlansSearch, parseSimulateSearch } from './plans/plans-search';
import { parsePreflightSearch } from './preflight/preflight-search';
import { parseConnectionSearch } from './providers/connection-search';
import { parseProvidersSearch } from './providers/providers-search';
import { parseReconciliationSearch } from './reconciliation/reconciliation-search';
import { AppShell } from './shell/app-shell';
import { NotFound } from './shell/not-found';
import { PagePending } from './shell/page-pending';
import { RouteError } from './shell/route-error';
import { parseSpendSearch } from './spend/spend-search';
import { parseWorkflowSearch, parseWorkflowsSearch } from './workflows/workflow-search';

/** Texts of the query that pages outside the console take: a link's token, where to go on to, an address. */
interface LinkSearch {
  readonly token?: string;
  readonly next?: string;
  readonly email?: string;
}

function parseLinkSearch(raw: Record<string, unknown>): LinkSearch {
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
  return Object.fromEntries(Object.entries({ token: text(raw.token), next: text(raw.next), email: text(raw.email) }).filter(([, value]) => value));
}

const rootRoute = createRootRoute({ component: Outlet, notFoundComponent: NotFound, errorComponent: RouteError });

async function loadMe(): Promise<Me> {
  return queryClient.ensureQueryData(meOptions());
}

/** Signed in and in a team, or on the way there: a newcomer at the front door is told what this is, a session that ended signs in again. */
async function requireTeam({ location, cause }: { location: { href: string; pathname: string }; cause: string }): Promise<void> {
  const me = await loadMe();
  const next = location.href === '/' ? undefined : location.href;
  if (!me.user && !next && cause !== 'stay') throw redirect({ to: '/welcome' });
  if (!me.user) throw redirect({ to: '/sign-in', search: next ? { next } : {} });
  if (!me.tenant) throw redirect({ to: '/new-team' });
}

async function requirePerson(): Promise<void> {
  const me = await loadMe();
  if (!me.user) throw redirect({ to: '/sign-in', search: {} });
}

/** The sign-in page is of no use to somebody who is signed in. */
async function requireNobody(): Promise<void> {
  const me = await loadMe();
  if (me.user) throw redirect({ to: me.tenant ? '/' : '/new-team' });
}

const signInRoute = createRoute({
  getParentRoute: () => rootRoute, path: '/sign-in', validateSearch: parseLinkSearch, beforeLoad: requireNobody,
  component: lazyRouteComponent(() => import('./account/sign-in-page'), 'SignInPage'),
});
const signUpRoute = createRoute({
  getParentRoute: () => rootRoute, path: '/sign-up', validateSearch: parseLinkSearch, beforeLoad: requireNobody,
  component: lazyRouteComponent(() => import('./account/sign-up-page'), 'SignUpPage'),
});
const forgotRoute = createRoute({
  getParentRoute: () => rootRoute, path: '/forgot', validateSearch: parseLinkSearch, beforeLoad: async () => void (await loadMe()),
  component: lazyRouteComponent(() => import('./account/forgot-page'), 'ForgotPage'),
});
const resetRoute = createRoute({
  getParentRoute: () => rootRoute, path: '/reset', validateSearch: parseLinkSearch, beforeLoad: async () => void (await loadMe()),
  component: lazyRouteComponent(() => import('./account/reset-page'), 'ResetPage'),
});
const inviteRoute = createRoute({
  getParentRoute: () => rootRoute, path: '/invite', validateSearch: parseLinkSearch, beforeLoad: async () => void (await loadMe()),
  component: lazyRouteComponent(() => import('./account/invite-page'), 'InvitePage'),
});
const newTeamRoute = createRoute({
  getParentRoute: () => rootRoute, path: '/new-team', beforeLoad: requirePerson,
  component: lazyRouteComponent(() => import('./account/new-team-page'), 'NewTeamPage'),
});
/** Outside the signed-in layout: the letter with the link for a forgotten password must be readable without a session. */
const mailboxRoute = createRoute({
  getParentRoute: () => rootRoute, path: '/dev/mailbox', validateSearch: (raw: Record<string, unknown>): { letter?: string } => (typeof raw.letter === 'string' ? { letter: raw.letter } : {}),
  beforeLoad: async () => void (await loadMe()),
  component: lazyRouteComponent(() => import('./mailbox/mailbox-page'), 'MailboxPage'),
});

const welcomeRoute = createRoute({
  getParentRoute: () => rootRoute, path: '/welcome', beforeLoad: async () => void (await loadMe()), component: lazyRouteComponent(() => import('./public/welcome-page'), 'WelcomePage'),
});
const privacyRoute = createRoute({
  getParentRoute: () => rootRoute, path: '/privacy', beforeLoad: async () => void (await loadMe()), component: lazyRouteComponent(() => import('./public/legal-pages'), 'PrivacyPage'),
});
const termsRoute = createRoute({
  getParentRoute: () => rootRoute, path: '/terms', beforeLoad: async () => void (await loadMe()), component: lazyRouteComponent(() => import('./public/legal-pages'), 'TermsPage'),
});
/** Readable by everybody; members of a team keep their frame around it. */
const docsFrameRoute = createRoute({ getParentRoute: () => rootRoute, id: 'docs', beforeLoad: async () => void (await loadMe()), component: DocsFrame });

const appRoute = createRoute({ getParentRoute: () => rootRoute, id: 'app', beforeLoad: requireTeam, component: AppShell });

const overviewRoute = createRoute({
  getParentRoute: () => appRoute, path: '/', validateSearch: parseMarginSearch,
  component: lazyRouteComponent(() => import('./overview/overview-page'), 'OverviewPage'),
});
const customersRoute = createRoute({
  getParentRoute: () => appRoute, path: '/customers', validateSearch: parseCustomersSearch,
  component: lazyRouteComponent(() => import('./customers/customers-page'), 'CustomersPage'),
});
const customerRoute = createRoute({
  getParentRoute: () => appRoute, path: '/customers/$customerId', validateSearch: parseComparedSearch,
  component: lazyRouteComponent(() => import('./customers/customer-page'), 'CustomerPage'),
});
const modelsRoute = createRoute({
  getParentRoute: () => appRoute, path: '/models', validateSearch: parseModelsSearch,
  component: lazyRouteComponent(() => import('./models/models-page'), 'ModelsPage'),
});
const ledgerRoute = createRoute({
  getParentRoute: () => appRoute, path: '/ledger', validateSearch: parseLedgerSearch,
  component: lazyRouteComponent(() => import('./ledger/ledger-page'), 'LedgerPage'),
});

export interface PricesSearch {
  readonly search?: string;
  /** Negotiated prices only. */
  readonly own?: true;
  /** What changed between two price lists, instead of the models; absent moments are the last two. */
  readonly changes?: true;
  readonly since?: string;
  readonly until?: string;
  /** The model whose drawer is open. */
  readonly provider?: string;
  readonly model?: string;
}

function parsePricesSearch(raw: Record<string, unknown>): PricesSearch {
  const texts = (['search', 'provider', 'model', 'since', 'until'] as const).flatMap((name) => (typeof raw[name] === 'string' && raw[name] !== '' ? [[name, raw[name].slice(0, 255)]] : []));
  return { ...Object.fromEntries(texts), ...(raw.own === 'true' || raw.own === true ? { own: true } : {}), ...(raw.changes === 'true' || raw.changes === true ? { changes: true } : {}) };
}

const pricesRoute = createRoute({
  getParentRoute: () => appRoute, path: '/prices', validateSearch: parsePricesSearch, component: lazyRouteComponent(() => import('./prices/prices-page'), 'PricesPage'),
});
const plansRoute = createRoute({
  getParentRoute: () => appRoute, path: '/plans', validateSearch: parsePlansSearch, component: lazyRouteComponent(() => import('./plans/plans-page'), 'PlansPage'),
});
const planRoute = createRoute({
  getParentRoute: () => appRoute, path: '/plans/$planKey', validateSearch: parsePlanSearch, component: lazyRouteComponent(() => import('./plans/plan-page'), 'PlanPage'),
});
const simulateRoute = createRoute({
  getParentRoute: () => appRoute, path: '/plans/$planKey/simulate', validateSearch: parseSimulateSearch, component: lazyRouteComponent(() => import('./plans/simulate-page'), 'SimulatePage'),
});
const capsRoute = createRoute({
  getParentRoute: () => appRoute, path: '/caps', validateSearch: parseCapsSearch, component: lazyRouteComponent(() => import('./caps/caps-page'), 'CapsPage'),
});
const gateRoute = createRoute({
  getParentRoute: () => appRoute, path: '/gate', validateSearch: parseHoldsSearch, component: lazyRouteComponent(() => import('./gate/holds-page'), 'HoldsPage'),
});
const decisionsRoute = createRoute({
  getParentRoute: () => appRoute, path: '/gate/decisions', validateSearch: parseDecisionsSearch, component: lazyRouteComponent(() => import('./gate/decisions-page'), 'DecisionsPage'),
});
const spendRoute = createRoute({
  getParentRoute: () => appRoute, path: '/spend', validateSearch: parseSpendSearch, component: lazyRouteComponent(() => import('./spend/spend-page'), 'SpendPage'),
});
const forecastRoute = createRoute({
  getParentRoute: () => appRoute, path: '/forecast', validateSearch: parseForecastSearch, component: lazyRouteComponent(() => import('./forecast/forecast-page'), 'ForecastPage'),
});
const providersRoute = createRoute({
  getParentRoute: () => appRoute, path: '/providers', validateSearch: parseProvidersSearch, component: lazyRouteComponent(() => import('./providers/providers-page'), 'ProvidersPage'),
});
const connectionRoute = createRoute({
  getParentRoute: () => appRoute, path: '/providers/$connectionId', validateSearch: parseConnectionSearch, component: lazyRouteComponent(() => import('./providers/connection-page'), 'ConnectionPage'),
});
const alertsRoute = createRoute({
  getParentRoute: () => appRoute, path: '/alerts', validateSearch: parseAlertsSearch, component: lazyRouteComponent(() => import('./alerts/alerts-page'), 'AlertsPage'),
});
const alertRulesRoute = createRoute({
  getParentRoute: () => appRoute, path: '/alerts/rules', validateSearch: parseRulesSearch, component: lazyRouteComponent(() => import('./alerts/rules-page'), 'RulesPage'),
});
const alertRoute = createRoute({
  getParentRoute: () => appRoute, path: '/alerts/$alertId', component: lazyRouteComponent(() => import('./alerts/alert-page'), 'AlertPage'),
});
const channelsRoute = createRoute({
  getParentRoute: () => appRoute, path: '/channels', validateSearch: parseChannelsSearch, component: lazyRouteComponent(() => import('./channels/channels-page'), 'ChannelsPage'),
});
const reconciliationRoute = createRoute({
  getParentRoute: () => appRoute, path: '/reconciliation', validateSearch: parseReconciliationSearch, component: lazyRouteComponent(() => import('./reconciliation/reconciliation-page'), 'ReconciliationPage'),
});
const jobsRoute = createRoute({
  getParentRoute: () => appRoute, path: '/jobs', validateSearch: parseJobsSearch, component: lazyRouteComponent(() => import('./jobs/jobs-page'), 'JobsPage'),
});
const preflightRoute = createRoute({
  getParentRoute: () => appRoute, path: '/preflight', validateSearch: parsePreflightSearch, component: lazyRouteComponent(() => import('./preflight/preflight-page'), 'PreflightPage'),
});
const quarantineRoute = createRoute({
  getParentRoute: () => appRoute, path: '/quarantine', component: lazyRouteComponent(() => import('./prices/quarantine-page'), 'QuarantinePage'),
});
const balanceRoute = createRoute({
  getParentRoute: () => appRoute, path: '/balance', validateSearch: (raw: Record<string, unknown>): { proof?: string } => (typeof raw.proof === 'string' ? { proof: raw.proof } : {}),
  component: lazyRouteComponent(() => import('./balance/balance-page'), 'BalancePage'),
});
const workflowsRoute = createRoute({
  getParentRoute: () => appRoute, path: '/workflows', validateSearch: parseWorkflowsSearch,
  component: lazyRouteComponent(() => import('./workflows/workflows-page'), 'WorkflowsPage'),
});

const workflowRoute = createRoute({
  getParentRoute: () => appRoute, path: '/workflows/$workflow', validateSearch: parseWorkflowSearch,
  component: lazyRouteComponent(() => import('./workflows/workflow-page'), 'WorkflowPage'),
});

const runRoute = createRoute({
  getParentRoute: () => appRoute, path: '/runs/$runId', component: lazyRouteComponent(() => import('./runs/run-page'), 'RunPage'),
});

const startRoute = createRoute({
  getParentRoute: () => appRoute, path: '/start', component: lazyRouteComponent(() => import('./start/start-page'), 'StartPage'),
});
const docsRoute = createRoute({
  getParentRoute: () => docsFrameRoute, path: '/docs', component: lazyRouteComponent(() => import('./docs/docs-page'), 'DocsPage'),
});
const guideRoute = createRoute({
  getParentRoute: () => docsFrameRoute, path: '/docs/$guide', component: lazyRouteComponent(() => import('./docs/docs-page'), 'DocsPage'),
});
const teamRoute = createRoute({
  getParentRoute: () => appRoute, path: '/settings/team', component: lazyRouteComponent(() => import('./settings/team-page'), 'TeamPage'),
});
const membersRoute = createRoute({
  getParentRoute: () => appRoute, path: '/settings/members', component: lazyRouteComponent(() => import('./settings/members-page'), 'MembersPage'),
});
const keysRoute = createRoute({
  getParentRoute: () => appRoute, path: '/settings/keys', component: lazyRouteComponent(() => import('./settings/keys-page'), 'KeysPage'),
});
const environmentsRoute = createRoute({
  getParentRoute: () => appRoute, path: '/settings/environments', component: lazyRouteComponent(() => import('./settings/environments-page'), 'EnvironmentsPage'),
});
const dataRoute = createRoute({
  getParentRoute: () => appRoute, path: '/settings/data', component: lazyRouteComponent(() => import('./settings/data-page'), 'DataPage'),
});
const sessionsRoute = createRoute({
  getParentRoute: () => appRoute, path: '/settings/sessions', component: lazyRouteComponent(() => import('./settings/sessions-page'), 'SessionsPage'),
});

export interface AuditSearch {
  readonly action?: string;
  readonly actorId?: string;
  readonly search?: string;
  readonly from?: string;
  readonly to?: string;
}

function parseAuditSearch(raw: Record<string, unknown>): AuditSearch {
  const names = ['action', 'actorId', 'search', 'from', 'to'] as const;
  return Object.fromEntries(names.flatMap((name) => (typeof raw[name] === 'string' && raw[name] !== '' ? [[name, raw[name]]] : [])));
}

const auditRoute = createRoute({
  getParentRoute: () => appRoute, path: '/settings/audit', validateSearch: parseAuditSearch,
  component: lazyRouteComponent(() => import('./settings/audit-page'), 'AuditPage'),
});
const versionsRoute = createRoute({
  getParentRoute: () => appRoute, path: '/settings/versions', component: lazyRouteComponent(() => import('./settings/versions-page'), 'VersionsPage'),
});
const settingsRoute = createRoute({
  getParentRoute: () => appRoute, path: '/settings', beforeLoad: () => {
    throw redirect({ to: '/settings/team' });
  },
});

const routeTree = rootRoute.addChildren([
  signInRoute, signUpRoute, forgotRoute, resetRoute, inviteRoute, newTeamRoute, mailboxRoute, welcomeRoute, privacyRoute, termsRoute,
  docsFrameRoute.addChildren([docsRoute, guideRoute]),
  appRoute.addChildren([
    overviewRoute, modelsRoute, customersRoute, customerRoute, ledgerRoute, plansRoute, planRoute, simulateRoute, capsRoute, gateRoute, decisionsRoute, spendRoute, forecastRoute, alertsRoute, alertRulesRoute, alertRoute, channelsRoute, providersRoute, connectionRoute, reconciliationRoute, jobsRoute, preflightRoute, pricesRoute, quarantineRoute, workflowsRoute, workflowRoute, runRoute, balanceRoute, startRoute, settingsRoute, teamRoute, environmentsRoute, dataRoute, membersRoute, keysRoute, sessionsRoute, auditRoute, versionsRoute,
  ]),
]);

export const router = createRouter({
  routeTree,
  parseSearch: parseSearchText,
  stringifySearch: writeSearchText,
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
  defaultPendingComponent: PagePending,
  defaultPendingMs: 150,
  defaultPendingMinMs: 200,
  defaultErrorComponent: RouteError,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
