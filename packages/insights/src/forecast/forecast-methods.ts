/** Ways to continue a series of daily sums. Pure, each simple enough to be explained in one sentence on the page; which one is used is found out by measuring them. */

export interface ForecastMethod {
  readonly id: string;
  /** As the page says it. */
  readonly words: string;
  /** Fewer days are too few for it. */
  readonly daysMin: number;
  /** The next `horizon` days after `past`, never negative. */
  forecast(past: readonly number[], horizon: number): number[];
}

const WEEK = 7;

export const METHODS: readonly ForecastMethod[] = [
  {
    id: 'last_week', words: 'As on the same weekday of last week; a day that stood out as usual for its weekday.', daysMin: WEEK,
    forecast: (past, horizon) => {
      const clean = withoutOutliers(past);
      return ahead(horizon, (h) => clean[clean.length - WEEK + (h % WEEK)]!);
    },
  },
  {
    id: 'seasonal_naive', words: 'As on the same weekday of last week.', daysMin: WEEK,
    forecast: (past, horizon) => ahead(horizon, (h) => past[past.length - WEEK + (h % WEEK)]!),
  },
  {
    id: 'linear', words: 'A straight line through the last seven days.', daysMin: 2,
    forecast: (past, horizon) => {
      const line = fitLine(past.slice(-WEEK));
      return ahead(horizon, (h) => line(Math.min(past.length, WEEK) + h));
    },
  },
  {
    id: 'recent_mean', words: 'The mean of the last seven days.', daysMin: 1,
    forecast: (past, horizon) => {
      const level = mean(past.slice(-WEEK));
      return ahead(horizon, () => level);
    },
  },
  {
    id: 'long_median', words: 'The median of the last four weeks.', daysMin: 2 * WEEK,
    forecast: (past, horizon) => {
      const level = median(past.slice(-4 * WEEK));
      return ahead(horizon, () => level);
    },
  },
  {
    id: 'weekday_level', words: 'Usual shares of the weekdays, at the level of the last seven days.', daysMin: 3 * WEEK,
    forecast: (past, horizon) => {
      const clean = withoutOutliers(past);
      const shares = weekdayShares(clean);
      const level = mean(clean.slice(-WEEK).map((value, i) => value / shares[(clean.length - WEEK + i) % WEEK]!));
      return ahead(horizon, (h) => level * shares[(clean.length + h) % WEEK]!);
    },
  },
  {
    id: 'weekday_long', words: 'Usual shares of the weekdays, at the level of the last three weeks.', daysMin: 4 * WEEK,
    forecast: (past, horizon) => {
      const clean = withoutOutliers(past);
      const shares = weekdayShares(clean);
      const level = median(clean.slice(-3 * WEEK).map((value, i) => value / shares[(clean.length - 3 * WEEK + i) % WEEK]!));
      return ahead(horizon, (h) => level * shares[(clean.length + h) % WEEK]!);
    },
  },
  {
    id: 'weekday_smoothed', words: 'Usual shares of the weekdays, at an exponentially smoothed level.', daysMin: 3 * WEEK,
    forecast: (past, horizon) => {
      const clean = withoutOutliers(past);
      const shares = weekdayShares(clean);
      let level = clean[0]! / shares[0]!;
      clean.forEach((value, i) => (level += 0.3 * (value / shares[i % WEEK]! - level)));
      return ahead(horizon, (h) => level * shares[(clean.length + h) % WEEK]!);
    },
  },
  {
    id: 'weekday_trend', words: 'Usual shares of the weekdays, with the growth of the last four weeks, halved week by week.', daysMin: 4 * WEEK,
    forecast: (past, horizon) => {
      const clean = withoutOutliers(past);
      const shares = weekdayShares(clean);
      const flat = clean.slice(-4 * WEEK).map((value, i) => Math.log(Math.max(value / shares[(clean.length - 4 * WEEK + i) % WEEK]!, 1e-12)));
      const line = fitLine(flat);
      const growth = Math.max(Math.min(line(1) - line(0), 0.05), -0.05);
      const level = mean(flat.slice(-WEEK));
      return ahead(horizon, (h) => {
        // From the middle of the last week on; what is extrapolated is damped.
        const days = 3 + (h + 1);
        const damped = growth * (days <= 10 ? days : 10 + (days - 10) / 2);
        return Math.exp(level + damped) * shares[(clean.length + h) % WEEK]!;
      });
    },
  },
];

function ahead(horizon: number, value: (h: number) => number): number[] {
  return Array.from({ length: horizon }, (_, h) => Math.max(value(h), 0));
}

/** How the days of a week compare with each other: medians over at most eight weeks. Index 0 is the weekday of the first day of `past`; they average to 1. */
function weekdayShares(past: readonly number[]): number[] {
  const ratios: number[][] = Array.from({ length: WEEK }, () => []);
  const from = Math.max(past.length - 8 * WEEK, 0);
  for (let end = past.length; end - WEEK >= from; end -= WEEK) {
    const level = mean(past.slice(end - WEEK, end));
    if (level > 0) for (let i = end - WEEK; i < end; i++) ratios[i % WEEK]!.push(past[i]! / level);
  }
  const raw = ratios.map((each) => (each.length === 0 ? 1 : median(each)));
  const total = mean(raw);
  return raw.map((share) => (total > 0 ? Math.max(share / total, 0.01) : 1));
}

/** A day that stands out of its own week as the same weekday of other weeks does not was an incident or a holiday: it is taken for what it should have been. Growth stands in both. */
function withoutOutliers(past: readonly number[]): number[] {
  const levels = past.map((_, i) => {
    const from = Math.max(Math.min(i - 3, past.length - WEEK), 0);
    return median(past.slice(from, from + WEEK));
  });
  return past.map((value, i) => {
    const others = [-4, -3, -2, -1, 1, 2, 3, 4].flatMap((week) => (past[i + week * WEEK] === undefined || !(levels[i + week * WEEK]! > 0) ? [] : past[i + week * WEEK]! / levels[i + week * WEEK]!));
    if (others.length < 2 || !(levels[i]! > 0)) return value;
    const usual = median(others);
    const spread = Math.max(1.4826 * median(others.map((other) => Math.abs(other - usual))), 0.1 * usual);
    return Math.abs(value / levels[i]! - usual) > 4 * spread ? usual * levels[i]! : value;
  });
}

/** Least squares over 0, 1, 2, ... */
function fitLine(values: readonly number[]): (x: number) => number {
  const n = values.length;
  const middle = (n - 1) / 2;
  const level = mean(values);
  let above = 0;
  let below = 0;
  values.forEach((value, x) => {
    above += (x - middle) * (value - level);
    below += (x - middle) ** 2;
  });
  const slope = below === 0 ? 0 : above / below;
  return (x) => level + slope * (x - middle);
}

export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
