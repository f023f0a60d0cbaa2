import { beforeAll, describe, expect, it } from 'vitest';
import { cataloguePriceBook } from './catalogue';
import { findPrice, type PriceBook } from './price-book';
import { canonicalProvider } from './provider-name';
import { instant } from './testing/price-rows';

describe('the names of providers', () => {
  it.each([
    ['openai', 'openai'], ['openai.responses', 'openai'], ['amazon-bedrock', 'aws'], ['google.vertex.chat', 'google'], ['google-vertex', 'google'], ['xai.chat', 'x-ai'], ['Azure-OpenAI', 'azure'],
    ['huggingface_together', 'huggingface_together'], ['a-provider-of-tomorrow', 'a-provider-of-tomorrow'],
  ])('%s is %s', (name, canonical) => expect(canonicalProvider(name)).toBe(canonical));
});

describe('the names of models on clouds', () => {
  let book: PriceBook;
  beforeAll(async () => {
    book = await cataloguePriceBook();
  });

  it.each([
    ['amazon-bedrock', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0', '3.3'],
    ['bedrock', 'global.anthropic.claude-sonnet-4-5-20250929-v1:0', '3'],
    ['aws', 'arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0', '3.3'],
    ['vertex-ai', 'claude-sonnet-4-5@20250929', '3'],
    ['google', 'projects/p/locations/us-east5/publishers/anthropic/models/claude-sonnet-4-5@20250929', '3.3'],
    ['google', 'projects/p/locations/global/publishers/anthropic/models/claude-sonnet-4-5@20250929', '3'],
    ['google', 'publishers/google/models/gemini-2.5-flash', '0.3'],
    ['google', 'models/gemini-2.5-flash', '0.3'],
    ['gemini', 'google/gemini-2.5-flash', '0.3'],
    ['xai', 'grok-4.3', '1.25'],
    ['azure-openai', 'gpt-4o', '2.5'],
  ])('%s %s costs $%s a million of input', (provider, model, price) => {
    const row = findPrice(book, { provider, model, contextTokens: 0, at: instant('2026-08-20T00:00:00Z') });
    expect(row?.rates.find((rate) => rate.class === 'input_uncached')?.price).toBe(price);
  });

  it.each([
    ['aws', 'us.meta.llama4-scout-17b-instruct-v1:0', 'flex', '0.085'],
    ['aws', 'openai.gpt-oss-120b-1:0', 'priority', '0.2625'],
    ['aws', 'global.anthropic.claude-opus-4-8', 'batch', '2.5'],
  ])('%s %s in tier %s costs $%s', (provider, model, tier, price) => {
    const row = findPrice(book, { provider, model, tier, contextTokens: 0, at: instant('2026-11-21T00:00:00Z') });
    expect(row?.rates.find((rate) => rate.class === 'input_uncached')?.price).toBe(price);
  });
});
