import { describe, expect, it } from 'vitest';
import { budgetState, errorText, monthEndText, prepareMonthBar, splitDays, whenText } from './prepare-forecast';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const usd = (amount: number): string => `${amount}000000000000`;
const END = { pico: usd(90), lower: usd(80), upper: usd(110) };

describe('forecast', () => {
  it('says the month end with its interval, and how far it was off before', () => {
    expect(monthEndText(END)).toBe('$90.00, between $80.00 and $110.00');
    expect(errorText(0.082, 0.91)).toBe('Measured on your own past: off by 8.2% on average; the truth lay within the interval 91% of the time.');
    expect(errorText(null, null)).toMatch(/^Not measured yet/);
  });

  it('sets a budget against spend and forecast', () => {
    expect([usd(200), usd(100), usd(85), usd(40)].map((budget) => budgetState(budget, usd(50), END))).toEqual(['under', 'may_pass', 'will_pass', 'passed']);
    expect(budgetState(usd(60), usd(50), null)).toBe('under');
  });

  it('says when a limit is reached, and how sure that is', () => {
    const at = (hours: number): string => new Date(NOW + hours * 3_600_000).toISOString();
    expect(whenText({ reachedAt: at(72), earliestAt: at(20), latestAt: at(240) }, NOW)).toBe('in 3 days; at the soonest 20 h, at the latest 10 days');
    expect(whenText({ reachedAt: null, earliestAt: at(120), latestAt: null }, NOW)).toBe('perhaps in 5 days');
    expect(whenText({ reachedAt: null, earliestAt: null, latestAt: null }, NOW)).toBe('not in sight');
    expect(whenText({ reachedAt: at(-1), earliestAt: at(-1), latestAt: null }, NOW)).toBe('now');
  });

  it('draws the month as one bar that holds interval and budget', () => {
    const bar = prepareMonthBar(usd(50), END, usd(100));
    expect([bar.spent, bar.expected, bar.budget!, bar.upper].every((share, i, all) => share <= 1 && (i === 0 || share >= all[i - 1]!))).toBe(true);
    expect(prepareMonthBar('0', { pico: '0', lower: '0', upper: '0' }, null)).toEqual({ spent: 0, expected: 0, lower: 0, upper: 0, budget: null });
  });

  it('keeps a day that is spent and expected in both; a day without either is a gap', () => {
    const { past, ahead } = splitDays([
      { day: '2026-11-19', pico: null, forecastPico: null, lower: null, upper: null }, { day: '2026-11-20', pico: usd(3), forecastPico: null, lower: null, upper: null },
      { day: '2026-11-21', pico: usd(1), forecastPico: usd(4), lower: usd(3), upper: usd(6) }, { day: '2026-11-22', pico: null, forecastPico: usd(4), lower: null, upper: null },
    ]);
    expect(past.map(({ at, total }) => [at.slice(8, 10), total])).toEqual([['19', null], ['20', usd(3)], ['21', usd(1)]]);
    expect(ahead.map(({ at, upper }) => [at.slice(8, 10), upper])).toEqual([['21', usd(6)], ['22', usd(4)]]);
  });
});
