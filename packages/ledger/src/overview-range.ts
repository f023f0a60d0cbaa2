/** Which span Overview shows, in which steps, and what it is compared with. Pure. */
import { addDays, BUCKET_MS, bucketStartMs, DAY_MS, dayStartMs, localDay } from '@outlay/kernel';
import { type RangeName, RANGES_MS } from './event-filter';

export type TrendBucket = '15m' | 'hour' | 'day';

export interface OverviewRange {
  readonly fromMs: number;
  readonly toMs: number;
  readonly bucket: TrendBucket;
  /** The span of the same length just before begins here. */
  readonly previousFromMs: number;
}

const HOUR_MS = 3_600_000;
const DEFAULT_RANGE: RangeName = '7d';

/** A named range ends with the bucket of now; hours and days of it are whole ones of the team's zone. A stated span is kept as it is. */
export function resolveRange(
  input: { readonly range?: RangeName; readonly fromMs?: number; readonly toMs?: number }, at: { readonly timeZone: string; readonly nowMs: number },
): OverviewRange {
  const nowEnd = bucketStartMs(at.nowMs) + BUCKET_MS;
  if (input.fromMs !== undefined || input.toMs !== undefined) {
    const toMs = input.toMs ?? Math.max(nowEnd, input.fromMs! + BUCKET_MS);
    const fromMs = input.fromMs ?? toMs - RANGES_MS[input.range ?? DEFAULT_RANGE];
    return withPrevious(fromMs, toMs, bucketOf(toMs - fromMs));
  }
  const range = input.range ?? DEFAULT_RANGE;
  const bucket = bucketOf(RANGES_MS[range]);
  const fromMs = bucket === 'day' ? dayStartMs(addDays(localDay(at.nowMs, at.timeZone), 1 - RANGES_MS[range] / DAY_MS), at.timeZone)
    : stepStartMs(at.nowMs - RANGES_MS[range], bucket, at.timeZone);
  return withPrevious(fromMs, nowEnd, bucket);
}

function withPrevious(fromMs: number, toMs: number, bucket: TrendBucket): OverviewRange {
  return { fromMs, toMs, bucket, previousFromMs: fromMs - (toMs - fromMs) };
}

function bucketOf(spanMs: number): TrendBucket {
  if (spanMs <= 36 * HOUR_MS) return '15m';
  return spanMs <= 15 * DAY_MS ? 'hour' : 'day';
}

/** Begin of the quarter, or of the hour as the team's clocks count it, that holds an instant. */
export function stepStartMs(timeMs: number, bucket: '15m' | 'hour', timeZone: string): number {
  if (bucket === '15m') return bucketStartMs(timeMs);
  const dayStart = dayStartMs(localDay(timeMs, timeZone), timeZone);
  return dayStart + Math.floor((timeMs - dayStart) / HOUR_MS) * HOUR_MS;
}

export const STEP_MS = { '15m': BUCKET_MS, hour: HOUR_MS } as const;

/** The begin of every step of the span, also of those in which nothing happened; the first may lie before the span. */
export function stepsOf(range: Pick<OverviewRange, 'fromMs' | 'toMs' | 'bucket'>, timeZone: string): { readonly key: string; readonly at: string }[] {
  const steps: { key: string; at: string }[] = [];
  if (range.bucket === 'day') {
    const last = localDay(range.toMs - 1, timeZone);
    for (let day = localDay(range.fromMs, timeZone); day <= last; day = addDays(day, 1)) steps.push({ key: day, at: new Date(dayStartMs(day, timeZone)).toISOString() });
    return steps;
  }
  for (let ms = stepStartMs(range.fromMs, range.bucket, timeZone); ms < range.toMs; ms += STEP_MS[range.bucket]) {
    const at = new Date(ms).toISOString();
    steps.push({ key: at, at });
  }
  return steps;
}
