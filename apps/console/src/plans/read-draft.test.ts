import { expect, it } from 'vitest';
import { definitionOf, formOf } from './plan-form';
import { readDraft } from './read-draft';

it('keeps what is wrong, so that it can be mended where it stands', () => {
  const draft = {
    currency: 'usd', baseFee: '-1', interval: 'month', gates: {}, limits: { quantities: { files: -1 }, contextTokens: -1 }, costCaps: [{ window: 'day', usd: '', mode: 'soft' }], credits: null, chargeOnlyUsable: true, rounding: 'half_even',
    allowances: [{ id: 'A b', unit: '', measure: 'units', window: 'period', included: 'many', exhausted: { mode: 'soft', overage: { kind: 'graduated', per: '1', tiers: [{ upTo: '5', price: '' }] } } }],
    rateLimits: [{ id: 'r', key: 'user', limit: -1, windowSeconds: 60, algorithm: { kind: 'sliding_window' } }],
  };
  expect(definitionOf(formOf(readDraft(draft)!))).toEqual({ ...draft, limits: { quantities: { files: -1 }, contextTokens: -1 } });
});

it('fills in what a short draft leaves out', () => {
  expect(readDraft({ currency: 'EUR', baseFee: 5 })).toMatchObject({ currency: 'EUR', baseFee: '5', interval: 'month', allowances: [], credits: null, chargeOnlyUsable: true });
});

it('leaves to the JSON view what is no plan, or says more than a form can', () => {
  expect([readDraft(null), readDraft([]), readDraft({ allowances: {} }), readDraft({ allowances: [5] }), readDraft({ currency: 'USD', surprise: 1 })]).toEqual([null, null, null, null, null]);
});
