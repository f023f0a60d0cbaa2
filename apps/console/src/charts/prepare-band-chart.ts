/** Stacked columns of what was spent, with the band of what is expected and the marks of what went wrong. Pure: decides places, labels and words; the drawing adds nothing. */
import { formatMoney, readPico, toDrawnUsd } from '../ui/format-money';
import { formatHour, formatShortDay } from '../ui/format-time';
import { formatScaleUsd, prepareMoneyScale } from './money-scale';
import type { CostTrend, TrendBucket } from './prepare-cost-trend';

interface BandPoint {
  readonly at: string;
  readonly pico: string;
  readonly lower: string;
  readonly upper: string;
}

interface BandMark {
  readonly id: string;
  readonly title: string;
  readonly from: string;
  /** Null: it goes on. */
  readonly to: string | null;
}

export interface BandColumn {
  readonly at: string;
  readonly span: string;
  readonly total: string | null;
  /** `$4.10, between $3.00 and $5.20` */
  readonly expected: string | null;
  readonly rows: CostTrend['columns'][number]['rows'];
  /** From below, in shares of the height. */
  readonly parts: readonly { readonly key: string; readonly swatch: string; readonly from: number; readonly to: number }[];
}

export interface BandChart {
  readonly columns: readonly BandColumn[];
  readonly ticks: readonly { readonly at: number; readonly text: string }[];
  readonly labels: readonly { readonly column: number; readonly text: string }[];
  /** Runs of columns for which something is expected: middle, lower and upper edge in shares of the height. */
  readonly band: readonly { readonly column: number; readonly value: number; readonly lower: number; readonly upper: number }[];
  /** Where incidents begin, those close to each other in one; `id` is null where there are several. */
  readonly marks: readonly { readonly column: number; readonly id: string | null; readonly titles: readonly string[] }[];
  /** Columns in which an incident stood, each once, with what stood in them. */
  readonly shaded: ReadonlyMap<number, readonly string[]>;
  /** Where a limit stands, in shares of the height; null without one, or where it is out of sight. */
  readonly limit: { readonly at: number; readonly text: string } | null;
  readonly summary: string;
}

interface BandChartInput {
  readonly trend: Pick<CostTrend, 'columns' | 'series' | 'summary'>;
  readonly bucket: TrendBucket;
  readonly timeZone: string;
  readonly forecast: readonly BandPoint[];
  readonly marks: readonly BandMark[];
  readonly limit?: { readonly pico: string; readonly text: string } | null;
  readonly nowMs: number;
}

const STEPS = 4;
const LABELS_MAX = 8;
/** As many as can be told apart, and touched, beside each other on a phone. */
const MARKS_MAX = 10;
const BUCKET_MS: Record<TrendBucket, number> = { '15m': 900_000, hour: 3_600_000, day: 86_400_000 };

