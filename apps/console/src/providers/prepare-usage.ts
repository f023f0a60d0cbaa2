/** A connection's buckets: bars, spans and words. Pure: money in pico-dollars as text, times in UTC, as providers cut them. */
import { REST_COLOR, SERIES_COLORS } from '../charts/series-colors';
import { formatMoney, readPico, toDrawnUsd } from '../ui/format-money';
import { formatCompact, formatPlural, formatShare } from '../ui/format-number';
import { formatHour, formatShortDay } from '../ui/format-time';
import type { UsageGrouping, UsageWidth } from './connection-search';

export interface UsageCellFacts {
  readonly at: string;
  /** '' where the provider names none; null for all others together. */
  readonly name: string | null;
  readonly provisional: boolean;
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly pricedPico: string;
  readonly unpriced: number;
}

export interface UsageDayFacts {
  readonly day: string;
  readonly pricedPico: string | null;
  readonly unpriced: number;
  readonly billedPico: string | null;
  readonly provisional: boolean;
}

export interface UsageSpan {
  readonly width: UsageWidth;
  readonly from: string;
  readonly to: string;
}

export type UsageBars = 'cost' | 'tokens';

const WIDTH_MS: Readonly<Record<UsageWidth, number>> = { '1m': 60_000, '1h': 3_600_000, '1d': 86_400_000 };
export const WIDTH_WORDS: Readonly<Record<UsageWidth, string>> = { '1m': 'Minutes', '1h': 'Hours', '1d': 'Days' };
export const GROUPING_WORDS: Readonly<Record<UsageGrouping, string>> = { model: 'Models', key: 'Keys', project: 'Projects' };
const UNNAMED: Readonly<Record<UsageGrouping, string>> = { model: 'no model named', key: 'no key named', project: 'no project named' };
const REST_NAME = 'All others';
/** A label that begins further right would be cut off. */
const LABEL_UNTIL = 0.92;

export function groupName(name: string | null, by: UsageGrouping): string {
  return name === null ? REST_NAME : name || UNNAMED[by];
}

interface UsageSegment {
  readonly key: string;
  /** Between 0 and 1 of the chart's height. */
  readonly height: number;
  readonly color: string;
}

interface UsageColumn {
  readonly at: string;
  readonly label: string | null;
  readonly segments: readonly UsageSegment[];
  readonly provisional: boolean;
  readonly title: string;
}

export interface UsageChart {
  readonly columns: readonly UsageColumn[];
  readonly series: readonly { readonly key: string; readonly name: string; readonly color: string; readonly amount: string }[];
  readonly top: string;
  /** There is something to draw. */
  readonly empty: boolean;
  /** Something of it is not final. */
  readonly provisional: boolean;
  readonly summary: string;
}

