/** A workflow's state in words: why, in one sentence, where its rows are, and how states are decided. Pure. */
import { addDays, dayStartMs, formatUsd, PICO_PER_USD, roundHalfEven } from '@outlay/kernel';
import { type Finding, type Reason, THRESHOLDS, type WorkflowState } from './workflow-state';

/** Filters of the ledger that show the rows behind a reason, within its range unless it names its own. */
export interface RowsBehind {
  readonly from?: string;
  readonly to?: string;
  readonly kind?: 'usage' | 'outcome';
  readonly attemptKind?: 'retry' | 'fallback';
  readonly outcome?: 'unusable';
  readonly status?: 'failed_or_aborted';
  readonly costBasis?: 'unpriced';
  readonly untagged?: true;
}

/** `unitName` is what one usable outcome is called: `report`. */
export function explainFinding({ reason }: Finding, { workflow, unitName }: { readonly workflow: string; readonly unitName: string }): string {
  switch (reason.name) {
    case 'retry spend':
      return `${percent(reason.share)} of its spend (${parts(reason)}) went into retries of the same model.`;
    case 'fallback spend':
      return `${percent(reason.share)} of its spend (${parts(reason)}) went into fallbacks to another model.`;
    case 'failed spend':
      return `${percent(reason.share)} of its spend (${parts(reason)}) went into calls that failed.`;
    case 'unusable spend':
      return `${percent(reason.share)} of what its ended runs cost (${parts(reason)}) was spent on unusable ones.`;
    case 'over target':
      return `One usable ${unitName} costs ${unitMoney(reason.costPico)}, ${times(reason.ratio)} its target of ${unitMoney(reason.targetPico)}.`;
    case 'under cost':
      return `Its ended runs cost ${formatUsd(reason.costPico)} and are worth ${formatUsd(reason.worthPico)} by the plans of their customers.`;
    case 'margin':
      return `Its ended runs are worth ${formatUsd(reason.worthPico)} by the plans of their customers and cost ${formatUsd(reason.costPico)}: a margin of ${percent(reason.share)}.`;
    case 'soft cap':
      return `The soft cap "${reason.cap}" is passed: ${percent(reason.share)} of it is used.`;
    case 'spike days':
      return `${reason.firstDay === reason.lastDay ? `On ${shortDay(reason.firstDay)}` : `From ${shortDay(reason.firstDay)} to ${shortDay(reason.lastDay)}`} a call read ${tokens(reason.mean)} input tokens on average, ${times(reason.ratio)} the usual ${tokens(reason.usual)}.`;
    case 'input growth':
      return `A call reads ${tokens(reason.mean)} input tokens on average, ${times(reason.ratio)} the ${tokens(reason.usual)} of the period before.`;
    case 'unpriced':
      return `${plural(reason.count, 'call')} of a model without a price: its cost is not whole yet.`;
    case 'untagged':
      return workflow === '' ? `${plural(reason.count, 'call')} name no workflow, so no outcome can be held against their cost.` : `${percent(reason.share)} of its calls (${whole(reason.count)}) name no customer.`;
    case 'no outcomes':
      return `None of its runs has said how it ended, after ${plural(reason.calls, 'call')}.`;
    case 'too small':
      return reason.calls < THRESHOLDS.judgedCalls ? `Too small to judge: ${plural(reason.calls, 'call')} of at least ${THRESHOLDS.judgedCalls}.` : `Too small to judge: less than ${formatUsd(THRESHOLDS.judgedPico)} spent.`;
    case 'healthy':
      return reason.usableShare === null ? `${percent(reason.retryShare)} of its spend went into retries.` : `${percent(reason.usableShare)} of its outcomes are usable, ${percent(reason.retryShare)} of its spend went into retries.`;
  }
}

export function findRows(reason: Reason, timeZone: string): RowsBehind {
  switch (reason.name) {
    case 'retry spend':
      return { attemptKind: 'retry' };
    case 'fallback spend':
      return { attemptKind: 'fallback' };
    case 'failed spend':
      return { status: 'failed_or_aborted' };
    case 'unusable spend':
      return { outcome: 'unusable' };
    case 'over target':
    case 'under cost':
    case 'margin':
      return { kind: 'outcome' };
    case 'spike days':
      return { kind: 'usage', from: instant(dayStartMs(reason.firstDay, timeZone)), to: instant(dayStartMs(addDays(reason.lastDay, 1), timeZone)) };
    case 'unpriced':
      return { costBasis: 'unpriced' };
    case 'untagged':
      return { untagged: true };
    case 'input growth':
    case 'no outcomes':
    case 'soft cap':
      return { kind: 'usage' };
    case 'too small':
    case 'healthy':
      return {};
  }
}

