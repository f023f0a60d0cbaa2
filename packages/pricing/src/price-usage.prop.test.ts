/** Laws of the price rule: re-derivation (4), one rule behind both faces, additivity, monotony, never negative. */
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { addRational, compareRational, parseDecimal, TOKEN_CLASSES, toPico, type TokenQuantities, ZERO } from '@outlay/kernel';
import { cataloguePriceBook } from './catalogue';
import { normaliseUsage } from './normalise-usage';
import { createPriceBook, priceVersionById, type PriceBook } from './price-book';
import { priceByVersion, priceFast, priceUsage, type PricingInput } from './price-usage';
import { arbitraryUsage } from './testing/arbitrary-usage';
import { priceRow } from './testing/price-rows';
import { addQuantities } from './usage-reader';

const quantities: fc.Arbitrary<TokenQuantities> = fc.dictionary(fc.constantFrom(...TOKEN_CLASSES), fc.integer({ min: 0, max: 10_000_000 }));
/** Prices down to 10^-9 dollars a million, so that whole pico-dollars do not suffice. */
const price = fc.tuple(fc.integer({ min: 0, max: 10 ** 9 }), fc.integer({ min: 0, max: 9 })).map(([digits, scale]) => {
  const text = String(digits).padStart(scale + 1, '0');
  return scale === 0 ? text : `${text.slice(0, -scale)}.${text.slice(-scale)}`;
});
const book = fc.dictionary(fc.constantFrom(...TOKEN_CLASSES), price, { minKeys: TOKEN_CLASSES.length }).map((prices) =>
  createPriceBook([priceRow({ rates: Object.entries(prices).map(([name, text]) => ({ class: name, price: text, per: 1_000_000 })) })]));
const input = (of: TokenQuantities): PricingInput => ({ provider: 'acme', model: 'm-1', at: 0, quantities: of });

describe('any prices, any quantities', () => {
  it('the fast face and the one with lines give the same', () => {
    fc.assert(fc.property(book, quantities, (prices, of) => {
      const { lines, ...slow } = priceUsage(prices, input(of));
      expect(priceFast(prices, input(of))).toEqual(slow);
      expect(lines.length).toBe(Object.values(of).filter((quantity) => quantity !== 0).length);
    }));
  });

  it('the lines sum to the cost, each being quantity x unit price', () => {
    fc.assert(fc.property(book, quantities, (prices, of) => {
      const { lines, costPico } = priceUsage(prices, input(of));
      const total = lines.reduce((sum, line) => addRational(sum, parseDecimal(line.amount)!), ZERO);
      expect(toPico(total)).toBe(costPico);
      for (const line of lines) {
        const [quantity, unitPrice] = [parseDecimal(line.quantity)!, parseDecimal(line.unitPrice)!];
        expect(compareRational({ num: quantity.num * unitPrice.num, den: quantity.den * unitPrice.den }, parseDecimal(line.amount)!)).toBe(0);
      }
    }));
  });

  it('is additive to within the one rounding, never negative, and grows with every class', () => {
    fc.assert(fc.property(book, quantities, quantities, (prices, a, b) => {
      const cost = (of: TokenQuantities): bigint => priceFast(prices, input(of)).costPico!;
      const [one, other, both] = [cost(a), cost(b), cost(addQuantities(a, b))];
      const difference = both - one - other;
      expect(difference >= -1n && difference <= 1n).toBe(true);
      expect(one >= 0n && both >= one && both >= other).toBe(true);
    }));
  });

  it('the ceiling of what has a price is at least the cost', () => {
    fc.assert(fc.property(book, quantities, (prices, of) => {
      const unknown = priceFast(prices, { ...input(of), problem: 'unreadable' });
      expect(unknown.costPico).toBeNull();
      expect(unknown.ceilingPico >= priceFast(prices, input(of)).costPico!).toBe(true);
    }));
  });
});

describe.each(Object.entries(arbitraryUsage))('%s by the catalogue', (_name, arbitrary) => {
  let catalogue: PriceBook;
  beforeAll(async () => {
    catalogue = await cataloguePriceBook();
  });

  it('re-derived from raw usage and price version, the cost is the stored one (law 4)', () => {
    fc.assert(fc.property(arbitrary, fc.integer({ min: Date.parse('2025-01-01'), max: Date.parse('2026-11-21') }), (usageCase, at) => {
      const usage = normaliseUsage(usageCase);
      if (!usage.ok) throw new Error(usage.error.reason);
      for (const part of usage.value.parts) {
        const call = { provider: usageCase.provider, at, ...part, model: part.model ?? usageCase.model };
        const stored = priceFast(catalogue, call);
        if (stored.costPico === null) expect(stored.reason).toMatch(/has no price for (output_audio|output_image|output_video|cache_write_12h|input_audio)/);
        else expect(priceByVersion(priceVersionById(catalogue, stored.priceVersionId!)!, call)?.costPico).toBe(stored.costPico);
      }
    }));
  });

  it('an unknown billable key never gets a price, and never a ceiling of 0', () => {
    fc.assert(fc.property(arbitrary, fc.integer({ min: 1, max: 1e6 }), (usageCase, quantity) => {
      const usage = normaliseUsage({ ...usageCase, usage: { ...usageCase.usage, token_of_tomorrow: quantity } });
      if (!usage.ok) throw new Error(usage.error.reason);
      const priced = priceFast(catalogue, { provider: usageCase.provider, at: Date.parse('2026-08-20'), ...usage.value.parts[0]! });
      expect(priced.costPico).toBeNull();
      expect(priced.ceilingPico > 0n).toBe(true);
    }));
  });
});
