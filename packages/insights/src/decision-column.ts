/**
 * What to do about a workflow that customers pay for: keep, watch, reprice or soft cap. The one place where it is decided, by named thresholds. Pure. The first rule
 * that holds wins: what loses money is repriced, what a few customers drive is capped softly, what moves is watched.
 */

/** Shares are between 0 and 1; everything holds from its value on, a margin up to it. */
export const DECISION_THRESHOLDS = {
  /** Nothing is decided before so many runs have ended. */
  judgedOutcomes: 30,

  /** Margin: what outcomes are worth by the plan's rate less what their runs cost, of what they are worth. */
  repriceMargin: 0.3,
  /** Of what ended runs cost: retries, and runs that ended unusable. */
  repriceWasteShare: 0.3,
  /** A margin from here on carries waste and heavy use. */
  carryingMargin: 0.6,

  /** What the customer at the 95th percentile uses of the allowance: 1 is all of it. */
  softCapUse: 1,
  /** Cost of a usable outcome over that of the period before. */
  softCapTrend: 1.5,

  watchMargin: 0.5,
  watchTrend: 1.15,
  watchWasteShare: 0.15,
  watchUse: 0.8,
} as const;

export type DecisionThresholds = { readonly [name in keyof typeof DECISION_THRESHOLDS]: number };
export type Advice = 'keep' | 'watch' | 'reprice' | 'soft cap';

export interface DecisionFacts {
  readonly outcomes: number;
  /** Null where no ended run has a plan with a rate. Below 0: it loses money. */
  readonly marginShare: number | null;
  /** 1 is unchanged; null without usable outcomes in one of the periods. */
  readonly trend: number | null;
  readonly retryShare: number;
  readonly failureShare: number;
  /** Null where no allowance is burned, or one that includes nothing. */
  readonly p95Use: number | null;
}

type DecisionReason =
  | { readonly name: 'margin'; readonly share: number }
  | { readonly name: 'waste'; readonly retryShare: number; readonly failureShare: number; readonly marginShare: number | null }
  | { readonly name: 'use'; readonly use: number; readonly marginShare: number | null }
  | { readonly name: 'trend'; readonly ratio: number }
  | { readonly name: 'too small'; readonly outcomes: number }
  | { readonly name: 'fine'; readonly marginShare: number | null };

export interface Decided {
  readonly advice: Advice;
  readonly reason: DecisionReason;
}

type Rule = (facts: DecisionFacts, limits: DecisionThresholds) => DecisionReason | null;

const RULES: readonly (readonly [Advice, Rule])[] = [
  ['reprice', ({ marginShare: share }, limits) => (share !== null && share <= limits.repriceMargin ? { name: 'margin', share } : null)],
  ['reprice', (facts, limits) => (isCarried(facts, limits) ? null : waste(facts, limits.repriceWasteShare))],
  ['soft cap', (facts, limits) => (isCarried(facts, limits) ? null : use(facts, limits.softCapUse))],
  ['soft cap', (facts, limits) => trend(facts, limits.softCapTrend)],
  ['watch', ({ marginShare: share }, limits) => (share !== null && share <= limits.watchMargin ? { name: 'margin', share } : null)],
  ['watch', (facts, limits) => trend(facts, limits.watchTrend)],
  ['watch', (facts, limits) => waste(facts, limits.watchWasteShare)],
  ['watch', (facts, limits) => use(facts, limits.watchUse)],
];

export function decideColumn(facts: DecisionFacts, limits: DecisionThresholds = DECISION_THRESHOLDS): Decided {
  if (facts.outcomes < limits.judgedOutcomes) return { advice: 'keep', reason: { name: 'too small', outcomes: facts.outcomes } };
  for (const [advice, rule] of RULES) {
    const reason = rule(facts, limits);
    if (reason !== null) return { advice, reason };
  }
  return { advice: 'keep', reason: { name: 'fine', marginShare: facts.marginShare } };
}

