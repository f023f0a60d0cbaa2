/** Everything that the page of one workflow shows of a span. */
import type { Database } from '@outlay/platform';
import type { PoolClient } from 'pg';
import { STEP_MS, stepsOf, stepStartMs, type TrendBucket } from './overview-range';
import { boundsOf } from './run-cost-grid';
import { DEFAULT_SETTINGS, readSettingsOf, type WorkflowSettings } from './store-workflows';
import { type CellSum, sumCells } from './sum-cells';
import { type OpenedSpan, openSpan, type WorkflowsInput } from './workflow-list';
import { type RankedRun, readLastDays, readRankedRuns, readRunCells } from './workflow-runs';
import { CONTEXT_MEASURES, inputTokensOf, ranksOf, type RunFigures, runFigures, WORKFLOW_MEASURES, type WorkflowTotals, workflowTotals } from './workflow-sums';

/** Mean input tokens of a step's answered calls (a failed one has usually read nothing); null where none was: a gap, not a zero. */
interface ContextPoint {
  readonly at: string;
  readonly answered: number;
  readonly inputPerCall: number | null;
}

export interface WorkflowFigures {
  readonly freshAt: string;
  readonly timeZone: string;
  readonly range: { readonly from: string; readonly to: string; readonly previousFrom: string; readonly bucket: TrendBucket };
  readonly settings: WorkflowSettings;
  readonly configured: boolean;
  readonly totals: WorkflowTotals;
  readonly previous: WorkflowTotals;
  readonly runs: RunFigures;
  /**
   * How many runs cost how much: buckets `[fromPico, toPico)` of a tenth of a decade, rising and without a gap, also those without a run. Before
   * them, with `fromPico` null, the runs that cost nothing, if there are any.
   */
  readonly histogram: readonly HistogramBucket[];
  /** The runs at the middle, at 95 of 100, and the dearest (nearest rank). Without runs: none. */
  readonly ranked: Readonly<Partial<Record<'p50' | 'p95' | 'max', Omit<RankedRun, 'workflow' | 'name'>>>>;
  readonly context: readonly ContextPoint[];
  /** Dearest first. */
  readonly models: readonly { readonly provider: string; readonly model: string; readonly costPico: string; readonly calls: number; readonly previousCostPico: string }[];
  /** The last local day with any event, whatever the span and the filters. */
  readonly lastDay: string | null;
}

export interface HistogramBucket {
  readonly fromPico: string | null;
  readonly toPico: string | null;
  readonly runs: number;
}

const RANKS = { p50: 0.5, p95: 0.95, max: 1 } as const;

/** Errors: `invalid_input` for a span that is too long to show. A workflow that nobody knows has no figures: zero runs, no last day, not configured. */
export async function readWorkflowFigures(db: Database, tenantId: string, workflow: string, input: WorkflowsInput, nowMs: number): Promise<WorkflowFigures> {
  const { range: _range, fromMs: _fromMs, toMs: _toMs, ...rest } = input;
  const labels = { ...rest, workflow };
  return await db.withTenantSnapshot(tenantId, async (tx) => {
    const opened = await openSpan(tx, input, nowMs);
    const { timeZone, current, previous, range } = opened;
    const settings = await readSettingsOf(tx, workflow);
    const sums = await sumCells(tx, { tenantId, timeZone, labels, spans: [current, previous], measures: WORKFLOW_MEASURES, sets: [[], ['provider', 'model']] });
    const totalsOf = (span: string): WorkflowTotals => workflowTotals(sums.find((sum) => sum.set === 0 && sum.span === span)?.values);
    const cells = await readRunCells(tx, current, labels, { nowMs, byAttempts: true });
    const runs = runFigures(cells);
    const ranked = await readRankedRuns(tx, current, labels, ranksOf(cells, RANKS).map(({ name, place }) => ({ workflow, name, ...place })));
    return {
      freshAt: opened.freshAt, timeZone,
      range: { from: new Date(range.fromMs).toISOString(), to: new Date(range.toMs).toISOString(), previousFrom: new Date(range.previousFromMs).toISOString(), bucket: range.bucket },
      settings: settings ?? DEFAULT_SETTINGS, configured: settings !== null,
      totals: totalsOf('current'), previous: totalsOf('previous'), runs,
      histogram: withoutGaps(runs.histogram),
      ranked: Object.fromEntries(ranked.map(({ name, runId, runRef, costPico }) => [name, { runId, runRef, costPico }])),
      context: await readContext(tx, opened, tenantId, labels),
      models: modelsOf(sums),
      lastDay: (await readLastDays(tx)).get(workflow) ?? null,
    };
  });
}

async function readContext(tx: PoolClient, { range, timeZone, current, bucket }: OpenedSpan, tenantId: string, labels: WorkflowsInput & { readonly workflow: string }): Promise<ContextPoint[]> {
  const time = bucket === 'day' ? 'day' : 'at';
  const step = bucket === 'day' ? undefined : { ms: STEP_MS[bucket], originMs: stepStartMs(range.fromMs, bucket, timeZone) };
  const { environment, customerId, workflow } = labels;
  const sums = await sumCells(tx, { tenantId, timeZone, labels: { environment, customerId, workflow }, spans: [current], measures: CONTEXT_MEASURES, sets: [[time]], step });
  const byTime = new Map(sums.map(({ keys, values }) => [keys[time]!, values]));
  return stepsOf(range, timeZone).map(({ key, at }) => {
    const values = byTime.get(key);
    const answered = Number(values?.['calls'] ?? '0') - Number(values?.['failed'] ?? '0');
    return { at, answered, inputPerCall: answered > 0 ? Math.round(inputTokensOf(values) / answered) : null };
  });
}

function modelsOf(sums: readonly CellSum[]): WorkflowFigures['models'] {
  const before = new Map(sums.filter(({ set, span }) => set === 1 && span === 'previous').map(({ keys, values }) => [`${keys.provider} ${keys.model}`, values['cost_pico']!]));
  return sums.filter(({ set, span, values }) => set === 1 && span === 'current' && (values['calls'] !== '0' || values['cost_pico'] !== '0'))
    .map(({ keys, values }) => ({
      provider: keys.provider!, model: keys.model!, costPico: values['cost_pico']!, calls: Number(values['calls']), previousCostPico: before.get(`${keys.provider} ${keys.model}`) ?? '0',
    }))
    .sort((a, b) => Number(BigInt(b.costPico) > BigInt(a.costPico)) - Number(BigInt(b.costPico) < BigInt(a.costPico)) || a.model.localeCompare(b.model));
}

/** Pure. Nothing costs between nothing and the first step: no bucket fills that. */
export function withoutGaps(counted: RunFigures['histogram']): HistogramBucket[] {
  const counts = new Map(counted.map(({ bucket, runs }) => [bucket, runs]));
  const costing = counted.filter(({ bucket }) => bucket > 0).map(({ bucket }) => bucket);
  const first = Math.min(...costing);
  const filled = costing.length === 0 ? [] : Array.from({ length: Math.max(...costing) - first + 1 }, (_, n) => first + n);
  return [...(counts.has(0) ? [0] : []), ...filled].map((bucket) => {
    const { fromPico, toPico } = boundsOf(bucket);
    return { fromPico: fromPico === null ? null : String(fromPico), toPico: toPico === null ? null : String(toPico), runs: counts.get(bucket) ?? 0 };
  });
}
