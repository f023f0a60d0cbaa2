/** SQL that sums ledger rows at a cut: the same measures as the rollups hold, by the same definitions, from the rows themselves. */
import type { PoolClient } from 'pg';
import { type Cut, rowsAtOrBelow } from './cut';
import { createParams, eventConditions, modelOf, type Params, spanConditions, whereSql } from './event-conditions';
import type { EventFilter } from './event-filter';
import { type Measure, MEASURES } from './measures';
import type { SearchCondition } from './resolve-search';
import { groupingSql, type RowGrouping } from './row-groupings';

export interface RowsQuery {
  readonly tenantId: string;
  readonly timeZone: string;
  readonly filter: EventFilter;
  readonly groupBy: readonly RowGrouping[];
  readonly cut: Cut;
  readonly search: SearchCondition | undefined;
}

interface TimeSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What is summed over calls, and what over outcomes. */
export const CALL_MEASURES = MEASURES.filter(({ fact }) => fact !== undefined);
export const OUTCOME_MEASURES = MEASURES.filter(({ move }) => move !== undefined);

/** Keys, then those measures in their order, as text. */
export type SumRow = readonly (string | null)[];

/** First and last row of the filter's span, [from, to); null when it has none. */
export async function readSpanOfRows(tx: PoolClient, { tenantId, filter }: RowsQuery): Promise<TimeSpan | null> {
  const { fromMs, toMs } = filter;
  const endOf = async (direction: 'ASC' | 'DESC'): Promise<Date | undefined> => {
    const params = createParams();
    const where = [`e.tenant_id = ${params.add(tenantId)}::uuid`, ...spanConditions({ fromMs, toMs }, params)];
    const { rows } = await tx.query<{ occurred_at: Date }>(`SELECT e.occurred_at FROM usage_events e ${whereSql(where)} ORDER BY e.occurred_at ${direction}, e.id ${direction} LIMIT 1`, params.values);
    return rows[0]?.occurred_at;
  };
  const [first, last] = [await endOf('ASC'), await endOf('DESC')];
  return first === undefined || last === undefined ? null : { fromMs: first.getTime(), toMs: last.getTime() + 1 };
}

export async function readRowSums(tx: PoolClient, query: RowsQuery, slice: TimeSpan): Promise<SumRow[]> {
  const params = createParams();
  const where = ["e.subject = 'call'", ...conditionsAt(query, { ...query.filter, ...slice }, params)];
  return await readSums(tx, query, `usage_events e ${whereSql(where)}`, CALL_MEASURES.map(({ fact, type }) => [fact!, type]), params);
}

/** First and last call of the runs whose outcome is in the filter; null without any. Calls are looked for there only. */
export async function readCallSpanAt(tx: PoolClient, query: RowsQuery): Promise<TimeSpan | null> {
  const params = createParams();
  const where = ["e.subject = 'outcome'", ...conditionsAt(query, withoutModel(query.filter), params)];
  const { rows } = await tx.query<{ first_at: Date | null; last_at: Date | null }>(
    `SELECT min(r.first_at) AS first_at, max(r.last_at) AS last_at FROM usage_events e JOIN runs r ON r.run_id = e.run_id ${whereSql(where)}`, params.values);
  const { first_at: first, last_at: last } = rows[0]!;
  return first === null || last === null ? null : { fromMs: first.getTime(), toMs: last.getTime() + 1 };
}

/**
 * Outcomes as signed rows, with what their runs had cost at the cut. With a call span only the calls of the filter's provider and model count,
 * and a run without one is left out.
 */
export async function readOutcomeSums(tx: PoolClient, query: RowsQuery, slice: TimeSpan, callSpan: TimeSpan | null): Promise<SumRow[]> {
  const params = createParams();
  const where = ["e.subject = 'outcome'", ...conditionsAt(query, { ...withoutModel(query.filter), ...slice }, params)];
  const cost = callSpan === null ? 'r.cost_pico - coalesce(c.cost_pico, 0)' : 'c.cost_pico';
  // Summed once: on tables without statistics yet the planner would sum it anew for every outcome.
  const calls = `WITH calls AS MATERIALIZED (${callSpan === null ? costAbove(query.cut, params) : matchingCalls(query, callSpan, params)})`;
  const from = `usage_events e JOIN runs r ON r.run_id = e.run_id ${callSpan === null ? 'LEFT ' : ''}JOIN calls c ON c.run_id = e.run_id
    CROSS JOIN LATERAL (SELECT e.sign AS direction, e.outcome, ${cost} AS cost_pico, e.sign * e.units AS units) m ${whereSql(where)}`;
  return await readSums(tx, query, from, OUTCOME_MEASURES.map(({ move, type }) => [move!, type]), params, calls);
}

/** Rows outside of a cut were recorded at its `takenAt` - 2 min or later. */
const RECORDED_BEFORE_MS = 120_000;

/** What the runs gained after the cut: `runs` holds their present cost. */
function costAbove(cut: Cut, params: Params): string {
  return `SELECT a.run_id, sum(coalesce(a.cost_pico, 0))::bigint AS cost_pico FROM usage_events a
    WHERE a.recorded_at >= ${params.add(new Date(cut.takenAt.getTime() - RECORDED_BEFORE_MS))}::timestamptz AND a.subject = 'call' AND a.run_id IS NOT NULL AND NOT (${rowsAtOrBelow(cut, params, 'a')})
    GROUP BY a.run_id`;
}

function matchingCalls({ filter: { provider, model }, cut }: RowsQuery, callSpan: TimeSpan, params: Params): string {
  const where = ["c.subject = 'call'", 'c.run_id IS NOT NULL', ...spanConditions(callSpan, params, 'c'), rowsAtOrBelow(cut, params, 'c'),
    ...(provider === undefined ? [] : [`c.provider = ${params.add(provider)}`]), ...(model === undefined ? [] : [`${modelOf('c')} = ${params.add(model)}`])];
  return `SELECT c.run_id, sum(coalesce(c.cost_pico, 0))::bigint AS cost_pico FROM usage_events c ${whereSql(where)} GROUP BY c.run_id HAVING sum(c.sign) > 0`;
}

function withoutModel({ provider: _provider, model: _model, ...rest }: EventFilter): EventFilter {
  return rest;
}

function conditionsAt({ tenantId, cut, search }: RowsQuery, filter: EventFilter, params: Params): string[] {
  return [...eventConditions(filter, tenantId, params), rowsAtOrBelow(cut, params), ...(search ? [search(params)] : [])];
}

async function readSums(tx: PoolClient, { groupBy, timeZone }: RowsQuery, from: string, values: readonly (readonly [sql: string, type: Measure['type']])[], params: Params, before = ''): Promise<SumRow[]> {
  const keys = groupingSql(groupBy, params, timeZone);
  const sums = values.map(([sql, type]) => `coalesce(trim_scale(sum((${sql})::${type})::numeric), 0)::text`);
  const { rows } = await tx.query<(string | null)[]>({
    text: `${before} SELECT ${[...keys, ...sums].join(', ')} FROM ${from} ${keys.length === 0 ? '' : `GROUP BY ${keys.map((_, i) => i + 1).join(', ')}`}`, values: params.values, rowMode: 'array',
  });
  return rows;
}
