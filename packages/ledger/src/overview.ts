/** What Overview shows: one moment's figures of a span, of the span before, and how the cost went. */
import { DAY_MS, DomainError } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import type { PoolClient } from 'pg';
import type { Labels, Span } from './cell-pieces';
import type { RangeName } from './event-filter';
import { type Measure, MEASURES } from './measures';
import { type OverviewRange, resolveRange, STEP_MS, stepsOf, stepStartMs, type TrendBucket } from './overview-range';
import { costPerUsable } from './summarise';
import { type CellSum, sumCells } from './sum-cells';

/** Measures of calls. Money in pico-dollars as text. */
interface CallTotals {
  readonly costPico: string;
  readonly ceilingPico: string;
  /** Of retries: the same model once more. */
  readonly retryCostPico: string;
  /** Of fallbacks: another model instead. */
  readonly fallbackCostPico: string;
  readonly failedCostPico: string;
  readonly calls: number;
  readonly failed: number;
  readonly retries: number;
  readonly fallbacks: number;
  readonly unpriced: number;
  readonly untagged: number;
}

/** With the measures of runs, which stand where a run's outcome is. */
export interface Totals extends CallTotals {
  readonly costUsablePico: string;
  readonly costUnusablePico: string;
  readonly usable: number;
  readonly unusable: number;
  /** All cost of the range over its usable outcomes; null without any. */
  readonly costPerUsablePico: string | null;
}

export interface TrendPoint {
  readonly at: string;
  /** Null where no call happened: a gap, not a zero. */
  readonly total: string | null;
  readonly byModel: Readonly<Record<string, string>>;
  readonly byWorkflow: Readonly<Record<string, string>>;
}

export interface Overview {
  readonly freshAt: string;
  readonly timeZone: string;
  readonly range: { readonly from: string; readonly to: string; readonly bucket: TrendBucket };
  readonly totals: Totals;
  readonly previous: Totals;
  readonly trend: readonly TrendPoint[];
  /** Dearest first; '' is what names no workflow. */
  readonly workflows: readonly ({ readonly workflow: string } & Totals)[];
  /** Dearest first. An outcome is a run's, and a run may use several models: these have no outcomes. */
  readonly models: readonly ({ readonly provider: string; readonly model: string } & CallTotals)[];
  /** Every environment with rows in the range, whatever the filter. */
  readonly environments: readonly string[];
}

/** Labels that Overview can be narrowed to; `fromMs`/`toMs` win over `range`. */
export interface OverviewInput extends Labels {
  readonly range?: RangeName;
  readonly fromMs?: number;
  readonly toMs?: number;
}

const SHOWN = new Set([
  'calls', 'failed', 'retries', 'fallbacks', 'untagged', 'unpriced', 'cost_pico', 'ceiling_pico', 'retry_cost_pico', 'fallback_cost_pico', 'failed_cost_pico',
  'outcomes_usable', 'outcomes_unusable', 'cost_usable_pico', 'cost_unusable_pico',
]);
const SHOWN_MEASURES: readonly Measure[] = MEASURES.filter(({ name }) => SHOWN.has(name));
const TREND_MEASURES: readonly Measure[] = MEASURES.filter(({ name }) => name === 'cost_pico' || name === 'calls');

/** A trend of more days helps nobody, and a span of centuries would have a step for each of their days. */
const DAYS_MAX = 1_100;

/** Errors: `invalid_input` for a span that is too long to show. */
export async function readOverview(db: Database, tenantId: string, input: OverviewInput, nowMs: number): Promise<Overview> {
  const { range: rangeName, fromMs, toMs, ...labels } = input;
  return await db.withTenantSnapshot(tenantId, async (tx) => {
    // The zone is read in the same snapshot as the day rows that were made by it.
    const { rows } = await tx.query<{ time_zone: string; at: Date }>('SELECT time_zone, now() AS at FROM tenants');
    const { time_zone: timeZone, at } = rows[0]!;
    const range = resolveRange({ range: rangeName, fromMs, toMs }, { timeZone, nowMs });
    if (range.toMs - range.fromMs > DAYS_MAX * DAY_MS) throw new DomainError('invalid_input', { field: 'from', message: `Overview shows at most ${DAYS_MAX} days at once: move "from" and "to" closer.` });
    const current: Span = { name: 'current', fromMs: range.fromMs, toMs: range.toMs };
    const previous: Span = { name: 'previous', fromMs: range.previousFromMs, toMs: range.fromMs };
    const sums = await sumCells(tx, { tenantId, timeZone, labels, spans: [current, previous], measures: SHOWN_MEASURES, sets: [[], ['workflow'], ['provider', 'model']] });
    const ofSet = (set: number, span: string): CellSum[] => sums.filter((sum) => sum.set === set && sum.span === span).sort(byCost);
    return {
      freshAt: at.toISOString(), timeZone,
      range: { from: new Date(range.fromMs).toISOString(), to: new Date(range.toMs).toISOString(), bucket: range.bucket },
      totals: totalsOf(ofSet(0, 'current')[0]?.values),
      previous: totalsOf(ofSet(0, 'previous')[0]?.values),
      trend: await readTrend(tx, { tenantId, timeZone, labels, span: current, range }),
      workflows: ofSet(1, 'current').map(({ keys, values }) => ({ workflow: keys.workflow!, ...totalsOf(values) })),
      models: ofSet(2, 'current').map(({ keys, values }) => ({ provider: keys.provider!, model: keys.model!, ...callTotalsOf(values) }))
        .filter((each) => each.calls !== 0 || each.costPico !== '0' || each.ceilingPico !== '0'),
      environments: await readEnvironments(tx, current),
    };
  });
}

