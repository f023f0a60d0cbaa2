import { expect, it } from 'vitest';
import { describeChanges } from './describe-changes';
import type { Allowance, PlanDefinition } from './plan-shape';

const actions: Allowance = { id: 'actions', unit: 'action', measure: 'units', window: 'period', included: '100', exhausted: { mode: 'hard' } };
const live: PlanDefinition = { currency: 'USD', baseFee: '20', interval: 'month', allowances: [actions], credits: null, rateLimits: [], gates: {}, limits: { quantities: {} }, costCaps: [], chargeOnlyUsable: true, rounding: 'half_even' };

it('says each change as a person would', () => {
  const draft: PlanDefinition = { ...live, baseFee: '25', gates: { search: false }, limits: { quantities: {}, contextTokens: 12_000 }, allowances: [{ ...actions, included: '120' }] };
  expect(describeChanges([
    { path: 'baseFee', before: '20', after: '25' }, { path: 'allowances.actions.included', before: '100', after: '120' },
    { path: 'gates.search', before: null, after: false }, { path: 'limits.contextTokens', before: null, after: 12_000 },
  ], live, draft).map(({ what, before, after }) => `${what}: ${before} -> ${after}`)).toEqual([
    'Base fee: $20 a month -> $25 a month', 'Action: included: 100 a month -> 120 a month', 'search: in the plan -> not in the plan', 'Tokens of context: null -> 12,000',
  ]);
});

it('folds the paths of one overage into one line, and tells what is new or gone', () => {
  const draft: PlanDefinition = { ...live, allowances: [{ ...actions, exhausted: { mode: 'soft', overage: { kind: 'flat', price: '0.5', per: '1' } } }, { ...actions, id: 'exports', unit: 'export', workflows: ['export'] }] };
  const lines = describeChanges([
    { path: 'allowances.actions.exhausted.mode', before: 'hard', after: 'soft' }, { path: 'allowances.actions.exhausted.overage', before: null, after: {} }, { path: 'allowances.exports', before: null, after: {} },
  ], live, draft);
  expect(lines).toEqual([
    { key: 'allowances.actions.exhausted', what: 'Action: when used up', before: 'Stop', after: '$0.50 each' },
    { key: 'allowances.exports', what: 'Allowance exports', before: null, after: '100 exports a month, then stop' },
  ]);
});

it('describes a first version against nothing', () => {
  expect(describeChanges([{ path: 'baseFee', before: null, after: '20' }], null, live)).toEqual([{ key: 'baseFee', what: 'Base fee', before: null, after: '$20 a month' }]);
});
