import { describe, expect, it } from 'vitest';
import { latencyText, orderRates, prepareModels, prepareMoves, rateRise, type ModelFigures, type PriceMove } from './prepare-models';

const usd = (dollars: number): string => String(BigInt(Math.round(dollars * 100)) * 10_000_000_000n);

function figures(model: string, given: Partial<ModelFigures> = {}): ModelFigures {
  return {
    provider: 'openai', model, costPico: '0', ceilingPico: '0', retryCostPico: '0', failedCostPico: '0', calls: 0, failed: 0, retries: 0, fallbacks: 0, unpriced: 0, quantities: {}, trend: [],
    inputTokens: 0, outputTokens: 0, costPerMillionPico: null, cacheShare: null, failedShare: null, latencyP50: null, latencyP95: null, previous: null, priceMoves: [], ...given,
  };
}
const before = (given: Partial<NonNullable<ModelFigures['previous']>>): NonNullable<ModelFigures['previous']> => ({ costPico: '0', calls: 0, failed: 0, costPerMillionPico: null, cacheShare: null, failedShare: null, ...given });

describe('the table of models', () => {
  const models = [figures('b', { costPico: usd(2), calls: 5 }), figures('a', { costPico: usd(8), cacheShare: 0.5, previous: before({ costPico: usd(4), cacheShare: 0.3 }) }), figures('', { costPico: usd(4), cacheShare: 0.1 })];

  it('is sorted, with bars against the dearest', () => {
    expect(prepareModels(models, { key: 'cost', descending: true }, true).map(({ name, share }) => [name, share])).toEqual([['a', 1], ['other cost', 0.5], ['b', 0.25]]);
  });

  it('keeps models without a value last, either way', () => {
    expect(prepareModels(models, { key: 'cacheShare', descending: true }, true).map(({ name }) => name)).toEqual(['a', 'other cost', 'b']);
    expect(prepareModels(models, { key: 'cacheShare', descending: false }, true).map(({ name }) => name)).toEqual(['other cost', 'a', 'b']);
  });

  it('compares with the period before only when asked, and more from the cache is good', () => {
    const [a] = prepareModels(models, { key: 'cost', descending: true }, true);
    expect([a!.change, a!.cacheChange]).toEqual([{ direction: 'up', text: '100%', tone: 'neutral' }, { direction: 'up', text: '20.0 pt', tone: 'good' }]);
    expect(prepareModels(models, { key: 'cost', descending: true }, false)[0]).toMatchObject({ change: null, cacheChange: null });
  });
});

it('gives latencies two digits, because they are read off a histogram, and a bound where only that is known', () => {
  expect([latencyText({ ms: 1_734, isFloor: false }), latencyText({ ms: 623.4, isFloor: false }), latencyText({ ms: 43.2, isFloor: false }), latencyText({ ms: 88_700, isFloor: false })]).toEqual(['1.7 s', '620 ms', '43 ms', '1 min 29 s']);
  expect([latencyText({ ms: 100_000, isFloor: true }), latencyText(null)]).toEqual(['over 1 min 40 s', null]);
});

it('marks a blended price and a share from the cache only when they moved enough to matter', () => {
  const moved = (perMillion: number, cacheShare: number) => prepareModels([figures('m', { costPerMillionPico: usd(perMillion), cacheShare, previous: before({ costPerMillionPico: usd(100), cacheShare: 0.5 }) })], { key: 'cost', descending: true }, true)[0]!;
  expect([moved(104, 0.51).perMillionChange, moved(104, 0.51).cacheChange]).toEqual([null, null]);
  expect([moved(106, 0.53).perMillionChange?.tone, moved(106, 0.53).cacheChange?.tone]).toEqual(['bad', 'good']);
});

it('reads prices from the base bracket, input first', () => {
  const rate = (name: string, contextFrom: number) => ({ class: name, contextFrom, hours: null, before: '1', after: '2', per: 1_000_000 });
  expect(orderRates([rate('output_text', 0), rate('input_uncached', 200_000), rate('web_search', 0), rate('input_uncached', 0)]).map((each) => [each.class, each.contextFrom])).toEqual([
    ['input_uncached', 0], ['output_text', 0], ['web_search', 0], ['input_uncached', 200_000],
  ]);
});

describe('prices that changed', () => {
  const move = (at: string, given: Partial<PriceMove> = {}): PriceMove => ({ provider: 'openai', model: 'gpt', at, tier: 'standard', region: '', negotiated: false, rates: [], ...given });

  it('are told once for all names under which a model was served, the newest first', () => {
    const shared = move('2026-11-02T00:00:00.000Z');
    const moves = prepareMoves([figures('gpt-2025', { priceMoves: [shared] }), figures('gpt', { priceMoves: [shared, move('2026-11-09T00:00:00.000Z', { tier: 'batch', region: 'eu' })] })]);
    expect(moves.map(({ at, place, servedAs }) => [at.slice(0, 10), place, servedAs])).toEqual([['2026-11-09', ['batch', 'eu'], ['gpt']], ['2026-11-02', [], ['gpt-2025', 'gpt']]]);
  });

  it('rise by a share, which a price that begins or was nothing does not have', () => {
    expect(rateRise({ before: '2', after: '2.5' })).toBeCloseTo(0.25, 9);
    expect([rateRise({ before: null, after: '2' }), rateRise({ before: '2', after: null }), rateRise({ before: '0', after: '2' })]).toEqual([null, null, null]);
  });
});
