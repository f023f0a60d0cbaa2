/** SQL of the checklist: how a team's alerts stand. */
import type { PoolClient } from 'pg';

export interface AlertFacts {
  readonly rulesOn: number;
  readonly kindsOn: readonly string[];
  readonly channelsOn: number;
  /** Of these, those that ever delivered something. */
  readonly channelsTried: number;
  readonly failedLately: number;
  readonly criticalOpen: number;
  readonly budgets: number;
  readonly digests: number;
}

export async function readAlertFacts(tx: PoolClient, tenantId: string): Promise<AlertFacts> {
  const { rows } = await tx.query<AlertFacts>(
    `SELECT (SELECT count(*)::int FROM alert_rules WHERE tenant_id = $1 AND enabled) AS "rulesOn",
       (SELECT coalesce(array_agg(DISTINCT kind), '{}') FROM alert_rules WHERE tenant_id = $1 AND enabled) AS "kindsOn",
       (SELECT count(*)::int FROM channels WHERE tenant_id = $1 AND disabled_at IS NULL) AS "channelsOn",
       (SELECT count(*)::int FROM channels c WHERE c.tenant_id = $1 AND c.disabled_at IS NULL AND EXISTS (SELECT FROM deliveries d WHERE d.tenant_id = $1 AND d.channel_id = c.id AND d.state = 'sent')) AS "channelsTried",
       (SELECT count(*)::int FROM deliveries WHERE tenant_id = $1 AND state = 'failed' AND created_at > now() - interval '7 days') AS "failedLately",
       (SELECT count(*)::int FROM alerts WHERE tenant_id = $1 AND severity = 'critical' AND state IN ('firing', 'acknowledged')) AS "criticalOpen",
       (SELECT count(*)::int FROM budgets WHERE tenant_id = $1) AS budgets,
       (SELECT count(*)::int FROM digest_subscriptions WHERE tenant_id = $1 AND unsubscribed_at IS NULL) AS digests`, [tenantId]);
  return rows[0]!;
}
