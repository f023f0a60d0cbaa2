/**
 * The forecast of daily sums: each method is measured on the days that are known, from one origin after another, and the best of them are averaged. The interval is conformal: as wide
 * as most of the errors that this very average made from the last origins, and wider by and by where it has held too few days lately (adaptive conformal inference, Gibbs and Candès 2021).
 * Pure; nothing looks ahead of its origin.
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
  /** By how much of its misses the interval learns a day. */
  learning: 0.06,
  /** It narrows no further, however long it has held everything. */
  coverageMin: 0.5,
  /** With fewer errors of its own the interval reaches from two thirds of the value to one and a half of it. */
  errorsMin: 5,
  widthUnknown: Math.log(1.5),
  /** So wide at least: errors that were never seen are possible. */
  widthMin: 0.02,
  /** A day of less than this share of the value was an outage rather than an error. */
  ratioMin: 0.02,
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
  /** What a method that spoke at `past` was off by: sums of the absolute errors of its first k leads as shares of the day, and how many days had spend. */
  const offs = new Map<string, Off>();
  const offOf = (methodId: string, past: number): Off => {
    const key = `${methodId}/${past}`;
    let off = offs.get(key);
    if (off === undefined) {
      const answer = by(methodId, past);
      off = { sums: [0], counts: [0] };
      for (let h = 0; h < horizon && past + h < days.length && answer; h++) {
        const actual = days[past + h]!;
        off.sums.push(off.sums[h]! + (actual > 0 ? Math.abs(actual - answer[h]!) / actual : 0));
        off.counts.push(off.counts[h]! + (actual > 0 ? 1 : 0));
      }
      offs.set(key, off);
    }
    return off;
  };
  /** Over origins before `origin`, and of each only the days before it. `first`: how many of them had their first day. */
  const measureMethod = (methodId: string, origin: number): { readonly mape: number; readonly first: number } => {
    let [sum, count, first] = [0, 0, 0];
    for (let past = Math.max(origin - FORECAST_RULE.origins, WEEK); past < origin; past++) {
      const { sums, counts } = offOf(methodId, past);
      const known = Math.min(origin - past, sums.length - 1);
      sum += sums[known]!;
      count += counts[known]!;
      first += counts[Math.min(1, known)]!;
    }
    // A method that was measured on a few days only may have been lucky.
    return { mape: first >= WEEK ? sum / count : Infinity, first };
  };

  const averages = new Map<number, Average>();
  const averageAt = (origin: number): Average => {
    let average = averages.get(origin);
    if (average === undefined) averages.set(origin, (average = computeAverage(origin)));
    return average;
  };
  const computeAverage = (origin: number): Average => {
    const measured = METHODS.flatMap(({ id }) => {
      // What others are compared with; `last_week` is the same without its fault, to repeat an incident.
      if (id === 'seasonal_naive' || !by(id, origin)) return [];
      const { mape, first } = measureMethod(id, origin);
      // Last week's weekday is what everything else must beat, by more the less it was measured.
      return [{ id, mape, rank: mape * (id === 'last_week' ? 1 : 1 + FORECAST_RULE.doubt / Math.sqrt(first)) }];
    }).sort((a, b) => a.rank - b.rank);
    if (measured.length === 0) return { values: Array.from({ length: horizon }, () => 0), methods: [], mape: null };
    const isMeasured = measured[0]!.mape < Infinity;
    const chosen = isMeasured
      ? measured.filter(({ rank }) => rank <= measured[0]!.rank * FORECAST_RULE.nearBest).slice(0, FORECAST_RULE.averagedMax)
      : [measured.find(({ id }) => id === 'last_week') ?? measured.find(({ id }) => id === 'recent_mean') ?? measured[0]!];
    return {
      values: Array.from({ length: horizon }, (_, h) => mean(chosen.map(({ id }) => by(id, origin)![h]!))), methods: chosen.map(({ id }) => id), mape: isMeasured ? mean(chosen.map(({ mape }) => mape)) : null,
    };
  };

  /** By lead: the logarithm of how many times the value the interval of an origin reaches up, and down. Each is learnt from those before it. */
  const widths: number[][] = [];
  const levels = Array.from({ length: horizon }, () => FORECAST_RULE.coverage as number);
  const widthsAt = (origin: number): readonly number[] => {
    for (let next = Math.max(widths.length, WEEK); next <= origin; next++) {
      const errors = Array.from({ length: horizon }, (_, h) => errorsAt(next, h));
      widths[next] = levels.map((level, h) => {
        const missed = missedAt(next, h);
        if (missed !== null) levels[h] = level = clamp(level + FORECAST_RULE.learning * ((missed ? 1 : 0) - (1 - FORECAST_RULE.coverage)), FORECAST_RULE.coverageMin, 1);
        // With those of its neighbours, so that a handful is no answer.
        const near = [h - 1, h, h + 1].flatMap((lead) => errors[lead] ?? []);
        return near.length < FORECAST_RULE.errorsMin ? FORECAST_RULE.widthUnknown : Math.max(quantile(near, level + FORECAST_RULE.quantileMore), FORECAST_RULE.widthMin);
      });
    }
    return widths[origin] ?? Array.from({ length: horizon }, () => FORECAST_RULE.widthUnknown);
  };
  /** Logarithms of how many times too much or too little the average said, over origins whose day is known at `origin`. */
  const errorsAt = (origin: number, lead: number): number[] => {
    const errors: number[] = [];
    for (let past = Math.max(origin - FORECAST_RULE.origins, WEEK); past + lead < origin; past++) {
      const value = averageAt(past).values[lead]!;
      if (value > 0 && days[past + lead]! > 0) errors.push(offBy(days[past + lead]!, value));
    }
    return errors;
  };
  /** Was yesterday outside of what the origin that lay `lead` days before it said? Null where nobody said anything. */
  const missedAt = (origin: number, lead: number): boolean | null => {
    const past = origin - 1 - lead;
    const width = widths[past]?.[lead];
    const actual = days[origin - 1]!;
    if (width === undefined || actual <= 0) return null;
    return offBy(actual, averageAt(past).values[lead]!) > width;
  };

  const at = (origin: number): DailyForecast => {
    const { values, methods, mape } = averageAt(origin);
    if (methods.length === 0) return { values, lower: [], upper: [], methods, mape };
    const factors = widthsAt(origin).map(Math.exp);
    return { values, lower: values.map((value, h) => value / factors[h]!), upper: values.map((value, h) => value * factors[h]!), methods, mape };
  };
  return { at, by };
}

interface Off {
  readonly sums: number[];
  readonly counts: number[];
}

type Average = Pick<DailyForecast, 'values' | 'methods' | 'mape'>;

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(Math.ceil(share * (sorted.length + 1)), sorted.length) - 1]!;
}

/** Twice as much and half as much are as far off: a day that doubles says nothing about one that costs nothing. */
function offBy(actual: number, value: number): number {
  return Math.abs(Math.log(Math.max(actual / value, FORECAST_RULE.ratioMin)));
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

export function forecastDaily(days: readonly number[], horizon: number): DailyForecast {
  return createForecaster(days, horizon).at(days.length);
}