interface TrendQuery {
  readonly tenantId: string;
  readonly timeZone: string;
  readonly labels: Labels;
  readonly span: Span;
  readonly range: OverviewRange;
}

async function readTrend(tx: PoolClient, { tenantId, timeZone, labels, span, range }: TrendQuery): Promise<TrendPoint[]> {
  const { bucket } = range;
  const time = bucket === 'day' ? 'day' : 'at';
  const step = bucket === 'day' ? undefined : { ms: STEP_MS[bucket], originMs: stepStartMs(range.fromMs, bucket, timeZone) };
  const sums = await sumCells(tx, { tenantId, timeZone, labels, spans: [span], measures: TREND_MEASURES, sets: [[time, 'workflow'], [time, 'model']], step });
  return prepareTrend(stepsOf(range, timeZone), sums.map((sum) => ({
    time: sum.keys[time]!, workflow: sum.keys.workflow, model: sum.keys.model, costPico: BigInt(sum.values['cost_pico']!), calls: sum.values['calls']!,
  })));
}

interface TrendCell {
  readonly time: string;
  /** Each cell has one of the two. */
  readonly workflow?: string;
  readonly model?: string;
  readonly costPico: bigint;
  readonly calls: string;
}

/** A chart of more series than this says nothing, and a label that somebody fills with ids must not make the answer huge. */
const SERIES_MAX = 50;
export const OTHER_SERIES = 'All others';

/** Pure: every step, in order, with what is known of it. */
export function prepareTrend(steps: readonly { readonly key: string; readonly at: string }[], cells: readonly TrendCell[]): TrendPoint[] {
  const shown = { workflow: dearest(cells, 'workflow'), model: dearest(cells, 'model') };
  const points = new Map(steps.map(({ key, at }) => [key, { at, total: null as bigint | null, byModel: new Map<string, bigint>(), byWorkflow: new Map<string, bigint>() }]));
  for (const cell of cells) {
    const point = points.get(cell.time);
    if (!point || (cell.calls === '0' && cell.costPico === 0n)) continue;
    const name = cell.workflow === undefined ? 'model' : 'workflow';
    const costs = name === 'model' ? point.byModel : point.byWorkflow;
    const series = shown[name].has(cell[name]!) ? cell[name]! : OTHER_SERIES;
    costs.set(series, (costs.get(series) ?? 0n) + cell.costPico);
    if (name === 'workflow') point.total = (point.total ?? 0n) + cell.costPico;
  }
  return [...points.values()].map(({ at, total, byModel, byWorkflow }) => ({ at, total: total === null ? null : String(total), byModel: texts(byModel), byWorkflow: texts(byWorkflow) }));
}

function dearest(cells: readonly TrendCell[], name: 'workflow' | 'model'): Set<string> {
  const costs = new Map<string, bigint>();
  for (const cell of cells) {
    const series = cell[name];
    if (series !== undefined) costs.set(series, (costs.get(series) ?? 0n) + cell.costPico);
  }
  return new Set([...costs].sort((a, b) => (b[1] > a[1] ? 1 : b[1] < a[1] ? -1 : 0)).slice(0, SERIES_MAX).map(([series]) => series));
}

function texts(costs: ReadonlyMap<string, bigint>): Record<string, string> {
  return Object.fromEntries([...costs].map(([name, cost]) => [name, String(cost)]));
}

async function readEnvironments(tx: PoolClient, span: Span): Promise<string[]> {
  const { rows } = await tx.query<{ environment: string }>(
    `SELECT DISTINCT r.environment FROM usage_rollup_day r JOIN tenants t ON t.id = r.tenant_id
     WHERE r.day BETWEEN ($1::timestamptz AT TIME ZONE t.time_zone)::date AND ($2::timestamptz AT TIME ZONE t.time_zone)::date ORDER BY 1`,
    [new Date(span.fromMs), new Date(span.toMs - 1)]);
  return rows.map(({ environment }) => environment);
}

function byCost(a: CellSum, b: CellSum): number {
  const [costA, costB] = [BigInt(a.values['cost_pico']!), BigInt(b.values['cost_pico']!)];
  return costA > costB ? -1 : costA < costB ? 1 : 0;
}

type Values = CellSum['values'] | undefined;

function callTotalsOf(values: Values): CallTotals {
  const text = (name: string): string => values?.[name] ?? '0';
  return {
    costPico: text('cost_pico'), ceilingPico: text('ceiling_pico'), retryCostPico: text('retry_cost_pico'), fallbackCostPico: text('fallback_cost_pico'), failedCostPico: text('failed_cost_pico'),
    calls: Number(text('calls')), failed: Number(text('failed')), retries: Number(text('retries')), fallbacks: Number(text('fallbacks')),
    unpriced: Number(text('unpriced')), untagged: Number(text('untagged')),
  };
}

function totalsOf(values: Values): Totals {
  const text = (name: string): string => values?.[name] ?? '0';
  return {
    ...callTotalsOf(values),
    costUsablePico: text('cost_usable_pico'), costUnusablePico: text('cost_unusable_pico'),
    usable: Number(text('outcomes_usable')), unusable: Number(text('outcomes_unusable')),
    costPerUsablePico: costPerUsable(text('cost_pico'), text('outcomes_usable'))?.toString() ?? null,
  };
}
