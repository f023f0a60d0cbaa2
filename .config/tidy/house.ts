/** The house as the design gives it: what may stand where, and who may import whom. The tests beside this file enforce it. */

/** Folders and files of the top level; dotfiles come on top. */
export const TOP_LEVEL = [
  'apps', 'packages', 'prisma', 'docker', 'turbo.json', 'pnpm-workspace.yaml', 'package.json', 'pnpm-lock.yaml', 'README.md', 'LICENSE',
] as const;

export const APPS = ['api', 'worker', 'console', 'cli', 'demo'] as const;

/** What a package's source may import of ours; downward only. Rooms that do not exist yet have their place already. */
export const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  platform: ['kernel'],
  tenancy: ['kernel', 'platform'],
  pricing: ['kernel', 'platform', 'tenancy'],
  ledger: ['kernel', 'platform', 'tenancy', 'pricing'],
  plans: ['kernel', 'platform', 'tenancy', 'pricing', 'ledger'],
  gate: ['kernel', 'platform', 'tenancy', 'pricing', 'ledger', 'plans'],
  providers: ['kernel', 'platform', 'tenancy', 'pricing', 'ledger'],
  insights: ['kernel', 'platform', 'tenancy', 'pricing', 'ledger', 'plans', 'gate', 'providers'],
  billing: ['kernel', 'platform', 'tenancy', 'pricing', 'ledger', 'plans'],
  sdk: [],
  fakes: ['kernel'],
};

const ROOMS = Object.keys(PACKAGES).filter((name) => name !== 'sdk' && name !== 'fakes');

/** What an app's source may import of ours. */
export const APP_IMPORTS: Readonly<Record<(typeof APPS)[number], readonly string[]>> = {
  api: ROOMS,
  worker: ROOMS,
  cli: [...ROOMS, 'api', 'worker'],
  console: ['kernel'],
  demo: ['sdk', 'fakes'],
};

/** What tests may import besides: an app's tests run the product from outside, the sdk's and pricing's run against the stand-ins. */
export const TEST_IMPORTS: Readonly<Record<string, readonly string[]>> = {
  api: ['sdk', 'fakes'],
  // Whole processes can only be started here.
  cli: ['sdk', 'fakes'],
  worker: ['fakes'],
  // Adapters meet the stand-ins of the reporting APIs.
  providers: ['fakes'],
  sdk: ['fakes', 'kernel'],
};

/** Only these may import a stand-in outside of tests. */
export const FAKES_IN_SOURCE = [/^apps\/demo\//, /^apps\/cli\/src\/(commands\/)?bench/] as const;

/** The only modules that others may take as a type only. */
export const TYPE_ONLY: Readonly<Record<string, readonly string[]>> = { console: ['api/router'] };

/** Whose SQL may name a table. A test may look into any. */
export const TABLES: Readonly<Record<string, readonly string[]>> = {
  tenancy: ['users', 'sessions', 'password_resets', 'tenants', 'members', 'invitations', 'api_keys', 'audit_log', 'tenant_erasures', 'demo_fills', 'tenant_keys'],
  platform: ['mail_outbox', '_prisma_migrations'],
  pricing: ['price_versions', 'price_rates', 'tenant_price_versions', 'tenant_price_rates', 'price_proposals'],
  ledger: ['usage_events', 'snapshots', 'workflows', 'runs', 'writer_slots', 'usage_rollup', 'usage_rollup_day', 'customer_rollup', 'customer_rollup_day', 'repricing_runs', 'repricing_settings', 'archived_totals', 'archived_months', 'saved_views', 'trial_balances', 'cap_scopes', 'cap_usage'],
  plans: ['customers', 'customer_terms', 'plans', 'plan_versions', 'plan_assignments', 'plan_overrides', 'caps', 'gate_settings', 'credit_lots', 'credit_postings', 'credit_entries', 'credit_overdrafts', 'credit_marks'],
  providers: ['provider_connections', 'provider_syncs', 'provider_usage', 'provider_costs', 'reconciliations'],
  insights: ['channels', 'alert_rules', 'alerts', 'alert_events', 'deliveries', 'digest_subscriptions', 'budgets', 'forecasts'],
  gate: ['holds', 'decisions'],
};

/** Granted to the ledger's writer by the schema: the day forms of the rollups are made in the tenant's zone, within the one statement. */
export const READ_TOO = /^packages\/ledger\/.*\b(FROM|JOIN) tenants\b/;
