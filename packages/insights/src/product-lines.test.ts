import type { EndedRuns } from '@outlay/ledger';
import { type PlanDefinitionInput, planDefinitionSchema } from '@outlay/plans';
import { expect, it } from 'vitest';
import { prepareProductLines, sumWorth } from './product-lines';

const plan = (included: string, price = '0.5'): PlanDefinitionInput => ({
  currency: 'USD', baseFee: '100', interval: 'month', allowances: [{ id: 'reports', unit: 'report', included, exhausted: { mode: 'soft', overage: { kind: 'flat', price } } }],
});
const ended = (number: number, definition: PlanDefinitionInput, given: Partial<EndedRuns> = {}): EndedRuns => ({
  workflow: 'report_generation', planVersionId: `v${number}`, usable: 10, unusable: 0, unitsUsable: '10', unitsUnusable: '0', costPico: '2000000000000', ...given,
  entitlement: {
    plan: { id: 'p', key: 'pro', name: 'Pro' }, version: { id: `v${number}`, number }, definition: planDefinitionSchema.parse(definition), overrides: [],
    calendar: { timeZone: 'UTC', anchorDay: '2026-01-01', interval: 'month' }, since: '2026-01-01T00:00:00.000Z',
  },
});

it('joins the versions of a plan, each at its own rate, in the words of the newest', () => {
  const lines = prepareProductLines([ended(2, plan('200')), ended(1, plan('100'))], [{ planId: 'p', allowanceId: 'reports', p95Use: 0.9 }]);
  // 10 at $0.50 and 10 at $1 are worth $15, and cost $4.
  expect(lines).toEqual([{
    planId: 'p', planKey: 'pro', planName: 'Pro', allowanceId: 'reports', unit: 'report', included: '200', window: 'period', whenUsedUp: 'soft', workflow: 'report_generation',
    outcomes: 20, worthPico: '15000000000000', costPico: '4000000000000', marginShare: 0.733333, p95Use: 0.9,
  }]);
});

it('holds failed work against what usable work is worth', () => {
  expect(sumWorth([ended(1, plan('100'), { usable: 5, unusable: 5, unitsUsable: '5', unitsUnusable: '5' })])).toEqual({ runs: 10, worthPico: 5_000_000_000_000n, costPico: 2_000_000_000_000n });
});

it('leaves out what nothing gives a rate to, and what a caller alone wrote', () => {
  const tokens: PlanDefinitionInput = { ...plan('1'), allowances: [{ id: 't', unit: 'token', measure: 'tokens', included: '5', exhausted: { mode: 'hard' } }] };
  expect(sumWorth([ended(1, tokens), { ...ended(1, plan('1')), entitlement: { tier: 'gold' } }])).toBeNull();
  expect(prepareProductLines([ended(1, tokens)], [])).toMatchObject([{ allowanceId: null, unit: 'outcome', marginShare: null, outcomes: 10 }]);
});
