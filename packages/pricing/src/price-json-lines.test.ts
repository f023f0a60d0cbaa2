import { beforeAll, describe, expect, it } from 'vitest';
import { cataloguePriceBook } from './catalogue';
import type { PriceBook } from './price-book';
import { priceJsonLine, priceJsonLineText } from './price-json-lines';

let book: PriceBook;
beforeAll(async () => {
  book = await cataloguePriceBook();
});

const NOW = Date.parse('2026-11-21T00:00:00Z');
const price = (line: object, number = 1): unknown => priceJsonLine(book, JSON.stringify(line), number, NOW);

describe('a priced line', () => {
  it('has exactly the members of the format, decimals as exact strings', () => {
    const usage = { prompt_tokens: 1200, completion_tokens: 300, total_tokens: 1500, prompt_tokens_details: { cached_tokens: 200 } };
    expect(priceJsonLineText(book, JSON.stringify({ provider: 'openai', api: 'chat', model: 'gpt-4o', usage, at: '2026-08-20T00:00:00Z' }), 1, NOW)).toBe(JSON.stringify({
      classes: { input_uncached: 1000, cache_read: 200, output_text: 300 },
      cost_usd: '0.00575',
      price_version: 'openai/gpt-4o (genai-prices 0.1.8)',
      basis: 'priced',
      lines: [
        { class: 'input_uncached', quantity: '1000', unit_price: '0.0000025', amount: '0.0025' },
        { class: 'cache_read', quantity: '200', unit_price: '0.00000125', amount: '0.00025' },
        { class: 'output_text', quantity: '300', unit_price: '0.00001', amount: '0.003' },
      ],
    }));
  });

  it('is priced at its time: before and after a price cut', () => {
    const line = { provider: 'openai', api: 'responses', model: 'o3', usage: { input_tokens: 1_000_000, input_tokens_details: { cached_tokens: 0 }, output_tokens: 0, total_tokens: 1_000_000 } };
    expect(price({ ...line, at: '2025-06-09T23:59:59Z' })).toMatchObject({ cost_usd: '10', price_version: 'openai/o3 (genai-prices 0.1.8)' });
    expect(price({ ...line, at: '2025-06-10T00:00:00Z' })).toMatchObject({ cost_usd: '2', price_version: 'openai/o3@2025-06-10 (genai-prices 0.1.8)' });
    expect(price(line)).toMatchObject({ cost_usd: '2' });
  });

  it('is priced by the model, tier and region that the body says were served, not by what was asked', () => {
    const body = { model: 'gpt-5-2025-08-07', service_tier: 'flex', usage: { prompt_tokens: 1_000_000, completion_tokens: 0 } };
    expect(price({ provider: 'openai', model: 'gpt-5-mini', service_tier: 'priority', body })).toMatchObject({ cost_usd: '0.625' });
    const claude = { input_tokens: 1_000_000, output_tokens: 0, cache_read_input_tokens: 0, inference_geo: 'us', service_tier: 'batch' };
    expect(price({ provider: 'anthropic', model: 'claude-opus-4-8', usage: claude })).toMatchObject({ cost_usd: '2.75' });
  });

  it('takes tier and region from the line where the usage says nothing', () => {
    expect(price({ provider: 'openai', model: 'gpt-5.5', region: 'eu', service_tier: 'batch', usage: { prompt_tokens: 1000, completion_tokens: 0 } })).toMatchObject({ cost_usd: '0.00275' });
  });

  it('prices the whole request by its context bracket', () => {
    const usage = (prompt: number): object => ({ prompt_tokens: prompt, completion_tokens: 0 });
    expect(price({ provider: 'openai', model: 'gpt-5.5', usage: usage(271_999) })).toMatchObject({ cost_usd: '1.359995' });
    expect(price({ provider: 'openai', model: 'gpt-5.5', usage: usage(272_000) })).toMatchObject({ cost_usd: '2.72' });
    expect(price({ provider: 'openai', model: 'gpt-5.5', service_tier: 'priority', usage: usage(272_000) })).toMatchObject({ cost_usd: null });
  });

  it('adds the models of one response', () => {
    const tokens = (input_tokens: number): object => ({ input_tokens, output_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, cache_creation: null });
    expect(price({
      provider: 'anthropic',
      body: { model: 'claude-sonnet-5', usage: { ...tokens(1000), iterations: [{ type: 'advisor_message', model: 'claude-opus-5', ...tokens(100) }, { type: 'message', ...tokens(1000) }] } },
    })).toMatchObject({
      classes: { input_uncached: 1100 }, cost_usd: '0.0025', price_version: 'anthropic/claude-sonnet-5 (genai-prices 0.1.8), anthropic/claude-opus-5 (genai-prices 0.1.8)',
      lines: [{ class: 'input_uncached', quantity: '1000', amount: '0.002' }, { class: 'input_uncached', quantity: '100', amount: '0.0005' }],
    });
  });
});

