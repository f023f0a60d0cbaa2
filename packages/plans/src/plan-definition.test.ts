import { expect, it } from 'vitest';
import { allowanceOf, type PlanDefinitionInput, planDefinitionSchema } from './plan-definition';
import { PLAN_TEMPLATES } from './plan-templates';

const plan = (given: Partial<PlanDefinitionInput>): PlanDefinitionInput => ({ currency: 'USD', baseFee: '0', interval: 'month', ...given });
const issuesOf = (given: Partial<PlanDefinitionInput>): string[] => planDefinitionSchema.safeParse(plan(given)).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];
const soft = (tiers: { upTo: string | null; price: string }[]) => ({ mode: 'soft' as const, overage: { kind: 'graduated' as const, tiers } });
const allowance = { id: 'reports', unit: 'report', included: '5', exhausted: { mode: 'hard' as const } };

it('takes every template as it stands', () => {
  for (const { definition } of PLAN_TEMPLATES) expect(planDefinitionSchema.safeParse(definition).error).toBeUndefined();
  expect(new Set(PLAN_TEMPLATES.map(({ id }) => id)).size).toBe(PLAN_TEMPLATES.length);
});

it('names what is wrong and where', () => {
  expect(issuesOf({ baseFee: '-1' })).toEqual(['baseFee: it must be a decimal number, zero or more, such as 0.002']);
  expect(issuesOf({ currency: 'usd' })).toEqual(['currency: it must be a currency code such as USD']);
  expect(issuesOf({ allowances: [{ ...allowance, exhausted: soft([{ upTo: '10', price: '1' }]) }] })).toEqual(['allowances.0.exhausted.overage.tiers.0.upTo: the last tier must have no end (null): every quantity needs a price']);
  expect(issuesOf({ allowances: [{ ...allowance, exhausted: soft([{ upTo: '10', price: '1' }, { upTo: '10', price: '1' }, { upTo: null, price: '1' }]) }] })).toEqual(['allowances.0.exhausted.overage.tiers.1.upTo: each tier must end above the one before']);
  expect(issuesOf({ allowances: [allowance, { ...allowance, workflows: ['a'] }] })).toEqual(['allowances.1.id: "reports" stands twice']);
});

it('lets no outcome count twice', () => {
  expect(issuesOf({ allowances: [allowance, { ...allowance, id: 'others' }] })).toEqual(['allowances.1.workflows: two allowances without workflows would count the same outcome twice']);
  expect(issuesOf({ allowances: [{ ...allowance, workflows: ['a', 'b'] }, { ...allowance, id: 'others', workflows: ['c', 'b'] }] })).toEqual(['allowances.1.workflows.1: "b" counts for another allowance already']);
});

it('finds the allowance that names the workflow, else the one for all others', () => {
  const free = planDefinitionSchema.parse(PLAN_TEMPLATES[0]!.definition);
  expect([allowanceOf(free, 'units', 'export')?.id, allowanceOf(free, 'units', 'chat')?.id, allowanceOf(free, 'tokens', 'chat')]).toEqual(['exports', 'actions', null]);
});
