import { expect, it } from 'vitest';
import { addBracket, addRate, changeRate, priceInputOf, removeBracket, removeRate, startForm } from './price-form';

const current = {
  tier: 'standard', region: '', negotiated: false,
  rows: [{
    id: '1', version: 'v', tier: 'standard', region: '', contextFrom: 0, hours: null, withdrawn: false, source: 's', sourceVersion: '1', effectiveFrom: null, knownFrom: null,
    rates: [{ class: 'web_search', price: '10', per: 1_000 }, { class: 'input_uncached', price: '2.5', per: 1_000_000 }],
  }],
};
const form = startForm({ provider: 'openai', model: 'gpt-4o', current });

it('begins with what holds, so that no rate is forgotten', () => {
  expect(priceInputOf({ ...form, since: 'ever', source: ' contract ' }, 'UTC')).toEqual({
    provider: 'openai', model: 'gpt-4o', tier: 'standard', region: '', source: 'contract', effectiveFrom: null,
    brackets: [{ contextFrom: 0, rates: [{ class: 'input_uncached', price: '2.5', per: 1_000_000 }, { class: 'web_search', price: '10', per: 1_000 }] }],
  });
});

it('sends a day as midnight of the team\'s zone', () => {
  expect(priceInputOf({ ...form, since: 'day', day: '2026-11-01' }, 'Asia/Kolkata').effectiveFrom).toBe('2026-10-31T18:30:00.000Z');
});

it('sends what is no number as a refusal, and leaves out what was never filled in', () => {
  const odd = changeRate(changeRate(form, 0, 0, { per: 'many' }), 0, 1, { price: ' ' });
  expect(priceInputOf(odd, 'UTC').brackets[0]!.rates).toEqual([{ class: 'input_uncached', price: '2.5', per: -1 }]);
  expect(priceInputOf({ ...form, brackets: [{ ...form.brackets[0]!, contextFrom: '1e3' }] }, 'UTC').brackets[0]!.contextFrom).toBe(-1);
});

it('adds and removes rates and brackets without touching the others', () => {
  expect(addRate(form, 0).brackets[0]!.rates.map((rate) => rate.class)).toEqual(['input_uncached', 'web_search', '']);
  expect(removeRate(form, 0, 0).brackets[0]!.rates.map((rate) => rate.class)).toEqual(['web_search']);
  const two = addBracket(form);
  expect(two.brackets.map((bracket) => bracket.contextFrom)).toEqual(['0', '200000']);
  expect(removeBracket(changeRate(two, 1, 0, { price: '5' }), 1)).toEqual(form);
});
