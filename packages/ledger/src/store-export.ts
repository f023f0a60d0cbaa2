/** SQL of an export: runs, days and snapshots, page by page, summed from the rows of a cut. */
import type { PoolClient } from 'pg';
import { type Cut, rowsAtOrBelow } from './cut';
import { createParams } from './event-conditions';
import { MEASURES } from './measures';

export const RUN_SUMS = ['cost_pico', 'ceiling_pico', 'calls', 'retries', 'unpriced'] as const;
type RunSum = (typeof RUN_SUMS)[number];

/** A run as it stands now, and what it keeps of archived rows. */
export type RunLabels = {
  readonly run_id: string; readonly run_ref: string | null; readonly environment: string; readonly customer_id: string; readonly workflow: string;
  readonly first_at: Date; readonly last_at: Date; readonly archived_outcome: string | null;
} & { readonly [K in RunSum as `archived_${K}`]: bigint | number | null };

/** By run id, strictly behind `after`. Inside `withTenant`. */
export async function readRunsPage(tx: PoolClient, after: string | null, limit: number): Promise<RunLabels[]> {
  const { rows } = await tx.query<RunLabels>(
    `SELECT run_id, run_ref, environment, customer_id, workflow, first_at, last_at, archived_outcome, ${RUN_SUMS.map((name) => `archived_${name}`).join(', ')}
     FROM runs WHERE run_id > $1::uuid ORDER BY run_id LIMIT $2`, [after ?? '00000000-0000-0000-0000-000000000000', limit]);
  return rows;
}

export interface RunSums extends Readonly<Record<RunSum, bigint | number>> {
  readonly rows: number;
  readonly outcome: string | null;
  readonly outcome_at: Date | null;
  readonly units: string | null;
}

const CALL = `e.subject = 'call' AND e.part = 0`;
const SPEAKS = 'NOT EXISTS (SELECT FROM archived_totals a WHERE e.id >= a.id_from AND e.id < a.id_to)';

/** Of these runs, what their rows of the cut sum to; rows for which an archived total speaks are left to it. */
export async function readRunSums(tx: PoolClient, tenantId: string, runIds: readonly string[], cut: Cut): Promise<Map<string, RunSums>> {
  if (runIds.length === 0) return new Map();
  const params = createParams();
  const last = (column: string): string => `(array_agg(e.${column} ORDER BY e.revision DESC) FILTER (WHERE e.subject = 'outcome' AND e.sign = 1))[1]`;
  const { rows } = await tx.query<RunSums & { run_id: string }>(
    `SELECT e.run_id, count(*)::int AS rows, sum(coalesce(e.cost_pico, 0))::bigint AS cost_pico, sum(e.ceiling_pico)::bigint AS ceiling_pico,
       sum(CASE WHEN ${CALL} THEN e.sign ELSE 0 END)::int AS calls, sum(CASE WHEN ${CALL} AND e.attempt_kind IN ('retry', 'fallback') THEN e.sign ELSE 0 END)::int AS retries,
       sum(CASE WHEN e.cost_basis = 'unpriced' THEN e.sign ELSE 0 END)::int AS unpriced, ${last('outcome')} AS outcome, ${last('occurred_at')} AS outcome_at, ${last('units')}::text AS units
     FROM usage_events e WHERE e.tenant_id = ${params.add(tenantId)}::uuid AND e.run_id = ANY (${params.add(runIds)}::uuid[]) AND ${rowsAtOrBelow(cut, params)} AND ${SPEAKS}
     GROUP BY e.run_id`, params.values);
  return new Map(rows.map((row) => [row.run_id, row]));
}

/** Sums of a day, of all measures that rows carry. */
export const DAY_SUMS: readonly string[] = MEASURES.filter(({ fact }) => fact !== undefined).map(({ name }) => name);

/** Labels and sums, all as text. */
export type DaySums = Readonly<Record<string, string>>;

const ZONE = '(SELECT time_zone FROM tenants)';

/** The first local day with a row, as `2026-11-21`, and how many days later the last one is; null without rows. */
export async function readSpanDays(tx: PoolClient, tenantId: string): Promise<{ readonly first: string; readonly days: number } | null> {
  const { rows: [row] } = await tx.query<{ first: string | null; days: number }>(
    `SELECT min(day)::text AS first, (max(day) - min(day))::int AS days FROM (SELECT (min(occurred_at) AT TIME ZONE ${ZONE})::date AS day FROM usage_events WHERE tenant_id = $1::uuid
     UNION ALL SELECT (max(occurred_at) AT TIME ZONE ${ZONE})::date FROM usage_events WHERE tenant_id = $1::uuid) d`, [tenantId]);
  return row?.first ? { first: row.first, days: row.days } : null;
}

export async function readDaySums(tx: PoolClient, tenantId: string, span: { readonly first: string; readonly offset: number; readonly days: number }, cut: Cut): Promise<DaySums[]> {
  const params = createParams();
  const [first, from, to] = [params.add(span.first), params.add(span.offset), params.add(span.offset + span.days)];
  const { rows } = await tx.query<DaySums>(
    `SELECT (e.occurred_at AT TIME ZONE ${ZONE})::date::text AS day, e.environment, coalesce(e.workflow, '') AS workflow, coalesce(e.provider, '') AS provider,
       coalesce(e.model_served, e.model_requested, '') AS model, ${MEASURES.flatMap(({ name, fact }) => (fact === undefined ? [] : [`sum(${fact})::text AS ${name}`])).join(', ')}
     FROM usage_events e WHERE e.tenant_id = ${params.add(tenantId)}::uuid AND e.subject <> 'outcome' AND ${rowsAtOrBelow(cut, params)}
       AND e.occurred_at >= (${first}::date + ${from}::int)::timestamp AT TIME ZONE ${ZONE} AND e.occurred_at < (${first}::date + ${to}::int)::timestamp AT TIME ZONE ${ZONE}
     GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5`, params.values);
  return rows;
}

export interface SnapshotRow {
  /** Hex. */
  readonly hash: string;
  readonly body: unknown;
  readonly created_at: Date;
}

export async function readSnapshotsPage(tx: PoolClient, after: string, limit: number): Promise<SnapshotRow[]> {
  const { rows } = await tx.query<SnapshotRow>(
    `SELECT encode(hash, 'hex') AS hash, body, created_at FROM snapshots WHERE hash > decode($1, 'hex') ORDER BY hash LIMIT $2`, [after, limit]);
  return rows;
}
