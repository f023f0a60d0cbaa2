/** How good the forecast would have been: rolled over the history from one origin to the next, no day looked at before its time. Pure. */
import { createForecaster } from './forecast-daily';
import { mean } from './forecast-methods';

export interface ForecastBacktest {
  /** Mean absolute percentage error of daily sums, as a fraction; null when there were too few days. */
  readonly mape: number | null;
  readonly seasonalNaiveMape: number | null;
  readonly linearMape: number | null;
  /** Share of days inside the interval. */
  readonly coverage: number | null;
  readonly origins: number;
}

/** Two weeks are needed before anything can be compared with last week's. */
const ORIGIN_MIN = 14;

/** `days`: whole days only. */
export function backtestForecast(days: readonly number[], horizon: number): ForecastBacktest {
  const forecaster = createForecaster(days, horizon);
  const errors = { chosen: [] as number[], seasonal_naive: [] as number[], linear: [] as number[] };
  let inside = 0;
  let origins = 0;
  for (let origin = ORIGIN_MIN; origin + horizon <= days.length; origin++) {
    origins += 1;
    const { values, lower, upper } = forecaster.at(origin);
    for (let h = 0; h < horizon; h++) {
      const actual = days[origin + h]!;
      // A day without spend has no percentage.
      if (actual <= 0) continue;
      errors.chosen.push(Math.abs(values[h]! - actual) / actual);
      for (const id of ['seasonal_naive', 'linear'] as const) errors[id].push(Math.abs(forecaster.by(id, origin)![h]! - actual) / actual);
      if (actual >= lower[h]! && actual <= upper[h]!) inside += 1;
    }
  }
  const of = (list: readonly number[]): number | null => (list.length === 0 ? null : mean(list));
  return { mape: of(errors.chosen), seasonalNaiveMape: of(errors.seasonal_naive), linearMape: of(errors.linear), coverage: errors.chosen.length === 0 ? null : inside / errors.chosen.length, origins };
}
