import { newId } from '@outlay/kernel/ids';
import type { ClientBase } from 'pg';

/** Columns that take certain texts only. */
const CHECKED: Record<string, string> = {
  'members.role': 'viewer', 'invitations.role': 'viewer',
  'usage_events.kind': 'usage', 'usage_events.subject': 'call', 'usage_events.cost_basis': 'unpriced', 'repricing_runs.kind': 'manual', 'saved_views.page': 'ledger', 'trial_balances.state': 'done',
  'customers.source': 'api', 'plan_versions.migrates': 'now', 'plan_assignments.reason': 'assigned', 'plan_overrides.scope': 'customer',
  'caps.scope': 'tenant', 'cap_scopes.scope': 'user', 'caps.metric': 'runs', 'caps.mode': 'soft', 'caps.source': 'person', 'credit_lots.kind': 'grant', 'credit_postings.kind': 'grant', 'credit_entries.account': 'granted',
  'decisions.kind': 'begin', 'decisions.verdict': 'allow',
  'provider_connections.provider': 'openai', 'provider_connections.state': 'waiting', 'provider_syncs.cause': 'person', 'provider_syncs.state': 'done', 'provider_usage.width': '1h',
  'channels.kind': 'email', 'alert_rules.kind': 'spike', 'alerts.state': 'firing', 'alerts.severity': 'info', 'alert_events.kind': 'fired', 'deliveries.kind': 'test', 'deliveries.state': 'sent',
  'digest_subscriptions.kind': 'daily', 'budgets.scope': 'tenant',
};

/**
 * A row of any table, from its column types: a new table needs no case of its own, unless a check wants another value. Answers what stands in it but the tenant; texts and
 * ids are there only. The client is a superuser's with `session_replication_role = replica`: foreign keys and triggers are not the matter, checks and NOT NULL still hold.
 */
export async function plantRow(admin: ClientBase, table: string, tenantId: string): Promise<Readonly<Record<string, string>>> {
  const { rows: columns } = await admin.query<{ name: string; type: string }>(`
    select attname as name, format_type(atttypid, null) as type from pg_attribute
    where attrelid = $1::regclass and attnum > 0 and not attisdropped and attnotnull and not atthasdef`, [table]);
  const tenantColumn = table === 'tenants' ? 'id' : 'tenant_id';
  const values = columns.map(({ name, type }) => {
    if (name === tenantColumn) return tenantId;
    const value = CHECKED[`${table}.${name}`] ?? { uuid: newId(), text: newId(), 'text[]': '{}', jsonb: '{}', bytea: '\\x00', date: '2026-11-21', 'timestamp with time zone': '2026-11-21T00:00:00Z', boolean: 'false' }[type];
    return value ?? '1';
  });
  await admin.query(`insert into ${table} (${columns.map(({ name }) => name).join(', ')}) values (${values.map((_, n) => `$${n + 1}`).join(', ')})`, values);
  return Object.fromEntries(columns.flatMap(({ name }, n) => (name === tenantColumn ? [] : [[name, values[n]!]])));
}
