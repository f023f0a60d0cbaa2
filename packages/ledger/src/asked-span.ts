/** The span a screen asks for, in the team's own time, with the span of the same length just before. */
import { DAY_MS, DomainError } from '@outlay/kernel';
import type { PoolClient } from 'pg';
import type { Span } from './cell-pieces';
import type { RangeName } from './event-filter';
import { type OverviewRange, resolveRange, stepsOf, type TrendBucket } from './overview-range';

export interface AskedSpanInput {
  readonly range?: RangeName;
  /** Wins over `range`. */
  readonly fromMs?: number;
  readonly toMs?: number;
}

/** What every answer about a span begins with. */
export interface SpanHead {
  /** Everything committed before is in the figures. */
  readonly freshAt: string;
  readonly timeZone: string;
  readonly range: { readonly from: string; readonly to: string; readonly bucket: TrendBucket };
  /** The begin of each step of a trend. */
  readonly steps: readonly string[];
}

export interface AskedSpan {
  readonly head: SpanHead;
  readonly timeZone: string;
  readonly range: OverviewRange;
  readonly current: Span;
  readonly previous: Span;
}

/** A trend of more days helps nobody, and a span of centuries would have a step for each of their days. */
const DAYS_MAX = 1_100;

/** Run in a snapshot: the zone is the one by which its day rows were made. Errors: `invalid_input` for a span that is too long to show. */
export async function readAskedSpan(tx: PoolClient, input: AskedSpanInput, nowMs: number): Promise<AskedSpan> {
  const { rows } = await tx.query<{ time_zone: string; at: Date }>('SELECT time_zone, now() AS at FROM tenants');
  const { time_zone: timeZone, at } = rows[0]!;
  const range = resolveRange(input, { timeZone, nowMs });
  if (range.toMs - range.fromMs > DAYS_MAX * DAY_MS) throw new DomainError('invalid_input', { field: 'from', message: `At most ${DAYS_MAX} days can be shown at once: move "from" and "to" closer.` });
  return {
    head: {
      freshAt: at.toISOString(), timeZone, range: { from: new Date(range.fromMs).toISOString(), to: new Date(range.toMs).toISOString(), bucket: range.bucket },
      steps: stepsOf(range, timeZone).map((step) => step.at),
    },
    timeZone, range,
    current: { name: 'current', fromMs: range.fromMs, toMs: range.toMs }, previous: { name: 'previous', fromMs: range.previousFromMs, toMs: range.fromMs },
  };
}
