import { describe, expect, it } from 'vitest';
import { ALERT_KINDS } from './alert-shapes';
import { backtestText, RULE_FIELDS, ruleText, SCOPES_OF, settingsOf, textsOf } from './prepare-rule';

describe('rules of alerts', () => {
  it('come back as they were typed, for every kind', () => {
    for (const kind of ALERT_KINDS) {
      const { settings, faults } = settingsOf(kind, textsOf(kind, {}));
      expect([kind, faults]).toEqual([kind, {}]);
      expect(textsOf(kind, settings)).toEqual(Object.fromEntries(RULE_FIELDS[kind].map(({ name, fallback }) => [name, fallback === '1.00' ? '1' : fallback])));
      expect(SCOPES_OF[kind].length).toBeGreaterThan(0);
    }
  });

  it('are stored in whole pico-dollars, shares and percents', () => {
    expect(settingsOf('spike', { hourPico: '12.50', hourTimes: '3', budgetShare: '', minPico: '0.5', unusual: 'false' }).settings)
      .toEqual({ hourPico: '12500000000000', hourTimes: 3, budgetShare: null, minPico: '500000000000', unusual: false });
    expect(settingsOf('budget', { thresholds: '100, 80 80' }).settings).toEqual({ thresholds: [80, 100] });
    expect(settingsOf('credits_low', { share: '12.5' }).settings).toEqual({ share: 0.125 });
  });

  it('name each field that cannot be read', () => {
    expect(settingsOf('spike', { hourPico: 'a lot', hourTimes: '0', budgetShare: '50', minPico: '1', unusual: 'true' }).faults).toEqual({ hourPico: 'Dollars as a decimal, such as 10.00.', hourTimes: 'A number above 0.' });
    expect(Object.keys(settingsOf('cap_reached', { percent: '80', modes: '' }).faults)).toEqual(['modes']);
  });

  it('are told in one line', () => {
    expect(ruleText('spike', 'customer', null, { hourPico: '10000000000000', hourTimes: null, budgetShare: null, unusual: true })).toBe('Each customer: above $10 an hour, or whatever is unusual');
    expect(ruleText('budget', 'tenant', null, {})).toBe('The whole team: at 50, 80, 100% of a budget');
    expect([0, 1, 4].map((count) => backtestText({ count, days: 30 }))).toEqual(['It would not have fired in the last 30 days.', 'It would have fired once in the last 30 days.', 'It would have fired 4 times in the last 30 days.']);
  });
});
