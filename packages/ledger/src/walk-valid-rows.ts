/** Walks the valid calls of a filter at a cut, by id, a batch at a time: each event once, in the state that it had then. */
import type { PoolClient } from 'pg';
import type { EventRow } from './columns';
import { type Cut, rowsAtOrBelow } from './cut';
import { createParams, eventConditions, modelOf, type Params, whereSql } from './event-conditions';
import type { RepricingFilter } from './repricing-run';
import { EVENT_ROW_COLUMNS } from './store-events';

export interface RowBatch {
  /** Valid at the cut; may be empty where the filter met superseded rows only. */
  readonly rows: readonly EventRow[];
  /** The last row that was looked at; null at the end. */
  readonly cursor: string | null;
}

const FIRST = '00000000-0000-0000-0000-000000000000';

export async function readValidRows(tx: PoolClient, tenantId: string, filter: RepricingFilter, cut: Cut, after: string | null, limit: number): Promise<RowBatch> {
  const params = createParams();
  const { costBasis, served, ...labels } = filter;
  const conditions = [
    `e.tenant_id = ${params.add(tenantId)}::uuid`, `e.id > ${params.add(after ?? FIRST)}::uuid`, `e.subject = 'call'`, 'e.sign = 1',
    // Written out, so that the planner sees the predicate of the quarantine's own index. One of four words: the filter was parsed.
    ...(costBasis === undefined ? [] : [`e.cost_basis = '${costBasis}'`]),
    ...eventConditions(labels, tenantId, params), ...(served === undefined ? [] : [servedAs(served, params)]), rowsAtOrBelow(cut, params),
  ];
  const { rows } = await tx.query<EventRow>(`SELECT ${EVENT_ROW_COLUMNS} FROM usage_events e ${whereSql(conditions)} ORDER BY e.id LIMIT ${params.add(limit)}`, params.values);
  if (rows.length === 0) return { rows, cursor: null };
  const revisions = await readRevisionsAt(tx, [...new Set(rows.map((row) => row.corrects ?? row.id))], cut);
  return {
    rows: rows.filter((row) => row.revision === (revisions.get(row.corrects ?? row.id) ?? 0)),
    cursor: rows.length < limit ? null : rows.at(-1)!.id,
  };
}

function servedAs(names: NonNullable<RepricingFilter['served']>, params: Params): string {
  return `(e.provider, ${modelOf('e')}) IN (SELECT * FROM unnest(${params.add(names.map(({ provider }) => provider))}::text[], ${params.add(names.map(({ model }) => model))}::text[]))`;
}

async function readRevisionsAt(tx: PoolClient, originalIds: readonly string[], cut: Cut): Promise<Map<string, number>> {
  const params = createParams();
  const { rows } = await tx.query<{ corrects: string; revision: number }>(
    `SELECT e.corrects::text AS corrects, max(e.revision) AS revision FROM usage_events e
     WHERE e.corrects = ANY (${params.add(originalIds)}::uuid[]) AND ${rowsAtOrBelow(cut, params)} GROUP BY e.corrects`, params.values);
  return new Map(rows.map(({ corrects, revision }) => [corrects, revision]));
}
