import { expect, it } from 'vitest';
import type { PlanDefinition } from '../plans/plan-shape';
import { patchOf, startOverride } from './prepare-override';

const plan: PlanDefinition = {
  currency: 'USD', baseFee: '20', interval: 'month', credits: null, rateLimits: [], gates: {}, limits: { quantities: {} }, costCaps: [], chargeOnlyUsable: true, rounding: 'half_even',
  allowances: ['actions', 'exports'].map((id) => ({ id, unit: id, measure: 'units' as const, window: 'period' as const, included: '5', exhausted: { mode: 'hard' as const } })),
};

it('says only what differs, allowances by their id', () => {
  const form = startOverride(plan);
  expect(patchOf(form, plan, null)).toEqual({});
  expect(patchOf({ baseFee: '15 ', included: { ...form.included, exports: '9' } }, plan, null)).toEqual({ baseFee: '15', allowances: [{ id: 'exports', included: '9' }] });
  expect(patchOf({ ...form, included: { ...form.included, actions: '' } }, plan, null)).toEqual({ allowances: [{ id: 'actions', included: '' }] });
});

it('keeps what was agreed before', () => {
  const form = startOverride(plan);
  const before = { rounding: 'up', allowances: [{ id: 'exports', included: '5', unit: 'page' }] };
  expect(patchOf({ ...form, included: { actions: '6', exports: '7' } }, plan, before)).toEqual({ rounding: 'up', allowances: [{ id: 'exports', included: '7', unit: 'page' }, { id: 'actions', included: '6' }] });
});
