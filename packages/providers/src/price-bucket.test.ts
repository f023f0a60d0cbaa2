import { cataloguePriceBook } from '@outlay/pricing';
import { describe, expect, it } from 'vitest';
import type { UsageBucket } from './adapter';
import { priceBucket } from './price-bucket';

const book = await cataloguePriceBook();
const bucket = (over: Partial<UsageBucket>): UsageBucket => ({
  width: '1h', bucket: '2026-11-20T10:00:00.000Z', dimensions: {}, model: 'claude-sonnet-4-5', apiKey: null, project: null, requests: 0, tokens: { input_uncached: 1_000_000 }, extras: {}, ...over,
});

describe('the context bracket of a bucket', () => {
  it('is that of its average request', () => {
    expect(priceBucket(book, 'anthropic', bucket({ requests: 10 }))).toBe(3_000_000_000_000n);
    expect(priceBucket(book, 'anthropic', bucket({ requests: 2 }))).toBe(6_000_000_000_000n);
  });

  it('is the lower one where requests are not counted, unless the report says otherwise', () => {
    expect(priceBucket(book, 'anthropic', bucket({}))).toBe(3_000_000_000_000n);
    expect(priceBucket(book, 'anthropic', bucket({ dimensions: { context_window: '200k-1M' } }))).toBe(6_000_000_000_000n);
  });
});
