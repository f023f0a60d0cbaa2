/** How the cost of a span went, step by step: by model, provider, workflow or customer, and the figures whose course Overview draws. */
import type { PoolClient } from 'pg';
import { byModel, type Labels, type Span } from './cell-pieces';
import { createParams } from './event-conditions';
import type { Measure } from './measures';
import { type OverviewRange, STEP_MS, stepsOf, stepStartMs } from './overview-range';
import { measuresNamed } from './overview-totals';
import { cellsSql, sumCells } from './sum-cells';

/** What the key figures were in a step. Money in pico-dollars as text. */
interface StepFigures {
  readonly retryCostPico: string;
  readonly fallbackCostPico: string;
  readonly unpriced: number;
  readonly untagged: number;
  /** Null when narrowed by provider or model: an outcome belongs to a run, and finding it through its calls for every step would cost more than the line is worth. */
  readonly outcomes: { readonly usable: number; readonly unusable: number; readonly costUnusablePico: string } | null;
}

type Costs = Readonly<Record<string, string>>;

export interface TrendPoint {
  readonly at: string;
  /** Null where no call happened: a gap, not a zero. */
  readonly total: string | null;
  readonly byModel: Costs;
  readonly byProvider: Costs;
  readonly byWorkflow: Costs;
  /** Null where neither a call nor an outcome happened. */
  readonly figures: StepFigures | null;
}

export interface TrendQuery {
  readonly tenantId: string;
  readonly timeZone: string;
  readonly labels: Labels;
  readonly span: Span;
  readonly range: OverviewRange;
}

const OF_CALLS = new Set(['calls', 'cost_pico', 'retry_cost_pico', 'fallback_cost_pico', 'unpriced', 'untagged']);
const OF_RUNS = new Set(['outcomes_usable', 'outcomes_unusable', 'cost_unusable_pico']);

export async function readTrend(tx: PoolClient, query: TrendQuery): Promise<TrendPoint[]> {
  const { time, ...asked } = timed(query);
  const measures = measuresNamed(byModel(query.labels) ? OF_CALLS : new Set([...OF_CALLS, ...OF_RUNS]));
  const sums = await sumCells(tx, { ...asked, measures, sets: [[time, 'workflow'], [time, 'provider', 'model']] });
  return prepareTrend(stepsOf(query.range, query.timeZone), sums.map(({ keys, values }) => ({ time: keys[time]!, workflow: keys.workflow, provider: keys.provider, model: keys.model, values })));
}

function timed({ range, timeZone, span, ...query }: TrendQuery) {
  const step = range.bucket === 'day' ? undefined : { ms: STEP_MS[range.bucket], originMs: stepStartMs(range.fromMs, range.bucket, timeZone) };
  return { ...query, timeZone, spans: [span], step, time: range.bucket === 'day' ? 'day' as const : 'at' as const };
}

interface TrendCell {
  readonly time: string;
  /** Each cell has either a workflow, or provider and model. */
  readonly workflow?: string | undefined;
  readonly provider?: string | undefined;
  readonly model?: string | undefined;
  readonly values: Readonly<Record<string, string>>;
}

/** A chart of more series than this says nothing, and a label that somebody fills with ids must not make the answer huge. */
const SERIES_MAX = 50;
export const OTHER_SERIES = 'All others';
const SERIES = ['workflow', 'provider', 'model'] as const;

/** Pure: every step, in order, with what is known of it. */
export function prepareTrend(steps: readonly { readonly key: string; readonly at: string }[], cells: readonly TrendCell[]): TrendPoint[] {
  const shown = { workflow: dearest(cells, 'workflow'), provider: dearest(cells, 'provider'), model: dearest(cells, 'model') };
  const points = new Map(steps.map(({ key, at }) => [key, { at, total: null as bigint | null, costs: { workflow: new Map<string, bigint>(), provider: new Map<string, bigint>(), model: new Map<string, bigint>() }, sums: null as Map<string, bigint> | null }]));
  for (const cell of cells) {
    const point = points.get(cell.time);
    if (!point) continue;
    // Every cell stands in both sets: the figures are summed over one of them.
    if (cell.workflow !== undefined) {
      point.sums ??= new Map();
      for (const [name, value] of Object.entries(cell.values)) point.sums.set(name, (point.sums.get(name) ?? 0n) + BigInt(value));
    }
    const cost = BigInt(cell.values['cost_pico']!);
    if (cell.values['calls'] === '0' && cost === 0n) continue;
    for (const name of SERIES) {
      const value = cell[name];
      if (value !== undefined) add(point.costs[name], shown[name].has(value) ? value : OTHER_SERIES, cost);
    }
    if (cell.workflow !== undefined) point.total = (point.total ?? 0n) + cost;
  }
  return [...points.values()].map(({ at, total, costs, sums }) => ({
    at, total: total === null ? null : String(total), byModel: texts(costs.model), byProvider: texts(costs.provider), byWorkflow: texts(costs.workflow), figures: sums === null ? null : figuresOf(sums),
  }));
}

