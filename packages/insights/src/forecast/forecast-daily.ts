/**
 * The forecast of daily sums: each method is measured on the days that are known, from one origin after another, and the best of them are averaged. The interval is what their
 * own errors were. Pure; nothing looks ahead of its origin.
 */
import { mean, METHODS } from './forecast-methods';

const WEEK = 7;

const FORECAST_RULE = {
  /** Origins of the rolling measurement, the latest ones. */
  origins: 28,
  /** Methods whose error is within this of the best one are averaged with it. */
  nearBest: 1.25,
  averagedMax: 3,
  doubt: 1,
  /** Share of days that the interval should hold. */
  coverage: 0.8,
  /** A quantile of few errors is too small on days to come. */
  quantileMore: 0.06,
  /** So wide at least, as a share of the value: errors that were never seen are possible. */
  widthMin: 0.02,
} as const;

export interface DailyForecast {
  readonly values: readonly number[];
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  /** Ids of the methods that were averaged, best first. */
  readonly methods: readonly string[];
  /** Mean absolute percentage error of these methods over the last origins; null while nothing could be measured. */
  readonly mape: number | null;
}

export interface Forecaster {
  /** With the days before `origin` alone. */
  at(origin: number): DailyForecast;
  /** What one method said at an origin; null where it has too few days. */
  by(methodId: string, origin: number): readonly number[] | null;
}

/** Remembers what each method said at each origin: a backtest asks for the same ones again and again. */
export function createForecaster(days: readonly number[], horizon: number): Forecaster {
  const said = new Map<string, readonly number[] | null>();
  const by = (methodId: string, origin: number): readonly number[] | null => {
    const key = `${methodId}/${origin}`;
    let answer = said.get(key);
    if (answer === undefined) {
      const method = METHODS.find(({ id }) => id === methodId)!;
      answer = origin >= method.daysMin ? method.forecast(days.slice(0, origin), horizon) : null;
      said.set(key, answer);
    }
    return answer;
  };
  /** Relative errors of a method, signed, by lead, over origins whose days are all known at `origin`. */
  const errorsOf = (methodId: string, origin: number): number[][] => {
    const errors: number[][] = Array.from({ length: horizon }, () => []);
    for (let past = Math.max(origin - FORECAST_RULE.origins, WEEK); past < origin; past++) {
      const answer = by(methodId, past);
      if (!answer) continue;
      for (let h = 0; h < horizon && past + h < origin; h++) if (days[past + h]! > 0) errors[h]!.push((days[past + h]! - answer[h]!) / days[past + h]!);
    }
    return errors;
  };

  const at = (origin: number): DailyForecast => {
    const measured = METHODS.flatMap(({ id }) => {
      // What others are compared with; `last_week` is the same without its fault, to repeat an incident.
      if (id === 'seasonal_naive' || !by(id, origin)) return [];
      const errors = errorsOf(id, origin);
      const all = errors.flat();
      // A method that was measured on a few days only may have been lucky.
      const mape = errors[0]!.length >= WEEK ? mean(all.map(Math.abs)) : Infinity;
      // Last week's weekday is what everything else must beat, by more the less it was measured.
      return [{ id, errors, mape, rank: mape * (id === 'last_week' ? 1 : 1 + FORECAST_RULE.doubt / Math.sqrt(errors[0]!.length)) }];
    }).sort((a, b) => a.rank - b.rank);
    if (measured.length === 0) return { values: Array.from({ length: horizon }, () => 0), lower: [], upper: [], methods: [], mape: null };
    const isMeasured = measured[0]!.mape < Infinity;
    const chosen = isMeasured
      ? measured.filter(({ rank }) => rank <= measured[0]!.rank * FORECAST_RULE.nearBest).slice(0, FORECAST_RULE.averagedMax)
      : [measured.find(({ id }) => id === 'last_week') ?? measured.find(({ id }) => id === 'recent_mean') ?? measured[0]!];
    const values = Array.from({ length: horizon }, (_, h) => mean(chosen.map(({ id }) => by(id, origin)![h]!)));
    const widths = values.map((value, h) => value * Math.max(widthOf(chosen.map(({ errors }) => errors), h), FORECAST_RULE.widthMin));
    return {
      values,
      lower: values.map((value, h) => Math.max(value - widths[h]!, 0)),
      upper: values.map((value, h) => value + widths[h]!),
      methods: chosen.map(({ id }) => id),
      mape: isMeasured ? mean(chosen.map(({ mape }) => mape)) : null,
    };
  };
  return { at, by };
}

/** The quantile of absolute errors at this lead and its neighbours, so that a handful of them is no answer. */
function widthOf(errors: readonly (readonly number[][])[], lead: number): number {
  const near = errors.flatMap((each) => [lead - 1, lead, lead + 1].flatMap((h) => each[h] ?? [])).map(Math.abs).sort((a, b) => a - b);
  if (near.length === 0) return 0.5;
  return near[Math.min(Math.ceil(near.length * (FORECAST_RULE.coverage + FORECAST_RULE.quantileMore)), near.length) - 1]!;
}

export function forecastDaily(days: readonly number[], horizon: number): DailyForecast {
  return createForecaster(days, horizon).at(days.length);
}
