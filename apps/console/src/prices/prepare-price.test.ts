import { describe, expect, it } from 'vitest';
import { bracketText, classLabel, perText, prepareTimeline, priceText, rateChanges, readFormField, sortRates, type PriceRow } from './prepare-price';

const rate = (name: string, price: string, per = 1_000_000) => ({ class: name, price, per });
const row = (change: Partial<PriceRow>): PriceRow => ({
  id: '1', version: 'v', tier: 'standard', region: '', contextFrom: 0, hours: null, withdrawn: false, source: 'list', sourceVersion: '1', rates: [rate('input_uncached', '2')], effectiveFrom: null, knownFrom: null,
  negotiated: false, ...change,
});

describe('a price in words', () => {
  it('keeps every digit, and shows at least cents', () => {
    expect(['2.5', '0.0375', '15', '1234.5', '0'].map(priceText)).toEqual(['$2.50', '$0.0375', '$15.00', '$1,234.50', '$0.00']);
    expect([1_000_000, 1_000, 1, 3_600].map(perText)).toEqual(['1M', '1K', 'each', '3,600']);
  });

  it('names its class, also one that nobody has heard of', () => {
    expect(['input_uncached', 'output_text', 'web_search'].map(classLabel)).toEqual(['Input', 'Output', 'Web search']);
    expect(sortRates([rate('web_search', '1'), rate('output_text', '1'), rate('input_uncached', '1')]).map((each) => each.class)).toEqual(['input_uncached', 'output_text', 'web_search']);
  });

  it('says for which requests it holds, where it does not hold for all', () => {
    const two = [row({}), row({ contextFrom: 200_000 })];
    expect(two.map((each) => bracketText(each, two))).toEqual(['up to 200K tokens in', 'from 200K tokens in']);
    expect(bracketText(row({}), [row({})])).toBeNull();
    expect(bracketText(row({ hours: { from: '01:00', to: '09:00' } }), [row({})])).toBe('01:00 to 09:00 UTC');
  });
});

describe('the history', () => {
  it('is told as changes, each against the price before it in its own tier and book', () => {
    const history = [
      row({ effectiveFrom: '2026-11-01T00:00:00Z', rates: [rate('input_uncached', '1'), rate('cache_read', '0.1')] }),
      row({ effectiveFrom: '2026-11-01T00:00:00Z', tier: 'batch', rates: [rate('input_uncached', '0.5')] }),
      row({ effectiveFrom: '2026-10-01T00:00:00Z', negotiated: true }),
      row({}), row({ contextFrom: 200_000 }),
    ];
    const entries = prepareTimeline(history);
    expect(entries.map(({ at, tier, negotiated, rows }) => [at?.slice(0, 10) ?? null, tier, negotiated, rows.length])).toEqual([
      ['2026-11-01', 'standard', false, 1], ['2026-11-01', 'batch', false, 1], ['2026-10-01', 'standard', true, 1], [null, 'standard', false, 2],
    ]);
    expect(entries[0]!.changes).toEqual([{ class: 'input_uncached', before: '$2.00 / 1M', after: '$1.00 / 1M', share: -0.5 }, { class: 'cache_read', before: null, after: '$0.10 / 1M', share: null }]);
    expect(entries.slice(1).map(({ changes }) => changes)).toEqual([[], [], []]);
    expect(prepareTimeline([row({ withdrawn: true, rates: [], effectiveFrom: '2026-11-01T00:00:00Z' }), row({})])[0]!.changes).toEqual([]);
  });

  it('compares prices for different numbers of units', () => {
    expect(rateChanges([rate('web_search', '10', 1_000)], [rate('web_search', '0.02', 1)])[0]!.share).toBe(1);
    expect(rateChanges([rate('a', '0')], [rate('a', '1')])[0]!.share).toBeNull();
  });
});

it('finds the input that a refusal is about', () => {
  expect(readFormField('brackets[1].rates[2].price')).toEqual({ bracket: 1, rate: 2, name: 'price' });
  expect(readFormField('brackets[0].contextFrom')).toEqual({ bracket: 0, rate: null, name: 'contextFrom' });
  expect(readFormField('brackets[0].rates')).toEqual({ bracket: 0, rate: null, name: '' });
  expect([readFormField('source'), readFormField(undefined)]).toEqual([null, null]);
});
