import { expect, it } from 'vitest';
import { parseSettings, type SettingsInput } from './workflow-settings';

const GOOD: SettingsInput = { unitName: ' answered question ', targetCostUsd: '0.35', timeToLiveMs: 3_600_000, usableMeans: ' The customer gave no thumbs down. ' };

it('takes what a team says, trimmed, with the target exact to a pico-dollar', () => {
  expect(parseSettings(GOOD)).toEqual({ ok: true, value: { unitName: 'answered question', targetCostPico: 350_000_000_000n, timeToLiveMs: 3_600_000, usableMeans: 'The customer gave no thumbs down.' } });
  expect(parseSettings({ ...GOOD, targetCostUsd: '$0.000000000001' })).toMatchObject({ value: { targetCostPico: 1n } });
  expect(parseSettings({ ...GOOD, targetCostUsd: null })).toMatchObject({ value: { targetCostPico: null } });
  expect(parseSettings({ ...GOOD, targetCostUsd: ' ' })).toMatchObject({ value: { targetCostPico: null } });
});

it.each<[Partial<SettingsInput>, string, string]>([
  [{ unitName: ' ' }, 'unitName', 'missing'],
  [{ unitName: 'x'.repeat(61) }, 'unitName', 'too_long'],
  [{ unitName: 'two\nlines' }, 'unitName', 'wrong_form'],
  [{ targetCostUsd: 'cheap' }, 'targetCostUsd', 'wrong_form'],
  [{ targetCostUsd: '0,35' }, 'targetCostUsd', 'wrong_form'],
  [{ targetCostUsd: '0' }, 'targetCostUsd', 'out_of_range'],
  [{ targetCostUsd: '-1' }, 'targetCostUsd', 'out_of_range'],
  [{ targetCostUsd: '1000000.01' }, 'targetCostUsd', 'out_of_range'],
  [{ targetCostUsd: '0.0000000000001' }, 'targetCostUsd', 'too_fine'],
  [{ timeToLiveMs: 59_999 }, 'timeToLiveMs', 'out_of_range'],
  [{ timeToLiveMs: 90 * 86_400_000 + 1 }, 'timeToLiveMs', 'out_of_range'],
  [{ timeToLiveMs: 60_000.5 }, 'timeToLiveMs', 'out_of_range'],
  [{ timeToLiveMs: Number.NaN }, 'timeToLiveMs', 'out_of_range'],
  [{ usableMeans: 'x'.repeat(501) }, 'usableMeans', 'too_long'],
  [{ usableMeans: 'a\0b' }, 'usableMeans', 'wrong_form'],
])('refuses %o at its field', (change, field, reason) => {
  expect(parseSettings({ ...GOOD, ...change })).toMatchObject({ ok: false, error: { field, reason } });
});
