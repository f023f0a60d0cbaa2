import { describe, expect, it } from 'vitest';
import { distanceOf, missingClasses } from './guard-price';
import { createPriceBook } from './price-book';
import { namePriceVersion, type PriceVersion } from './price-version';
import { rowsInForce } from './rows-in-force';

const NOW = Date.UTC(2026, 10, 21);

function row(rates: Record<string, string>, change: Partial<PriceVersion> = {}): PriceVersion {
  return namePriceVersion({
    provider: 'p', model: 'm', match: { when: { equals: 'm' } }, tier: 'standard', region: '', contextFrom: 0, effectiveFrom: -Infinity, knownFrom: -Infinity, withdrawn: false,
    source: 'list', sourceVersion: '1', ...change, rates: Object.entries(rates).map(([name, price]) => ({ class: name, price, per: 1_000_000 })),
  });
}

const held = [row({ input_uncached: '2', output_text: '8' }), row({ input_uncached: '4', output_text: '16' }, { contextFrom: 200_000 })];
const book = createPriceBook(held);
const factorOf = (rows: readonly PriceVersion[], before = held): string | undefined => distanceOf(book, before, rows, NOW)?.factor;

describe('a price needs approval', () => {
  it('beyond ten times up or down, not at ten times', () => {
    expect(factorOf([row({ input_uncached: '20', output_text: '80' })], [held[0]!])).toBeUndefined();
    expect(factorOf([row({ input_uncached: '0.2', output_text: '0.8' })], [held[0]!])).toBeUndefined();
    expect(factorOf([row({ input_uncached: '20.1', output_text: '8' })], [held[0]!])).toBe('10.1');
    expect(factorOf([row({ input_uncached: '2', output_text: '0.32' })], [held[0]!])).toBe('25');
  });

  it('from 0 and to 0, whatever else changes', () => {
    expect(factorOf([row({ input_uncached: '0', output_text: '800' })])).toBe('to 0');
    expect(factorOf([row({ input_uncached: '1', output_text: '1' })], [row({ input_uncached: '0', output_text: '1' })])).toBe('from 0');
    expect(factorOf([row({ input_uncached: '0' })], [row({ input_uncached: '0' })])).toBeUndefined();
  });

  it('in any bracket, also one that it no longer has', () => {
    expect(factorOf([row({ input_uncached: '0.3', output_text: '8' })])).toBe('13.3');
    expect(factorOf([row({ input_uncached: '2', output_text: '8' }), row({ input_uncached: '100', output_text: '16' }, { contextFrom: 100_000 })])).toBe('50');
  });

  it('by what a class really costs, substitutes included', () => {
    // A cached token without a rate of its own costs as much as an ordinary one.
    expect(factorOf([row({ input_uncached: '2', output_text: '8', cache_read: '0.1' })], [held[0]!])).toBe('20');
  });

  it('where nothing holds, only far above the dearest that anybody asks', () => {
    expect(factorOf([row({ input_uncached: '0.001' })], [])).toBeUndefined();
    expect(factorOf([row({ input_uncached: '40' })], [])).toBeUndefined();
    expect(factorOf([row({ input_uncached: '41' })], [])).toBe('10.3');
  });

  it('and says what goes from what to what', () => {
    expect(distanceOf(book, [held[0]!], [row({ input_uncached: '2', output_text: '800' })], NOW)!.warning).toBe('output_text goes from $8 to $800 a million, 100 times up.');
  });
});

it('finds every bracket that holds, under the model\'s id or a name under which it is served, and nothing for an unknown model', () => {
  const named = createPriceBook([row({ input_uncached: '2' }, { model: 'id', match: { when: { starts_with: 'served-' } } })]);
  for (const model of ['id', 'served-2026']) expect(rowsInForce(named, { provider: 'p', model, tier: 'standard', region: 'eu' }, NOW)).toEqual(named.versions);
  expect(rowsInForce(book, { provider: 'p', model: 'm', tier: 'standard', region: '' }, NOW)).toEqual(held);
  expect(rowsInForce(book, { provider: 'p', model: 'other', tier: 'standard', region: '' }, NOW)).toEqual([]);
});

it('names the classes that would lose their price', () => {
  expect(missingClasses([row({ input_uncached: '2', cache_read: '1', web_search: '10' })], [row({ input_uncached: '2' })])).toEqual(['web_search']);
});
