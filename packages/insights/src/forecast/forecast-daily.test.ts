import { describe, expect, it } from 'vitest';
import { backtestForecast } from './backtest-forecast';
import { createForecaster, forecastDaily } from './forecast-daily';
import { METHODS } from './forecast-methods';

const WEEK = [100, 110, 120, 115, 105, 30, 20];
const weekly = (weeks: number, growth = 1): number[] => Array.from({ length: weeks * 7 }, (_, i) => WEEK[i % 7]! * growth ** (i / 7));

/** A tenth more or less, the same in every run. */
function noisy(days: readonly number[]): number[] {
  let state = 7;
  return days.map((value) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return value * (0.9 + (0.2 * state) / 0x7fff_ffff);
  });
}

describe('the forecast of daily sums', () => {
  it('continues a week exactly where every week is alike', () => {
    const { values, mape } = forecastDaily(weekly(6), 7);
    values.forEach((value, h) => expect(value).toBeCloseTo(WEEK[h]!, 6));
    expect(mape).toBeLessThan(0.001);
  });

  it('follows growth better than last week does', () => {
    const days = weekly(10, 1.1);
    const { mape, seasonalNaiveMape } = backtestForecast(days, 7);
    expect(mape! / seasonalNaiveMape!).toBeLessThan(1);
  });

  it('is not led astray by one incident', () => {
    const days = weekly(6);
    days[36] = 2_000;
    const { values } = forecastDaily(days, 7);
    expect(values[1]).toBeLessThan(WEEK[1]! * 2);
  });

  it('does not look ahead: an origin says the same whatever comes after it', () => {
    const days = weekly(8, 1.03).map((value, i) => value * (1 + ((i * 31) % 17) / 100));
    expect(createForecaster(days, 7).at(35)).toEqual(createForecaster([...days.slice(0, 35), ...days.slice(35).map(() => 1e9)], 7).at(35));
  });

  it('answers something for every length of history, never below zero, inside its interval', () => {
    for (let length = 1; length < 40; length++) {
      const { values, lower, upper } = forecastDaily(weekly(6).slice(0, length), 7);
      values.forEach((value, h) => {
        expect(value).toBeGreaterThanOrEqual(0);
        expect(lower[h]!).toBeLessThanOrEqual(value);
        expect(upper[h]!).toBeGreaterThanOrEqual(value);
      });
    }
  });

  it('holds about as many days as it says, also where spend grows or falls by the day', () => {
    for (const growth of [1, 1.2, 0.85]) {
      const { coverage } = backtestForecast(noisy(weekly(10, growth)), 7);
      expect([growth, coverage! > 0.74 && coverage! < 0.92, coverage]).toEqual([growth, true, coverage]);
    }
  });

  it('widens after it missed, and narrows again', () => {
    const forecaster = createForecaster(noisy([...weekly(7), ...weekly(8).map((value) => value * 2.2)]), 7);
    const width = (origin: number): number => {
      const { values, upper } = forecaster.at(origin);
      return upper[0]! / values[0]! - 1;
    };
    expect(width(55)).toBeGreaterThan(1.5 * width(48));
    expect(width(105)).toBeLessThan(width(55) / 1.5);
  });

  it('has the line of seven days among its methods, and one sentence for each', () => {
    expect(METHODS.map(({ id }) => id)).toContain('linear');
    expect(METHODS.find(({ id }) => id === 'linear')!.forecast([1, 2, 3, 4, 5, 6, 7], 2)).toEqual([8, 9]);
    for (const { words } of METHODS) expect(words).toMatch(/^[A-Z].*\.$/);
  });
});
