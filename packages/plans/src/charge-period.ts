/**
 * What a billing period costs a customer, segment by segment: each change of what holds begins a new one, and what was used under it is rated by it and never again. Pure;
 * live charge, preview, simulator and invoices call it. Inside is the one rating rule, `rateUsage`.
 */
import { addRational, dayStartMs, type Rational, ZERO } from '@outlay/kernel';
import { windowAt } from './calendar-window';
import type { Entitlement } from './entitlement';
import { type Charge, type ChargeLine, rateUsage, type WindowUsage } from './rate-usage';

/** `[fromMs, toMs)`: as long as exactly this held. `usage` was used within it. */
export interface ChargeSegment {
  readonly entitlement: Entitlement;
  readonly fromMs: number;
  readonly toMs: number;
  readonly usage: readonly WindowUsage[];
}

/** The whole window, and the part of it that is charged: less than all of it when the customer's calendar changed within. */
export interface ChargedPeriod {
  readonly startMs: number;
  readonly endMs: number;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface SegmentCharge {
  readonly entitlement: Entitlement;
  readonly fromMs: number;
  readonly toMs: number;
  /** Of the whole window: scales base fee and included amount. */
  readonly share: Rational;
  readonly charge: Charge;
}

export interface PeriodCharge extends Charge {
  readonly segments: readonly SegmentCharge[];
  /** Null when the segments are of several currencies: their total means nothing then. */
  readonly currency: string | null;
}

/**
 * Segments stand in order and do not overlap. The base fee counts by the time that a segment lies in the period; a window of an allowance that several segments share gives each
 * its part of what is included, and the first of them also what lies before it.
 */
export function chargePeriod(segments: readonly ChargeSegment[], period: ChargedPeriod): PeriodCharge {
  const charged = segments.flatMap((segment, i): SegmentCharge[] => {
    const span = overlap(segment, period);
    const share = shareOf(span, period.endMs - period.startMs);
    if (span === 0 && segment.usage.length === 0) return [];
    const usage = segment.usage.map((each) => ({ ...each, share: shareOfWindow(segments, i, each, share) }));
    const { lines } = rateUsage(segment.entitlement.definition, usage, share);
    const kept = lines.filter((line) => line.kind !== 'base_fee' || span > 0);
    return [{ entitlement: segment.entitlement, fromMs: Math.max(segment.fromMs, period.fromMs), toMs: Math.min(segment.toMs, period.toMs), share, charge: { lines: kept, total: totalOf(kept) } }];
  });
  const lines = charged.flatMap(({ charge }) => charge.lines);
  const currencies = new Set(charged.map(({ entitlement }) => entitlement.definition.currency));
  return { segments: charged, lines, total: totalOf(lines), currency: currencies.size === 1 ? [...currencies][0]! : null };
}

/** Which part of a window's included amount a segment gives. Parts of one window sum to one. */
function shareOfWindow(segments: readonly ChargeSegment[], i: number, { allowanceId, window: startDay }: WindowUsage, shareOfPeriod: Rational): Rational {
  const { entitlement: { calendar, definition } } = segments[i]!;
  const kind = definition.allowances.find(({ id }) => id === allowanceId)?.window ?? 'period';
  if (kind === 'period') return shareOfPeriod;
  const { startMs, endMs } = windowAt(kind, dayStartMs(startDay, calendar.timeZone), calendar);
  const before = segments[i - 1];
  const isFirst = before === undefined || before.toMs <= startMs;
  const from = isFirst ? startMs : Math.max(startMs, segments[i]!.fromMs);
  return shareOf(Math.max(Math.min(endMs, segments[i]!.toMs) - from, 0), endMs - startMs);
}

/** In lowest terms: people read it. */
function shareOf(partMs: number, wholeMs: number): Rational {
  let [a, b] = [wholeMs, partMs];
  while (b > 0) [a, b] = [b, a % b];
  return { num: BigInt(partMs / a), den: BigInt(wholeMs / a) };
}

function overlap(segment: { readonly fromMs: number; readonly toMs: number }, period: ChargedPeriod): number {
  return Math.max(Math.min(segment.toMs, period.toMs) - Math.max(segment.fromMs, period.fromMs), 0);
}

function totalOf(lines: readonly ChargeLine[]): Rational {
  return lines.reduce((sum, { amount }) => addRational(sum, amount), ZERO);
}
