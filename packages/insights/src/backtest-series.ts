/**
 * Any `timestamp,value` series, read from CSV lines, put into buckets, and played through the production detector or forecast as if it happened now. Pure.
 */
import { DAY_MS, err, MINUTE_MS, ok, type Result } from '@outlay/kernel';
import { backtestForecast, type ForecastBacktest } from './forecast/backtest-forecast';
import { createSpikeDetector, type SpikeAlert, type SpikeSettings } from './spikes/detect-spikes';

export interface SeriesPoint {
  readonly atMs: number;
  readonly value: number;
}

export interface SeriesFault {
  readonly line: number;
  readonly message: string;
}

const HEADER = /[a-z]/i;

/**
 * Lines of a CSV: a time (ISO 8601, read as UTC without a zone; or Unix seconds or milliseconds) and a number. With a header the columns `timestamp` (or `time`, `date`, `at`) and `value` are
 * taken, else the first two. Empty lines are left out; points come back in the order of time.
 */
export function parseSeries(lines: readonly string[]): Result<SeriesPoint[], SeriesFault> {
  const points: SeriesPoint[] = [];
  let columns: readonly [number, number] = [0, 1];
  for (const [i, raw] of lines.entries()) {
    const cells = raw.trim().split(/[,;\t]/).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
    if (cells.length === 1 && cells[0] === '') continue;
    if (points.length === 0 && i < 2 && parseTime(cells[0] ?? '') === null && HEADER.test(cells[0] ?? '')) {
      const names = cells.map((cell) => cell.toLowerCase());
      const time = names.findIndex((name) => ['timestamp', 'time', 'date', 'at', 'ts'].includes(name));
      const value = names.indexOf('value');
      columns = [Math.max(time, 0), value >= 0 ? value : time === 1 ? 0 : 1];
      continue;
    }
    const atMs = parseTime(cells[columns[0]] ?? '');
    if (atMs === null) return err({ line: i + 1, message: `"${(cells[columns[0]] ?? '').slice(0, 40)}" is no time. Write 2026-11-21T10:00:00Z or Unix seconds.` });
    const text = cells[columns[1]] ?? '';
    const value = Number(text);
    if (text === '' || !Number.isFinite(value)) return err({ line: i + 1, message: `"${text.slice(0, 40)}" is no number.` });
    points.push({ atMs, value });
  }
  return ok(points.sort((a, b) => a.atMs - b.atMs));
}

/** Unix ms; null for what is no time. */
export function parseTime(text: string): number | null {
  if (/^\d{9,11}(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1_000);
  if (/^\d{12,14}$/.test(text)) return Number(text);
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s*(Z|[+-]\d\d:?\d\d)?)?$/.exec(text);
  if (!match) return null;
  const ms = Date.parse(`${match[1]}T${(match[2] ?? '00:00').replace(/(\.\d{3})\d+/, '$1')}${match[3] ?? 'Z'}`);
  return Number.isNaN(ms) ? null : ms;
}

const UNITS = { s: 1_000, m: MINUTE_MS, h: 60 * MINUTE_MS, d: DAY_MS } as const;

/** `5m`, `1h`, `1d`; null for anything else. */
export function parseGranularity(text: string): number | null {
  const match = /^(\d{1,4})(s|m|h|d)$/.exec(text);
  const ms = match ? Number(match[1]) * UNITS[match[2] as keyof typeof UNITS] : 0;
  return ms >= 1_000 && ms <= DAY_MS && DAY_MS % ms === 0 ? ms : null;
}

/** The step of a regular series; of single events five minutes, or one where they span less than a day. */
export function inferGranularity(points: readonly SeriesPoint[]): number {
  const gaps = new Map<number, number>();
  for (let i = 1; i < points.length; i++) {
    const gap = points[i]!.atMs - points[i - 1]!.atMs;
    if (gap > 0) gaps.set(gap, (gaps.get(gap) ?? 0) + 1);
  }
  const [most] = [...gaps].sort((a, b) => b[1] - a[1]);
  if (most && most[1] * 2 >= points.length - 1 && most[0] >= MINUTE_MS && DAY_MS % most[0] === 0) return most[0];
  const span = points.length === 0 ? 0 : points.at(-1)!.atMs - points[0]!.atMs;
  return span < DAY_MS ? MINUTE_MS : 5 * MINUTE_MS;
}

/** Sums by bucket, in order, without the empty ones. */
export function bucketSeries(points: readonly SeriesPoint[], bucketMs: number): SeriesPoint[] {
  const buckets: { atMs: number; value: number }[] = [];
  for (const { atMs, value } of points) {
    const startMs = Math.floor(atMs / bucketMs) * bucketMs;
    const last = buckets.at(-1);
    if (last?.atMs === startMs) last.value += value;
    else buckets.push({ atMs: startMs, value });
  }
  return buckets;
}

/** `startMs` is the bucket that fired: by its end the detector knew. */
export interface SeriesAlert extends SpikeAlert {
  readonly startMs: number;
}

export function backtestSpikes(buckets: readonly SeriesPoint[], settings: SpikeSettings): SeriesAlert[] {
  const detector = createSpikeDetector(settings);
  return buckets.flatMap(({ atMs, value }) => {
    const alert = detector.push(atMs, Math.max(value, 0));
    return alert ? [{ ...alert, startMs: alert.atMs - settings.bucketMs }] : [];
  });
}

/** Whole UTC days only: the first and the last day of a series are seldom whole. Days without points spent nothing. */
export function daysOfSeries(points: readonly SeriesPoint[]): number[] {
  if (points.length === 0) return [];
  const isDaily = points.every(({ atMs }) => atMs % DAY_MS === 0);
  const step = isDaily ? DAY_MS : inferGranularity(points);
  const first = Math.ceil(points[0]!.atMs / DAY_MS);
  const end = Math.floor((points.at(-1)!.atMs + step) / DAY_MS);
  const days = new Array<number>(Math.max(end - first, 0)).fill(0);
  for (const { atMs, value } of points) {
    const day = Math.floor(atMs / DAY_MS) - first;
    if (day >= 0 && day < days.length) days[day]! += value;
  }
  return days;
}

export function backtestSeriesForecast(points: readonly SeriesPoint[], horizonDays: number): ForecastBacktest {
  return backtestForecast(daysOfSeries(points), horizonDays);
}
