import { describe, expect, it } from 'vitest';
import { cataloguePriceBook } from './catalogue';
import { listModels, modelPrices, pricesInForce } from './list-models';
import { createPriceBook } from './price-book';
import { priceRow } from './testing/price-rows';

const NOW = Date.UTC(2026, 10, 21);
const global = createPriceBook([
  priceRow({ model: 'm-1' }), priceRow({ model: 'm-1', tier: 'batch', input: '1' }), priceRow({ model: 'm-1', contextFrom: 1_000, input: '4' }),
  priceRow({ model: 'old' }), priceRow({ model: 'old', effectiveFrom: NOW - 1, withdrawn: true }), priceRow({ model: 'later', effectiveFrom: NOW + 1 }),
  priceRow({ provider: 'zeta', model: 'a', match: { when: { starts_with: 'alpha-' } } }),
]);
const own = createPriceBook([priceRow({ model: 'm-1', input: '1.5', effectiveFrom: NOW - 10, source: 'contract' }), priceRow({ model: 'tuned', source: 'contract' })], global);

describe('models', () => {
  it('stand with what they cost now, the negotiated first, those without price last', () => {
    expect(listModels(own, {}, NOW).map(({ model, input, tiers, negotiated, ended }) => [model, input?.price, tiers.join(), negotiated, ended])).toEqual([
      ['m-1', '1.5', 'standard,batch', true, false], ['tuned', '2', 'standard', true, false], ['a', '2', 'standard', false, false],
      ['later', undefined, 'standard', false, true], ['old', undefined, 'standard', false, true],
    ]);
  });

  it('are found by words of their name, or by a name under which they are served', () => {
    const find = (search: string): string[] => listModels(own, { search }, NOW).map(({ model }) => model);
    expect([find('ACME m-'), find('zeta'), find('alpha-2026'), find('nothing'), find('  ')]).toEqual([['m-1'], ['a'], ['a'], [], ['m-1', 'tuned', 'a', 'later', 'old']]);
    expect(listModels(own, { negotiated: true }, NOW).map(({ model }) => model)).toEqual(['m-1', 'tuned']);
  });

  it('of the whole catalogue are listed quickly', async () => {
    const book = await cataloguePriceBook();
    listModels(book, {}, NOW);
    const started = performance.now();
    expect(listModels(book, {}, NOW).length).toBeGreaterThan(500);
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('prices in force', () => {
  const found = (filter: { provider?: string; model?: string }, atMs = NOW): unknown[] => pricesInForce(own, filter, atMs).map(({ provider, model, current }) => [`${provider}/${model}`, current.map(({ tier, negotiated }) => `${tier}${negotiated ? ' own' : ''}`).join()]);

  it('are those of a time, the own before the global, without models that have none then', () => {
    expect(found({})).toEqual([['acme/m-1', 'standard own,batch'], ['acme/tuned', 'standard own'], ['zeta/a', 'standard']]);
    expect(found({}, NOW + 1)).toEqual([['acme/later', 'standard'], ['acme/m-1', 'standard own,batch'], ['acme/tuned', 'standard own'], ['zeta/a', 'standard']]);
    expect(found({ model: 'm-1' }, NOW - 11)).toEqual([['acme/m-1', 'standard,batch']]);
    expect(found({ model: 'old' }, NOW - 2)).toEqual([['acme/old', 'standard']]);
  });

  it('of a model are found under the name by which its provider serves it', () => {
    expect(found({ provider: 'zeta', model: 'alpha-2026' })).toEqual([['zeta/a', 'standard']]);
    expect([found({ provider: 'acme', model: 'alpha-2026' }), found({ model: 'alpha-2026' }), found({ provider: 'nobody' })]).toEqual([[], [], []]);
    expect(found({ provider: 'ACME' }).length).toBe(2);
  });
});

describe('one model', () => {
  it('has its present prices by tier and bracket, and all that there were', () => {
    const prices = modelPrices(own, 'acme', 'm-1', NOW)!;
    expect(prices.current.map(({ tier, negotiated, rows }) => [tier, negotiated, rows.map((row) => row.rates[0]!.price)])).toEqual([['standard', true, ['1.5']], ['batch', false, ['1']]]);
    expect(prices.history.map(({ row, negotiated }) => [row.tier, row.contextFrom, negotiated])).toEqual([['standard', 0, true], ['standard', 0, false], ['batch', 0, false], ['standard', 1_000, false]]);
    expect(modelPrices(global, 'acme', 'm-1', NOW)!.current[0]!.rows.map((row) => row.contextFrom)).toEqual([0, 1_000]);
    expect(modelPrices(own, 'acme', 'unheard-of', NOW)).toBeNull();
    expect(modelPrices(global, 'acme', 'tuned', NOW)).toBeNull();
  });
});
