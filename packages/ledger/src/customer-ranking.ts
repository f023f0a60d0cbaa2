/**
 * Who spends: customers, or the users of customers, one row each, sorted and cut by Postgres, so that a team with a hundred thousand of them
 * gets its page without carrying all of them through this process. Customers come from their rollup; users stand in the ledger only.
 */
import type { PoolClient } from 'pg';
import { byModel, type Dimension, type Labels, type Span } from './cell-pieces';
import { createParams, type Params } from './event-conditions';
import { MEASURES } from './measures';
import type { OverviewRange } from './overview-range';
import { STEP_MS, stepsOf, stepStartMs } from './overview-range';
import { costPerUsable } from './summarise';
import { cellsSql } from './sum-cells';

const RANKINGS = { customer: ['customer_id'], user: ['user_id', 'customer_id'] } as const satisfies Record<string, readonly Dimension[]>;
export type Ranking = keyof typeof RANKINGS;

export const RANK_SORTS = ['cost', 'change', 'costPerUsable', 'usable', 'calls', 'failedCost', 'unusableCost', 'name'] as const;
type RankSort = (typeof RANK_SORTS)[number];

export interface RankPage {
  /** Stands anywhere in the name, whatever the case. */
  readonly search?: string;
  readonly sort: RankSort;
  readonly descending: boolean;
  readonly offset: number;
  readonly limit: number;
}

/** What one of them spent. Money in pico-dollars as text. */
export interface Spender {
  /** '' is what names none. */
  readonly customerId: string;
  /** Of rankings of users only. */
  readonly userId: string | null;
  readonly costPico: string;
  readonly ceilingPico: string;
  readonly failedCostPico: string;
  readonly costUsablePico: string;
  /** What runs cost that ended unusable, in the bucket of their outcome. */
  readonly costUnusablePico: string;
  readonly calls: number;
  readonly failed: number;
  readonly unpriced: number;
  readonly usable: number;
  readonly unusable: number;
  /** All their cost over their usable outcomes; null without any. */
  readonly costPerUsablePico: string | null;
  readonly previousCostPico: string;
  readonly previousUsable: number;
}

/** As much of a spender as it takes to compare it with all others. */
export interface SpenderFact {
  readonly customerId: string;
  readonly userId: string | null;
  readonly costPico: bigint;
  readonly previousCostPico: bigint;
  readonly usable: number;
}

export interface RankResult {
  /** How many there are in the range, and how many of them the search found. */
  readonly count: number;
  readonly matched: number;
  /** Everything in the range, also what names nobody. */
  readonly costPico: string;
  readonly previousCostPico: string;
  readonly rows: readonly Spender[];
  /** Everybody who spent at least the asked amount, in no order. */
  readonly population: readonly SpenderFact[];
}

export interface RankQuery {
  readonly tenantId: string;
  readonly timeZone: string;
  readonly labels: Labels;
  readonly current: Span;
  readonly previous: Span;
  readonly ranking: Ranking;
  readonly page: RankPage;
  readonly populationMinPico: bigint;
}

const READ = new Set([
  'calls', 'failed', 'unpriced', 'cost_pico', 'ceiling_pico', 'failed_cost_pico', 'outcomes_usable', 'outcomes_unusable', 'cost_usable_pico', 'cost_unusable_pico',
]);
const READ_MEASURES = MEASURES.filter(({ name }) => READ.has(name));

/** By the sums themselves: unqualified, ORDER BY takes the columns of the answer, which are texts. */
const ORDERS: Record<RankSort, string> = {
  cost: 's.cost_pico', change: 's.cost_pico - s.previous_cost_pico', costPerUsable: 's.cost_pico / nullif(s.outcomes_usable, 0)', usable: 's.outcomes_usable', calls: 's.calls',
  failedCost: 's.failed_cost_pico', unusableCost: 's.cost_unusable_pico', name: 's.name',
};

interface RawSpender {
  readonly [column: string]: string | null;
}

