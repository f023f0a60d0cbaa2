/**
 * In what state a workflow is, and for which reason: the one place where it is decided. Pure. The first rule that holds wins, in the order of `RULES`:
 * money thrown away, then a context that grew, then outcomes that cost too much for no such cause, then what nobody can tell yet. The words of it stand in
 * `workflow-words.ts`.
 */

/** Shares are between 0 and 1 and hold from their value on; so do counts. */
export const THRESHOLDS = {
  /** Nothing is said of the spend of a workflow with fewer calls, or with less spent: a small number swings. */
  judgedCalls: 20,
  judgedPico: 10_000_000_000n,
  /** Nothing is said of what outcomes cost, or of how many were usable, before so many runs have ended. */
  judgedOutcomes: 10,

  leakingRetryShare: 0.35,
  /** Of what runs cost that have ended. */
  leakingUnusableShare: 0.25,
  leakingFailedShare: 0.1,
  /** What a usable outcome costs over its target. */
  leakingTargetRatio: 1.1,
  /** Margin of ended runs: what they are worth by the plan in their snapshot, less what they cost, of what they are worth. Below it. */
  leakingMargin: 0,
  profitableMargin: 0.2,

  /** Answered calls that a day, or a period, needs for its mean of input tokens a call to count. */
  spikeCalls: 30,
  /** Days that must count before one of them can stand out. */
  spikeDays: 5,
  /** A day's mean over the median day of the range and of the period before. */
  spikeDayRatio: 2,
  /** The range's mean over that of the period before. */
  spikeRangeRatio: 1.5,

  reviewUnpriced: 1,
  /** Of all calls. */
  reviewUntaggedShare: 0.02,
  reviewTargetRatio: 1,
  reviewRetryShare: 0.2,
  reviewUnusableShare: 0.15,
  reviewFallbackShare: 0.25,
} as const;

export type Thresholds = { readonly [name in keyof typeof THRESHOLDS]: (typeof THRESHOLDS)[name] extends bigint ? bigint : number };
export type WorkflowState = 'leaking' | 'context spike' | 'soft cap' | 'needs review' | 'profitable' | 'ok';

/** Mean input per answered call is `inputTokens / answered`. A failed call has usually read nothing. */
interface Input {
  readonly answered: number;
  readonly inputTokens: number;
}

export interface InputDay extends Input {
  /** In the team's zone, `2026-11-21`. */
  readonly day: string;
  /** False for days of the period before. */
  readonly inRange: boolean;
}

/** One workflow over a range. Money in pico-dollars. */
export interface WorkflowFacts extends Input {
  /** '' for calls that name none. */
  readonly workflow: string;
  readonly calls: number;
  readonly unpriced: number;
  readonly untagged: number;
  readonly usable: number;
  readonly unusable: number;
  readonly costPico: bigint;
  readonly retryCostPico: bigint;
  readonly fallbackCostPico: bigint;
  readonly failedCostPico: bigint;
  readonly costUsablePico: bigint;
  readonly costUnusablePico: bigint;
  readonly costPerUsablePico: bigint | null;
  readonly targetCostPico: bigint | null;
  readonly before: Input;
  /** Oldest first. Empty where the range is too short to be told by days. */
  readonly days: readonly InputDay[];
  /** Of ended runs whose rows carry a plan with a rate; null where none does. */
  readonly margin: { readonly runs: number; readonly worthPico: bigint; readonly costPico: bigint } | null;
  /** A soft cap of the workflow that is passed in its present window, the furthest first; null where none is. `share` is use over limit. */
  readonly softCap: { readonly name: string; readonly share: number } | null;
}

