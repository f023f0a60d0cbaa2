import { describe, expect, it } from 'vitest';
import { budgetState, errorText, monthEndText, splitDays, timeLeftText } from './prepare-forecast';

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

  it('says how long it lasts', () => {
    expect([null, 0, 0.2, 1.5, 12.4].map(timeLeftText)).toEqual(['not in sight', 'now', '5 h', '36 h', '12 days']);
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
