import { readFileSync } from 'node:fs';
import { calcPrice, waitForUpdate, type MatchLogic, type Provider } from '@pydantic/genai-prices';
import { beforeAll, describe, expect, it } from 'vitest';
import { CATALOGUE_VERSION, cataloguePriceBook, convertCatalogue } from './catalogue';
import { findPrice, type PriceBook } from './price-book';
import { priceUsage } from './price-usage';
import { instant } from './testing/price-rows';

let book: PriceBook;
let providers: readonly Provider[];
beforeAll(async () => {
  book = await cataloguePriceBook();
  providers = (await waitForUpdate())!;
});

/** Names that a match spells out. */
function namesIn(match: MatchLogic): readonly string[] {
  if ('or' in match) return match.or.flatMap(namesIn);
  if ('and' in match) return match.and.flatMap(namesIn);
  return 'regex' in match ? [] : Object.values(match);
}

const NAMES_AT = [instant('2025-01-15T20:00:00Z'), instant('2026-08-20T20:00:00Z'), instant('2026-11-21T20:00:00Z')];

describe('the catalogue', () => {
  it('is the pinned package', () => {
    const { dependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { dependencies: Record<string, string> };
    expect(dependencies['@pydantic/genai-prices']).toBe(CATALOGUE_VERSION);
  });

  it('gives every row an id of its own', () => {
    expect(new Set(book.versions.map(({ id }) => id)).size).toBe(book.versions.length);
    expect(new Set(book.versions.map(({ version }) => version)).size).toBe(book.versions.length);
  });

  it('finds for every name the model that the package finds', () => {
    let compared = 0;
    for (const provider of providers) {
      for (const model of provider.models) {
        for (const name of namesIn(model.match)) {
          const theirs = calcPrice({ input_tokens: 0 }, name, { providerId: provider.id })?.model.id;
          const ours = findPrice(book, { provider: provider.id, model: name, contextTokens: 0, at: NAMES_AT[2]! })?.model;
          if (ours === undefined) continue;
          expect([provider.id, name, withoutFallback(provider, ours)]).toEqual([provider.id, name, theirs]);
          compared++;
        }
      }
    }
    expect(compared).toBeGreaterThan(2000);
  });

  it('costs what the package computes, to the precision of its floats, at any time and context', () => {
    let compared = 0;
    for (const provider of providers) {
      for (const model of provider.models) {
        for (const at of NAMES_AT) {
          for (const input of [1_000, 150_000, 271_999, 272_000, 600_000]) {
            const name = namesIn(model.match)[0] ?? model.id;
            const version = findPrice(book, { provider: provider.id, model: name, contextTokens: input, at });
            if (version === null || !version.rates.some(({ class: rate }) => rate === 'input_uncached')) continue;
            const output = version.rates.some(({ class: rate }) => rate === 'output_text') ? 700 : 0;
            const ours = priceUsage(book, {
              provider: provider.id, model: name, at, quantities: { input_uncached: input - 300, cache_read: 200, cache_write_5m: 100, output_text: output - Math.min(output, 40), output_reasoning: Math.min(output, 40) },
            });
            const theirs = calcPrice(
              { input_tokens: input, cache_read_tokens: 200, cache_write_tokens: 100, output_tokens: output, output_reasoning_tokens: Math.min(output, 40) },
              name, { providerId: provider.id, timestamp: new Date(at) },
            );
            expect(Number(ours.costPico) / 1e12, `${provider.id} ${name} ${input} ${ours.reason}`).toBeCloseTo(theirs!.total_price, 9);
            compared++;
          }
        }
      }
    }
    expect(compared).toBeGreaterThan(15_000);
  });

  it('knows the hours of a day, from the day on which they were introduced', () => {
    const cost = (at: string): string | undefined => findPrice(book, { provider: 'deepseek', model: 'deepseek-v4-pro', contextTokens: 0, at: instant(at) })?.rates.find((rate) => rate.class === 'output_text')?.price;
    expect([cost('2026-08-16T02:00:00Z'), cost('2026-08-20T00:30:00Z'), cost('2026-08-20T02:00:00Z'), cost('2026-08-20T05:00:00Z'), cost('2026-08-20T07:00:00Z')])
      .toEqual(['0.87', '1.98', '3.96', '1.98', '3.96']);
  });

  it('keeps a model without a price out, unless it is free of charge', () => {
    const price = (provider: string, model: string): string | null => findPrice(book, { provider, model, contextTokens: 0, at: NAMES_AT[2]! })?.rates[0]?.price ?? null;
    expect(price('openai', 'omni-moderation-latest')).toBe('0');
    expect(price('openrouter', 'qwen/qwen3-coder:free')).toBe('0');
    expect(price('openrouter', 'google/lyria-3-pro-preview')).toBeNull();
  });

  it('copies the lists that a provider falls back on, behind its own', () => {
    const find = (model: string): string | undefined => findPrice(book, { provider: 'google', model, contextTokens: 0, at: NAMES_AT[2]! })?.version;
    expect(find('claude-haiku-4-5@20251001')).toContain('google/anthropic/claude-haiku-4-5');
    expect(find('claude-sonnet-4-6')).toContain('google/claude-sonnet-4-6');
  });

  it('stops at a price key that it does not know, rather than dropping it', () => {
    const novel = [{ id: 'p', name: 'P', api_pattern: '', models: [{ id: 'm', match: { equals: 'm' }, prices: { input_mtok: 1, dream_mtok: 2 } }] }];
    expect(() => convertCatalogue(novel)).toThrow('Price key dream_mtok');
  });

  it('takes a number by its shortest decimal form', () => {
    const floats = [{ id: 'p', name: 'P', api_pattern: '', models: [{ id: 'm', match: { equals: 'm' }, prices: { input_mtok: 0.08333333333333334, output_mtok: 1e-7 } }] }];
    expect(convertCatalogue(floats)[0]!.rates.map(({ price }) => price)).toEqual(['0.08333333333333334', '0.0000001']);
  });
});

/** A model copied from a fallback list carries its provider in front. */
function withoutFallback(provider: Provider, model: string): string {
  const origin = provider.fallback_model_providers?.find((id) => model.startsWith(`${id}/`) && !provider.models.some((own) => own.id === model));
  return origin === undefined ? model : model.slice(origin.length + 1);
}