export type Reason =
  | { readonly name: 'retry spend' | 'fallback spend' | 'failed spend' | 'unusable spend'; readonly share: number; readonly partPico: bigint; readonly ofPico: bigint }
  | { readonly name: 'over target'; readonly ratio: number; readonly costPico: bigint; readonly targetPico: bigint }
  | { readonly name: 'under cost' | 'margin'; readonly share: number; readonly worthPico: bigint; readonly costPico: bigint }
  | { readonly name: 'soft cap'; readonly cap: string; readonly share: number }
  | { readonly name: 'spike days'; readonly ratio: number; readonly mean: number; readonly usual: number; readonly firstDay: string; readonly lastDay: string }
  | { readonly name: 'input growth'; readonly ratio: number; readonly mean: number; readonly usual: number }
  | { readonly name: 'unpriced'; readonly count: number }
  | { readonly name: 'untagged'; readonly count: number; readonly share: number }
  | { readonly name: 'no outcomes'; readonly calls: number }
  | { readonly name: 'too small'; readonly calls: number; readonly costPico: bigint }
  | { readonly name: 'healthy'; readonly usableShare: number | null; readonly retryShare: number };

export interface Finding {
  readonly state: WorkflowState;
  readonly reason: Reason;
}

type Rule = (facts: WorkflowFacts, limits: Thresholds) => Reason | null;

/** In this order: the first that finds something wins. */
export const RULES: readonly (readonly [state: WorkflowState, rule: Rule])[] = [
  ['leaking', (facts, limits) => partOfSpend('retry spend', facts.retryCostPico, facts, limits.leakingRetryShare, limits)],
  ['leaking', (facts, limits) => unusableSpend(facts, limits.leakingUnusableShare, limits)],
  ['leaking', (facts, limits) => partOfSpend('failed spend', facts.failedCostPico, facts, limits.leakingFailedShare, limits)],
  ['context spike', spikeDays],
  ['context spike', inputGrowth],
  ['leaking', (facts, limits) => overTarget(facts, limits.leakingTargetRatio, limits)],
  ['leaking', (facts, limits) => { const margin = marginOf(facts, limits); return margin !== null && margin.share < limits.leakingMargin ? { name: 'under cost', ...margin } : null; }],
  ['soft cap', ({ softCap }) => (softCap === null ? null : { name: 'soft cap', cap: softCap.name, share: softCap.share })],
  ['needs review', ({ unpriced }, limits) => (unpriced >= limits.reviewUnpriced ? { name: 'unpriced', count: unpriced } : null)],
  ['needs review', untagged],
  ['needs review', (facts, limits) => (facts.calls >= limits.judgedCalls && facts.usable + facts.unusable === 0 ? { name: 'no outcomes', calls: facts.calls } : null)],
  ['needs review', (facts, limits) => overTarget(facts, limits.reviewTargetRatio, limits)],
  ['needs review', (facts, limits) => partOfSpend('retry spend', facts.retryCostPico, facts, limits.reviewRetryShare, limits)],
  ['needs review', (facts, limits) => unusableSpend(facts, limits.reviewUnusableShare, limits)],
  ['needs review', (facts, limits) => partOfSpend('fallback spend', facts.fallbackCostPico, facts, limits.reviewFallbackShare, limits)],
  ['profitable', (facts, limits) => { const margin = marginOf(facts, limits); return margin !== null && margin.share >= limits.profitableMargin ? { name: 'margin', ...margin } : null; }],
];

export function judgeWorkflow(facts: WorkflowFacts, limits: Thresholds = THRESHOLDS): Finding {
  for (const [state, rule] of RULES) {
    const reason = rule(facts, limits);
    if (reason !== null) return { state, reason };
  }
  if (!isJudged(facts, limits)) return { state: 'ok', reason: { name: 'too small', calls: facts.calls, costPico: facts.costPico } };
  const outcomes = facts.usable + facts.unusable;
  return { state: 'ok', reason: { name: 'healthy', usableShare: outcomes === 0 ? null : facts.usable / outcomes, retryShare: shareOf(facts.retryCostPico, facts.costPico) } };
}

function isJudged({ calls, costPico }: WorkflowFacts, limits: Thresholds): boolean {
  return calls >= limits.judgedCalls && costPico >= limits.judgedPico;
}

function partOfSpend(name: 'retry spend' | 'fallback spend' | 'failed spend', partPico: bigint, facts: WorkflowFacts, from: number, limits: Thresholds): Reason | null {
  const share = shareOf(partPico, facts.costPico);
  return isJudged(facts, limits) && share >= from ? { name, share, partPico, ofPico: facts.costPico } : null;
}

