/** Every procedure of the console, one file a domain. The console imports the type, never this file's code. */
import { alertsRouter } from './alerts';
import { auditRouter } from './audit';
import { authRouter } from './auth';
import { balanceRouter } from './balance';
import { budgetsRouter } from './budgets';
import { capsRouter } from './caps';
import { channelsRouter } from './channels';
import { creditsRouter } from './credits';
import { customersRouter } from './customers';
import { demoRouter } from './demo';
import { dataRouter } from './data';
import { digestsRouter } from './digests';
import { environmentsRouter } from './environments';
import { forecastRouter } from './forecast';
import { gateRouter } from './gate';
import { invitationsRouter } from './invitations';
import { jobsRouter } from './jobs';
import { keysRouter } from './keys';
import { ledgerRouter } from './ledger';
import { liveRouter } from './live';
import { mailboxRouter } from './mailbox';
import { membersRouter } from './members';
import { modelsRouter } from './models';
import { noticesRouter } from './notices';
import { overviewRouter } from './overview';
import { plansRouter } from './plans';
import { preflightRouter } from './preflight';
import { pricesRouter } from './prices';
import { router } from './procedure';
import { providersRouter } from './providers';
import { reconciliationRouter } from './reconciliation';
import { repricingRouter } from './repricing';
import { runsRouter } from './runs';
import { searchRouter } from './search';
import { sessionsRouter } from './sessions';
import { spendRouter } from './spend';
import { tenantRouter } from './tenant';
import { versionsRouter } from './versions';
import { viewsRouter } from './views';
import { workflowsRouter } from './workflows';

export const appRouter = router({
  alerts: alertsRouter,
  budgets: budgetsRouter,
  channels: channelsRouter,
  digests: digestsRouter,
  auth: authRouter,
  sessions: sessionsRouter,
  members: membersRouter,
  invitations: invitationsRouter,
  keys: keysRouter,
  audit: auditRouter,
  tenant: tenantRouter,
  mailbox: mailboxRouter,
  overview: overviewRouter,
  models: modelsRouter,
  customers: customersRouter,
  credits: creditsRouter,
  caps: capsRouter,
  gate: gateRouter,
  forecast: forecastRouter,
  spend: spendRouter,
  jobs: jobsRouter,
  preflight: preflightRouter,
  ledger: ledgerRouter,
  live: liveRouter,
  search: searchRouter,
  notices: noticesRouter,
  plans: plansRouter,
  prices: pricesRouter,
  providers: providersRouter,
  reconciliation: reconciliationRouter,
  repricing: repricingRouter,
  versions: versionsRouter,
  demo: demoRouter,
  views: viewsRouter,
  balance: balanceRouter,
  data: dataRouter,
  environments: environmentsRouter,
  workflows: workflowsRouter,
  runs: runsRouter,
});

export type AppRouter = typeof appRouter;
