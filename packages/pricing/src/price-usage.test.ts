import { describe, expect, it } from 'vitest';
import { explainLines } from './explain-lines';
import { createPriceBook } from './price-book';
import { priceByVersion, priceFast, priceUsage, type PricingInput } from './price-usage';
import type { PriceRate } from './price-version';
import { instant, priceRow } from './testing/price-rows';

const AT = instant('2026-08-20T00:00:00Z');
const rate = (name: string, price: string, per = 1_000_000): PriceRate => ({ class: name, price, per });
const input = (over: Partial<PricingInput>): PricingInput => ({ provider: 'acme', model: 'm-1', at: AT, quantities: {}, ...over });

const row = priceRow({
  rates: [
    rate('input_uncached', '2.5'), rate('cache_read', '0.25'), rate('output_text', '10'), rate('cache_write_other', '3.125'), rate('web_search', '10', 1000), rate('audio_second', '0.27', 3600),
  ],
});
const book = createPriceBook([row]);

describe('a priced usage', () => {
  it('is the exact sum of its lines, explained in words', () => {
    const priced = priceUsage(book, input({ quantities: { input_uncached: 1200, cache_read: 1, output_text: 300, output_reasoning: 50 }, extras: [{ kind: 'web_search', quantity: '2', unit: 'search' }] }));
    expect(priced).toMatchObject({ costPico: 26_500_250_000n, ceilingPico: 26_500_250_000n, basis: 'priced', priceVersionId: row.id, priceVersion: 'acme/m-1 (test 1)', reason: null });
    expect(priced.lines[0]).toEqual({ class: 'input_uncached', quantity: '1200', unitPrice: '0.0000025', amount: '0.003', price: '2.5', per: 1_000_000 });
    expect(explainLines(priced.lines)).toEqual([
      '1,200 uncached input tokens × $2.50 per million = $0.003',
      '1 cached input token × $0.25 per million = $0.00000025',
      '300 output tokens × $10.00 per million = $0.003',
      '50 reasoning output tokens × $10.00 per million = $0.0005',
      '2 web searches × $10.00 per thousand = $0.02',
    ]);
  });

  it('is rounded once, half to even, over all lines', () => {
    const tiny = createPriceBook([priceRow({ rates: [rate('input_uncached', '0.0000005', 1_000_000), rate('output_text', '0.0000005', 1_000_000)] })]);
    const cost = (quantities: PricingInput['quantities']): bigint | null => priceUsage(tiny, input({ quantities })).costPico;
    expect(cost({ input_uncached: 1 })).toBe(0n);
    expect(cost({ input_uncached: 3 })).toBe(2n);
    expect(cost({ input_uncached: 5 })).toBe(2n);
    // Rounded line by line this would be 0.
    expect(cost({ input_uncached: 1, output_text: 1 })).toBe(1n);
  });

  it('takes a rate that does not end as a decimal exactly', () => {
    const priced = priceUsage(book, input({ extras: [{ kind: 'audio_second', quantity: '3600', unit: 'second' }] }));
    expect(priced.costPico).toBe(270_000_000_000n);
    expect(explainLines(priced.lines)).toEqual(['3,600 seconds of audio × $0.27 per hour = $0.27']);
  });

  it('bills a class without a rate of its own where its provider does', () => {
    const cost = (quantities: PricingInput['quantities']): bigint | null => priceUsage(book, input({ quantities })).costPico;
    expect(cost({ input_image: 1 })).toBe(cost({ input_uncached: 1 }));
    expect(cost({ input_video: 1 })).toBe(cost({ input_uncached: 1 }));
    expect(cost({ cache_write_5m: 1 })).toBe(cost({ cache_write_other: 1 }));
    expect(cost({ cache_write_30m: 1 })).toBe(3_125_000n);
    expect(cost({ cache_read_audio: 1 })).toBe(cost({ cache_read: 1 }));
    for (const dearer of ['cache_write_1h', 'cache_write_12h', 'input_audio', 'output_audio', 'output_image'] as const) expect(cost({ [dearer]: 1 })).toBeNull();
  });

  it('adds what the sender states, and a fee per request once', () => {
    const fee = createPriceBook([priceRow({ rates: [rate('input_uncached', '1'), rate('output_text', '1'), rate('request', '5', 1000)] })]);
    const stated = input({ quantities: { input_uncached: 10 }, extras: [{ kind: 'retrieval', quantity: '3', unit: 'query', costUsd: '0.0015' }] });
    const priced = priceUsage(fee, stated);
    expect(priced.costPico).toBe(10_000_000n + 1_500_000_000n + 5_000_000_000n);
    expect(explainLines(priced.lines)[1]).toBe('3 retrieval, cost as stated = $0.0015');
    expect(priceFast(fee, { ...stated, isRequest: false }).costPico).toBe(1_510_000_000n);
  });

  it('needs no model when every cost is stated', () => {
    const stated = input({ provider: '', model: null, extras: [{ kind: 'ocr', quantity: '2', unit: 'page', costUsd: '0.02' }] });
    expect(priceFast(book, stated)).toMatchObject({ costPico: 20_000_000_000n, priceVersionId: null, basis: 'priced' });
    expect(priceFast(book, { ...stated, quantities: { input_uncached: 1 } })).toMatchObject({ costPico: null, reason: 'No model is named, so no price applies.' });
  });

  it('of no tokens costs nothing, but of an unknown model it is unknown', () => {
    expect(priceFast(book, input({})).costPico).toBe(0n);
    expect(priceFast(book, input({ model: 'm-2' })).costPico).toBeNull();
  });
});

