/** What runs that ended did and cost, by workflow and by the plan in the snapshot of their outcome: what their worth is computed from. */
import type { Database } from '@outlay/platform';
import { readAskedSpan } from './asked-span';
import { byModel } from './cell-pieces';
import { createParams, eventConditions, whereSql } from './event-conditions';
import { NO_PLAN } from './measures';
import type { OverviewInput } from './overview';

export interface EndedRuns {
  readonly workflow: string;
  readonly planVersionId: string;
  readonly usable: number;
  readonly unusable: number;
  /** Decimals. */
  readonly unitsUsable: string;
  readonly unitsUnusable: string;
  readonly costPico: string;
  /** `entitlement` of one of their snapshots: version and overrides are the same in all of them. */
  readonly entitlement: unknown;
}

/**
 * Empty without a plan in the span, and with a filter by provider or model, by which no outcome can be told. Groups are few: they differ by workflow, plan version
 * and overrides, while nearly every customer has a snapshot of its own.
 */
export async function readEndedRuns(db: Database, tenantId: string, { range: name, fromMs, toMs, ...labels }: OverviewInput, nowMs: number): Promise<EndedRuns[]> {
  if (byModel(labels)) return [];
  return await db.withTenantSnapshot(tenantId, async (tx) => {
    const { current, timeZone } = await readAskedSpan(tx, { range: name, fromMs, toMs }, nowMs);
    const known = await tx.query(
      `SELECT 1 FROM customer_rollup_day WHERE day BETWEEN ($1::timestamptz AT TIME ZONE $3)::date AND ($2::timestamptz AT TIME ZONE $3)::date AND plan_version_id <> '${NO_PLAN}' LIMIT 1`,
      [new Date(current.fromMs), new Date(current.toMs), timeZone]);
    if (known.rowCount === 0) return [];
    const params = createParams();
    const where = ["e.subject = 'outcome'", 'e.plan_version_id IS NOT NULL', 'e.snapshot_hash IS NOT NULL', ...eventConditions({ ...labels, fromMs: current.fromMs, toMs: current.toMs }, tenantId, params)];
    const { rows } = await tx.query<{ workflow: string | null; plan_version_id: string; usable: string; unusable: string; units_usable: string; units_unusable: string; cost: string; entitlement: unknown }>(
      `WITH ended AS MATERIALIZED (
         SELECT e.workflow, e.plan_version_id, e.snapshot_hash, e.outcome, sum(e.sign) AS runs, sum(e.units) AS units, sum(e.sign * r.cost_pico) AS cost
         FROM usage_events e JOIN runs r ON r.run_id = e.run_id ${whereSql(where)} GROUP BY 1, 2, 3, 4
       ), grouped AS (
         SELECT ended.workflow, ended.plan_version_id, coalesce(s.body #>> '{entitlement,overrides}', '') AS overrides, (array_agg(ended.snapshot_hash))[1] AS hash,
           coalesce(sum(runs) FILTER (WHERE outcome = 'usable'), 0) AS usable, coalesce(sum(runs) FILTER (WHERE outcome = 'unusable'), 0) AS unusable,
           coalesce(sum(units) FILTER (WHERE outcome = 'usable'), 0) AS units_usable, coalesce(sum(units) FILTER (WHERE outcome = 'unusable'), 0) AS units_unusable, sum(cost) AS cost
         FROM ended JOIN snapshots s ON s.hash = ended.snapshot_hash WHERE s.body ? 'entitlement' GROUP BY 1, 2, 3
       )
       SELECT g.workflow, g.plan_version_id::text, g.usable::text, g.unusable::text, trim_scale(g.units_usable)::text AS units_usable, trim_scale(g.units_unusable)::text AS units_unusable,
         g.cost::text, s.body -> 'entitlement' AS entitlement FROM grouped g JOIN snapshots s ON s.hash = g.hash WHERE g.usable <> 0 OR g.unusable <> 0`, params.values);
    return rows.map((row) => ({
      workflow: row.workflow ?? '', planVersionId: row.plan_version_id, usable: Number(row.usable), unusable: Number(row.unusable),
      unitsUsable: row.units_usable, unitsUnusable: row.units_unusable, costPico: row.cost, entitlement: row.entitlement,
    }));
  });
}

/** Which allowance a workflow burns under a plan version. `key` is the caller's. */
export interface AllowanceBurn {
  readonly planVersionId: string;
  readonly workflow: string;
  readonly key: string;
}

/** By key, what the customer at the 95th percentile used in the last `days` days of the team, today included: units of usable outcomes. From the day rollup, so that a screen may ask. */
export async function readHeavyUse(db: Database, tenantId: string, burns: readonly AllowanceBurn[], days: number, nowMs: number): Promise<Map<string, string>> {
  if (burns.length === 0) return new Map();
  return await db.withTenantSnapshot(tenantId, async (tx) => {
    const { rows } = await tx.query<{ key: string; used: string }>(
      `SELECT u.key, trim_scale(percentile_disc(0.95) WITHIN GROUP (ORDER BY u.used))::text AS used
       FROM (SELECT r.customer_id, m.key, sum(r.units_usable) AS used FROM customer_rollup_day r JOIN unnest($1::uuid[], $2::text[], $3::text[]) AS m (version, workflow, key) ON m.version = r.plan_version_id AND m.workflow = r.workflow
         WHERE r.customer_id <> '' AND r.day > ($4::timestamptz AT TIME ZONE (SELECT time_zone FROM tenants))::date - $5::int GROUP BY 1, 2) u
       GROUP BY u.key`,
      [burns.map(({ planVersionId }) => planVersionId), burns.map(({ workflow }) => workflow), burns.map(({ key }) => key), new Date(nowMs), days]);
    return new Map(rows.map(({ key, used }) => [key, used]));
  });
}
