/** Totals that were sealed before fallbacks had a measure of their own count their cost among the retries, and so do the cells of that month. */
import type { PoolClient } from 'pg';
import { FOLDED_SLOT, LOCK_CELLS } from './fold-rollups';
import { NO_PLAN, ROLLUPS } from './measures';

type Sums = Readonly<Record<string, string>>;

/** Sums of today as a total states them that was sealed earlier. */
export function asSealed(sums: Sums, sealed: Sums): Sums {
  if (sealed['fallback_cost_pico'] !== undefined) return sums;
  const { fallback_cost_pico: fallback = '0', retry_cost_pico: retry = '0', ...others } = sums;
  return { ...others, retry_cost_pico: String(BigInt(retry) + BigInt(fallback)) };
}

/** What the rows of [idFrom, idTo) cost as fallbacks leaves the retries of their cells. Once a total: when its rows speak for themselves again. Inside `withTenant`. */
export async function splitFallbackCost(tx: PoolClient, tenantId: string, { idFrom, idTo }: { readonly idFrom: string; readonly idTo: string }): Promise<void> {
  await tx.query(LOCK_CELLS, [tenantId]);
  const columns: Record<string, string> = {
    environment: 'e.environment', workflow: `coalesce(e.workflow, '')`, provider: `coalesce(e.provider, '')`, model: `coalesce(e.model_served, e.model_requested, '')`,
    customer_id: `coalesce(e.customer_id, '')`, plan_version_id: `coalesce(e.plan_version_id, '${NO_PLAN}')`,
  };
  const bucket = `date_bin('15 minutes', e.occurred_at, '2000-01-01T00:00:00Z')`;
  for (const { table, dayTable, dimensions } of Object.values(ROLLUPS)) {
    for (const [name, time, when] of [[table, 'bucket', bucket], [dayTable, 'day', `(${bucket} AT TIME ZONE t.time_zone)::date`]] as const) {
      const key = ['tenant_id', time, ...dimensions, 'slot'].join(', ');
      await tx.query(`
        INSERT INTO ${name} AS r (${key}, retry_cost_pico, fallback_cost_pico)
        SELECT e.tenant_id, ${when}, ${dimensions.map((dimension) => columns[dimension]).join(', ')}, ${FOLDED_SLOT}, -sum(e.cost_pico)::bigint, sum(e.cost_pico)::bigint
        FROM usage_events e JOIN tenants t ON t.id = e.tenant_id
        WHERE e.id >= $1 AND e.id < $2 AND e.subject = 'call' AND e.attempt_kind = 'fallback' AND e.cost_pico <> 0
        GROUP BY 1, 2, ${dimensions.map((_, i) => i + 3).join(', ')}
        ON CONFLICT (${key}) DO UPDATE SET retry_cost_pico = r.retry_cost_pico + excluded.retry_cost_pico, fallback_cost_pico = r.fallback_cost_pico + excluded.fallback_cost_pico`,
      [idFrom, idTo]);
    }
  }
}
