import { describe, expect, it } from 'vitest';
import { billUsage } from './bill-usage';
import { findModel, priceBilled, priceSheet } from './price-sheet';

const nothing = { input: 0, cachedInput: 0, cacheWrite: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 0, webSearch: 0 };

describe('price sheet', () => {
  it('reads every rate to a whole number of pico-dollars', () => {
    for (const [name, entry] of Object.entries(priceSheet)) {
      for (const [tier, rates] of Object.entries(entry.tiers)) expect(priceBilled(entry.provider, name, tier, rates.seconds ? { ...nothing, seconds: 1 } : { ...nothing, input: 1 })).toBeGreaterThan(0n);
    }
    expect(priceBilled('openai', 'gpt-5-nano', 'flex', { ...nothing, input: 1, cachedInput: 1, output: 1 })).toBe(25_000n + 2_500n + 200_000n);
    expect(priceBilled('anthropic', 'claude-haiku-4-5', 'standard', { ...nothing, webSearch: 1 })).toBe(10_000_000_000n);
  });

  it('finds a model by short and dated name, within its provider only', () => {
    expect(findModel('openai', 'gpt-5-2025-08-07')).toBe(priceSheet['gpt-5']);
    expect(findModel('anthropic', 'gpt-5')).toBeUndefined();
  });

  it('bills a long request at the long rates throughout, and cache writes where they cost', () => {
    const usage = (prompt: number) => ({ prompt_tokens: prompt, completion_tokens: 10, prompt_tokens_details: { cached_tokens: 1_000, cache_write_tokens: 2_000 } });
    const atRates = (prompt: number, input: bigint, cached: bigint, write: bigint, output: bigint) => BigInt(prompt - 3_000) * input + 1_000n * cached + 2_000n * write + 10n * output;
    expect(billUsage('chat', 'gpt-5.6-luna', 'default', usage(271_999))).toBe(atRates(271_999, 200_000n, 20_000n, 250_000n, 1_200_000n));
    expect(billUsage('chat', 'gpt-5.6-luna', 'default', usage(272_000))).toBe(atRates(272_000, 400_000n, 40_000n, 500_000n, 1_800_000n));
    expect(billUsage('chat', 'gpt-5-mini', 'default', usage(4_000))).toBe(3_000n * 250_000n + 1_000n * 25_000n + 10n * 2_000_000n);
  });

  it('has no price for what is not on it', () => {
    expect(priceBilled('openai', 'gpt-4o-mini', 'flex', { ...nothing, input: 1 })).toBeNull();
    expect(priceBilled('openai', 'text-embedding-3-small', 'default', { ...nothing, cachedInput: 1 })).toBeNull();
    expect(billUsage('chat', 'gpt-5', 'default', { prompt_tokens: 9, completion_tokens: 1, prompt_tokens_details: { audio_tokens: 2 } })).toBeNull();
  });
});
