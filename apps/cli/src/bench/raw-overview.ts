/** The figures of Overview straight from the ledger's rows: what a dashboard without rollups would ask. One scan, grouped once, by Postgres's own plan. */
import type { Overview } from '@outlay/ledger';
import type { PoolClient } from 'pg';

export interface RawFigures {
  readonly costPico: string;
  readonly previousCostPico: string;
  readonly calls: number;
  readonly failed: number;
  readonly usable: number;
  readonly costUsablePico: string;
  /** Days of the trend with any call. */
  readonly days: number;
  readonly workflows: number;
  readonly models: number;
}

const CALLS = `
  WITH cells AS (
    SELECT e.occurred_at >= $2 AS current, (e.occurred_at AT TIME ZONE $4)::date AS day, coalesce(e.workflow, '') AS workflow, coalesce(e.provider, '') AS provider,
      coalesce(e.model_served, e.model_requested, '') AS model, e.environment, count(*) FILTER (WHERE e.part = 0) AS calls,
      count(*) FILTER (WHERE e.part = 0 AND e.status IN ('failed', 'aborted')) AS failed, count(*) FILTER (WHERE e.part = 0 AND e.attempt_kind = 'retry') AS retries,
      count(*) FILTER (WHERE e.part = 0 AND e.attempt_kind = 'fallback') AS fallbacks, count(*) FILTER (WHERE e.cost_basis = 'unpriced') AS unpriced,
      count(*) FILTER (WHERE e.part = 0 AND (e.customer_id IS NULL OR e.workflow IS NULL)) AS untagged, sum(e.cost_pico) AS cost_pico, sum(e.ceiling_pico) AS ceiling_pico,
      sum(e.cost_pico) FILTER (WHERE e.attempt_kind = 'retry') AS retry_cost_pico, sum(e.cost_pico) FILTER (WHERE e.attempt_kind = 'fallback') AS fallback_cost_pico,
      sum(e.cost_pico) FILTER (WHERE e.status IN ('failed', 'aborted')) AS failed_cost_pico
    FROM usage_events e WHERE e.subject = 'call' AND e.occurred_at >= $1 AND e.occurred_at < $3 GROUP BY 1, 2, 3, 4, 5, 6
  )
  SELECT current, day::text AS day, workflow, provider, model, grouping(day, workflow, model) AS grouping, sum(calls)::text AS calls, sum(failed)::text AS failed,
    sum(retries)::text AS retries, sum(fallbacks)::text AS fallbacks, sum(unpriced)::text AS unpriced, sum(untagged)::text AS untagged, sum(cost_pico)::text AS cost_pico,
    sum(ceiling_pico)::text AS ceiling_pico, sum(retry_cost_pico)::text AS retry_cost_pico, sum(fallback_cost_pico)::text AS fallback_cost_pico, sum(failed_cost_pico)::text AS failed_cost_pico
  FROM cells GROUP BY GROUPING SETS ((current), (current, workflow), (current, provider, model), (current, day, workflow), (current, day, model))`;

/** The cost of a run is taken from `runs`: without it this side would have to join the ledger with itself. */
const OUTCOMES = `
  SELECT e.occurred_at >= $2 AS current, coalesce(e.workflow, '') AS workflow, e.outcome, count(*)::text AS outcomes, sum(r.cost_pico)::text AS cost_pico
  FROM usage_events e JOIN runs r ON r.run_id = e.run_id WHERE e.subject = 'outcome' AND e.occurred_at >= $1 AND e.occurred_at < $3 GROUP BY 1, 2, 3`;

interface CallRow {
  readonly current: boolean;
  readonly day: string | null;
  readonly grouping: number;
  readonly calls: string;
  readonly failed: string;
  readonly cost_pico: string;
}

interface OutcomeRow {
  readonly current: boolean;
  readonly outcome: string;
  readonly outcomes: string;
  readonly cost_pico: string;
}

/** The same span as an answer of Overview, in the same kind of transaction. */
export async function readRawFigures(tx: PoolClient, { range, timeZone }: Pick<Overview, 'range' | 'timeZone'>): Promise<RawFigures> {
  await tx.query('SET LOCAL statement_timeout = 0');
  const [fromMs, toMs] = [Date.parse(range.from), Date.parse(range.to)];
  const bounds = [new Date(fromMs - (toMs - fromMs)), new Date(fromMs), new Date(toMs)];
  const { rows: calls } = await tx.query<CallRow>(CALLS, [...bounds, timeZone]);
  const { rows: outcomes } = await tx.query<OutcomeRow>(OUTCOMES, bounds);
  // A bit each for day, workflow and model, set where the group is not by it.
  const set = (grouping: number): CallRow[] => calls.filter((row) => row.current && row.grouping === grouping);
  const [total] = set(0b111);
  const usable = outcomes.filter((row) => row.current && row.outcome === 'usable');
  return {
    costPico: total!.cost_pico, calls: Number(total!.calls), failed: Number(total!.failed),
    previousCostPico: calls.find((row) => !row.current && row.grouping === 0b111)!.cost_pico,
    usable: usable.reduce((sum, row) => sum + Number(row.outcomes), 0), costUsablePico: String(usable.reduce((sum, row) => sum + BigInt(row.cost_pico), 0n)),
    days: new Set(set(0b001).map(({ day }) => day)).size, workflows: set(0b101).length, models: set(0b110).length,
  };
}

/** The same figures as the product's answer states them. */
export function figuresOf({ totals, previous, trend, workflows, models }: Overview): RawFigures {
  return {
    costPico: totals.costPico, previousCostPico: previous.costPico, calls: totals.calls, failed: totals.failed, usable: totals.usable, costUsablePico: totals.costUsablePico,
    days: trend.filter(({ total }) => total !== null).length, workflows: workflows.length, models: models.length,
  };
}
