/** SQL that counts the runs of a span by what became of them and what they cost. Reads `runs` once by (tenant, last event), and once more for the runs at a rank. */
import type { PoolClient } from 'pg';
import type { Span } from './cell-pieces';
import { createParams, type Params } from './event-conditions';
import { boundsOf, COST_EDGES, type RankPlace } from './run-cost-grid';

/** What became of a run: its outcome, or while it has none, whether it may still come. */
export type RunState = 'usable' | 'unusable' | 'open' | 'unknown';
export const RUN_STATES = ['usable', 'unusable', 'open', 'unknown'] as const satisfies readonly RunState[];

export interface RunLabels {
  readonly environment?: string;
  readonly customerId?: string;
  readonly workflow?: string;
}

/** Attempts above this count together. */
export const ATTEMPTS_MAX = 3;

export interface RunCell {
  readonly workflow: string;
  readonly state: RunState;
  /** Of `COST_EDGES`. */
  readonly bucket: number;
  /** Retries and fallbacks of the run, at most `ATTEMPTS_MAX`. */
  readonly retries: number;
  /** Calls of the run, at most `ATTEMPTS_MAX`. */
  readonly calls: number;
  readonly runs: number;
  readonly costPico: bigint;
  readonly lastAt: Date;
}

/** A run belongs to the span in which its last event lies. */
export function runConditions(span: Pick<Span, 'fromMs' | 'toMs'>, labels: RunLabels, params: Params): string[] {
  const conditions = [`r.last_at >= ${params.add(new Date(span.fromMs))}::timestamptz`, `r.last_at < ${params.add(new Date(span.toMs))}::timestamptz`];
  if (labels.environment !== undefined) conditions.push(`r.environment = ${params.add(labels.environment)}`);
  if (labels.customerId !== undefined) conditions.push(`r.customer_id = ${params.add(labels.customerId)}`);
  if (labels.workflow !== undefined) conditions.push(`r.workflow = ${params.add(labels.workflow)}`);
  return conditions;
}

export function stateSql(params: Params, nowMs: number): string {
  return `CASE WHEN r.outcome IS NOT NULL THEN r.outcome WHEN r.open_until > ${params.add(new Date(nowMs))}::timestamptz THEN 'open' ELSE 'unknown' END`;
}

/** `byAttempts` also tells runs apart by calls and later attempts; else both are 0 in the answer. A million runs are then counted in half the time. */
export async function readRunCells(tx: PoolClient, span: Span, labels: RunLabels, { nowMs, byAttempts }: { readonly nowMs: number; readonly byAttempts: boolean }): Promise<RunCell[]> {
  const params = createParams();
  const state = stateSql(params, nowMs);
  const edges = params.add(COST_EDGES.map(String));
  const { rows } = await tx.query<{ workflow: string; state: RunState; bucket: number; retries: number; calls: number; runs: bigint; cost_pico: string; last_at: Date }>(
    `SELECT r.workflow, ${state} AS state, width_bucket(r.cost_pico, ${edges}::bigint[]) AS bucket, ${byAttempts ? `least(r.retries, ${ATTEMPTS_MAX}) AS retries, least(r.calls, ${ATTEMPTS_MAX}) AS calls` : '0 AS retries, 0 AS calls'},
       count(*) AS runs, sum(r.cost_pico)::text AS cost_pico, max(r.last_at) AS last_at
     FROM runs r WHERE ${runConditions(span, labels, params).join(' AND ')} GROUP BY 1, 2, 3${byAttempts ? ', 4, 5' : ''}`, params.values);
  return rows.map((row) => ({
    workflow: row.workflow, state: row.state, bucket: row.bucket, retries: row.retries, calls: row.calls, runs: Number(row.runs), costPico: BigInt(row.cost_pico), lastAt: row.last_at,
  }));
}

export interface RankAsked extends RankPlace {
  readonly workflow: string;
  readonly name: string;
}

export interface RankedRun {
  readonly workflow: string;
  readonly name: string;
  readonly runId: string;
  readonly runRef: string | null;
  readonly costPico: bigint;
}

/** The very runs that stand at these ranks: only the buckets that hold them are sorted. */
export async function readRankedRuns(tx: PoolClient, span: Span, labels: RunLabels, asked: readonly RankAsked[]): Promise<RankedRun[]> {
  if (asked.length === 0) return [];
  const params = createParams();
  const bounds = asked.map(({ bucket }) => boundsOf(bucket));
  const marks = `unnest(${params.add(asked.map(({ workflow }) => workflow))}::text[], ${params.add(asked.map(({ name }) => name))}::text[],
      ${params.add(bounds.map(({ fromPico }) => (fromPico === null ? null : String(fromPico))))}::bigint[], ${params.add(bounds.map(({ toPico }) => (toPico === null ? null : String(toPico))))}::bigint[],
      ${params.add(asked.map(({ rankInBucket }) => rankInBucket))}::bigint[]) AS m (workflow, name, from_pico, to_pico, rank)`;
  const { rows } = await tx.query<{ workflow: string; name: string; run_id: string; run_ref: string | null; cost_pico: bigint }>(
    `SELECT x.workflow, x.name, x.run_id::text AS run_id, x.run_ref, x.cost_pico FROM (
       SELECT m.workflow, m.name, m.rank, r.run_id, r.run_ref, r.cost_pico, row_number() OVER (PARTITION BY m.workflow, m.name ORDER BY r.cost_pico, r.run_id) AS place
       FROM runs r JOIN ${marks} ON m.workflow = r.workflow AND (m.from_pico IS NULL OR r.cost_pico >= m.from_pico) AND (m.to_pico IS NULL OR r.cost_pico < m.to_pico)
       WHERE ${runConditions(span, labels, params).join(' AND ')}
     ) x WHERE x.place = x.rank`, params.values);
  return rows.map((row) => ({ workflow: row.workflow, name: row.name, runId: row.run_id, runRef: row.run_ref, costPico: row.cost_pico }));
}

/** The last local day on which each workflow had any event, whatever the span. */
export async function readLastDays(tx: PoolClient): Promise<Map<string, string>> {
  const { rows } = await tx.query<{ workflow: string; day: string }>('SELECT d.workflow, max(d.day)::text AS day FROM usage_rollup_day d GROUP BY d.workflow');
  return new Map(rows.map(({ workflow, day }) => [workflow, day]));
}
