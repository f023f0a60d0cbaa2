/** Runs of a workflow, page by page: newest or dearest first, each once however many are recorded meanwhile. */
import { DomainError } from '@outlay/kernel';
import { isUuid } from '@outlay/kernel/ids';
import type { Database } from '@outlay/platform';
import type { PoolClient } from 'pg';
import { createParams, type Params } from './event-conditions';
import { openSpan, type WorkflowsInput } from './workflow-list';
import { runConditions, type RunState, stateSql } from './workflow-runs';

export const RUN_ORDERS = ['newest', 'dearest'] as const;
export type RunOrder = (typeof RUN_ORDERS)[number];

export interface RunsQuery extends WorkflowsInput {
  readonly workflow: string;
  readonly state?: RunState;
  /** Absent: newest. */
  readonly order?: RunOrder;
  readonly cursor?: string;
  readonly limit?: number;
}

export interface ListedRun {
  readonly runId: string;
  readonly runRef: string | null;
  readonly environment: string;
  readonly customerId: string | null;
  readonly state: RunState;
  readonly costPico: string;
  readonly calls: number;
  /** Retries and fallbacks. */
  readonly retries: number;
  readonly unpriced: number;
  readonly units: string | null;
  readonly firstAt: string;
  readonly lastAt: string;
}

export interface RunPage {
  readonly rows: readonly ListedRun[];
  /** Opaque; null on the last page. */
  readonly nextCursor: string | null;
}

export const RUNS_PAGE_MAX = 200;
const RUNS_PAGE = 50;

/** Errors: `invalid_input` naming `cursor`, `limit` or `from`. */
export async function listRuns(db: Database, tenantId: string, query: RunsQuery, nowMs: number): Promise<RunPage> {
  const limit = query.limit ?? RUNS_PAGE;
  if (!Number.isInteger(limit) || limit < 1 || limit > RUNS_PAGE_MAX) throw new DomainError('invalid_input', { field: 'limit', message: `"limit" must be 1 to ${RUNS_PAGE_MAX}.` });
  const order = query.order ?? 'newest';
  const after = query.cursor === undefined ? undefined : readCursor(query.cursor, order);
  return await db.withTenantSnapshot(tenantId, async (tx) => {
    const { current } = await openSpan(tx, query, nowMs);
    // One more than asked for tells whether there is a next page.
    const found = await readRuns(tx, query, { order, after, limit: limit + 1, nowMs: after?.nowMs ?? nowMs, span: after === undefined ? current : { ...current, fromMs: after.fromMs, toMs: after.toMs } });
    const rows = found.slice(0, limit);
    const last = rows.at(-1);
    const span = after ?? { fromMs: current.fromMs, toMs: current.toMs, nowMs };
    return { rows, nextCursor: found.length > limit && last ? writeCursor(order, span, order === 'newest' ? String(Date.parse(last.lastAt)) : last.costPico, last.runId) : null };
  });
}

interface Asked {
  readonly order: RunOrder;
  readonly after: Position | undefined;
  readonly limit: number;
  readonly nowMs: number;
  readonly span: { readonly fromMs: number; readonly toMs: number };
}

async function readRuns(tx: PoolClient, query: RunsQuery, { order, after, limit, nowMs, span }: Asked): Promise<ListedRun[]> {
  const params = createParams();
  const state = stateSql(params, nowMs);
  const { environment, customerId, workflow } = query;
  const conditions = runConditions(span, { environment, customerId, workflow }, params);
  if (query.state !== undefined) conditions.push(stateCondition(query.state, params, nowMs));
  const key = order === 'newest' ? 'last_at' : 'cost_pico';
  if (after !== undefined) {
    const value = order === 'newest' ? `${params.add(new Date(Number(after.value)))}::timestamptz` : `${params.add(after.value)}::bigint`;
    conditions.push(`(r.${key}, r.run_id) < (${value}, ${params.add(after.runId)}::uuid)`);
  }
  const { rows } = await tx.query<{
    run_id: string; run_ref: string | null; environment: string; customer_id: string; state: RunState; cost_pico: bigint; calls: number; retries: number; unpriced: number;
    units: string | null; first_at: Date; last_at: Date;
  }>(
    `SELECT r.run_id::text AS run_id, r.run_ref, r.environment, r.customer_id, ${state} AS state, r.cost_pico, r.calls, r.retries, r.unpriced, trim_scale(r.units)::text AS units, r.first_at, r.last_at
     FROM runs r WHERE ${conditions.join(' AND ')} ORDER BY r.${key} DESC, r.run_id DESC LIMIT ${params.add(limit)}`, params.values);
  return rows.map((row) => ({
    runId: row.run_id, runRef: row.run_ref, environment: row.environment, customerId: row.customer_id || null, state: row.state, costPico: String(row.cost_pico), calls: row.calls,
    retries: row.retries, unpriced: row.unpriced, units: row.units, firstAt: row.first_at.toISOString(), lastAt: row.last_at.toISOString(),
  }));
}

function stateCondition(state: RunState, params: Params, nowMs: number): string {
  if (state === 'usable' || state === 'unusable') return `r.outcome = ${params.add(state)}`;
  return `r.outcome IS NULL AND r.open_until ${state === 'open' ? '>' : '<='} ${params.add(new Date(nowMs))}::timestamptz`;
}

/** Where a page ends. It carries the span and the moment of the first page: a range that ends with now would move from page to page. */
interface Position {
  readonly fromMs: number;
  readonly toMs: number;
  readonly nowMs: number;
  readonly value: string;
  readonly runId: string;
}

function writeCursor(order: RunOrder, { fromMs, toMs, nowMs }: Pick<Position, 'fromMs' | 'toMs' | 'nowMs'>, value: string, runId: string): string {
  return Buffer.from([order[0], fromMs, toMs, nowMs, value, runId].join('.')).toString('base64url');
}

const NUMBER = /^-?\d{1,15}$/;

function readCursor(cursor: string, order: RunOrder): Position {
  const [kind, fromMs = '', toMs = '', nowMs = '', value = '', runId = '', ...rest] = Buffer.from(cursor, 'base64url').toString('utf8').split('.');
  if (kind !== order[0] || ![fromMs, toMs, nowMs].every((ms) => NUMBER.test(ms)) || !/^-?\d{1,18}$/.test(value) || !isUuid(runId) || rest.length > 0) {
    throw new DomainError('invalid_input', { field: 'cursor', message: '"cursor" must be the nextCursor of an earlier page of the same list, unchanged.' });
  }
  return { fromMs: Number(fromMs), toMs: Number(toMs), nowMs: Number(nowMs), value, runId };
}
