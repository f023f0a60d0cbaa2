import { describe, expect, it } from 'vitest';
import { daysUntilSpent, forecastMonthEnd } from './month-end';

const forecast = { values: [10, 20, 30], lower: [8, 16, 24], upper: [12, 24, 36], methods: ['recent_mean'], mape: 0.1 };

describe('the end of the month', () => {
  it('is what was spent, what is left of today, and the days to come', () => {
    expect(forecastMonthEnd({ spentBefore: 100, spentToday: 5, todayShare: 0.5, daysLeft: 2 }, forecast).value).toBe(100 + 5 + 5 + 50);
  });

  it('is certain on the last evening, and never below what is spent', () => {
    const end = forecastMonthEnd({ spentBefore: 100, spentToday: 10, todayShare: 1, daysLeft: 0 }, forecast);
    expect(end).toEqual({ value: 110, lower: 110, upper: 110 });
    expect(forecastMonthEnd({ spentBefore: 100, spentToday: 0, todayShare: 0, daysLeft: 2 }, { ...forecast, lower: [-500, -500, -500] }).lower).toBe(100);
  });

  it('may end further above than below what is expected, as its days may', () => {
    const month = { spentBefore: 100, spentToday: 0, todayShare: 0, daysLeft: 2 };
    const [even, skewed] = [forecastMonthEnd(month, forecast), forecastMonthEnd(month, { ...forecast, upper: [40, 80, 120] })];
    expect(skewed.lower).toBe(even.lower);
    expect(skewed.upper - skewed.value).toBeCloseTo(15 * (even.upper - even.value), 6);
  });

  it('has an interval that is narrower than that of its days together', () => {
    const { value, upper } = forecastMonthEnd({ spentBefore: 0, spentToday: 0, todayShare: 0, daysLeft: 2 }, forecast);
    expect(upper - value).toBeGreaterThan(6);
    expect(upper - value).toBeLessThan(12);
  });
});

describe('the days until something is spent', () => {
  it('counts today by what is left of it, and parts of a day evenly', () => {
    expect(daysUntilSpent(5, 0, [10, 20])).toBe(0.5);
    expect(daysUntilSpent(5, 0.5, [10, 20])).toBe(0.5);
    expect(daysUntilSpent(15, 0.5, [10, 20])).toBe(1);
    expect(daysUntilSpent(0, 0.5, [10])).toBe(0);
  });

  it('is unknown beyond the forecast', () => {
    expect(daysUntilSpent(31, 0, [10, 20])).toBeNull();
    expect(daysUntilSpent(1, 0, [])).toBeNull();
  });
});