/** Run in a snapshot. Every figure of one answer comes from one statement. */
export async function readRanking(tx: PoolClient, query: RankQuery): Promise<RankResult> {
  const { page } = query;
  const keys = RANKINGS[query.ranking];
  const [name] = keys;
  const params = createParams();
  const spans = [{ ...query.current, name: 'current' }, { ...query.previous, name: 'previous' }];
  const cells = await cellsSql(tx, { ...query, spans, measures: READ_MEASURES }, keys, params);
  const current = READ_MEASURES.map((measure) => `coalesce(sum(x.${measure.name}) FILTER (WHERE x.span = 'current'), 0)::numeric AS ${measure.name}`);
  const before = ['cost_pico', 'outcomes_usable'].map((measure) => `coalesce(sum(x.${measure}) FILTER (WHERE x.span = 'previous'), 0)::numeric AS previous_${measure}`);
  const found = page.search === undefined ? 'true' : `strpos(lower(name), lower(${params.add(page.search)})) > 0`;
  const figures = [...READ_MEASURES.map((measure) => measure.name), 'previous_cost_pico', 'previous_outcomes_usable'].map((column) => `${column}::text`).join(', ');
  const { rows } = await tx.query<{ count: string; matched: string; cost: string; previous_cost: string; rows: RawSpender[]; population: RawSpender[] }>(
    `WITH sums AS MATERIALIZED (
       SELECT ${keys.map((key) => `x.${key}`).join(', ')}, x.${name} AS name, ${[...current, ...before].join(', ')} FROM (${cells}) x GROUP BY ${keys.map((key) => `x.${key}`).join(', ')}
     ), shown AS (SELECT * FROM sums WHERE calls <> 0 OR cost_pico <> 0 OR ceiling_pico <> 0 OR outcomes_usable <> 0 OR outcomes_unusable <> 0)
     SELECT (SELECT count(*) FROM shown WHERE name <> '') AS count, (SELECT count(*) FROM shown WHERE ${found}) AS matched,
       (SELECT coalesce(sum(cost_pico), 0)::text FROM sums) AS cost, (SELECT coalesce(sum(previous_cost_pico), 0)::text FROM sums) AS previous_cost,
       (SELECT coalesce(json_agg(r), '[]') FROM (
         SELECT ${keys.join(', ')}, ${figures} FROM shown s WHERE ${found}
         ORDER BY ${ORDERS[page.sort]} ${page.descending ? 'DESC' : 'ASC'} NULLS LAST, ${keys.map((key) => `s.${key}`).join(', ')} LIMIT ${params.add(page.limit)} OFFSET ${params.add(page.offset)}) r) AS rows,
       (SELECT coalesce(json_agg(p), '[]') FROM (
         SELECT ${keys.join(', ')}, cost_pico::text, previous_cost_pico::text, outcomes_usable::text FROM shown WHERE name <> '' AND cost_pico >= ${params.add(String(query.populationMinPico))}::numeric) p) AS population`,
    params.values);
  const answer = rows[0]!;
  return {
    count: Number(answer.count), matched: Number(answer.matched), costPico: answer.cost, previousCostPico: answer.previous_cost,
    rows: answer.rows.map(toSpender),
    population: answer.population.map((row) => ({
      ...nameOf(row), costPico: BigInt(row['cost_pico']!), previousCostPico: BigInt(row['previous_cost_pico']!), usable: Number(row['outcomes_usable']),
    })),
  };
}

function nameOf(row: RawSpender): { readonly customerId: string; readonly userId: string | null } {
  return { customerId: row['customer_id']!, userId: row['user_id'] ?? null };
}

function toSpender(row: RawSpender): Spender {
  const text = (name: string): string => row[name]!;
  return {
    ...nameOf(row),
    costPico: text('cost_pico'), ceilingPico: text('ceiling_pico'), failedCostPico: text('failed_cost_pico'), costUsablePico: text('cost_usable_pico'), costUnusablePico: text('cost_unusable_pico'),
    calls: Number(text('calls')), failed: Number(text('failed')), unpriced: Number(text('unpriced')), usable: Number(text('outcomes_usable')), unusable: Number(text('outcomes_unusable')),
    costPerUsablePico: costPerUsable(text('cost_pico'), text('outcomes_usable'))?.toString() ?? null,
    previousCostPico: text('previous_cost_pico'), previousUsable: Number(text('previous_outcomes_usable')),
  };
}

export type SpenderName = Pick<Spender, 'customerId' | 'userId'>;

/** One text a spender, for maps: JSON, so that no two names run together. */
export function spenderKey({ customerId, userId }: SpenderName): string {
  return JSON.stringify([customerId, userId]);
}

