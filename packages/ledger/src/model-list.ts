/** What each model cost, how much of it came from a cache, how fast and how reliable it was: a span beside the span before. From the rollup alone where it can. */
import { TOKEN_CLASSES, type TokenClass } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import type { PoolClient } from 'pg';
import { type AskedSpanInput, readAskedSpan, type SpanHead } from './asked-span';
import type { Labels, Span } from './cell-pieces';
import { LATENCY_EDGES_MS, MEASURES } from './measures';
import { type OverviewRange, STEP_MS, stepsOf, stepStartMs } from './overview-range';
import { type CellSum, sumCells } from './sum-cells';

export interface ModelFigures {
  readonly costPico: string;
  readonly ceilingPico: string;
  readonly retryCostPico: string;
  readonly failedCostPico: string;
  readonly calls: number;
  readonly failed: number;
  readonly retries: number;
  readonly fallbacks: number;
  readonly unpriced: number;
  /** Classes with something in them; whole numbers. */
  readonly quantities: Readonly<Partial<Record<TokenClass, number>>>;
  /** Calls by latency, one count for each of `LATENCY_EDGES_MS`; calls that state no latency are in none. */
  readonly latencies: readonly number[];
}

export interface ListedModelFigures extends ModelFigures {
  /** '' is cost that names none: retrieval, tools. */
  readonly provider: string;
  readonly model: string;
  /** Null where the model was not used in the span before. */
  readonly previous: ModelFigures | null;
  readonly trend: readonly (string | null)[];
}

export interface ModelList extends SpanHead {
  /** Upper edges of the latency counts; the last one is open and null. */
  readonly latencyEdgesMs: readonly (number | null)[];
  /** Dearest first. */
  readonly models: readonly ListedModelFigures[];
}

export interface ModelListInput extends Labels, AskedSpanInput {}

const LATENCIES = LATENCY_EDGES_MS.map(([name]) => name);
const READ = new Set<string>(['calls', 'failed', 'retries', 'fallbacks', 'unpriced', 'cost_pico', 'ceiling_pico', 'retry_cost_pico', 'failed_cost_pico', ...TOKEN_CLASSES, ...LATENCIES]);
const READ_MEASURES = MEASURES.filter(({ name }) => READ.has(name));
const TREND_MEASURES = MEASURES.filter(({ name }) => name === 'cost_pico' || name === 'calls');

/** Errors: `invalid_input` for a span that is too long to show. */
export async function readModels(db: Database, tenantId: string, input: ModelListInput, nowMs: number): Promise<ModelList> {
  const { range: rangeName, fromMs, toMs, ...labels } = input;
  return await db.withTenantSnapshot(tenantId, async (tx) => {
    const { head, timeZone, range, current, previous } = await readAskedSpan(tx, { range: rangeName, fromMs, toMs }, nowMs);
    const sums = (await sumCells(tx, { tenantId, timeZone, labels, spans: [current, previous], measures: READ_MEASURES, sets: [['provider', 'model']] })).filter(hasAnything);
    const before = new Map(sums.filter(({ span }) => span === 'previous').map((sum) => [keyOf(sum), figuresOf(sum.values)]));
    const trends = await readTrends(tx, { tenantId, timeZone, labels, range, span: current });
    const steps = stepsOf(range, timeZone);
    return {
      ...head, latencyEdgesMs: LATENCY_EDGES_MS.map(([, edge]) => (Number.isFinite(edge) ? edge : null)),
      models: sums.filter(({ span }) => span === 'current').sort(byCost).map((sum) => ({
        provider: sum.keys.provider!, model: sum.keys.model!, ...figuresOf(sum.values), previous: before.get(keyOf(sum)) ?? null,
        trend: steps.map((step) => trends.get(keyOf(sum))?.get(step.key) ?? null),
      })),
    };
  });
}

interface TrendQuery {
  readonly tenantId: string;
  readonly timeZone: string;
  readonly labels: Labels;
  readonly range: OverviewRange;
  readonly span: Span;
}

async function readTrends(tx: PoolClient, { tenantId, timeZone, labels, range, span }: TrendQuery): Promise<Map<string, Map<string, string>>> {
  const { bucket } = range;
  const time = bucket === 'day' ? 'day' : 'at';
  const step = bucket === 'day' ? undefined : { ms: STEP_MS[bucket], originMs: stepStartMs(range.fromMs, bucket, timeZone) };
  const sums = await sumCells(tx, { tenantId, timeZone, labels, spans: [span], measures: TREND_MEASURES, sets: [[time, 'provider', 'model']], ...(step ? { step } : {}) });
  const trends = new Map<string, Map<string, string>>();
  for (const sum of sums) {
    const trend = trends.get(keyOf(sum)) ?? new Map<string, string>();
    trends.set(keyOf(sum), trend.set(sum.keys[time]!, sum.values['cost_pico']!));
  }
  return trends;
}

/** Outcomes stand apart from every model; a cell of theirs alone is no model. */
function hasAnything({ values }: CellSum): boolean {
  return values['calls'] !== '0' || values['cost_pico'] !== '0' || values['ceiling_pico'] !== '0';
}

function keyOf({ keys }: CellSum): string {
  return JSON.stringify([keys.provider, keys.model]);
}

function byCost(a: CellSum, b: CellSum): number {
  const [costA, costB] = [BigInt(a.values['cost_pico']!), BigInt(b.values['cost_pico']!)];
  return costA > costB ? -1 : costA < costB ? 1 : keyOf(a) < keyOf(b) ? -1 : 1;
}

function figuresOf(values: CellSum['values']): ModelFigures {
  const text = (name: string): string => values[name] ?? '0';
  const count = (name: string): number => Number(text(name));
  return {
    costPico: text('cost_pico'), ceilingPico: text('ceiling_pico'), retryCostPico: text('retry_cost_pico'), failedCostPico: text('failed_cost_pico'),
    calls: count('calls'), failed: count('failed'), retries: count('retries'), fallbacks: count('fallbacks'), unpriced: count('unpriced'),
    quantities: Object.fromEntries(TOKEN_CLASSES.filter((name) => text(name) !== '0').map((name) => [name, count(name)])),
    latencies: LATENCIES.map(count),
  };
}
