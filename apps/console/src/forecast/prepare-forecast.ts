/** Where the month will end, in words and pictures. Pure; money is pico-dollars as text. */
import { formatMoney, readPico } from '../ui/format-money';
import { formatShare } from '../ui/format-number';
import { formatShortDay } from '../ui/format-time';

export interface MonthEnd {
  readonly pico: string;
  readonly lower: string;
  readonly upper: string;
}

/** `$812.00, between $760.00 and $880.00` */
export function monthEndText({ pico, lower, upper }: MonthEnd): string {
  return `${money(pico)}, between ${money(lower)} and ${money(upper)}`;
}

export type BudgetState = 'under' | 'may_pass' | 'will_pass' | 'passed';

export const BUDGET_WORDS: Readonly<Record<BudgetState, { readonly word: string; readonly tone: 'positive' | 'warning' | 'danger' }>> = {
  under: { word: 'within', tone: 'positive' }, may_pass: { word: 'may be passed', tone: 'warning' }, will_pass: { word: 'will be passed', tone: 'danger' }, passed: { word: 'passed', tone: 'danger' },
};

/** A budget against what is spent and where the month ends; `monthEnd` null where nothing is forecast. */
export function budgetState(budgetPico: string, spentPico: string, monthEnd: MonthEnd | null): BudgetState {
  const [budget, spent] = [picoOf(budgetPico), picoOf(spentPico)];
  if (spent >= budget) return 'passed';
  if (monthEnd === null) return 'under';
  if (picoOf(monthEnd.pico) > budget) return 'will_pass';
  return picoOf(monthEnd.upper) > budget ? 'may_pass' : 'under';
}

export interface LimitWhen {
  readonly reachedAt: string | null;
  readonly earliestAt: string | null;
  readonly latestAt: string | null;
}

/** `in 3 days, between 2 and 6`, `not in sight`; instants against now. */
export function whenText({ reachedAt, earliestAt, latestAt }: LimitWhen, nowMs: number): string {
  if (reachedAt === null) return earliestAt === null ? 'not in sight' : `perhaps ${inText(earliestAt, nowMs)}`;
  if (Date.parse(reachedAt) <= nowMs) return 'now';
  const [soonest, last] = [earliestAt === null ? null : lengthText(earliestAt, nowMs), latestAt === null ? null : lengthText(latestAt, nowMs)];
  const middle = inText(reachedAt, nowMs);
  return soonest === null || soonest === lengthText(reachedAt, nowMs) ? middle : `${middle}; at the soonest ${soonest}${last === null ? '' : `, at the latest ${last}`}`;
}

function inText(at: string, nowMs: number): string {
  return Date.parse(at) <= nowMs ? 'now' : `in ${lengthText(at, nowMs)}`;
}

function lengthText(at: string, nowMs: number): string {
  const hours = Math.max(0, (Date.parse(at) - nowMs) / 3_600_000);
  return hours < 48 ? `${Math.max(1, Math.round(hours))} h` : `${Math.round(hours / 24)} days`;
}

export interface MonthBar {
  /** Shares of the bar's width. */
  readonly spent: number;
  readonly expected: number;
  readonly lower: number;
  readonly upper: number;
  readonly budget: number | null;
}

/** The month as one bar: spent, what is expected, and how far it may be off; the budget as a mark. */
export function prepareMonthBar(spentPico: string, monthEnd: MonthEnd, budgetPico: string | null): MonthBar {
  const whole = Math.max(...[monthEnd.upper, spentPico, ...(budgetPico === null ? [] : [budgetPico])].map((text) => Number(picoOf(text)))) * 1.04 || 1;
  const share = (text: string): number => Number(picoOf(text)) / whole;
  return { spent: share(spentPico), expected: share(monthEnd.pico), lower: share(monthEnd.lower), upper: share(monthEnd.upper), budget: budgetPico === null ? null : share(budgetPico) };
}

/** Measured, not claimed: `off by 8.2% on average`, `held the interval 91% of the time`. */
export function errorText(mape: number | null, coverage: number | null): string {
  const parts = [mape === null ? null : `off by ${formatShare(mape)} on average`, coverage === null ? null : `the truth lay within the interval ${formatShare(coverage)} of the time`].filter((part) => part !== null);
  return parts.length === 0 ? 'Not measured yet: it takes two weeks of spend.' : `Measured on your own past: ${parts.join('; ')}.`;
}

export interface ForecastDay {
  /** `2026-11-21` */
  readonly day: string;
  readonly pico: string | null;
  readonly forecastPico: string | null;
  readonly lower: string | null;
  readonly upper: string | null;
}

/** Days at which something is known or expected, as the chart takes them: at their own midnight in UTC, because a day is a name here. */
function dayInstant(day: string): string {
  return `${day}T00:00:00.000Z`;
}

const NOTHING: Readonly<Record<string, string>> = {};

export function splitDays(days: readonly ForecastDay[]): {
  readonly past: readonly { readonly at: string; readonly total: string | null; readonly costs: Readonly<Record<string, string>> }[];
  readonly ahead: readonly { readonly at: string; readonly pico: string; readonly lower: string; readonly upper: string }[];
} {
  return {
    past: days.filter(({ pico: spent, forecastPico }) => spent !== null || forecastPico === null).map(({ day, pico: spent }) => ({ at: dayInstant(day), total: spent, costs: spent === null ? NOTHING : { spent } })),
    ahead: days.flatMap(({ day, forecastPico, lower, upper }) => (forecastPico === null ? [] : [{ at: dayInstant(day), pico: forecastPico, lower: lower ?? forecastPico, upper: upper ?? forecastPico }])),
  };
}

/** `22 Nov` */
export function dayText(day: string): string {
  return formatShortDay(dayInstant(day), 'UTC');
}

function money(text: string): string {
  return formatMoney(picoOf(text));
}

function picoOf(text: string): bigint {
  return readPico(text) ?? 0n;
}
