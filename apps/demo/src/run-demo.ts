/** The demo: replays a trace through the SDK against the fakes, then compares what they served with what the ledger holds. */
import { findModel, groupServed, priceSheet, sumServedPico, formatServedUsd, type Latency, type ServedAnswer } from '@outlay/fakes';
import { OutlayError, type Verdict } from '@outlay/sdk';
import { compareTotals, parsePico, subtractGroup, subtractGroups, type Comparison, type Group } from './compare-totals';
import { paceRuns } from './pace-runs';
import { planRuns, type PlannedRun } from './plan-runs';
import { createLedgerReader, DemoError, type LedgerRange } from './read-ledger';
import type { TraceRow } from './read-trace';
import { renderDuration } from './render-progress';
import { renderComparison } from './render-table';
import { reportProgress, type Output } from './report-progress';
import { startProduct, type DemoKey, type RunningProduct } from './start-product';

export interface DemoOptions {
  /** `http://localhost:4400` */
  readonly baseUrl: string;
  /** One key, or one an environment; each may ingest, the first may also read. */
  readonly apiKey: string | readonly string[];
  readonly trace: readonly TraceRow[];
  /** Runs; absent: one a row of the trace. */
  readonly requests?: number;
  /** How much faster than the trace. */
  readonly speed: number | 'max';
  readonly seed: number;
  readonly output: Output;
  /** Ends the demo early, with its table. */
  readonly signal?: AbortSignal;
}

export interface DemoResult {
  /** Both comparisons agree to the last digit, and every event was taken. */
  readonly equal: boolean;
  readonly byWorkflow: Comparison;
  readonly byModel: Comparison;
  readonly runs: { readonly finished: number; readonly lost: number; readonly refused: number };
}

const CONCURRENCY = 48;
const FLUSH_MS = 60_000;
const BUCKET_MS = 15 * 60_000;
const DAY_MS = 24 * 60 * 60_000;
/** Of a provider at normal speed. */
const FIRST_BYTE_MS = 450;
const TOKEN_MS = 9;
const TOOLS = 'own tools (no model)';

/** Throws `DemoError` when Outlay cannot be reached or refuses the key. */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const { output, speed } = options;
  const keys = readKeys(options.apiKey);
  const plan = planRuns(options.trace, { seed: options.seed, requests: options.requests, environments: keys.map((key) => key.environment) });
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  const ledger = createLedgerReader(baseUrl, keys.map((key) => key.apiKey), nameModel);
  const range = rangeAround(Date.now());
  const before = await ledger.readTotals(range);

  const tally = createTally();
  const product = await startProduct({
    baseUrl, keys, seed: options.seed, latency: latencyAt(speed), onToolCost: tally.onToolCost, onWarning: (warning) => count(tally.warnings, warning.code), onVerdict: tally.onVerdict,
  });
  try {
    output.write(`${plan.length} runs of three workflows, ${keys.map((key) => key.environment).join(' and ')}, seed ${options.seed}, speed ${speed}\n`);
    const startedMs = performance.now();
    const stopReporting = reportProgress(output, () => ({
      done: tally.done(), total: plan.length, elapsedMs: performance.now() - startedMs, calls: listServed(product).length, usd: formatServedUsd(sumServedPico(listServed(product))),
    }));
    try {
      await paceRuns(plan, { speed, concurrency: CONCURRENCY, signal: options.signal ?? new AbortController().signal }, (run) => execute(product, run, tally));
    } finally {
      stopReporting();
    }
    const delivered = await product.flush(FLUSH_MS);
    const after = await ledger.readTotals(range);
    const served = sumServed(listServed(product), tally.toolRuns);
    const byWorkflow = compareTotals(served.byWorkflow, subtractGroups(after.byWorkflow, before.byWorkflow), subtractGroup(after.total, before.total));
    const byModel = compareTotals(served.byModel, subtractGroups(after.byModel, before.byModel), subtractGroup(after.total, before.total));
    const equal = delivered && byWorkflow.equal && byModel.equal;
    output.write(`\n${renderComparison('workflow', byWorkflow)}\n\n${renderComparison('model', byModel)}\n\n`);
    output.write(`${describeEnd(tally, product, delivered, performance.now() - startedMs)}\n${equal ? `Equal to the last digit. See ${baseUrl}` : describeDifference(byWorkflow)}\n`);
    return { equal, byWorkflow, byModel, runs: { finished: tally.counts.finished, lost: tally.counts.lost, refused: tally.counts.refused } };
  } finally {
    await product.stop();
  }
}

/** The environment stands in the key: `ol_<environment>_<random>`. */
function readKeys(apiKey: string | readonly string[]): DemoKey[] {
  const keys = [...new Set(typeof apiKey === 'string' ? [apiKey] : apiKey)].map((key) => {
    const environment = /^ol_(.+?)_/.exec(key)?.[1];
    if (!environment) throw new DemoError('An API key looks like ol_<environment>_<random>. Create one in the console under Settings, API keys.');
    return { apiKey: key, environment };
  });
  const twice = keys.find((key, index) => keys.findIndex((other) => other.environment === key.environment) !== index);
  if (twice) throw new DemoError(`Two API keys are of the environment "${twice.environment}"; the demo takes one an environment.`);
  if (keys.length === 0) throw new DemoError('The demo needs an API key.');
  return keys;
}

