/** How good the forecast of the rest of a month would have been: rolled over the history, from origins that lie as long before the end of what is known. Pure. */
import { createForecaster } from './forecast-daily';
import { mean } from './forecast-methods';
import { forecastMonthEnd } from './month-end';

export interface MonthEndMeasure {
  /** Mean absolute error of the sum of the days, as a fraction of it; null when there were too few days. */
  readonly error: number | null;
  /** Share of origins whose sum lay inside the interval. */
  readonly coverage: number | null;
  readonly origins: number;
}

const ORIGIN_MIN = 14;

/** `days`: whole days; `length`: how many days are forecast at once, today and what is left of the month. */
export function measureMonthEnd(days: readonly number[], length: number): MonthEndMeasure {
  const forecaster = createForecaster(days, length);
  const errors: number[] = [];
  let inside = 0;
  for (let origin = ORIGIN_MIN; origin + length <= days.length; origin++) {
    const actual = days.slice(origin, origin + length).reduce((sum, value) => sum + value, 0);
    if (actual <= 0) continue;
    const end = forecastMonthEnd({ spentBefore: 0, spentToday: 0, todayShare: 0, daysLeft: length - 1 }, forecaster.at(origin));
    errors.push(Math.abs(end.value - actual) / actual);
    if (actual >= end.lower && actual <= end.upper) inside += 1;
  }
  return { error: errors.length === 0 ? null : mean(errors), coverage: errors.length === 0 ? null : inside / errors.length, origins: errors.length };
}
