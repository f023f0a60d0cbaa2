/** SQL of alert rules and channels. */
import type { PoolClient } from 'pg';
import type { AlertRule, RuleKind } from './alert-rule';

export type Tx = Pick<PoolClient, 'query'>;

interface RuleRow extends Omit<AlertRule, 'mutedUntil' | 'createdAt' | 'updatedAt'> {
  readonly mutedUntil: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

const RULE = `id::text, kind, name, scope, subject, settings, channel_ids::text[] AS "channelIds", action, renotify_minutes AS "renotifyMinutes", quiet_hours AS "quietHours",
  muted_until AS "mutedUntil", enabled, built_in AS "builtIn", created_by AS "createdBy", created_at AS "createdAt", updated_at AS "updatedAt"`;

/** In the order of their making. `kinds`: only these. */
export async function readRules(tx: Tx, options: { readonly kinds?: readonly RuleKind[]; readonly enabledOnly?: boolean } = {}): Promise<AlertRule[]> {
  const { rows } = await tx.query<RuleRow>(
    `SELECT ${RULE} FROM alert_rules WHERE ($1::text[] IS NULL OR kind = ANY ($1)) AND (enabled OR NOT $2) ORDER BY created_at, id`,
    [options.kinds ?? null, options.enabledOnly ?? false]);
  return rows.map(ruleOf);
}

/** Locked until the transaction ends; null when there is none. */
export async function lockRule(tx: Tx, id: string): Promise<AlertRule | null> {
  const { rows: [row] } = await tx.query<RuleRow>(`SELECT ${RULE} FROM alert_rules WHERE id = $1 FOR UPDATE`, [id]);
  return row === undefined ? null : ruleOf(row);
}

function ruleOf(row: RuleRow): AlertRule {
  return { ...row, mutedUntil: row.mutedUntil?.toISOString() ?? null, createdAt: row.createdAt.toISOString(), updatedAt: row.updatedAt.toISOString() };
}

/** False when it is there already: of two that make the same one the first is kept. */
export async function insertRule(tx: Tx, tenantId: string, rule: AlertRule): Promise<boolean> {
  const { rowCount } = await tx.query(
    `INSERT INTO alert_rules (tenant_id, id, kind, name, scope, subject, settings, channel_ids, action, renotify_minutes, quiet_hours, muted_until, enabled, built_in, created_by, created_at, updated_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) ON CONFLICT (tenant_id, id) DO NOTHING`,
    [tenantId, rule.id, rule.kind, rule.name, rule.scope, rule.subject, rule.settings, rule.channelIds, rule.action, rule.renotifyMinutes, rule.quietHours, rule.mutedUntil, rule.enabled, rule.builtIn,
      rule.createdBy, rule.createdAt, rule.updatedAt]);
  return rowCount === 1;
}

/** All but its kind and who made it. */
export async function updateRule(tx: Tx, rule: AlertRule): Promise<void> {
  await tx.query(
    `UPDATE alert_rules SET name = $2, scope = $3, subject = $4, settings = $5, channel_ids = $6, action = $7, renotify_minutes = $8, quiet_hours = $9, muted_until = $10, enabled = $11, updated_at = $12 WHERE id = $1`,
    [rule.id, rule.name, rule.scope, rule.subject, rule.settings, rule.channelIds, rule.action, rule.renotifyMinutes, rule.quietHours, rule.mutedUntil, rule.enabled, rule.updatedAt]);
}

export async function deleteRule(tx: Tx, id: string): Promise<void> {
  await tx.query('DELETE FROM alert_rules WHERE id = $1', [id]);
}
