import { expect, it } from 'vitest';
import { definitionOf, fieldOf, formOf, newAllowance, newRate, problemOf } from './plan-form';
import type { PlanDefinition } from './plan-shape';

const full: PlanDefinition = {
  currency: 'USD', baseFee: '999', interval: 'month',
  allowances: [
    { id: 'actions', unit: 'action', measure: 'units', window: 'period', included: '100000', exhausted: { mode: 'soft', overage: { kind: 'graduated', per: '1', tiers: [{ upTo: '100', price: '0.012', flat: '5' }, { upTo: null, price: '0.008' }] } } },
    { id: 'exports', unit: 'export', measure: 'units', workflows: ['export', 'print'], window: 'month', included: '5', exhausted: { mode: 'hard' } },
  ],
  credits: { granted: '500', expires: 'quarter', weight: '1', weights: { report: '25' } },
  rateLimits: [{ id: 'requests', key: 'user', limit: 60, windowSeconds: 60, algorithm: { kind: 'token_bucket', burst: 5 } }],
  models: { tiers: ['standard'], named: ['gpt-4o'] }, gates: { search: false }, limits: { contextTokens: 12_000, quantities: { files: 3 } },
  costCaps: [{ window: 'day', usd: '4', mode: 'soft' }], chargeOnlyUsable: true, rounding: 'half_even',
};

it('gives back the definition that it was made of', () => {
  expect(definitionOf(formOf(full))).toEqual(full);
  const { models: _models, ...open } = full;
  expect(definitionOf(formOf({ ...open, limits: { quantities: {} }, credits: null }))).toEqual({ ...open, limits: { quantities: {} }, credits: null });
});

it('sends what is no number as one that is refused, and keeps the text', () => {
  const form = formOf(full);
  expect(definitionOf({ ...form, contextTokens: 'many', rateLimits: [{ ...form.rateLimits[0]!, limit: '-5' }] })).toMatchObject({ limits: { contextTokens: -1 }, rateLimits: [{ limit: -1 }] });
  const [actions] = form.allowances;
  expect(definitionOf({ ...form, allowances: [{ ...actions!, tiers: [{ upTo: '', price: '1', flat: '' }, { upTo: '', price: '2', flat: '' }] }] })).toMatchObject({ allowances: [{ exhausted: { overage: { tiers: [{ upTo: null }, { upTo: null }] } } }] });
});

it('finds names that a record would swallow', () => {
  const form = formOf(full);
  expect(problemOf(form)).toBeNull();
  expect(problemOf({ ...form, gates: [{ name: 'a', open: true }, { name: ' a ', open: false }] })).toEqual({ field: 'gates.1', message: '"a" stands twice.' });
  expect(problemOf({ ...form, quantities: [{ name: ' ', value: '1' }] })?.field).toBe('limits.quantities.0');
});

it('puts the server\'s field where it is typed', () => {
  const form = formOf(full);
  expect(['definition.allowances.0.included', 'definition.limits.quantities.files', 'credits.weights.report', 'gates.none', null].map((field) => fieldOf(field, form))).toEqual(['allowances.0.included', 'limits.quantities.0', 'credits.weights.0', 'gates', null]);
});

it('numbers what is new, so that ids differ', () => {
  expect([newAllowance({ allowances: [] }).id, newRate({ rateLimits: [{ ...newRate({ rateLimits: [] }) }] }).id]).toEqual(['allowance', 'requests_2']);
});
