/** SQL of environments, over the rollups of days: a few hundred cells an environment and month. */
import type { PoolClient } from 'pg';

export interface SeenEnvironment {
  readonly environment: string;
  /** Begin of the first local day with an event, and of the last quarter of an hour with one. */
  readonly firstSeen: Date;
  readonly lastSeen: Date;
  readonly calls: number;
  readonly costPico: bigint;
}

/** `since` names the first local day that counts as lately. Inside `withTenant`. */
export async function readEnvironments(tx: PoolClient, since: Date): Promise<SeenEnvironment[]> {
  const { rows } = await tx.query<Omit<SeenEnvironment, 'costPico'> & { costPico: string }>(`
    SELECT d.environment, min(d.day)::timestamp AT TIME ZONE t.time_zone AS "firstSeen",
      (SELECT max(u.bucket) FROM usage_rollup u WHERE u.tenant_id = t.id AND u.environment = d.environment AND u.bucket >= max(d.day)::timestamp AT TIME ZONE t.time_zone) AS "lastSeen",
      coalesce(sum(d.calls) FILTER (WHERE d.day >= ($1::timestamptz AT TIME ZONE t.time_zone)::date), 0)::float8 AS calls,
      coalesce(sum(d.cost_pico) FILTER (WHERE d.day >= ($1::timestamptz AT TIME ZONE t.time_zone)::date), 0)::text AS "costPico"
    FROM usage_rollup_day d JOIN tenants t ON t.id = d.tenant_id GROUP BY d.environment, t.id, t.time_zone ORDER BY 5 DESC, 1`, [since]);
  return rows.map((row) => ({ ...row, costPico: BigInt(row.costPico) })).sort((a, b) => (a.costPico < b.costPico ? 1 : a.costPico > b.costPico ? -1 : 0));
}
