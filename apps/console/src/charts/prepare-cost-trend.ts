import { formatMoney, readPico, toDrawnUsd } from '../ui/format-money';
import { formatHour, formatShortDay } from '../ui/format-time';
import { prepareMoneyScale, type MoneyScale } from './money-scale';
import { REST_COLOR, SERIES_COLORS, type SeriesColor } from './series-colors';

export interface TrendPoint {
  readonly at: string;
  /** Null where nothing is known of the bucket: that is a gap, not a zero. */
  readonly total: string | null;
  /** By the name of the series. */
  readonly costs: Readonly<Record<string, string>>;
}

export type TrendBucket = '15m' | 'hour' | 'day';
export type TrendGrouping = 'model' | 'provider' | 'workflow' | 'customer';

interface TrendSeries {
  /** The column in each point's `drawn`: `s0`, `s1`, ... A model's name could collide with the chart's own columns. */
  readonly key: string;
  readonly name: string;
  /** What to narrow the page to; null for what has no name of its own. */
  readonly choice: string | null;
  readonly color: SeriesColor;
  readonly cost: string;
  readonly share: number;
}

export interface TrendColumn {
  readonly at: string;
  readonly label: string;
  /** For the tooltip: `21 Nov, 14:00 to 15:00`. */
  readonly span: string;
  readonly total: string | null;
  readonly rows: readonly { readonly key: string; readonly name: string; readonly swatch: string; readonly cost: string }[];
  readonly drawn: Readonly<Record<string, number | null>>;
}

export interface CostTrend {
  readonly series: readonly TrendSeries[];
  readonly columns: readonly TrendColumn[];
  readonly scale: MoneyScale;
  /** No bucket has a cost: there is nothing to draw. */
  readonly empty: boolean;
  readonly summary: string;
}

const MAX_SERIES = 7;
/** The server too puts what is left over under this name. */
export const REST_NAME = 'All others';
/** What names no model is cost of another kind: retrieval, tools. What names no workflow or customer is untagged. */
const UNNAMED: Record<TrendGrouping, string> = { model: 'other cost', provider: 'other cost', workflow: 'no workflow', customer: 'no customer' };
const BUCKET_MS: Record<TrendBucket, number> = { '15m': 900_000, hour: 3_600_000, day: 86_400_000 };

/**
 * Decides everything about the cost trend: which series stand alone (the dearest seven), their colours and order, the
 * labels, the gaps and the words of each tooltip. The drawing adds nothing.
 */
export function prepareCostTrend(points: readonly TrendPoint[], grouping: TrendGrouping, bucket: TrendBucket, timeZone: string): CostTrend {
  const totals = new Map<string, bigint>();
  for (const point of points) {
    for (const [name, cost] of Object.entries(point.costs)) totals.set(name, (totals.get(name) ?? 0n) + (readPico(cost) ?? 0n));
  }
  const left = totals.get(REST_NAME) ?? 0n;
  totals.delete(REST_NAME);
  const ranked = [...totals].filter(([, cost]) => cost !== 0n).sort((a, b) => (b[1] > a[1] ? 1 : b[1] < a[1] ? -1 : a[0].localeCompare(b[0])));
  const grand = ranked.reduce((sum, [, cost]) => sum + cost, left);
  // One more alone is better than a rest of one.
  const alone = ranked.length === MAX_SERIES + 1 && left === 0n ? MAX_SERIES + 1 : MAX_SERIES;
  const series = ranked.slice(0, alone).map(([name, cost], index) => toSeries({ key: `s${index}`, name: name || UNNAMED[grouping], choice: name || null, color: colorOf(index) }, cost, grand));
  const rest = ranked.slice(alone);
  if (rest.length > 0 || left !== 0n) series.push(toSeries({ key: 'rest', name: REST_NAME, choice: null, color: REST_COLOR }, rest.reduce((sum, [, cost]) => sum + cost, left), grand));

  const keyOfName = new Map([[REST_NAME, 'rest'], ...ranked.map(([name], index): [string, string] => [name, index < alone ? `s${index}` : 'rest'])]);
  const columns = points.map((point) => toColumn(point, keyOfName, series, bucket, timeZone));
  const known = points.filter((point) => point.total !== null);
  return {
    series,
    columns,
    scale: prepareMoneyScale(Math.max(0, ...columns.map(heightOf))),
    empty: known.every((point) => readPico(point.total) === 0n),
    summary: `Cost by ${grouping} over ${points.length} intervals, ${formatMoney(grand)} in total${series[0] ? `; most on ${series[0].name}` : ''}.`,
  };
}

function colorOf(index: number): SeriesColor {
  return SERIES_COLORS[index] ?? REST_COLOR;
}

function toSeries(identity: Pick<TrendSeries, 'key' | 'name' | 'choice' | 'color'>, cost: bigint, grand: bigint): TrendSeries {
  return { ...identity, cost: formatMoney(cost), share: grand > 0n ? Number((cost * 1_000_000n) / grand) / 1_000_000 : 0 };
}

function toColumn(
  point: TrendPoint,
  keyOfName: ReadonlyMap<string, string>,
  series: readonly TrendSeries[],
  bucket: TrendBucket,
  timeZone: string,
): TrendColumn {
  const sums = new Map<string, bigint>();
  for (const [name, cost] of Object.entries(point.costs)) {
    const key = keyOfName.get(name);
    if (key) sums.set(key, (sums.get(key) ?? 0n) + (readPico(cost) ?? 0n));
  }
  const total = readPico(point.total);
  const missing = total === null;
  const present = series.filter((each) => (sums.get(each.key) ?? 0n) !== 0n);
  return {
    at: point.at,
    label: labelOf(point.at, bucket, timeZone),
    span: spanOf(point.at, bucket, timeZone),
    total: missing ? null : formatMoney(total),
    rows: missing ? [] : present.map((each) => ({ key: each.key, name: each.name, swatch: each.color.swatch, cost: formatMoney(sums.get(each.key) ?? 0n) })),
    drawn: Object.fromEntries(series.map((each) => [each.key, missing ? null : toDrawnUsd(sums.get(each.key) ?? 0n)])),
  };
}

function heightOf(column: TrendColumn): number {
  return Object.values(column.drawn).reduce<number>((sum, usd) => sum + (usd ?? 0), 0);
}

/** Quarters stand in ranges of about a day, where the hour is enough; hours in ranges of many. */
function labelOf(at: string, bucket: TrendBucket, timeZone: string): string {
  if (bucket === 'day') return formatShortDay(at, timeZone);
  return bucket === '15m' ? formatHour(at, timeZone) : `${formatShortDay(at, timeZone)} ${formatHour(at, timeZone)}`;
}

function spanOf(at: string, bucket: TrendBucket, timeZone: string): string {
  const day = formatShortDay(at, timeZone);
  if (bucket === 'day') return day;
  return `${day}, ${formatHour(at, timeZone)} to ${formatHour(new Date(Date.parse(at) + BUCKET_MS[bucket]).toISOString(), timeZone)}`;
}