type SpenderQuery = Pick<RankQuery, 'tenantId' | 'timeZone' | 'labels' | 'ranking'>;

/** The cost of each step of the range, in the order of `stepsOf`; null where nothing was called. By `spenderKey`. */
export async function readSpenderTrends(tx: PoolClient, query: SpenderQuery, range: OverviewRange, spenders: readonly SpenderName[]): Promise<Map<string, (string | null)[]>> {
  const { bucket } = range;
  const time = bucket === 'day' ? 'day' : 'at';
  const step = bucket === 'day' ? undefined : { ms: STEP_MS[bucket], originMs: stepStartMs(range.fromMs, bucket, query.timeZone) };
  const steps = new Map(stepsOf(range, query.timeZone).map(({ key }, index) => [key, index]));
  const trends = new Map(spenders.map((spender) => [spenderKey(spender), Array<string | null>(steps.size).fill(null)]));
  for (const row of await readOfSpenders(tx, { ...query, step }, range, spenders, [time])) {
    const trend = trends.get(spenderKey(row));
    const index = steps.get(time === 'day' ? row.key : new Date(Number(row.key)).toISOString());
    if (trend !== undefined && index !== undefined && (row.calls !== '0' || row.costPico !== '0')) trend[index] = row.costPico;
  }
  return trends;
}

export interface WorkflowSpend {
  readonly workflow: string;
  readonly costPico: string;
}

/** What each of them spent by workflow, dearest first. By `spenderKey`. */
export async function readSpenderWorkflows(tx: PoolClient, query: SpenderQuery, range: OverviewRange, spenders: readonly SpenderName[]): Promise<Map<string, WorkflowSpend[]>> {
  const workflows = new Map(spenders.map((spender) => [spenderKey(spender), [] as WorkflowSpend[]]));
  for (const row of await readOfSpenders(tx, query, range, spenders, ['workflow'])) {
    if (row.costPico !== '0') workflows.get(spenderKey(row))?.push({ workflow: row.key, costPico: row.costPico });
  }
  for (const spends of workflows.values()) spends.sort((a, b) => (BigInt(b.costPico) > BigInt(a.costPico) ? 1 : -1));
  return workflows;
}

interface OfSpender extends SpenderName {
  readonly key: string;
  readonly costPico: string;
  readonly calls: string;
}

const COST_MEASURES = MEASURES.filter(({ name }) => name === 'cost_pico' || name === 'calls');

async function readOfSpenders(
  tx: PoolClient, query: SpenderQuery & { readonly step?: { readonly ms: number; readonly originMs: number } | undefined }, range: OverviewRange, spenders: readonly SpenderName[], [apart]: readonly [Dimension],
): Promise<OfSpender[]> {
  if (spenders.length === 0) return [];
  const keys = RANKINGS[query.ranking];
  const params = createParams();
  const cells = await cellsSql(tx, { ...query, spans: [{ name: 'current', fromMs: range.fromMs, toMs: range.toMs }], measures: COST_MEASURES, ...(query.step ? { step: query.step } : {}) }, [...keys, apart], params);
  const { rows } = await tx.query<{ customer_id: string; user_id?: string; key: string; cost: string; calls: string }>(
    `SELECT ${keys.map((key) => `x.${key}`).join(', ')}, ${apart === 'at' ? '(extract(epoch FROM x.at) * 1000)::bigint' : `x.${apart}`}::text AS key, sum(x.cost_pico)::text AS cost, sum(x.calls)::text AS calls
     FROM (${cells}) x WHERE ${keys.map((key) => `x.${key} = ANY (${addNames(params, key, spenders)}::text[])`).join(' AND ')}
     GROUP BY ${keys.map((key) => `x.${key}`).join(', ')}, x.${apart}`, params.values);
  return rows.map((row) => ({ customerId: row.customer_id, userId: row.user_id ?? null, key: row.key, costPico: row.cost, calls: row.calls }));
}

function addNames(params: Params, key: Dimension, spenders: readonly SpenderName[]): string {
  return params.add([...new Set(spenders.map(({ customerId, userId }) => (key === 'user_id' ? (userId ?? '') : customerId)))]);
}

/** Narrowed by these, a ranking of customers reads the ledger too. */
export function readsLedger(labels: Labels, ranking: Ranking): boolean {
  return ranking === 'user' || labels.environment !== undefined || byModel(labels);
}