describe('an unpriced line has no cost, a reason and a ceiling', () => {
  const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };

  it.each([
    ['unknown model', { provider: 'openai', api: 'chat', model: 'gpt-99', usage }, 'Model "gpt-99" of provider "openai" is not in the price book.'],
    ['unknown provider', { provider: 'acme', api: 'chat', model: 'gpt-4o', usage }, 'Provider "acme" is not in the price book.'],
    ['a tier without price', { provider: 'openai', api: 'chat', model: 'gpt-4o', usage, service_tier: 'scale' }, 'has no scale price'],
    ['an unknown billable key', { provider: 'openai', api: 'chat', model: 'gpt-4o', usage: { ...usage, holographic_tokens: 3 } }, 'Usage key usage.holographic_tokens is not known'],
    ['a total that is not the sum', { provider: 'openai', api: 'chat', model: 'gpt-4o', usage: { ...usage, total_tokens: 16 } }, 'usage.total_tokens (16) is not'],
    ['a class without a price', { provider: 'openai', api: 'chat', model: 'gpt-4o', usage: { ...usage, completion_tokens_details: { audio_tokens: 2 } } }, 'has no price for output_audio tokens'],
  ])('%s', (_name, line, reason) => {
    const answer = price(line) as { reason: string; ceiling_usd: string };
    expect(answer).toMatchObject({ cost_usd: null, price_version: null, basis: 'unpriced', lines: [] });
    expect(answer.reason).toContain(reason);
    expect(Number(answer.ceiling_usd)).toBeGreaterThan(0);
  });

  it('names unknown keys, even those that cost nothing', () => {
    expect(price({ provider: 'openai', api: 'chat', model: 'gpt-4o', usage: { ...usage, mood: 'calm' } })).toMatchObject({ basis: 'priced', cost_usd: '0.000075', unknown_keys: ['usage.mood'] });
  });

  it('names members of the line that mean nothing', () => {
    expect(price({ provider: 'openai', api: 'chat', model: 'gpt-4o', usage, modle: 'x' })).toMatchObject({ basis: 'priced', ignored_keys: ['modle'] });
  });
});

describe('what is not billed by tokens', () => {
  it.each([
    ['a picture of DALL-E', { provider: 'openai', api: 'images', model: 'dall-e-3', body: { quality: 'hd', size: '1024x1792', data: [{ url: 'a' }, { url: 'b' }] } }, '0.24'],
    ['seconds of sound', { provider: 'openai', api: 'transcriptions', model: 'whisper-1', usage: { type: 'duration', seconds: 90 } }, '0.009'],
    ['characters of speech', { provider: 'openai', api: 'speech', model: 'tts-1', usage: { characters: 1000 } }, '0.015'],
    ['pages', { provider: 'mistral', model: 'mistral-ocr-latest', body: { usage_info: { pages_processed: 3 } }, at: '2025-06-01T00:00:00Z' }, '0.003'],
    ['searches of xAI beside its tokens', { provider: 'xai', model: 'grok-4.3', usage: { prompt_tokens: 1000, completion_tokens: 0, total_tokens: 1000, num_server_side_tools_used: 2, server_side_tool_usage_details: { web_search_calls: 2 } } }, '0.01125'],
    ['pictures by tokens', { provider: 'openai', model: 'gpt-image-1.5', usage: { input_tokens: 100, input_tokens_details: { text_tokens: 100, image_tokens: 0 }, output_tokens: 1000, total_tokens: 1100 } }, '0.0325'],
    ['realtime, sound and text apart', { provider: 'openai', model: 'gpt-realtime', usage: { input_tokens: 100, output_tokens: 100, total_tokens: 200, input_token_details: { text_tokens: 50, audio_tokens: 50 }, output_token_details: { text_tokens: 0, audio_tokens: 100 } } }, '0.0082'],
  ])('%s', (_name, line, cost) => expect(price(line)).toMatchObject({ cost_usd: cost, basis: 'priced' }));
});

describe('the provider\'s own figure', () => {
  const usage = { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100, cost: 0.0123 };

  it('stands beside ours where we have a price', () => {
    expect(price({ provider: 'openrouter', model: 'anthropic/claude-sonnet-4.5', usage })).toMatchObject({ cost_usd: '0.0045', basis: 'priced', provider_cost_usd: '0.0123' });
  });

  it('is the cost where we have none, with the reason', () => {
    const answer = price({ provider: 'openrouter', model: 'acme/model-of-tomorrow', usage });
    expect(answer).toMatchObject({ cost_usd: '0.0123', basis: 'provider_reported', price_version: null, lines: [], provider_cost_usd: '0.0123', reason: expect.stringContaining('not in the price book') });
    expect(answer).not.toHaveProperty('ceiling_usd');
  });
});

describe('a bad line names its field and number', () => {
  const usage = { prompt_tokens: 10, completion_tokens: 5 };

  it.each([
    ['{not json', 'line'],
    ['[1]', 'line'],
    [JSON.stringify({ model: 'gpt-4o', usage }), 'provider'],
    [JSON.stringify({ provider: 7, model: 'gpt-4o', usage }), 'provider'],
    [JSON.stringify({ provider: 'openai', usage }), 'model'],
    [JSON.stringify({ provider: 'openai', model: 'gpt-4o' }), 'usage'],
    [JSON.stringify({ provider: 'openai', model: 'gpt-4o', usage, at: 'yesterday' }), 'at'],
    [JSON.stringify({ provider: 'openai', model: 'gpt-4o', usage, at: '2026-08-20T00:00:00' }), 'at'],
    [JSON.stringify({ provider: 'openai', model: 'gpt-4o', usage: { ...usage, prompt_tokens: -10 } }), 'usage.prompt_tokens'],
    [JSON.stringify({ provider: 'openai', api: 'responses', model: 'gpt-4o', usage }), 'usage.input_tokens'],
    [JSON.stringify({ provider: 'openai', api: 'telepathy', model: 'gpt-4o', usage }), 'api'],
  ])('%s', (text, field) => {
    const answer = priceJsonLine(book, text, 42, NOW);
    expect(answer).toEqual({ error: expect.stringContaining(field), field, line: 42 });
  });

  it('an empty line is no line', () => {
    expect(priceJsonLineText(book, '  ', 3, NOW)).toBeNull();
  });
});
