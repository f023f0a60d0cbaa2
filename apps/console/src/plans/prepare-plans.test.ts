import { expect, it } from 'vitest';
import { csvText, plansCsv, shownPlans, type ListedPlan } from './prepare-plans';

const plan = (key: string, given: Partial<ListedPlan> = {}): ListedPlan => ({ key, name: key, words: '', isDefault: false, archivedAt: null, live: null, customers: 0, ...given });

it('puts the default first, then what most are on', () => {
  const plans = [plan('small', { customers: 1 }), plan('old', { archivedAt: '2026-01-01T00:00:00Z' }), plan('large', { customers: 9 }), plan('free', { isDefault: true })];
  expect(shownPlans(plans, { search: undefined, archived: false }).map(({ key }) => key)).toEqual(['free', 'large', 'small']);
  expect(shownPlans(plans, { search: undefined, archived: true }).map(({ key }) => key)).toEqual(['old']);
  expect(shownPlans(plans, { search: ' LAR', archived: false }).map(({ key }) => key)).toEqual(['large']);
});

it('writes a file that no spreadsheet reads as a formula', () => {
  expect(csvText(['a', 'b'], [['=1', '-5'], ['x,"y"', '-x']])).toBe('\uFEFFa,b\r\n\'=1,-5\r\n"x,""y""",\'-x\r\n');
  expect(plansCsv([plan('pro')]).split('\r\n')[1]).toBe('pro,pro,,,,0,no');
});
