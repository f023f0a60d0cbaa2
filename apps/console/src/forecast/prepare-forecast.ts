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
  const [budget, spent] = [pico(budgetPico), pico(spentPico)];
  if (spent >= budget) return 'passed';
  if (monthEnd === null) return 'under';
  if (pico(monthEnd.pico) > budget) return 'will_pass';
  return pico(monthEnd.upper) > budget ? 'may_pass' : 'under';
}

/** `3 days`, `5 h`, `now` from a number of days; null: not within the forecast. */
export function timeLeftText(days: number | null): string {
  if (days === null) return 'not in sight';
  if (days <= 0) return 'now';
  if (days < 1) return `${Math.max(1, Math.round(days * 24))} h`;
  return days < 2 ? `${Math.round(days * 24)} h` : `${Math.round(days)} days`;
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
export function dayInstant(day: string): string {
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
  return formatMoney(pico(text));
}

function pico(text: string): bigint {
  return readPico(text) ?? 0n;
}
