/** What sums over a workflow's cells say: the measures of its calls and outcomes, and of its runs. Pure. */
import { INPUT_CLASSES } from '@outlay/kernel';
import { type Measure, MEASURES } from './measures';
import { estimateCost, findRank, type RankPlace } from './run-cost-grid';
import { costPerUsable } from './summarise';
import type { CellSum } from './sum-cells';
import { ATTEMPTS_MAX, type RunCell, type RunState } from './workflow-runs';

/** Money in pico-dollars as text. Outcomes and their costs stand where the outcome is, calls where they were made. */
export interface WorkflowTotals {
  readonly costPico: string;
  readonly retryCostPico: string;
  readonly failedCostPico: string;
  readonly costUsablePico: string;
  readonly costUnusablePico: string;
  readonly calls: number;
  readonly failed: number;
  readonly retries: number;
  readonly fallbacks: number;
  readonly unpriced: number;
  readonly usable: number;
  readonly unusable: number;
  readonly inputTokens: number;
  /** All cost over usable outcomes; null without any. */
  readonly costPerUsablePico: string | null;
}

const WANTED = new Set<string>([
  'calls', 'failed', 'retries', 'fallbacks', 'unpriced', 'cost_pico', 'retry_cost_pico', 'failed_cost_pico', 'outcomes_usable', 'outcomes_unusable', 'cost_usable_pico', 'cost_unusable_pico', ...INPUT_CLASSES,
]);
export const WORKFLOW_MEASURES: readonly Measure[] = MEASURES.filter(({ name }) => WANTED.has(name));
const TREND = new Set<string>(['calls', 'failed', ...INPUT_CLASSES]);
export const CONTEXT_MEASURES: readonly Measure[] = MEASURES.filter(({ name }) => TREND.has(name));

export function workflowTotals(values: CellSum['values'] | undefined): WorkflowTotals {
  const text = (name: string): string => values?.[name] ?? '0';
  return {
    costPico: text('cost_pico'), retryCostPico: text('retry_cost_pico'), failedCostPico: text('failed_cost_pico'),
    costUsablePico: text('cost_usable_pico'), costUnusablePico: text('cost_unusable_pico'),
    calls: Number(text('calls')), failed: Number(text('failed')), retries: Number(text('retries')), fallbacks: Number(text('fallbacks')), unpriced: Number(text('unpriced')),
    usable: Number(text('outcomes_usable')), unusable: Number(text('outcomes_unusable')), inputTokens: inputTokensOf(values),
    costPerUsablePico: costPerUsable(text('cost_pico'), text('outcomes_usable'))?.toString() ?? null,
  };
}

export function inputTokensOf(values: CellSum['values'] | undefined): number {
  return INPUT_CLASSES.reduce((sum, name) => sum + Number(values?.[name] ?? '0'), 0);
}

interface RunSum {
  readonly runs: number;
  readonly costPico: string;
}

export interface RunFigures {
  readonly runs: number;
  readonly costPico: string;
  readonly byState: Readonly<Record<RunState, RunSum>>;
  /** Runs without a later attempt, with one, two, and `ATTEMPTS_MAX` or more; only where cells tell attempts apart. */
  readonly byRetries: readonly RunSum[];
  /** Runs without a call (an outcome alone), of one call, two, and `ATTEMPTS_MAX` or more. */
  readonly byCalls: readonly RunSum[];
  /** Of `COST_EDGES`, rising; buckets without a run are left out. */
  readonly histogram: readonly { readonly bucket: number; readonly runs: number }[];
  readonly lastAt: string | null;
}

/** Of one workflow's cells; of all of them when several are given. */
export function runFigures(cells: readonly RunCell[]): RunFigures {
  const sumOf = (some: readonly RunCell[]): RunSum => ({ runs: some.reduce((sum, { runs }) => sum + runs, 0), costPico: String(some.reduce((sum, { costPico }) => sum + costPico, 0n)) });
  const of = (state: RunState): RunSum => sumOf(cells.filter((cell) => cell.state === state));
  const steps = Array.from({ length: ATTEMPTS_MAX + 1 }, (_, n) => n);
  const last = cells.reduce<Date | null>((latest, { lastAt }) => (latest === null || lastAt > latest ? lastAt : latest), null);
  return {
    ...sumOf(cells),
    byState: { usable: of('usable'), unusable: of('unusable'), open: of('open'), unknown: of('unknown') },
    byRetries: steps.map((n) => sumOf(cells.filter((cell) => cell.retries === n))),
    byCalls: steps.map((n) => sumOf(cells.filter((cell) => cell.calls === n))),
    histogram: [...countByBucket(cells)].map(([bucket, runs]) => ({ bucket, runs })),
    lastAt: last?.toISOString() ?? null,
  };
}

/** The ranks of a workflow's runs by cost; the greatest is the run that costs the most. */
export function ranksOf(cells: readonly RunCell[], shares: Readonly<Record<string, number>>): { readonly name: string; readonly place: RankPlace }[] {
  const counts = countByBucket(cells);
  return Object.entries(shares).flatMap(([name, share]) => {
    const place = findRank(counts, share);
    return place === null ? [] : [{ name, place }];
  });
}

export function estimatesOf(cells: readonly RunCell[], shares: Readonly<Record<string, number>>): { readonly name: string; readonly costPico: bigint }[] {
  const counts = countByBucket(cells);
  return Object.entries(shares).flatMap(([name, share]) => {
    const costPico = estimateCost(counts, share);
    return costPico === null ? [] : [{ name, costPico }];
  });
}

function countByBucket(cells: readonly RunCell[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { bucket, runs } of cells) counts.set(bucket, (counts.get(bucket) ?? 0) + runs);
  return new Map([...counts].sort(([a], [b]) => a - b));
}