/** Whole buckets, so that both readings sum the same cells; the future holds nothing yet. */
function rangeAround(nowMs: number): LedgerRange {
  const fromMs = Math.floor(nowMs / BUCKET_MS) * BUCKET_MS - BUCKET_MS;
  return { from: new Date(fromMs).toISOString(), to: new Date(fromMs + DAY_MS).toISOString() };
}

function latencyAt(speed: number | 'max'): Latency | undefined {
  return speed === 'max' ? undefined : { firstMs: FIRST_BYTE_MS / speed, perTokenMs: TOKEN_MS / speed };
}

/** The short name of a model on the fakes' sheet, whatever name it was served under. */
function nameModel(model: string): string {
  if (model === '') return TOOLS;
  const entry = findModel('openai', model) ?? findModel('anthropic', model);
  return Object.keys(priceSheet).find((name) => priceSheet[name] === entry) ?? model;
}

function listServed({ fakes }: RunningProduct): ServedAnswer[] {
  return fakes.flatMap((fake) => fake.served);
}

function sumServed(answers: readonly ServedAnswer[], toolRuns: readonly PlannedRun[]): { byWorkflow: Map<string, Group>; byModel: Map<string, Group> } {
  const byWorkflow: Map<string, Group> = groupServed(answers, (answer) => answer.label);
  const byModel: Map<string, Group> = groupServed(answers, (answer) => nameModel(answer.model ?? answer.modelRequested ?? ''));
  for (const run of toolRuns) {
    const costPico = parsePico(run.tool!.cost);
    for (const [groups, name] of [[byWorkflow, run.workflow], [byModel, TOOLS]] as const) {
      const group = groups.get(name) ?? { calls: 0, costPico: 0n };
      groups.set(name, { calls: group.calls, costPico: group.costPico + costPico });
    }
  }
  return { byWorkflow, byModel };
}

interface Tally {
  readonly counts: { finished: number; lost: number; refused: number };
  readonly warnings: Map<string, number>;
  readonly verdicts: Map<string, number>;
  /** Once for each time a run paid for its tool; a retried run pays again. */
  readonly toolRuns: PlannedRun[];
  /** The first reasons for which the ledger did not take an event. */
  readonly refusals: string[];
  done(): number;
  onToolCost(run: PlannedRun): void;
  onVerdict(verdict: Verdict): void;
}

function createTally(): Tally {
  const tally: Tally = {
    counts: { finished: 0, lost: 0, refused: 0 }, warnings: new Map(), verdicts: new Map(), toolRuns: [], refusals: [],
    done: () => tally.counts.finished + tally.counts.lost + tally.counts.refused,
    onToolCost: (run) => { tally.toolRuns.push(run); },
    onVerdict: (verdict) => {
      count(tally.verdicts, verdict.verdict);
      if (verdict.verdict !== 'accepted' && tally.refusals.length < 5) tally.refusals.push(`${verdict.verdict}: ${verdict.message ?? verdict.reason ?? verdict.id ?? ''}`);
    },
  };
  return tally;
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** A run may fail as runs do: every model failed, or its context was too large. Anything else is a fault of the demo and is thrown. */
async function execute(product: RunningProduct, run: PlannedRun, { counts }: Tally): Promise<void> {
  try {
    await product.execute(run);
    counts.finished += 1;
  } catch (cause) {
    if (cause instanceof OutlayError && cause.code === 'context_too_large') counts.refused += 1;
    else if (run.failures.length === run.models.length) counts.lost += 1;
    else throw cause;
  }
}

function describeEnd({ counts, warnings, verdicts, refusals }: Tally, product: RunningProduct, delivered: boolean, elapsedMs: number): string {
  const list = (map: ReadonlyMap<string, number>): string => [...map].map(([name, times]) => `${times} ${name}`).join(', ') || 'none';
  const stats = product.stats();
  const lines = [
    `${counts.finished} runs finished, ${counts.lost} failed on every model, ${counts.refused} refused for their context, in ${renderDuration(elapsedMs)}`,
    `events: ${stats.recorded} recorded, verdicts: ${list(verdicts)}; warnings: ${list(warnings)}`,
  ];
  if (!delivered || stats.dropped > 0) lines.push(`NOT DELIVERED: ${stats.pending} events wait, ${stats.dropped} were dropped${stats.lastError ? `; last error: ${stats.lastError}` : ''}`);
  return [...lines, ...refusals.map((refusal) => `the ledger said ${refusal}`)].join('\n');
}

function describeDifference({ total }: Comparison): string {
  return `DIFFERENT by ${total.differencePico} pico-dollars in total. Other traffic of this tenant during the demo counts too: use a tenant of its own.`;
}
