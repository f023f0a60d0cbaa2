import { formatRational } from '@outlay/kernel';
import { PLAN_TEMPLATES, type PlanDefinitionInput, planDefinitionSchema } from '@outlay/plans';
import { expect, it } from 'vitest';
import { rateOfUnit, windowsIn, worthOf } from './outcome-worth';

const template = (id: string) => planDefinitionSchema.parse(PLAN_TEMPLATES.find((each) => each.id === id)!.definition);
const rate = (plan: PlanDefinitionInput, workflow = 'report'): string | null => {
  const found = rateOfUnit(planDefinitionSchema.parse(plan), workflow);
  return found === null ? null : formatRational(found, 8);
};
const hard = { mode: 'hard' as const };

it('is the price of what includes nothing, and the base fee over what is included', () => {
  expect(['pay_as_you_go', 'hybrid', 'free', 'base_and_tokens'].map((id) => rate(template(id)))).toEqual(['0.05', '0.00999', '0', null]);
  // $250 buy 50,000 credits; a report burns 25 of them.
  expect([rate(template('prepaid_credits'), 'report_generation'), rate(template('prepaid_credits'), 'other')]).toEqual(['0.125', '0.005']);
});

it('spreads the base fee over allowances and over the windows of a period', () => {
  const base = { currency: 'USD', baseFee: '120', interval: 'year' } as const;
  expect(rate({ ...base, allowances: [{ id: 'a', unit: 'report', window: 'month', included: '10', exhausted: hard }] })).toBe('1');
  expect(rate({ ...base, allowances: [{ id: 'a', unit: 'report', included: '10', exhausted: hard }, { id: 'b', unit: 'export', workflows: ['export'], included: '60', exhausted: hard }] }, 'export')).toBe('1');
  expect(formatRational(windowsIn({ interval: 'month' }, { window: 'day' }), 6)).toBe('30.4375');
});

it('has none in another currency, nor where nothing is sold', () => {
  expect(rate({ currency: 'EUR', baseFee: '1', interval: 'month', allowances: [{ id: 'a', unit: 'report', included: '10', exhausted: hard }] })).toBeNull();
  expect(rate({ currency: 'USD', baseFee: '1', interval: 'month', allowances: [{ id: 'a', unit: 'report', included: '0', exhausted: hard }] })).toBeNull();
});

it('counts unusable work only where the plan charges it', () => {
  const units = { workflow: 'report', unitsUsable: '10', unitsUnusable: '2.5' };
  const plan = template('pay_as_you_go');
  expect([worthOf(plan, units), worthOf({ ...plan, chargeOnlyUsable: false }, units)]).toEqual([500_000_000_000n, 625_000_000_000n]);
});