/** A bucket that nothing was counted in is a gap. */
export function prepareUsageChart(span: UsageSpan, cells: readonly UsageCellFacts[], by: UsageGrouping, bars: UsageBars): UsageChart {
  const amountOf = (cell: UsageCellFacts): bigint => (bars === 'cost' ? (readPico(cell.pricedPico) ?? 0n) : BigInt(cell.inputTokens + cell.outputTokens));
  const words = (amount: bigint): string => (bars === 'cost' ? formatMoney(amount) : `${formatCompact(Number(amount))} tokens`);
  const drawn = (amount: bigint): number => (bars === 'cost' ? toDrawnUsd(amount) : Number(amount));
  const totals = new Map<string | null, bigint>();
  const byTime = new Map<number, UsageCellFacts[]>();
  for (const cell of cells) {
    totals.set(cell.name, (totals.get(cell.name) ?? 0n) + amountOf(cell));
    const at = Date.parse(cell.at);
    byTime.set(at, [...(byTime.get(at) ?? []), cell]);
  }
  const series = [...totals].toSorted(([a, one], [b, other]) => Number(a === null) - Number(b === null) || compare(other, one) || (a ?? '').localeCompare(b ?? ''))
    .map(([name, amount], index) => ({ name, key: name === null ? 'rest' : `s${index}`, color: (name === null ? REST_COLOR : (SERIES_COLORS[index] ?? REST_COLOR)).swatch, amount: words(amount) }));
  const sums = new Map([...byTime].map(([at, own]) => [at, own.reduce((sum, cell) => sum + amountOf(cell), 0n)]));
  const peak = [...sums.values()].reduce((most, sum) => (sum > most ? sum : most), 0n);
  const [fromMs, toMs, size] = [Date.parse(span.from), Date.parse(span.to), WIDTH_MS[span.width]];
  const count = Math.round((toMs - fromMs) / size);
  const columns = Array.from({ length: count }, (_, index): UsageColumn => {
    const at = fromMs + index * size;
    const own = byTime.get(at) ?? [];
    const parts = series.flatMap(({ name, key, color }) => {
      const cell = own.find((each) => each.name === name);
      return cell === undefined || amountOf(cell) <= 0n ? [] : [{ key, color, amount: amountOf(cell), name: groupName(name, by) }];
    });
    const provisional = own.some((cell) => cell.provisional);
    const requests = own.reduce((sum, cell) => sum + cell.requests, 0);
    const unpriced = own.reduce((sum, cell) => sum + cell.unpriced, 0);
    return {
      at: new Date(at).toISOString(), label: index / count < LABEL_UNTIL ? labelOf(at, span.width) : null, provisional,
      segments: parts.map(({ key, color, amount }) => ({ key, color, height: peak === 0n ? 0 : drawn(amount) / drawn(peak) })),
      title: own.length === 0 ? `${bucketWords(at, span.width)}: nothing counted`
        : [`${bucketWords(at, span.width)}: ${words(sums.get(at) ?? 0n)}, ${formatPlural(requests, 'request')}${provisional ? ', not final' : ''}`, ...parts.map(({ name, amount }) => `${name} ${words(amount)}`),
          ...(unpriced > 0 && bars === 'cost' ? [`${formatPlural(unpriced, 'row')} without a price`] : [])].join('; '),
    };
  });
  return {
    columns, series: series.map(({ name, ...each }) => ({ ...each, name: groupName(name, by) })), top: words(peak), empty: peak === 0n, provisional: columns.some((column) => column.provisional),
    summary: `${bars === 'cost' ? 'Cost at our prices' : 'Tokens'} of ${spanWords(span)}, ${WIDTH_WORDS[span.width].toLowerCase()} by ${by}.`,
  };
}

/** Midnights in a week of hours, half hours in minutes, the 1st and the 15th in days. */
function labelOf(at: number, width: UsageWidth): string | null {
  const iso = new Date(at).toISOString();
  if (width === '1m') return at % 1_800_000 === 0 ? formatHour(iso, 'UTC') : null;
  if (width === '1h') return at % 86_400_000 === 0 ? formatShortDay(iso, 'UTC') : null;
  return ['01', '15'].includes(iso.slice(8, 10)) ? formatShortDay(iso, 'UTC') : null;
}

function bucketWords(at: number, width: UsageWidth): string {
  const [begin, end] = [new Date(at).toISOString(), new Date(at + WIDTH_MS[width]).toISOString()];
  const day = formatShortDay(begin, 'UTC');
  return width === '1d' ? day : width === '1m' ? `${day}, ${formatHour(begin, 'UTC')}` : `${day}, ${formatHour(begin, 'UTC')} to ${formatHour(end, 'UTC')}`;
}

/** `14 Nov, 10:00 to 21 Nov, 10:00` */
export function spanWords({ width, from, to }: UsageSpan): string {
  if (width === '1d') return `${formatShortDay(from, 'UTC')} to ${formatShortDay(new Date(Date.parse(to) - 1).toISOString(), 'UTC')}`;
  const [first, last] = [formatShortDay(from, 'UTC'), formatShortDay(to, 'UTC')];
  return `${first}, ${formatHour(from, 'UTC')} to ${first === last ? '' : `${last}, `}${formatHour(to, 'UTC')}`;
}

