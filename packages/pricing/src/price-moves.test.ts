import { describe, expect, it } from 'vitest';
import { createPriceBook } from './price-book';
import { listPriceMoves } from './price-moves';
import { priceRow } from './testing/price-rows';

const at = (day: number): number => Date.UTC(2026, 10, day);
const SPAN = { fromMs: at(1), toMs: at(21) };
const model = { provider: 'acme', model: 'm-1' };

describe('the moves of a price', () => {
  it('name the day, and the rates that are others now', () => {
    const book = createPriceBook([priceRow({ model: 'm-1' }), priceRow({ model: 'm-1', input: '3', effectiveFrom: at(10) })]);
    expect(listPriceMoves(book, model, SPAN)).toEqual([{
      ...model, atMs: at(10), tier: 'standard', region: '', negotiated: false, rates: [{ class: 'input_uncached', contextFrom: 0, hours: null, before: '2', after: '3', per: 1_000_000 }],
    }]);
  });

  it('lie inside of the span: what holds at its begin is no move', () => {
    const book = createPriceBook([priceRow({ model: 'm-1' }), priceRow({ model: 'm-1', input: '3', effectiveFrom: at(1) }), priceRow({ model: 'm-1', input: '4', effectiveFrom: at(21) })]);
    expect(listPriceMoves(book, model, SPAN)).toEqual([]);
    expect(listPriceMoves(book, model, { fromMs: at(1) - 1, toMs: at(21) + 1 }).map(({ atMs }) => atMs)).toEqual([at(1), at(21)]);
  });

  it('are none where a row repeats what held', () => {
    const book = createPriceBook([priceRow({ model: 'm-1' }), priceRow({ model: 'm-1', effectiveFrom: at(10), source: 'other' })]);
    expect(listPriceMoves(book, model, SPAN)).toEqual([]);
  });

  it('are also a contract that begins, and one that ends', () => {
    const global = createPriceBook([priceRow({ model: 'm-1' })]);
    const own = createPriceBook([priceRow({ model: 'm-1', input: '1', effectiveFrom: at(5), source: 'contract' }), priceRow({ model: 'm-1', effectiveFrom: at(8), withdrawn: true, source: 'contract' })], global);
    expect(listPriceMoves(own, model, SPAN).map(({ atMs, negotiated, rates }) => [atMs, negotiated, rates[0]!.before, rates[0]!.after])).toEqual([[at(5), true, '2', '1'], [at(8), true, '1', '2']]);
    expect(listPriceMoves(global, model, SPAN)).toEqual([]);
  });

  it('are found by the name under which a model is served, and stand apart by tier and bracket', () => {
    const match = { when: { starts_with: 'm-1' } };
    const book = createPriceBook([
      priceRow({ model: 'm-1', match }), priceRow({ model: 'm-1', match, tier: 'batch', input: '1' }), priceRow({ model: 'm-1', match, tier: 'batch', input: '0.5', effectiveFrom: at(3) }),
      priceRow({ model: 'm-1', match, effectiveFrom: at(4) }), priceRow({ model: 'm-1', match, contextFrom: 1_000, input: '4', effectiveFrom: at(4) }),
    ]);
    const moves = listPriceMoves(book, { provider: 'acme', model: 'm-1-2026-08-07' }, SPAN);
    expect(moves.map(({ tier, atMs }) => [tier, atMs])).toEqual([['batch', at(3)], ['standard', at(4)]]);
    expect(moves[1]!.rates.every(({ contextFrom, before }) => contextFrom === 1_000 && before === null)).toBe(true);
  });

  it('are none of a model that no book knows', () => {
    expect(listPriceMoves(createPriceBook([]), model, SPAN)).toEqual([]);
  });
});
