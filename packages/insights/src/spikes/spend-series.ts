/**
 * One spender's series as the watch keeps it: the last hours bucket by bucket, and the detector, which is told every bucket once it is closed. Pure state; late rows of the last hour still
 * count in its sum, but not in what the detector was told.
 */
import { MINUTE_MS } from '@outlay/kernel';
import { createSpikeDetector, type SpikeAlert, type SpikeDetector } from './detect-spikes';
import type { SpikeScope } from './spike-settings';

export const BUCKET_MS = 5 * MINUTE_MS;
export const HOUR_MS = 60 * MINUTE_MS;
const KEPT_MS = 6 * HOUR_MS;
/** The detector opens from here on; a rule's own minimum comes on top. */
const AMOUNT_MIN_USD = 0.5;
const HOUR_BUCKETS = HOUR_MS / BUCKET_MS;

export interface Point {
  readonly startMs: number;
  readonly usd: number;
}

/** What the detector holds for unusual, as long as it goes on. */
interface OpenIncident {
  readonly startMs: number;
  readonly alert: SpikeAlert;
  /** Above what is usual, since its begin. */
  excessUsd: number;
}

export interface SpendState {
  readonly scope: SpikeScope;
  readonly subject: string;
  /** As people call it. */
  readonly name: string;
  /** Replaces what was known from `fromMs` on: corrections lower a bucket, late rows raise it. */
  update(fromMs: number, points: readonly Point[]): void;
  /** Tells the detector all buckets that end at or before `closedMs`. */
  close(closedMs: number): void;
  /** Of the hour that ends now. */
  hourUsd(nowMs: number): number;
  /** Of the same hour on a usual day; null while that is unknown, or the series asleep. */
  readonly usualHourUsd: number | null;
  /** Of a day, lately; null on the first. */
  readonly dayMeanUsd: number | null;
  readonly incident: OpenIncident | null;
  /** When the last hour's spend began in earnest: the shortest stretch up to now that holds four fifths of it. */
  surgeStartMs(nowMs: number): number;
  /** Has the detector told everything, if it was not: what is usual is known from now on, as far as the history tells. */
  wake(): void;
  /** Without any spend for hours. */
  isIdle(nowMs: number): boolean;
}

export interface SeriesOptions {
  readonly scope: SpikeScope;
  readonly subject: string;
  readonly name: string;
  readonly offsetMs: (atMs: number) => number;
  /** Since when the team is known: before it nothing was spent because nothing was there. */
  readonly sinceMs: number;
  /** US dollars within some hours, the longest that the detector looks at together, below which nothing is told of it: until it spends so much its buckets are only kept. Most spenders of a team never do. */
  readonly asleepBelowUsd?: number;
}

/** Longer than that nobody remembers. */
const ASLEEP_BUCKETS = (28 * 24 * HOUR_MS) / BUCKET_MS;
const LONGEST_BUCKETS = (5 * HOUR_MS) / BUCKET_MS;

export function createSpendState({ scope, subject, name, offsetMs, sinceMs, asleepBelowUsd = 0 }: SeriesOptions): SpendState {
  const recent = new Map<number, number>();
  const detector: SpikeDetector = createSpikeDetector({ bucketMs: BUCKET_MS, amountMin: AMOUNT_MIN_USD, offsetMs });
  let fedMs = Math.floor(sinceMs / BUCKET_MS) * BUCKET_MS;
  const bornMs = fedMs;
  let incident: OpenIncident | null = null;
  // A ring of what the detector was not told yet; null once it is awake.
  let kept: Float32Array | null = asleepBelowUsd > 0 ? new Float32Array(ASLEEP_BUCKETS) : null;

  const slotOf = (startMs: number): number => (startMs / BUCKET_MS) % ASLEEP_BUCKETS;
  const wake = (): void => {
    if (kept === null) return;
    const ring = kept;
    kept = null;
    for (let startMs = Math.max(bornMs, fedMs - ASLEEP_BUCKETS * BUCKET_MS); startMs < fedMs; startMs += BUCKET_MS) feed(startMs, ring[slotOf(startMs)]!);
  };
  const keep = (startMs: number, usd: number): void => {
    kept![slotOf(startMs)] = Math.max(usd, 0);
    fedMs = startMs + BUCKET_MS;
    let sum = 0;
    if (usd > 0) for (let back = 0; back < LONGEST_BUCKETS && startMs - back * BUCKET_MS >= bornMs; back++) sum += kept![slotOf(startMs - back * BUCKET_MS)]!;
    if (sum >= asleepBelowUsd) wake();
  };

  const feed = (startMs: number, usd: number): void => {
    const alert = detector.push(startMs, Math.max(usd, 0));
    if (alert) incident = { startMs: alert.atMs - alert.windowMs, alert, excessUsd: alert.actual - (alert.expected ?? 0) };
    else if (!detector.open) incident = null;
    else if (incident) incident.excessUsd += usd - (detector.usual(1) ?? 0);
  };

  return {
    scope, subject, name,
    update: (fromMs, points) => {
      for (const startMs of recent.keys()) if (startMs >= fromMs) recent.delete(startMs);
      for (const { startMs, usd } of points) recent.set(startMs, usd);
    },
    close: (closedMs) => {
      while (fedMs + BUCKET_MS <= closedMs) {
        const usd = recent.get(fedMs) ?? 0;
        if (kept !== null) keep(fedMs, usd);
        else {
          feed(fedMs, usd);
          fedMs += BUCKET_MS;
        }
      }
      for (const startMs of recent.keys()) if (startMs < closedMs - KEPT_MS) recent.delete(startMs);
    },
    hourUsd: (nowMs) => {
      let sum = 0;
      for (const [startMs, usd] of recent) if (startMs > nowMs - HOUR_MS) sum += usd;
      return sum;
    },
    get usualHourUsd() {
      return detector.usual(HOUR_BUCKETS);
    },
    get dayMeanUsd() {
      return detector.dayMean;
    },
    get incident() {
      return incident;
    },
    surgeStartMs: (nowMs) => {
      const hour = [...recent].filter(([startMs]) => startMs > nowMs - HOUR_MS).sort(([a], [b]) => b - a);
      const whole = hour.reduce((sum, [, usd]) => sum + usd, 0);
      let sum = 0;
      for (const [startMs, usd] of hour) {
        sum += usd;
        if (sum >= whole * 0.8) return startMs;
      }
      return nowMs;
    },
    wake,
    isIdle: (nowMs) => incident === null && ![...recent].some(([startMs, usd]) => usd > 0 && startMs > nowMs - KEPT_MS),
  };
}

/** Plays the history through it, in pieces, so that a process that also answers requests is never busy for long. */
export async function replaySeries(state: SpendState, points: readonly Point[], closedMs: number, pause: () => Promise<void>): Promise<void> {
  state.update(0, points);
  for (let toMs = points.reduce((first, { startMs }) => Math.min(first, startMs), closedMs); toMs < closedMs; toMs += PIECE_MS) {
    state.close(Math.min(toMs, closedMs));
    await pause();
  }
  state.close(closedMs);
}

/** Some milliseconds of work. */
const PIECE_MS = 2 * 24 * HOUR_MS;
