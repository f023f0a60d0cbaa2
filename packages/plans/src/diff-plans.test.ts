import { expect, it } from 'vitest';
import { diffPlans } from './diff-plans';
import { type PlanDefinitionInput, planDefinitionSchema } from './plan-definition';

const base: PlanDefinitionInput = {
  currency: 'USD', baseFee: '20', interval: 'month',
  allowances: [
    { id: 'actions', unit: 'action', included: '100', exhausted: { mode: 'soft', overage: { kind: 'flat', price: '0.5' } } },
    { id: 'exports', unit: 'export', workflows: ['export'], included: '5', exhausted: { mode: 'hard' } },
  ],
};
const diff = (change: Partial<PlanDefinitionInput>) => diffPlans(planDefinitionSchema.parse(base), planDefinitionSchema.parse({ ...base, ...change }));

it('finds nothing in the same plan, in whatever order its lists stand', () => {
  expect(diff({})).toEqual([]);
  expect(diff({ allowances: [...base.allowances!].reverse() })).toEqual([]);
});

it('names each change by its path, with both values', () => {
  expect(diff({ baseFee: '25', allowances: [{ ...base.allowances![0]!, included: '120' }, base.allowances![1]!] })).toEqual([
    { path: 'baseFee', before: '20', after: '25' }, { path: 'allowances.actions.included', before: '100', after: '120' },
  ]);
});

it('tells what is new or gone as one', () => {
  const changes = diff({ allowances: [base.allowances![0]!], gates: { search: false } });
  expect(changes.map(({ path, before, after }) => [path, before === null ? 'new' : 'known', after === null ? 'gone' : 'there'])).toEqual([['allowances.exports', 'known', 'gone'], ['gates.search', 'new', 'there']]);
});
