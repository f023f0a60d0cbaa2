/** Where a scope's month will end, day by day, from what each local day came to. Pure: amounts are whole pico-dollars, so that the days of a month add up to it. */
import { addDays } from '@outlay/kernel';
import { backtestForecast } from './backtest-forecast';
import { type DailyForecast, forecastDaily } from './forecast-daily';
import { METHODS } from './forecast-methods';
import { measureMonthEnd, type MonthEndMeasure } from './measure-month-end';
import { forecastMonthEnd } from './month-end';

export interface SpendFacts {
  /** Local dates without a gap; the last one is today. */
  readonly days: readonly string[];
  /** As long; null where nothing was called. */
  readonly spent: readonly (bigint | null)[];
  /** Share of today's spend that has usually come by now. */
  readonly todayShare: number;
}

interface OutlookDay {
  readonly day: string;
  /** Null where nothing was called, and of days to come. Today's is what came so far. */
  readonly pico: bigint | null;
  /** Of today (the whole of it) and of days to come. */
  readonly forecastPico: bigint | null;
  readonly lowerPico: bigint | null;
  readonly upperPico: bigint | null;
}

export interface SpendOutlook {
  /** `2026-11`. */
  readonly month: string;
  readonly monthEnd: { readonly pico: bigint; readonly lowerPico: bigint; readonly upperPico: bigint };
  readonly spentPico: bigint;
  /** What each day of this month came to or will; they add up to its end. */
  readonly byDay: ReadonlyMap<string, bigint>;
  /** Everything that is known, then today, then the days to come. */
  readonly series: readonly OutlookDay[];
  /** Of today and the days after it, as numbers, for times until a limit. */
  readonly ahead: DailyForecast;
  /** Ids, best first. */
  readonly methods: readonly string[];
  readonly mape: number | null;
}

/** At the end of a month the page still shows a week. */
const AHEAD_DAYS_MIN = 7;
/** There is no whole day yet: what today's pace would come to. */
export const PACE = 'pace';
const PACE_SHARE_MIN = 0.02;
const PACE_WIDTH = 0.5;

export function outlookOf({ days, spent, todayShare }: SpendFacts): SpendOutlook {
  const today = days.at(-1)!;
  const month = today.slice(0, 7);
  const todayPico = spent.at(-1) ?? 0n;
  const daysLeft = countDaysLeft(today);
  const history = historyOf(spent);
  const length = Math.max(daysLeft + 1, AHEAD_DAYS_MIN);
  const ahead = history.length === 0 ? paceOf(Number(todayPico), todayShare, length) : forecastDaily(history, length);
  const before = days.slice(0, -1).map((day, i) => ({ day, pico: spent[i] ?? null }));
  const inMonth = before.filter(({ day }) => day.startsWith(month));
  const spentBefore = inMonth.reduce((sum, { pico }) => sum + (pico ?? 0n), 0n);

  const restOfToday = toPicoOf(ahead.values[0]! * (1 - todayShare));
  const coming = Array.from({ length: length - 1 }, (_, i) => ({ day: addDays(today, i + 1), pico: toPicoOf(ahead.values[i + 1]!) }));
  const byDay = new Map<string, bigint>(inMonth.map(({ day, pico }) => [day, pico ?? 0n]));
  byDay.set(today, todayPico + restOfToday);
  for (const { day, pico } of coming) if (day.startsWith(month)) byDay.set(day, pico);
  const pico = [...byDay.values()].reduce((sum, value) => sum + value, 0n);
  const end = forecastMonthEnd({ spentBefore: Number(spentBefore), spentToday: Number(todayPico), todayShare, daysLeft }, ahead);
  const known = spentBefore + todayPico;
  const part = (bound: number): bigint => toPicoOf(bound * (1 - todayShare));
  return {
    month, byDay, ahead, methods: ahead.methods, mape: ahead.mape, spentPico: known,
    // The width is that of the rule; its middle is the exact sum of the days.
    monthEnd: { pico, lowerPico: atLeast(pico - toPicoOf(end.value - end.lower), known), upperPico: pico + toPicoOf(end.upper - end.value) },
    series: [
      ...before.map((each) => ({ ...each, forecastPico: null, lowerPico: null, upperPico: null })),
      { day: today, pico: spent.at(-1) ?? null, forecastPico: todayPico + restOfToday, lowerPico: todayPico + part(ahead.lower[0]!), upperPico: todayPico + part(ahead.upper[0]!) },
      ...coming.map(({ day, pico: expected }, i) => ({ day, pico: null, forecastPico: expected, lowerPico: toPicoOf(ahead.lower[i + 1]!), upperPico: toPicoOf(ahead.upper[i + 1]!) })),
    ],
  };
}

export interface OutlookMeasure {
  /** Mean absolute percentage error of daily sums a week ahead, as a fraction. */
  readonly mape: number | null;
  readonly seasonalNaiveMape: number | null;
  readonly linearMape: number | null;
  /** Share of days that lay inside their interval. */
  readonly coverage: number | null;
  readonly origins: number;
  /** The same of the sum of as many days as are left of this month. */
  readonly month: MonthEndMeasure;
}

/** What the forecast would have been worth on the days that are known; slower than the forecast itself. */
export function measureOutlook({ days, spent }: SpendFacts): OutlookMeasure {
  const history = historyOf(spent);
  return { ...backtestForecast(history, AHEAD_DAYS_MIN), month: measureMonthEnd(history, countDaysLeft(days.at(-1)!) + 1) };
}

/** As the page says them. */
export function wordsOfMethods(ids: readonly string[]): { readonly id: string; readonly words: string }[] {
  return ids.map((id) => ({ id, words: METHODS.find((method) => method.id === id)?.words ?? 'The pace of today: there is no whole day yet.' }));
}

/** Whole days from the first spend on: before it the product did not run, and that is no low season. */
function historyOf(spent: readonly (bigint | null)[]): number[] {
  const whole = spent.slice(0, -1);
  const first = whole.findIndex((pico) => pico !== null && pico > 0n);
  return first === -1 ? [] : whole.slice(first).map((pico) => Math.max(Number(pico ?? 0n), 0));
}

function paceOf(todayPico: number, todayShare: number, length: number): DailyForecast {
  const day = todayPico / Math.max(todayShare, PACE_SHARE_MIN);
  const all = (factor: number): number[] => Array.from({ length }, () => day * factor);
  return { values: all(1), lower: all(1 - PACE_WIDTH), upper: all(1 + PACE_WIDTH), methods: todayPico > 0 ? [PACE] : [], mape: null };
}

function countDaysLeft(today: string): number {
  const [year, month, date] = today.split('-').map(Number) as [number, number, number];
  return new Date(Date.UTC(year, month, 0)).getUTCDate() - date;
}

function toPicoOf(value: number): bigint {
  return BigInt(Math.round(value));
}

function atLeast(value: bigint, least: bigint): bigint {
  return value > least ? value : least;
}