export function prepareBandChart({ trend, bucket, timeZone, forecast, marks, limit = null, nowMs }: BandChartInput): BandChart {
  const columnOf = new Map(trend.columns.map(({ at }, i) => [at, i]));
  const ahead = forecast.filter(({ at }) => !columnOf.has(at)).map(({ at }) => at).sort();
  const ats = [...trend.columns.map(({ at }) => at), ...ahead];
  const expected = new Map(forecast.map((point) => [point.at, point]));
  const heights = trend.columns.map((column) => Object.values(column.drawn).reduce<number>((sum, each) => sum + Math.max(0, each ?? 0), 0));
  const uppers = forecast.map(({ upper }) => usd(upper));
  const limitUsd = limit === null ? null : usd(limit.pico);
  const peak = Math.max(0, ...heights, ...uppers);
  // A limit far above what is spent would press the picture flat: it is said in words instead.
  const scale = prepareMoneyScale(limitUsd !== null && limitUsd <= peak * 2.5 ? Math.max(peak, limitUsd) : peak);
  const swatches = new Map(trend.series.map(({ key, color }) => [key, color.swatch]));
  const columns = ats.map((at, i): BandColumn => {
    const column = trend.columns[i];
    const point = expected.get(at);
    let below = 0;
    const parts = column === undefined ? [] : trend.series.flatMap(({ key }) => {
      const height = Math.max(0, column.drawn[key] ?? 0) / scale.top;
      below += height;
      return height === 0 ? [] : [{ key, swatch: swatches.get(key)!, from: below - height, to: below }];
    });
    return {
      at, parts, span: column?.span ?? (bucket === 'day' ? formatShortDay(at, timeZone) : `${formatShortDay(at, timeZone)}, ${formatHour(at, timeZone)}`), total: column?.total ?? null, rows: column?.rows ?? [],
      expected: point === undefined ? null : `${money(point.pico)}, between ${money(point.lower)} and ${money(point.upper)}`,
    };
  });
  return {
    columns,
    ticks: Array.from({ length: STEPS + 1 }, (_, i) => ({ at: i / STEPS, text: formatScaleUsd((scale.top * i) / STEPS, scale) })),
    labels: labelsOf(ats, bucket, timeZone),
    band: ats.flatMap((at, column) => {
      const point = expected.get(at);
      return point === undefined ? [] : [{ column, value: usd(point.pico) / scale.top, lower: usd(point.lower) / scale.top, upper: usd(point.upper) / scale.top }];
    }),
    ...placeMarks(marks, ats, BUCKET_MS[bucket], nowMs),
    limit: limit === null || limitUsd === null || limitUsd > scale.top ? null : { at: limitUsd / scale.top, text: limit.text },
    summary: `${trend.summary}${forecast.length > 0 ? ' With what is expected.' : ''}${marks.length > 0 ? ` ${marks.length === 1 ? '1 incident' : `${marks.length} incidents`} marked.` : ''}`,
  };
}

/** Days where there are several, else hours; no more than fit beside each other. */
function labelsOf(ats: readonly string[], bucket: TrendBucket, timeZone: string): BandChart['labels'] {
  const days = ats.map((at) => formatShortDay(at, timeZone));
  const byDay = bucket === 'day' || new Set(days).size > 2;
  // The first column may begin within a day: its label would stand beside the next midnight's.
  const places = byDay ? days.flatMap((text, column) => ((column === 0 ? bucket === 'day' : days[column - 1] !== text) ? [{ column, text }] : [])) : ats.map((at, column) => ({ column, text: formatHour(at, timeZone) }));
  const step = Math.max(1, Math.ceil(places.length / LABELS_MAX));
  return places.filter((_place, i) => i % step === 0);
}

function placeMarks(marks: readonly BandMark[], ats: readonly string[], bucketMs: number, nowMs: number): Pick<BandChart, 'marks' | 'shaded'> {
  const begun = new Map<number, BandMark[]>();
  const shaded = new Map<number, string[]>();
  for (const mark of marks) {
    const touched = columnsOf(mark, ats, bucketMs, nowMs);
    if (touched.length > 0) begun.set(touched[0]!, [...(begun.get(touched[0]!) ?? []), mark]);
    for (const column of touched) shaded.set(column, [...(shaded.get(column) ?? []), mark.title]);
  }
  const groups: { readonly column: number; readonly own: BandMark[] }[] = [];
  for (const [column, own] of [...begun].sort(([x], [y]) => x - y)) {
    const last = groups.at(-1);
    if (last && column - last.column < Math.ceil(ats.length / MARKS_MAX)) last.own.push(...own);
    else groups.push({ column, own: [...own] });
  }
  return { shaded, marks: groups.map(({ column, own }) => ({ column, id: own.length === 1 ? own[0]!.id : null, titles: own.map(({ title }) => title) })) };
}

/** The columns that an incident touches; none where it lies outside. What goes on goes on until now, not into the days to come. */
function columnsOf({ from, to }: BandMark, ats: readonly string[], bucketMs: number, nowMs: number): number[] {
  const [fromMs, toMs] = [Date.parse(from), to === null ? Math.max(Date.parse(from), nowMs) : Date.parse(to)];
  return ats.flatMap((at, column) => (Date.parse(at) + bucketMs > fromMs && Date.parse(at) <= toMs ? [column] : []));
}

function usd(pico: string): number {
  return toDrawnUsd(readPico(pico) ?? 0n);
}

function money(pico: string): string {
  return formatMoney(readPico(pico) ?? 0n);
}
