/** Where the month will end, and when a limit will be reached, from the forecast of daily sums. Pure; days are those of the team's zone. */
import type { DailyForecast } from './forecast-daily';

export interface MonthFacts {
  /** Whole days of this month that are over. */
  readonly spentBefore: number;
  /** Of today, so far. */
  readonly spentToday: number;
  /** Share of today that is over, 0 to 1. */
  readonly todayShare: number;
  /** Days of this month after today. */
  readonly daysLeft: number;
}

export interface MonthEnd {
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
}

/** `forecast` begins with today. What is spent already is certain; of today what is left is forecast by its share. */
export function forecastMonthEnd({ spentBefore, spentToday, todayShare, daysLeft }: MonthFacts, forecast: DailyForecast): MonthEnd {
  const known = spentBefore + spentToday;
  const rest = (values: readonly number[]): number => (values[0] ?? 0) * (1 - todayShare) + values.slice(1, daysLeft + 1).reduce((sum, value) => sum + value, 0);
  const value = known + rest(forecast.values);
  // Errors of single days cancel out in part: widths are summed by their squares, and half of what is shared by all days (the level) linearly.
  const spread = (bounds: readonly number[]): number => {
    const widths = bounds.slice(0, daysLeft + 1).map((bound, day) => Math.abs(bound - forecast.values[day]!) * (day === 0 ? 1 - todayShare : 1));
    return 0.5 * Math.hypot(...widths) + 0.5 * widths.reduce((sum, width) => sum + width, 0);
  };
  return { value, lower: Math.max(known, value - spread(forecast.lower)), upper: value + spread(forecast.upper) };
}

/**
 * In how many days `left` is used up, counted from now in days of which today is the first; null when the forecast does not get there within its horizon.
 * A fraction of a day is spent evenly.
 */
export function daysUntilSpent(left: number, todayShare: number, days: readonly number[]): number | null {
  if (left <= 0) return 0;
  let rest = left;
  for (const [day, value] of days.entries()) {
    const share = day === 0 ? 1 - todayShare : 1;
    const spent = value * share;
    const passed = day === 0 ? 0 : day - todayShare;
    if (spent >= rest) return passed + (spent === 0 ? 0 : (rest / spent) * share);
    rest -= spent;
  }
  return null;
}