function isCarried({ marginShare }: DecisionFacts, limits: DecisionThresholds): boolean {
  return marginShare !== null && marginShare >= limits.carryingMargin;
}

function waste({ retryShare, failureShare, marginShare }: DecisionFacts, from: number): DecisionReason | null {
  return retryShare + failureShare >= from ? { name: 'waste', retryShare, failureShare, marginShare } : null;
}

function use({ p95Use, marginShare }: DecisionFacts, from: number): DecisionReason | null {
  return p95Use !== null && p95Use >= from ? { name: 'use', use: p95Use, marginShare } : null;
}

function trend({ trend: ratio }: DecisionFacts, from: number): DecisionReason | null {
  return ratio !== null && ratio >= from ? { name: 'trend', ratio } : null;
}

/** Why, in one sentence. `unitName` is what one usable outcome is called. */
export function explainDecision({ reason }: Decided, unitName: string): string {
  switch (reason.name) {
    case 'margin':
      return reason.share < 0 ? `Each ${unitName} costs more than its plan earns: margin ${percent(reason.share)}.` : `The plan's rate leaves a margin of ${percent(reason.share)}.`;
    case 'waste':
      return `${percent(reason.retryShare)} of the cost went into retries and ${percent(reason.failureShare)} into unusable runs${reason.marginShare === null ? '' : `, at a margin of ${percent(reason.marginShare)}`}.`;
    case 'use':
      return `One customer in twenty uses ${percent(reason.use)} or more of the allowance${reason.marginShare === null ? '' : `, at a margin of ${percent(reason.marginShare)}`}.`;
    case 'trend':
      return `A usable ${unitName} costs ${times(reason.ratio)} what it cost in the period before.`;
    case 'too small':
      return `Too little to judge: ${reason.outcomes} of at least ${DECISION_THRESHOLDS.judgedOutcomes} ended runs.`;
    case 'fine':
      return reason.marginShare === null ? 'Cost is steady and little is wasted. No plan gives it a rate yet.' : `Margin ${percent(reason.marginShare)}, cost is steady, little is wasted.`;
  }
}

/** How it is decided, made from the thresholds themselves, in the order of the rules. */
export function describeDecisions(): readonly { readonly advice: Advice; readonly when: readonly string[] }[] {
  const t = DECISION_THRESHOLDS;
  return [
    { advice: 'reprice', when: [
      `the margin is ${percent(t.repriceMargin)} or less`,
      `retries and unusable runs are ${percent(t.repriceWasteShare)} or more of the cost, and the margin is below ${percent(t.carryingMargin)} or unknown`,
    ] },
    { advice: 'soft cap', when: [
      `the customer at the 95th percentile uses ${percent(t.softCapUse)} or more of the allowance, and the margin is below ${percent(t.carryingMargin)} or unknown`,
      `a usable outcome costs ${times(t.softCapTrend)} or more what it cost in the period before`,
    ] },
    { advice: 'watch', when: [
      `the margin is ${percent(t.watchMargin)} or less`,
      `a usable outcome costs ${times(t.watchTrend)} or more what it did`,
      `retries and unusable runs are ${percent(t.watchWasteShare)} or more of the cost`,
      `the customer at the 95th percentile uses ${percent(t.watchUse)} or more of the allowance`,
    ] },
    { advice: 'keep', when: [`none of these, or fewer than ${t.judgedOutcomes} runs have ended`] },
  ];
}

const oneDecimal = new Intl.NumberFormat('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

function percent(share: number): string {
  const value = share * 100;
  if (Math.abs(value) > 0 && Math.abs(value) < 0.1) return '0%';
  return `${Math.abs(value) >= 10 || Number.isInteger(value) ? Math.round(value) : oneDecimal.format(value)}%`;
}

function times(ratio: number): string {
  const steps = ratio >= 10 ? 1 : ratio < 1.2 ? 100 : 10;
  return `${Math.round(ratio * steps) / steps}x`;
}
