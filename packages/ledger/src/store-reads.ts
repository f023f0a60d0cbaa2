/** SQL that reads rows of `usage_events` back, with what the insert added to them. */
import type { PoolClient } from 'pg';
import type { EventRow } from './columns';
import { createParams, eventConditions, type Params, whereSql } from './event-conditions';
import type { EventFilter } from './event-filter';
import { EVENT_ROW_COLUMNS } from './store-events';

/** A row as it stands: what its writer sent, and when and where it was inserted. Microseconds in `recorded_at`. */
export interface StoredEvent extends EventRow {
  recorded_at: string;
  writer_slot: number;
  batch: bigint;
}

const COLUMNS = `${EVENT_ROW_COLUMNS}, to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS recorded_at, writer_slot, batch`;

/** Where a page ends: rows are ordered by (occurred_at, id). */
export interface Position {
  readonly occurredMs: number;
  readonly id: string;
}

export interface PageQuery {
  readonly tenantId: string;
  readonly filter: EventFilter;
  readonly order: 'newest' | 'oldest';
  /** Rows strictly behind it in the order. */
  readonly after?: Position;
  readonly limit: number;
  /** Further conditions on `e`. */
  readonly and?: (params: Params) => readonly string[];
}

export async function readPage(tx: PoolClient, query: PageQuery): Promise<StoredEvent[]> {
  const { filter, after, order } = query;
  const params = createParams();
  // The position narrows the span too: a page far down opens only the partitions that are left.
  const span = after === undefined ? filter : { ...filter, ...(order === 'newest' ? { toMs: after.occurredMs + 1 } : { fromMs: after.occurredMs }) };
  const conditions = [...eventConditions(span, query.tenantId, params), ...(query.and?.(params) ?? [])];
  if (after !== undefined) {
    conditions.push(`(e.occurred_at, e.id) ${order === 'newest' ? '<' : '>'} (${params.add(new Date(after.occurredMs))}::timestamptz, ${params.add(after.id)}::uuid)`);
  }
  const direction = order === 'newest' ? 'DESC' : 'ASC';
  const { rows } = await tx.query<StoredEvent>(
    `SELECT ${COLUMNS} FROM usage_events e ${whereSql(conditions)} ORDER BY e.occurred_at ${direction}, e.id ${direction} LIMIT ${params.add(query.limit)}`, params.values);
  return rows;
}

export function positionOf(row: StoredEvent): Position {
  return { occurredMs: Date.parse(row.occurred_at), id: row.id };
}

export async function readEvent(tx: PoolClient, id: string): Promise<StoredEvent | null> {
  const { rows } = await tx.query<StoredEvent>(`SELECT ${COLUMNS} FROM usage_events e WHERE e.id = $1::uuid`, [id]);
  return rows[0] ?? null;
}

/** An event and its corrections, by revision. Derived ids keep the first 48 bits of their base, so they stand in its partition. */
export async function readChain(tx: PoolClient, originalId: string): Promise<StoredEvent[]> {
  const { rows } = await tx.query<StoredEvent>(
    `SELECT ${COLUMNS} FROM usage_events e WHERE (e.id = $1::uuid OR e.corrects = $1::uuid) AND e.id >= $2::uuid AND e.id <= $3::uuid ORDER BY e.revision, e.sign`,
    [originalId, `${originalId.slice(0, 13)}-0000-0000-000000000000`, `${originalId.slice(0, 13)}-ffff-ffff-ffffffffffff`]);
  return rows;
}

/** The call that was inserted first since an instant; null while there is none. */
export async function readFirstRecorded(tx: PoolClient, since: Date): Promise<StoredEvent | null> {
  // The row is found before its columns are made: Postgres would make them for every row that it sorts.
  const { rows } = await tx.query<StoredEvent>(
    `SELECT ${COLUMNS} FROM usage_events e WHERE e.id = (
       SELECT f.id FROM usage_events f WHERE f.recorded_at >= $1::timestamptz AND f.kind = 'usage' ORDER BY f.recorded_at, f.id LIMIT 1)`, [since]);
  return rows[0] ?? null;
}

/** Of these original ids, the highest revision of each that was corrected. Ids absent from the answer stand as they were recorded. */
export async function readRevisions(tx: PoolClient, originalIds: readonly string[]): Promise<Map<string, number>> {
  if (originalIds.length === 0) return new Map();
  const { rows } = await tx.query<{ corrects: string; revision: number }>(
    'SELECT e.corrects::text AS corrects, max(e.revision) AS revision FROM usage_events e WHERE e.corrects = ANY ($1::uuid[]) GROUP BY e.corrects', [originalIds]);
  return new Map(rows.map(({ corrects, revision }) => [corrects, revision]));
}

export interface RunRow {
  readonly run_id: string;
  readonly run_ref: string | null;
  readonly environment: string;
  readonly customer_id: string;
  readonly workflow: string;
  readonly cost_pico: bigint;
  readonly ceiling_pico: bigint;
  readonly calls: number;
  readonly retries: number;
  readonly unpriced: number;
  readonly outcome: string | null;
  readonly outcome_at: Date | null;
  readonly units: string | null;
  readonly first_at: Date;
  readonly last_at: Date;
  readonly open_until: Date;
}

export async function readRun(tx: PoolClient, runId: string): Promise<RunRow | null> {
  const { rows } = await tx.query<RunRow>(
    `SELECT run_id::text AS run_id, run_ref, environment, customer_id, workflow, cost_pico, ceiling_pico, calls, retries, unpriced, outcome, outcome_at,
       trim_scale(units)::text AS units, first_at, last_at, open_until FROM runs WHERE run_id = $1::uuid`, [runId]);
  return rows[0] ?? null;
}

export async function readSnapshotBody(tx: PoolClient, hash: string): Promise<unknown> {
  const { rows } = await tx.query<{ body: unknown }>(`SELECT body FROM snapshots WHERE hash = decode($1, 'hex')`, [hash]);
  return rows[0]?.body ?? null;
}
