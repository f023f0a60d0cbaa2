/** Every workflow that a span has seen or that somebody has set up, with what its outcomes cost and how its runs spread. */
import { DAY_MS, DomainError } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import type { PoolClient } from 'pg';
import type { Labels, Span } from './cell-pieces';
import type { RangeName } from './event-filter';
import { type OverviewRange, resolveRange, type TrendBucket } from './overview-range';
import { DEFAULT_SETTINGS, readWorkflowSettings, type WorkflowSettings } from './store-workflows';
import { sumCells } from './sum-cells';
import { readLastDays, readRankedRuns, readRunCells, type RunCell } from './workflow-runs';
import { estimatesOf, ranksOf, type RunFigures, runFigures, WORKFLOW_MEASURES, type WorkflowTotals, workflowTotals } from './workflow-sums';

/** `fromMs`/`toMs` win over `range`. */
export interface WorkflowsInput {
  readonly range?: RangeName;
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly environment?: string;
  readonly customerId?: string;
}

export interface WorkflowSummary {
  readonly workflow: string;
  readonly settings: WorkflowSettings;
  /** Somebody saved settings for it. */
  readonly configured: boolean;
  readonly totals: WorkflowTotals;
  readonly previous: WorkflowTotals;
  readonly runs: Omit<RunFigures, 'byRetries' | 'byCalls' | 'histogram'>;
  /** Cost of the run at the middle, and of the one that 95 of 100 do not exceed (nearest rank, see `percentiles`); null without runs. */
  readonly p50Pico: string | null;
  readonly p95Pico: string | null;
  /** The last event of a run in the span. */
  readonly lastAt: string | null;
  /** The last local day with any event, whatever the span and the filters. */
  readonly lastDay: string | null;
}

export interface WorkflowList {
  readonly freshAt: string;
  readonly timeZone: string;
  readonly range: { readonly from: string; readonly to: string };
  /** `estimated` from counts by cost where the range has more than `EXACT_RUNS_MAX` runs: the very runs would take another walk over all of them. */
  readonly percentiles: 'exact' | 'estimated';
  /** Dearest first, then by name. */
  readonly workflows: readonly WorkflowSummary[];
}

const DAYS_MAX = 1_100;
const EXACT_RUNS_MAX = 500_000;
const SHARES = { p50: 0.5, p95: 0.95 } as const;

export interface OpenedSpan {
  readonly timeZone: string;
  readonly freshAt: string;
  readonly range: OverviewRange;
  readonly bucket: TrendBucket;
  readonly current: Span;
  readonly previous: Span;
}

/** Errors: `invalid_input` for a span that is too long to show. */
export async function openSpan(tx: PoolClient, input: Pick<WorkflowsInput, 'range' | 'fromMs' | 'toMs'>, nowMs: number): Promise<OpenedSpan> {
  const { rows } = await tx.query<{ time_zone: string; at: Date }>('SELECT time_zone, now() AS at FROM tenants');
  const { time_zone: timeZone, at } = rows[0]!;
  const range = resolveRange(input, { timeZone, nowMs });
  if (range.toMs - range.fromMs > DAYS_MAX * DAY_MS) throw new DomainError('invalid_input', { field: 'from', message: `A workflow is shown over at most ${DAYS_MAX} days: move "from" and "to" closer.` });
  return {
    timeZone, freshAt: at.toISOString(), range, bucket: range.bucket,
    current: { name: 'current', fromMs: range.fromMs, toMs: range.toMs }, previous: { name: 'previous', fromMs: range.previousFromMs, toMs: range.fromMs },
  };
}

/** Errors: `invalid_input` for a span that is too long to show. */
export async function listWorkflows(db: Database, tenantId: string, input: WorkflowsInput, nowMs: number, exactRunsMax = EXACT_RUNS_MAX): Promise<WorkflowList> {
  const { range: _range, fromMs: _fromMs, toMs: _toMs, ...labels } = input;
  return await db.withTenantSnapshot(tenantId, async (tx) => {
    const { timeZone, freshAt, range, current, previous } = await openSpan(tx, input, nowMs);
    const settings = await readWorkflowSettings(tx);
    const totals = await readTotals(tx, { tenantId, timeZone, labels, spans: [current, previous] });
    const cells = byWorkflow(await readRunCells(tx, current, labels, { nowMs, byAttempts: false }));
    const exact = [...cells.values()].flat().reduce((sum, { runs }) => sum + runs, 0) <= exactRunsMax;
    const percentiles = exact ? await readPercentiles(tx, current, labels, cells) : estimatePercentiles(cells);
    const lastDays = await readLastDays(tx);
    const names = new Set([...settings.keys(), ...totals.get('current')!.keys(), ...cells.keys()]);
    const workflows = [...names].map((workflow): WorkflowSummary => {
      const { byRetries: _byRetries, byCalls: _byCalls, histogram: _histogram, ...runs } = runFigures(cells.get(workflow) ?? []);
      return {
        workflow, settings: settings.get(workflow) ?? DEFAULT_SETTINGS, configured: settings.has(workflow),
        totals: totals.get('current')!.get(workflow) ?? workflowTotals(undefined), previous: totals.get('previous')!.get(workflow) ?? workflowTotals(undefined), runs,
        p50Pico: percentiles.get(`p50 ${workflow}`) ?? null, p95Pico: percentiles.get(`p95 ${workflow}`) ?? null,
        lastAt: runs.lastAt, lastDay: lastDays.get(workflow) ?? null,
      };
    });
    return {
      freshAt, timeZone, range: { from: new Date(range.fromMs).toISOString(), to: new Date(range.toMs).toISOString() }, percentiles: exact ? 'exact' : 'estimated',
      workflows: workflows.sort((a, b) => Number(BigInt(b.totals.costPico) > BigInt(a.totals.costPico)) - Number(BigInt(b.totals.costPico) < BigInt(a.totals.costPico)) || a.workflow.localeCompare(b.workflow)),
    };
  });
}

function byWorkflow(cells: readonly RunCell[]): Map<string, RunCell[]> {
  const groups = new Map<string, RunCell[]>();
  for (const cell of cells) {
    const group = groups.get(cell.workflow);
    if (group) group.push(cell);
    else groups.set(cell.workflow, [cell]);
  }
  return groups;
}

async function readTotals(
  tx: PoolClient, query: { readonly tenantId: string; readonly timeZone: string; readonly labels: Labels; readonly spans: readonly Span[] },
): Promise<Map<string, Map<string, WorkflowTotals>>> {
  const sums = await sumCells(tx, { ...query, measures: WORKFLOW_MEASURES, sets: [['workflow']] });
  return new Map(query.spans.map(({ name }) => [name, new Map(sums.filter(({ span }) => span === name).map(({ keys, values }) => [keys.workflow!, workflowTotals(values)]))]));
}

async function readPercentiles(tx: PoolClient, span: Span, labels: WorkflowsInput, cells: ReadonlyMap<string, readonly RunCell[]>): Promise<Map<string, string>> {
  const asked = [...cells].flatMap(([workflow, own]) => ranksOf(own, SHARES).map(({ name, place }) => ({ workflow, name, ...place })));
  return new Map((await readRankedRuns(tx, span, labels, asked)).map(({ workflow, name, costPico }) => [`${name} ${workflow}`, String(costPico)]));
}

function estimatePercentiles(cells: ReadonlyMap<string, readonly RunCell[]>): Map<string, string> {
  return new Map([...cells].flatMap(([workflow, own]) => estimatesOf(own, SHARES).map(({ name, costPico }) => [`${name} ${workflow}`, String(costPico)] as const)));
}
