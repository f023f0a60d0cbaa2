/** When limits will be reached: caps within their window, credits whenever. Pure; instants are computed from days of the team's zone. */
import { DAY_MS } from '@outlay/kernel';
import type { DailyForecast } from './forecast-daily';
import { daysUntilSpent } from './month-end';

export interface LimitTime {
  /** Null: not within the window, or beyond what is forecast. */
  readonly reachedAtMs: number | null;
  /** If spend runs along the upper and the lower edge of the interval. */
  readonly earliestAtMs: number | null;
  readonly latestAtMs: number | null;
}

export interface Ahead {
  readonly nowMs: number;
  /** Instants at which tomorrow and the days after it begin. */
  readonly dayStartsMs: readonly number[];
  readonly todayShare: number;
  readonly forecast: Pick<DailyForecast, 'values' | 'lower' | 'upper'>;
}

/** When so much more than now will be spent. */
export function timeUntil(left: number, ahead: Ahead): LimitTime {
  const at = (days: readonly number[]): number | null => {
    const passed = daysUntilSpent(left, ahead.todayShare, days);
    return passed === null ? null : instantAfter(passed, ahead);
  };
  return { reachedAtMs: at(ahead.forecast.values), earliestAtMs: at(ahead.forecast.upper), latestAtMs: at(ahead.forecast.lower) };
}

/** What will be spent from now to an instant. */
export function spendUntil(endMs: number, ahead: Ahead, days: readonly number[] = ahead.forecast.values): number {
  let sum = 0;
  let startMs = ahead.nowMs;
  for (const [index, value] of days.entries()) {
    const dayEndMs = ahead.dayStartsMs[index] ?? startMs + DAY_MS;
    const whole = index === 0 ? value * (1 - ahead.todayShare) : value;
    if (endMs <= startMs) break;
    sum += dayEndMs <= startMs ? 0 : whole * Math.min((endMs - startMs) / (dayEndMs - startMs), 1);
    startMs = dayEndMs;
  }
  return sum;
}

/** `passed` counts parts of today by spend (`daysUntilSpent`), whole days after it. */
function instantAfter(passed: number, { nowMs, dayStartsMs, todayShare }: Ahead): number {
  const restOfToday = 1 - todayShare;
  const endOfToday = dayStartsMs[0] ?? nowMs + DAY_MS;
  if (passed <= restOfToday) return Math.round(restOfToday === 0 ? endOfToday : nowMs + (passed / restOfToday) * (endOfToday - nowMs));
  const after = passed - restOfToday;
  const whole = Math.floor(after);
  const startMs = dayStartsMs[whole] ?? endOfToday + whole * DAY_MS;
  const endMs = dayStartsMs[whole + 1] ?? startMs + DAY_MS;
  return Math.round(startMs + (after - whole) * (endMs - startMs));
}
