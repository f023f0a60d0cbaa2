import { addRational, formatRational, parseDecimal, toPico, ZERO } from '@outlay/kernel';
import { createPriceBook, namePriceVersion, type PriceBook, priceUsage, type PriceVersionContent } from '@outlay/pricing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { priceAsIf } from './what-if';

const NOW = Date.UTC(2026, 10, 21);

function bookOf(...rows: (Partial<PriceVersionContent> & { readonly prices?: Record<string, string> })[]): PriceBook {
  return createPriceBook(rows.map(({ prices = { input_uncached: '2', cache_read: '0.2', output_text: '8' }, ...over }) => namePriceVersion({
    provider: 'acme', model: 'm', match: { when: { equals: 'm' } }, tier: 'standard', region: '', contextFrom: 0, effectiveFrom: -Infinity, knownFrom: -Infinity, withdrawn: false, source: 'test', sourceVersion: '1',
    rates: Object.entries(prices).map(([name, price]) => ({ class: name, price, per: name === 'request' ? 1 : 1_000_000 })), ...over,
  })));
}

const ask = { provider: 'acme', model: 'm', at: NOW, calls: 3 };

describe('the same tokens at another price', () => {
  it('are priced class by class', () => {
    const result = priceAsIf(bookOf({}), { ...ask, quantities: { input_uncached: 3_000_000, cache_read: 1_000_000, output_text: 500_000 } });
    expect(result.lines.map(({ class: name, quantity, amountUsd }) => [name, quantity, amountUsd])).toEqual([['input_uncached', '3000000', '6'], ['cache_read', '1000000', '0.2'], ['output_text', '500000', '4']]);
    expect(result).toMatchObject({ costPico: '10200000000000', missing: [], bracketsFrom: [], priced: { provider: 'acme', model: 'm' } });
  });

  it('name what the model has no price for, instead of giving it away', () => {
    const result = priceAsIf(bookOf({}), { ...ask, quantities: { input_uncached: 1_000_000, cache_write_1h: 5, output_audio: 7 } });
    expect(result).toMatchObject({ costPico: '2000000000000', missing: ['cache_write_1h', 'output_audio'] });
    expect(result.lines.map(({ class: name }) => name)).toEqual(['input_uncached']);
    expect(priceAsIf(bookOf({}), { ...ask, quantities: { output_audio: 7 } })).toMatchObject({ costPico: null, missing: ['output_audio'], lines: [] });
  });

  it('have no price at a model that has none', () => {
    for (const other of [{ model: 'mystery' }, { provider: 'nobody' }]) {
      expect(priceAsIf(bookOf({}), { ...ask, ...other, quantities: { input_uncached: 1 } })).toEqual({ priced: null, lines: [], missing: ['input_uncached'], costPico: null, bracketsFrom: [] });
    }
  });

  it('stand at the base bracket, and the others are named', () => {
    const book = bookOf({}, { contextFrom: 200_000, prices: { input_uncached: '4', output_text: '16' } }, { contextFrom: 1_000_000, prices: { input_uncached: '9', output_text: '30' } });
    expect(priceAsIf(book, { ...ask, quantities: { input_uncached: 50_000_000 } })).toMatchObject({ costPico: '100000000000000', bracketsFrom: [200_000, 1_000_000] });
  });

  it('charge each request where the model does', () => {
    const result = priceAsIf(bookOf({ prices: { input_uncached: '1', request: '0.005' } }), { ...ask, quantities: { input_uncached: 1_000_000 } });
    expect(result.lines.map(({ class: name, quantity, amountUsd }) => [name, quantity, amountUsd])).toEqual([['input_uncached', '1000000', '1'], ['request', '3', '0.015']]);
    expect(result.costPico).toBe('1015000000000');
  });

  it('cost what the calls would have cost one by one, to within a rounding of each', () => {
    const call = fc.record({ input_uncached: fc.integer({ min: 0, max: 90_000 }), cache_read: fc.integer({ min: 0, max: 90_000 }), output_text: fc.integer({ min: 0, max: 20_000 }) });
    const book = bookOf({ prices: { input_uncached: '0.2751', cache_read: '0.0000333', output_text: '1.1' } });
    fc.assert(fc.property(fc.array(call, { minLength: 1, maxLength: 30 }), (calls) => {
      const sum = (name: keyof (typeof calls)[number]) => calls.reduce((total, each) => total + each[name], 0);
      const together = priceAsIf(book, { ...ask, calls: calls.length, quantities: { input_uncached: sum('input_uncached'), cache_read: sum('cache_read'), output_text: sum('output_text') } });
      const apart = calls.reduce((total, quantities) => total + priceUsage(book, { ...ask, quantities }).costPico!, 0n);
      const difference = BigInt(together.costPico ?? '0') - apart;
      expect(difference < 0n ? -difference : difference).toBeLessThanOrEqual(BigInt(calls.length));
      // The lines are the whole sum.
      const lines = together.lines.reduce((total, { amountUsd }) => addRational(total, parseDecimal(amountUsd)!), ZERO);
      expect([formatRational(lines), toPico(lines)]).toEqual([formatRational(lines), BigInt(together.costPico ?? '0')]);
    }));
  });
});
