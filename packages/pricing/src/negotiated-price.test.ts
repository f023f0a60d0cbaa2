import { describe, expect, it } from 'vitest';
import { findPriceFault, toPriceVersions, type NegotiatedPrice } from './negotiated-price';
import { priceRow } from './testing/price-rows';

const NOW = Date.UTC(2026, 10, 21);
const rates = [{ class: 'input_uncached', price: '1.25', per: 1_000_000 }, { class: 'output_text', price: '5', per: 1_000_000 }];
const price: NegotiatedPrice = { provider: 'openai', model: 'gpt-4o', effectiveFrom: null, brackets: [{ contextFrom: 0, rates }], source: 'contract 7' };
const withRate = (rate: Partial<(typeof rates)[number]>): Partial<NegotiatedPrice> => ({ brackets: [{ contextFrom: 0, rates: [{ ...rates[0]!, ...rate }] }] });

describe('what somebody states', () => {
  it.each<[string, Partial<NegotiatedPrice>, string]>([
    ['a negative price', withRate({ price: '-1' }), 'brackets[0].rates[0].price'],
    ['no number', withRate({ price: 'free' }), 'brackets[0].rates[0].price'],
    ['an exponent', withRate({ price: '1e-999' }), 'brackets[0].rates[0].price'],
    ['a comma', withRate({ price: '2,50' }), 'brackets[0].rates[0].price'],
    ['a price of a million tokens for one', withRate({ price: '2.5', per: 1 }), 'brackets[0].rates[0].price'],
    ['half a unit', withRate({ per: 0.5 }), 'brackets[0].rates[0].per'],
    ['no unit', withRate({ per: 0 }), 'brackets[0].rates[0].per'],
    ['a class with blanks', withRate({ class: 'Input tokens' }), 'brackets[0].rates[0].class'],
    ['a class twice', { brackets: [{ contextFrom: 0, rates: [rates[0]!, rates[0]!] }] }, 'brackets[0].rates[1].class'],
    ['no rate', { brackets: [{ contextFrom: 0, rates: [] }] }, 'brackets[0].rates'],
    ['no first bracket', { brackets: [{ contextFrom: 200_000, rates }] }, 'brackets[0].contextFrom'],
    ['a bracket twice', { brackets: [{ contextFrom: 0, rates }, { contextFrom: 0, rates }] }, 'brackets[1].contextFrom'],
    ['a bracket below 0', { brackets: [{ contextFrom: 0, rates }, { contextFrom: -1, rates }] }, 'brackets[1].contextFrom'],
    ['no model', { model: ' ' }, 'model'],
    ['no source', { source: '' }, 'source'],
    ['a NUL', { model: 'a\0b' }, 'model'],
    ['a name without end', { provider: 'x'.repeat(256) }, 'provider'],
    ['no date', { effectiveFrom: new Date('never') }, 'effectiveFrom'],
    ['a date in the last century', { effectiveFrom: new Date('1999-12-31') }, 'effectiveFrom'],
    ['a date far ahead', { effectiveFrom: new Date('2030-01-01') }, 'effectiveFrom'],
  ])('%s is refused by its field', (_name, change, field) => {
    expect(findPriceFault({ ...price, ...change }, NOW)).toMatchObject({ field, message: expect.any(String) as string });
  });

  it('is taken when it is right, free ones and ends included', () => {
    for (const right of [price, { ...price, ...withRate({ price: '0' }) }, { ...price, brackets: [] }, { ...price, brackets: [{ contextFrom: 200_000, rates }, { contextFrom: 0, rates }] }]) {
      expect(findPriceFault(right, NOW)).toBeNull();
    }
  });
});

describe('its rows', () => {
  it('cover every name under which the catalogue knows the model, and its own', () => {
    const catalogue = [priceRow({ provider: 'openai', model: 'gpt-4o', match: { when: { starts_with: 'gpt-4o-2024' } } })];
    expect(toPriceVersions(price, catalogue, NOW)[0]!.match).toEqual({ when: { or: [{ equals: 'gpt-4o' }, { starts_with: 'gpt-4o-2024' }] } });
    expect(toPriceVersions({ ...price, model: 'our-finetune' }, catalogue, NOW)[0]!.match).toEqual({ when: { equals: 'our-finetune' } });
  });

  it('stand under the catalogue\'s names of provider and tier', () => {
    const [row] = toPriceVersions({ ...price, provider: 'Bedrock', tier: 'on_demand' }, [], NOW);
    expect(row).toMatchObject({ provider: 'aws', tier: 'standard', effectiveFrom: -Infinity, knownFrom: NOW });
  });

  it('have ids of their own when the same price is stated again later', () => {
    const [one, again] = [toPriceVersions(price, [], NOW), toPriceVersions(price, [], NOW + 1)];
    expect(one[0]!.id).not.toBe(again[0]!.id);
  });
});