/** Where the buttons lead; null where there is nothing. `later: 'newest'`: back to what moves. */
export function stepsOf({ width, from, to }: UsageSpan, oldest: string | null, newest: string | null): { readonly earlier: string | null; readonly later: string | 'newest' | null } {
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  const newestEnd = newest === null ? null : Date.parse(newest) + WIDTH_MS[width];
  return {
    earlier: oldest !== null && Date.parse(oldest) < fromMs ? from : null,
    later: newestEnd === null || newestEnd <= toMs ? null : newestEnd <= 2 * toMs - fromMs ? 'newest' : new Date(2 * toMs - fromMs).toISOString(),
  };
}

export interface UsageDayLine extends UsageDayFacts {
  /** Billed less priced; null until both are known. */
  readonly differencePico: string | null;
  readonly differenceWords: string | null;
  readonly state: 'confirmed' | 'provisional' | 'waiting' | 'uncounted';
}

export const DAY_STATES: Readonly<Record<UsageDayLine['state'], { readonly label: string; readonly title: string; readonly tone: 'positive' | 'neutral' | 'warning' }>> = {
  confirmed: { label: 'Confirmed', title: 'The provider has billed the day and calls it final', tone: 'positive' },
  provisional: { label: 'Not final', title: 'The provider may still change its count or its bill of the day', tone: 'warning' },
  waiting: { label: 'Not billed yet', title: 'Counted by the provider, at our prices; bills follow about a day later', tone: 'neutral' },
  uncounted: { label: 'Bill only', title: 'Billed without a count of what was used', tone: 'neutral' },
};

export interface UsageDays {
  /** The newest first. */
  readonly lines: readonly UsageDayLine[];
  /** Billed, and final; null where no day is. */
  readonly confirmedPico: string | null;
  /** What stands beside it, in words. */
  readonly confirmedWords: string;
}

export function prepareUsageDays(days: readonly UsageDayFacts[]): UsageDays {
  const lines = days.map((day): UsageDayLine => {
    const [priced, billed] = [readPico(day.pricedPico), readPico(day.billedPico)];
    return {
      ...day, differencePico: priced === null || billed === null ? null : String(billed - priced), differenceWords: priced === null || billed === null ? null : percentOf(billed - priced, priced),
      state: billed === null ? 'waiting' : priced === null ? 'uncounted' : day.provisional ? 'provisional' : 'confirmed',
    };
  });
  const sum = (of: (line: UsageDayLine) => string | null, from: readonly UsageDayLine[]): bigint => from.reduce((total, line) => total + (readPico(of(line)) ?? 0n), 0n);
  const confirmed = lines.filter(({ billedPico, provisional }) => billedPico !== null && !provisional);
  const both = confirmed.filter(({ pricedPico }) => pricedPico !== null);
  const priced = sum(({ pricedPico }) => pricedPico, both);
  const difference = percentOf(sum(({ differencePico }) => differencePico, both), priced);
  const whole = `${formatPlural(confirmed.length, 'whole day')}, UTC`;
  return {
    lines: lines.toReversed(), confirmedPico: confirmed.length === 0 ? null : String(sum(({ billedPico }) => billedPico, confirmed)),
    confirmedWords: confirmed.length === 0 ? 'no day of it is final yet' : difference === null ? whole : difference === '0%' ? `${whole}; as at our prices` : `${whole}; ${difference} to our prices`,
  };
}

const CENT_PICO = 10_000_000_000n;

/** Billed less priced: `+$1.20`; less than a cent is no difference to anybody. */
export function dayDifference(pico: string): string {
  const value = readPico(pico) ?? 0n;
  if (value === 0n) return 'none';
  if (value < CENT_PICO && -value < CENT_PICO) return 'under a cent';
  return value > 0n ? `+${formatMoney(value)}` : formatMoney(value);
}

/** `+1.2%`; null against nothing. */
function percentOf(difference: bigint, of: bigint): string | null {
  if (of <= 0n) return null;
  const share = Number((difference * 1_000_000n) / of) / 1_000_000;
  return `${share > 0 ? '+' : ''}${formatShare(share)}`;
}

/** `3 images, 120 seconds` */
export function extrasWords(extras: Readonly<Record<string, number>>): string | null {
  const words = Object.entries(extras).filter(([, many]) => many > 0).map(([kind, many]) => `${formatCompact(many)} ${kind.replaceAll('_', ' ')}`);
  return words.length === 0 ? null : words.join(', ');
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
