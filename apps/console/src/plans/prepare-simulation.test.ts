import { expect, it } from 'vitest';
import { parseSimulateSearch } from './plans-search';
import { amountAt, changesOf, dialsOf } from './prepare-simulation';
import type { Allowance, PlanDefinition } from './plan-shape';

const actions: Allowance = { id: 'actions', unit: 'action', measure: 'units', window: 'period', included: '100000', exhausted: { mode: 'soft', overage: { kind: 'graduated', per: '1', tiers: [{ upTo: '100', price: '0.012' }, { upTo: null, price: '0.008' }] } } };
const plan: PlanDefinition = { currency: 'USD', baseFee: '999', interval: 'month', allowances: [actions, { ...actions, id: 'exports', workflows: ['export'], included: '5', exhausted: { mode: 'hard' } }], credits: null, rateLimits: [], gates: {}, limits: { quantities: {} }, costCaps: [], chargeOnlyUsable: true, rounding: 'half_even' };

it('moves around what the plan has, and keeps every digit of it in the middle', () => {
  expect(dialsOf(plan, {}).map(({ name, value, position }) => [name, value, position])).toEqual([['baseFee', '999', 100], ['price', '0.012', 100], ['included', '100000', 100]]);
  expect(dialsOf(plan, { allowance: 'exports', included: '10' }).map(({ name, position }) => [name, position])).toEqual([['baseFee', 100], ['included', 200]]);
  expect([amountAt({ name: 'price', present: '0.0000001' }, 100), amountAt({ name: 'price', present: '0.012' }, 150), amountAt({ name: 'baseFee', present: '999' }, 50), amountAt({ name: 'included', present: '5' }, 110), amountAt({ name: 'baseFee', present: '0' }, 100)]).toEqual(['0.0000001', '0.018', '499.5', '6', '20']);
});

it('asks for what differs, and names the allowance where that matters', () => {
  expect([changesOf(plan, {}), changesOf(plan, { baseFee: '999' }), changesOf(plan, { baseFee: '5' }), changesOf(plan, { price: '0.02', allowance: 'actions' })]).toEqual([{}, {}, { baseFee: '5' }, { price: '0.02', allowanceId: 'actions' }]);
});

it('takes only amounts out of the URL', () => {
  expect(parseSimulateSearch({ baseFee: '20.5', price: '-1', included: '1e9', allowance: 'actions', span: 'days' })).toEqual({ baseFee: '20.5', allowance: 'actions' });
});
