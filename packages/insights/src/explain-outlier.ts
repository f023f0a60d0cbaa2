/** Why a customer stands out, in one sentence of plain amounts. Pure. */
import { formatUsd } from '@outlay/kernel';
import { type Finding, type Measured, OUTLIER_MEASURES, type Outlier } from './outliers';

interface SpendShare {
  readonly workflow: string;
  readonly costPico: string;
}

export interface OutlierContext {
  /** `customer` or `user`. */
  readonly noun: string;
  /** The length of the span in days; part of a day counts as that part. */
  readonly days: number;
  /** Dearest first. */
  readonly workflows: readonly SpendShare[];
}

/** A workflow is named as the place of the cost from this share of it on. */
const NAMED_SHARE_MIN = 0.5;

/** `$41.00 a day, 12x the median customer; 80% of it in pdf_question.` */
export function explainOutlier(outlier: Outlier<Measured>, context: OutlierContext): string {
  const clauses = OUTLIER_MEASURES.flatMap((measure) => outlier.findings.filter((finding) => finding.measure === measure).map((finding) => clauseOf(finding, context)));
  // The amount comes first, whatever stands out: without it no other figure says whether it matters.
  return `${[amountText(outlier, context), ...clauses].join(', ')}${placeOf(outlier, context)}.`;
}

function clauseOf({ measure, value, median, times }: Finding, { noun }: OutlierContext): string {
  switch (measure) {
    case 'cost':
      return `${timesText(times)} the median ${noun}`;
    case 'growth':
      return `${timesText(value)} what the period before cost (the median ${noun} ${timesText(median)})`;
    case 'costPerUsable':
      return `${usd(value)} for each usable outcome, ${timesText(times)} the median ${noun}`;
  }
}

function amountText({ costPico }: Measured, { days }: OutlierContext): string {
  // Less than a day has no daily cost: a busy hour is not a day's twenty-fourth.
  return days < 1 ? formatUsd(costPico) : `${usd(Number(costPico) / days)} a day`;
}

function placeOf({ costPico }: Measured, { workflows }: OutlierContext): string {
  const [first] = workflows;
  if (first === undefined || costPico <= 0n) return '';
  const share = Number(BigInt(first.costPico)) / Number(costPico);
  return share < NAMED_SHARE_MIN ? '' : `; ${Math.round(Math.min(share, 1) * 100)}% of it in ${first.workflow || 'calls without a workflow'}`;
}

function usd(pico: number): string {
  return formatUsd(BigInt(Math.round(pico)));
}

/** `1.4x`, `12x`. */
function timesText(times: number): string {
  return `${(times < 9.95 ? Math.round(times * 10) / 10 : Math.round(times)).toLocaleString('en-US')}x`;
}