/** A run's cost stands where its outcome is, so it is held against runs that ended, not against the spend of the range. */
function unusableSpend(facts: WorkflowFacts, from: number, limits: Thresholds): Reason | null {
  const ofPico = facts.costUsablePico + facts.costUnusablePico;
  const share = shareOf(facts.costUnusablePico, ofPico);
  return isJudged(facts, limits) && facts.usable + facts.unusable >= limits.judgedOutcomes && share >= from
    ? { name: 'unusable spend', share, partPico: facts.costUnusablePico, ofPico } : null;
}

/** Null where too few runs have ended, or what they are worth is nothing: a free plan has no margin. */
function marginOf({ margin }: WorkflowFacts, limits: Thresholds): { readonly share: number; readonly worthPico: bigint; readonly costPico: bigint } | null {
  const share = shareOfWorth(margin);
  return margin === null || share === null || margin.runs < limits.judgedOutcomes ? null : { share, worthPico: margin.worthPico, costPico: margin.costPico };
}

/** Margin of what runs are worth, to a millionth; null where they are worth nothing. */
export function shareOfWorth(worth: { readonly worthPico: bigint; readonly costPico: bigint } | null): number | null {
  return worth === null || worth.worthPico <= 0n ? null : Number(((worth.worthPico - worth.costPico) * 1_000_000n) / worth.worthPico) / 1_000_000;
}

function overTarget({ costPerUsablePico, targetCostPico, usable }: WorkflowFacts, from: number, limits: Thresholds): Reason | null {
  if (costPerUsablePico === null || targetCostPico === null || usable < limits.judgedOutcomes) return null;
  const ratio = shareOf(costPerUsablePico, targetCostPico);
  // On its target is not over it.
  return ratio >= from && ratio > 1 ? { name: 'over target', ratio, costPico: costPerUsablePico, targetPico: targetCostPico } : null;
}

function spikeDays({ days }: WorkflowFacts, limits: Thresholds): Reason | null {
  const counted = days.filter(({ answered }) => answered >= limits.spikeCalls);
  if (counted.length < limits.spikeDays) return null;
  const usual = median(counted.map(meanOf));
  if (usual === 0) return null;
  const stands = (day: InputDay): boolean => day.inRange && meanOf(day) >= usual * limits.spikeDayRatio;
  const highest = counted.filter(stands).reduce<InputDay | null>((most, day) => (most === null || meanOf(day) > meanOf(most) ? day : most), null);
  if (highest === null) return null;
  // The days in a row around the highest one are one spike.
  let [first, last] = [counted.indexOf(highest), counted.indexOf(highest)];
  while (first > 0 && stands(counted[first - 1]!)) first -= 1;
  while (last + 1 < counted.length && stands(counted[last + 1]!)) last += 1;
  const mean = meanOf(counted.slice(first, last + 1).reduce((sum, day) => ({ answered: sum.answered + day.answered, inputTokens: sum.inputTokens + day.inputTokens }), { answered: 0, inputTokens: 0 }));
  return { name: 'spike days', ratio: mean / usual, mean, usual, firstDay: counted[first]!.day, lastDay: counted[last]!.day };
}

function inputGrowth(facts: WorkflowFacts, limits: Thresholds): Reason | null {
  const { before } = facts;
  if (facts.answered < limits.spikeCalls || before.answered < limits.spikeCalls) return null;
  const [mean, usual] = [meanOf(facts), meanOf(before)];
  return usual > 0 && mean >= usual * limits.spikeRangeRatio ? { name: 'input growth', ratio: mean / usual, mean, usual } : null;
}

function untagged(facts: WorkflowFacts, limits: Thresholds): Reason | null {
  const share = facts.calls === 0 ? 0 : facts.untagged / facts.calls;
  return facts.calls >= limits.judgedCalls && share >= limits.reviewUntaggedShare ? { name: 'untagged', count: facts.untagged, share } : null;
}

function meanOf({ answered, inputTokens }: Input): number {
  return answered === 0 ? 0 : inputTokens / answered;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** To a millionth; 0 where the whole is nothing. */
function shareOf(part: bigint, whole: bigint): number {
  return whole <= 0n ? 0 : Number((part * 1_000_000n) / whole) / 1_000_000;
}