function figuresOf(sums: ReadonlyMap<string, bigint>): StepFigures {
  const text = (name: string): string => String(sums.get(name) ?? 0n);
  return {
    retryCostPico: text('retry_cost_pico'), fallbackCostPico: text('fallback_cost_pico'), unpriced: Number(text('unpriced')), untagged: Number(text('untagged')),
    outcomes: sums.has('outcomes_usable') ? { usable: Number(text('outcomes_usable')), unusable: Number(text('outcomes_unusable')), costUnusablePico: text('cost_unusable_pico') } : null,
  };
}

function dearest(cells: readonly TrendCell[], name: (typeof SERIES)[number]): Set<string> {
  const costs = new Map<string, bigint>();
  for (const cell of cells) {
    const series = cell[name];
    if (series !== undefined) add(costs, series, BigInt(cell.values['cost_pico']!));
  }
  return new Set([...costs].sort((a, b) => (b[1] > a[1] ? 1 : b[1] < a[1] ? -1 : 0)).slice(0, SERIES_MAX).map(([series]) => series));
}

function add(costs: Map<string, bigint>, name: string, cost: bigint): void {
  costs.set(name, (costs.get(name) ?? 0n) + cost);
}

function texts(costs: ReadonlyMap<string, bigint>): Record<string, string> {
  return Object.fromEntries([...costs].map(([name, cost]) => [name, String(cost)]));
}

export interface CustomerPoint {
  readonly at: string;
  /** Null where no call happened. */
  readonly total: string | null;
  /** '' is what names no customer. */
  readonly byCustomer: Costs;
}

/** A team may have very many customers: which of them stand alone is decided where they are. */
const CUSTOMERS_MAX = 8;

export async function readCustomerTrend(tx: PoolClient, query: TrendQuery): Promise<CustomerPoint[]> {
  const { time, ...asked } = timed(query);
  const params = createParams();
  const measures: readonly Measure[] = measuresNamed(new Set(['calls', 'cost_pico']));
  const cells = await cellsSql(tx, { ...asked, measures }, [time, 'customer_id'], params);
  const { rows } = await tx.query<{ time: string; customer_id: string | null; cost: string }>(`
    WITH cells AS MATERIALIZED (
      SELECT ${time === 'at' ? '(extract(epoch FROM x.at) * 1000)::bigint::text' : 'x.day::text'} AS time, x.customer_id, sum(x.cost_pico) AS cost, sum(x.calls) AS calls FROM (${cells}) x GROUP BY 1, 2
    ), top AS (SELECT customer_id FROM cells GROUP BY 1 ORDER BY sum(cost) DESC, 1 LIMIT ${CUSTOMERS_MAX})
    SELECT c.time, t.customer_id, sum(c.cost)::text AS cost FROM cells c LEFT JOIN top t USING (customer_id) GROUP BY 1, 2 HAVING sum(c.cost) <> 0 OR sum(c.calls) <> 0`, params.values);
  const points = new Map(stepsOf(query.range, query.timeZone).map(({ key, at }) => [key, { at, total: null as bigint | null, costs: new Map<string, bigint>() }]));
  for (const { time: at, customer_id: customer, cost } of rows) {
    const point = points.get(time === 'at' ? new Date(Number(at)).toISOString() : at);
    if (!point) continue;
    add(point.costs, customer ?? OTHER_SERIES, BigInt(cost));
    point.total = (point.total ?? 0n) + BigInt(cost);
  }
  return [...points.values()].map(({ at, total, costs }) => ({ at, total: total === null ? null : String(total), byCustomer: texts(costs) }));
}