export interface StateRule {
  readonly state: WorkflowState;
  /** Any one of them is enough. */
  readonly when: readonly string[];
}

/** How states are decided, in the order of the rules, so that a state may stand twice: made from the thresholds themselves. */
export function describeRules(): readonly StateRule[] {
  const t = THRESHOLDS;
  return [
    { state: 'leaking', when: [
      `${percent(t.leakingRetryShare)} or more of the spend went into retries of the same model`,
      `${percent(t.leakingUnusableShare)} or more of what ended runs cost was spent on unusable ones`,
      `${percent(t.leakingFailedShare)} or more of the spend went into calls that failed`,
    ] },
    { state: 'context spike', when: [
      `on a day of ${t.spikeCalls} or more answered calls, one read on average at least ${times(t.spikeDayRatio)} the input tokens of the median day; the median needs ${t.spikeDays} such days in the range and the period before`,
      `an answered call reads on average at least ${times(t.spikeRangeRatio)} the input tokens of the period before`,
    ] },
    { state: 'leaking', when: [
      `a usable outcome costs at least ${times(t.leakingTargetRatio)} its target, for no such cause`,
      'its ended runs cost more than they are worth by the rate of the plan in their snapshots',
    ] },
    { state: 'soft cap', when: ['a soft cap of the workflow is passed in its present window'] },
    { state: 'needs review', when: [
      t.reviewUnpriced === 1 ? 'a call has no price yet' : `${t.reviewUnpriced} or more calls have no price yet`,
      `${percent(t.reviewUntaggedShare)} or more of its calls name no customer or no workflow`,
      'no run has said how it ended',
      'a usable outcome costs more than its target',
      `${percent(t.reviewRetryShare)} or more of the spend went into retries`,
      `${percent(t.reviewUnusableShare)} or more of what ended runs cost was spent on unusable ones`,
      `${percent(t.reviewFallbackShare)} or more of the spend went into fallbacks`,
    ] },
    { state: 'profitable', when: [`by the rate of the plan in their snapshots, ${percent(t.profitableMargin)} or more of what its ended runs are worth is left after their cost`] },
    { state: 'ok', when: [`none of these, or too little to judge: spend needs ${t.judgedCalls} calls and ${formatUsd(t.judgedPico)}, outcomes need ${t.judgedOutcomes} ended runs`] },
  ];
}

const parts = ({ partPico, ofPico }: { readonly partPico: bigint; readonly ofPico: bigint }): string => `${formatUsd(partPico)} of ${formatUsd(ofPico)}`;
const whole = (count: number): string => Math.round(count).toLocaleString('en-US');
const tokens = whole;
const plural = (count: number, one: string): string => `${whole(count)} ${one}${count === 1 ? '' : 's'}`;
const instant = (timeMs: number): string => new Date(timeMs).toISOString();

const oneDecimal = new Intl.NumberFormat('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

function percent(share: number): string {
  const value = share * 100;
  if (value > 0 && value < 0.1) return '<0.1%';
  return `${value >= 10 || Number.isInteger(value) ? Math.round(value) : oneDecimal.format(value)}%`;
}

/** `1.5x`: never rounded to the edge it has passed, as long as a tenth tells them apart. */
function times(ratio: number): string {
  const steps = ratio >= 10 ? 1 : ratio < 1.1 ? 100 : 10;
  return `${Math.round(ratio * steps) / steps}x`;
}

/** The price of one thing: below a dollar in hundredths of a cent. */
function unitMoney(pico: bigint): string {
  const hundredths = roundHalfEven({ num: pico, den: PICO_PER_USD }, 10_000n);
  return hundredths >= 10_000n || pico < PICO_PER_USD / 1_000n ? formatUsd(pico) : `$0.${String(hundredths).padStart(4, '0')}`;
}

/** `9 Nov` */
function shortDay(day: string): string {
  return new Date(`${day}T00:00:00Z`).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
}
