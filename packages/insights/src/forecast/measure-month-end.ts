/** How good the forecast of the rest of a month would have been: rolled over the history, from origins that lie as long before the end of what is known. Pure. */
import { createForecaster, FORECAST_RULE } from './forecast-daily';
import { mean } from './forecast-methods';
import { forecastMonthEnd } from './month-end';

export interface MonthEndMeasure {
  /** Mean absolute error of the sum of the days, as a fraction of it; null when there were too few days. */
  readonly error: number | null;
  /** Share of origins whose sum lay inside the interval that was known then. */
  readonly coverage: number | null;
  readonly origins: number;
}

const ORIGIN_MIN = 14;
/** Fewer sums than this say less about the width than the errors of single days do. */
const SUMS_MIN = 7;
/** Enough for a width; measuring takes all of them. */
const RECENT_ORIGINS = 21;

interface RolledSum {
  readonly origin: number;
  readonly value: number;
  /** By the errors of single days. */
  readonly spread: number;
  readonly actual: number;
}

function rollSums(days: readonly number[], length: number, originMin: number): RolledSum[] {
  const forecaster = createForecaster(days, length);
  const sums: RolledSum[] = [];
  for (let origin = originMin; origin + length <= days.length; origin++) {
    const end = forecastMonthEnd({ spentBefore: 0, spentToday: 0, todayShare: 0, daysLeft: length - 1 }, forecaster.at(origin));
    sums.push({ origin, value: end.value, spread: end.upper - end.value, actual: days.slice(origin, origin + length).reduce((sum, value) => sum + value, 0) });
  }
  return sums;
}

/** The errors of sums that were over, as a share of what was said; null for too few. Days of one month err together, which the errors of single days do not show. */
function widthOf(sums: readonly RolledSum[]): number | null {
  const errors = sums.filter(({ value }) => value > 0).map(({ value, actual }) => Math.abs(actual - value) / value).sort((a, b) => a - b);
  if (errors.length < SUMS_MIN) return null;
  return errors[Math.min(Math.ceil(errors.length * (FORECAST_RULE.coverage + FORECAST_RULE.quantileMore)), errors.length) - 1]!;
}

/** How wide the interval of the sum of the next `length` days is at least, as a share of the sum; 0 while too few are over. `days`: whole days. */
export function sumWidth(days: readonly number[], length: number): number {
  return widthOf(rollSums(days, length, Math.max(ORIGIN_MIN, days.length - length - RECENT_ORIGINS + 1))) ?? 0;
}

/** `days`: whole days; `length`: how many days are forecast at once, today and what is left of the month. No origin knows what came after it. */
export function measureMonthEnd(days: readonly number[], length: number): MonthEndMeasure {
  const sums = rollSums(days, length, ORIGIN_MIN);
  const measured = sums.filter(({ actual }) => actual > 0);
  const inside = measured.filter(({ origin, value, spread, actual }) => {
    const over = sums.filter((past) => past.origin + length <= origin && past.origin + length > origin - RECENT_ORIGINS);
    return Math.abs(actual - value) <= Math.max(spread, (widthOf(over) ?? 0) * value);
  });
  if (measured.length === 0) return { error: null, coverage: null, origins: 0 };
  return { error: mean(measured.map(({ value, actual }) => Math.abs(value - actual) / actual)), coverage: inside.length / measured.length, origins: measured.length };
}