describe('an unpriced usage', () => {
  const dear = priceRow({ model: 'm-9', rates: [rate('input_uncached', '100'), rate('output_text', '400'), rate('output_audio', '500')] });
  const other = priceRow({ provider: 'other', model: 'x', rates: [rate('input_uncached', '1000'), rate('output_image', '2000'), rate('rerank', '7', 1000)] });
  const old = priceRow({ model: 'm-old', rates: [rate('input_uncached', '9999')] });
  const ended = priceRow({ model: 'm-old', withdrawn: true, effectiveFrom: AT - 1 });
  const wide = createPriceBook([row, dear, other, old, ended]);

  it('counts each class at the highest current rate of its provider, else of all', () => {
    expect(priceFast(wide, input({ model: 'm-2', quantities: { input_uncached: 1, cache_read: 1, output_image: 1 } }))).toMatchObject({
      costPico: null, basis: 'unpriced', priceVersionId: null,
      // 100 for input, 100 for a cached token of a model without discount, 2000 from another provider.
      ceilingPico: 2_200_000_000n,
    });
    expect(priceFast(wide, input({ provider: 'nobody', model: 'm-2', quantities: { input_uncached: 1 } })).ceilingPico).toBe(1_000_000_000n);
  });

  it('counts what is unknown at the dearest output rate of its provider', () => {
    const unknown = [{ key: 'usage.x', quantity: 3, billable: true }];
    expect(priceFast(wide, input({ quantities: { input_uncached: 1 }, unknown }))).toMatchObject({
      costPico: null, ceilingPico: 100_000_000n + 3n * 500_000_000n, reason: 'Usage key usage.x is not known, so neither is its price.',
    });
    expect(priceFast(wide, input({ extras: [{ kind: 'rerank', quantity: '2', unit: 'search' }, { kind: 'dreams', quantity: '1', unit: 'dream' }] })).ceilingPico).toBe(14_000_000_000n + 500_000_000n);
  });

  it('names the problem, and never falls to 0 because numbers contradict each other', () => {
    expect(priceFast(wide, input({ quantities: { input_uncached: 1 }, problem: 'The total is not the sum.' }))).toMatchObject({ costPico: null, ceilingPico: 100_000_000n, reason: 'The total is not the sum.' });
    expect(priceFast(wide, input({ quantities: { input_uncached: -1 } }))).toMatchObject({ costPico: null, reason: 'Quantity input_uncached is negative.' });
    expect(priceFast(wide, input({ extras: [{ kind: 'ocr', quantity: '1', unit: 'page', costUsd: '-5' }] })).costPico).toBeNull();
  });

  it('counts rates of the call\'s own time: prices that had ended by then do not', () => {
    expect(priceFast(wide, input({ model: 'm-2', at: AT - 10, quantities: { input_uncached: 1 } })).ceilingPico).toBe(9_999_000_000n);
  });
});

describe('by the row that priced it', () => {
  it('gives the same cost, whatever the book says now (law 4)', () => {
    const usage = input({ quantities: { input_uncached: 7, output_text: 3 } });
    expect(priceByVersion(row, usage)).toEqual(priceUsage(book, usage));
    expect(priceByVersion(row, { ...usage, problem: 'x' })).toBeNull();
    expect(priceByVersion(row, { ...usage, quantities: { output_audio: 1 } })).toBeNull();
  });
});
