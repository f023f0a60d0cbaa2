/** SQL of environments, over the rollups of days: a few hundred cells an environment and month. */
import type { PoolClient } from 'pg';

export interface SeenEnvironment {
  readonly environment: string;
  /** Begin of the first quarter of an hour with an event. */
  readonly firstSeen: Date;
  /** When the last event happened. */
  readonly lastSeen: Date;
  readonly calls: number;
  readonly costPico: bigint;
}

/** `since` names the first local day that counts as lately. Inside `withTenant`. */
export async function readEnvironments(tx: PoolClient, since: Date): Promise<SeenEnvironment[]> {
  const { rows } = await tx.query<Omit<SeenEnvironment, 'costPico'> & { costPico: string }>(`
    WITH seen AS (
      SELECT t.id, d.environment, min(d.day)::timestamp AT TIME ZONE t.time_zone AS first_day, (min(d.day) + 1)::timestamp AT TIME ZONE t.time_zone AS first_end,
        max(d.day)::timestamp AT TIME ZONE t.time_zone AS last_day,
        coalesce(sum(d.calls) FILTER (WHERE d.day >= ($1::timestamptz AT TIME ZONE t.time_zone)::date), 0)::float8 AS calls,
        coalesce(sum(d.cost_pico) FILTER (WHERE d.day >= ($1::timestamptz AT TIME ZONE t.time_zone)::date), 0) AS cost_pico
      FROM usage_rollup_day d JOIN tenants t ON t.id = d.tenant_id GROUP BY d.environment, t.id, t.time_zone
    ), edges AS (
      SELECT s.*, (SELECT min(u.bucket) FROM usage_rollup u WHERE u.tenant_id = s.id AND u.environment = s.environment AND u.bucket >= s.first_day AND u.bucket < s.first_end) AS first_bucket,
        (SELECT max(u.bucket) FROM usage_rollup u WHERE u.tenant_id = s.id AND u.environment = s.environment AND u.bucket >= s.last_day) AS last_bucket
      FROM seen s
    )
    SELECT g.environment, coalesce(g.first_bucket, g.first_day) AS "firstSeen", g.calls, g.cost_pico::text AS "costPico",
      coalesce((SELECT max(e.occurred_at) FROM usage_events e WHERE e.tenant_id = g.id AND e.environment = g.environment
        AND e.occurred_at >= g.last_bucket AND e.occurred_at < g.last_bucket + interval '15 minutes'), g.last_bucket, g.last_day) AS "lastSeen"
    FROM edges g ORDER BY g.cost_pico DESC, g.environment`, [since]);
  return rows.map((row) => ({ ...row, costPico: BigInt(row.costPico) }));
}
