/** Bodies of the fakes against the providers' published schemas, which stand beside the repository where they are at hand. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { priceSheet, startFakeAnthropic, startFakeGoogle, startFakeOpenAI, type Fake, type Rates } from './index';

const specs = fileURLToPath(new URL('../../../../shared/data/specs/', import.meta.url));
const openaiSpec = `${specs}openai-openapi.json`;
const googleSpec = `${specs}google-genai-3.1.0-usage.schema.json`;
const anthropicSpec = `${specs}anthropic-1.11.0-analytics.schema.json`;

type Check = (schema: string, body: unknown) => void;

/** OpenAPI's `nullable` beside a `$ref` or `anyOf` is no JSON Schema: written out as a choice. */
function spellOutNullable(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(spellOutNullable);
  if (typeof node !== 'object' || node === null) return node;
  const { nullable, discriminator: _, ...rest } = node as Record<string, unknown>;
  const made = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, spellOutNullable(value)]));
  return nullable === true ? { anyOf: [made, { type: 'null' }] } : made;
}

function createCheck(file: string, keyOf: (schema: string) => string): Check {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: false });
  ajv.addSchema(spellOutNullable(JSON.parse(readFileSync(file, 'utf8'))) as object, 'spec');
  return (schema, body) => {
    const validate = ajv.getSchema(`spec#${keyOf(schema)}`);
    if (!validate) throw new Error(`${file} has no schema ${schema}`);
    const valid = validate(body);
    expect(valid, `${schema}: ${JSON.stringify(validate.errors)}\n${JSON.stringify(body)}`).toBe(true);
  };
}

async function post(fake: Fake, path: string, body: unknown, headers: Record<string, string> = {}): Promise<{ status: number; text: string }> {
  const response = await fetch(fake.url + path, {
    method: 'POST', body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', authorization: 'Bearer sk-test', 'anthropic-version': '2026-10-21', ...headers },
  });
  return { status: response.status, text: await response.text() };
}

function readEvents(text: string): Record<string, unknown>[] {
  return text.split('\n').filter((line) => line.startsWith('data: {')).map((line) => JSON.parse(line.slice(6)) as Record<string, unknown>);
}

const messages = [{ role: 'user', content: 'When does the notice period end?' }];
const parameters = { type: 'object', properties: { order_id: { type: 'string' } } };

describe.skipIf(!existsSync(openaiSpec))('OpenAI bodies fit openai-openapi.json (skipped where ../shared/data/specs is absent)', () => {
  let fake: Fake;
  let check: Check;
  beforeAll(async () => {
    fake = await startFakeOpenAI();
    check = createCheck(openaiSpec, (schema) => `/components/schemas/${schema}`);
  });
  afterAll(() => fake.close());
  const tools = [{ type: 'function', function: { name: 'find_order', parameters } }];
  const functionTools = [{ type: 'function', name: 'find_order', parameters }];

  it.each([
    ['words', { model: 'gpt-5-mini', messages, service_tier: 'flex' }],
    ['a tool call', { model: 'gpt-4o-mini', messages, tools }],
    ['a cut answer', { model: 'gpt-4o-mini', messages, max_tokens: 3 }],
  ])('chat completion with %s', async (_, body) => {
    check('CreateChatCompletionResponse', JSON.parse((await post(fake, '/v1/chat/completions', body)).text));
  });

  it.each([['words', {}], ['a tool call', { tools }], ['usage', { stream_options: { include_usage: true } }]])('chat chunks with %s', async (_, extra) => {
    const events = readEvents((await post(fake, '/v1/chat/completions', { model: 'gpt-5', messages, stream: true, ...extra })).text);
    expect(events.length).toBeGreaterThan(3);
    for (const event of events) check('CreateChatCompletionStreamResponse', event);
  });

  it.each([
    ['words', { model: 'gpt-5-mini', input: 'Hello', instructions: 'Be brief.', service_tier: 'priority' }],
    ['a function call', { model: 'gpt-4o-mini', input: messages, tools: functionTools }],
    ['a cut answer', { model: 'gpt-4o-mini', input: 'Hello', max_output_tokens: 16 }],
  ])('response with %s, plain and streamed', async (_, body) => {
    check('Response', JSON.parse((await post(fake, '/v1/responses', body)).text));
    const events = readEvents((await post(fake, '/v1/responses', { ...body, stream: true })).text);
    expect(events.length).toBeGreaterThan(4);
    for (const event of events) check('ResponseStreamEvent', event);
  });

  it('images, plain and streamed', async () => {
    const body = { model: 'gpt-image-1', prompt: 'A bridge', quality: 'low' };
    check('ImagesResponse', JSON.parse((await post(fake, '/v1/images/generations', body)).text));
    const events = readEvents((await post(fake, '/v1/images/generations', { ...body, stream: true, partial_images: 1 })).text);
    expect(events.map((event) => event.type)).toEqual(['image_generation.partial_image', 'image_generation.completed']);
    for (const event of events) check('ImageGenStreamEvent', event);
  });

  it.each([['gpt-4o-transcribe', 'tokens'], ['whisper-1', 'duration']])('transcriptions of %s, billed by %s', async (model, type) => {
    const form = new FormData();
    form.set('model', model);
    form.set('file', new File([new Uint8Array(96_000)], 'talk.wav'));
    const send = async (): Promise<string> => (await fetch(`${fake.baseURL}/audio/transcriptions`, { method: 'POST', body: form, headers: { authorization: 'Bearer sk-test' } })).text();
    const answer = JSON.parse(await send()) as { usage: unknown };
    check('CreateTranscriptionResponseJson', answer);
    expect(answer.usage).toMatchObject({ type });
    if (type === 'duration') return;
    form.set('stream', 'true');
    const events = readEvents(await send());
    for (const event of events) check('CreateTranscriptionResponseStreamEvent', event);
    expect(events.at(-1)).toMatchObject({ type: 'transcript.text.done', usage: answer.usage });
  });

  it('embeddings, models and errors', async () => {
    check('CreateEmbeddingResponse', JSON.parse((await post(fake, '/v1/embeddings', { model: 'text-embedding-3-small', input: 'page' })).text));
    const models = await fetch(`${fake.baseURL}/models`, { headers: { authorization: 'Bearer sk-test' } });
    check('ListModelsResponse', await models.json());
    for (const status of ['400', '401', '404', '429', '500', '503']) {
      check('ErrorResponse', JSON.parse((await post(fake, '/v1/chat/completions', { model: 'gpt-5', messages }, { 'x-fake-error': status })).text));
    }
    const failed = readEvents((await post(fake, '/v1/responses', { model: 'gpt-5', input: 'Hello', stream: true }, { 'x-fake-error-after': '1' })).text);
    check('ResponseErrorEvent', failed.at(-1));
  });

  it('would notice a wrong body', () => {
    expect(() => check('CreateEmbeddingResponse', { object: 'list', model: 'x', data: [], usage: { prompt_tokens: 1 } })).toThrow(/total_tokens/);
  });
});

describe.skipIf(!existsSync(anthropicSpec))('Anthropic usage and errors fit the schema of @anthropic-ai/sdk 1.11.0 (skipped where ../shared/data/specs is absent)', () => {
  let fake: Fake;
  let check: Check;
  beforeAll(async () => {
    fake = await startFakeAnthropic();
    const names: Record<string, string> = { Usage: 'res.messages.messages.Usage', MessageDeltaUsage: 'res.messages.messages.MessageDeltaUsage', ErrorResponse: 'res.shared.ErrorResponse' };
    check = createCheck(anthropicSpec, (schema) => `/$defs/${names[schema]}`);
  });
  afterAll(() => fake.close());

  it.each([
    ['words', {}],
    ['thinking', { max_tokens: 4096, thinking: { type: 'enabled', budget_tokens: 2048 } }],
    ['a search', { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }],
    ['a tool', { tools: [{ name: 'find_order', input_schema: parameters }] }],
    ['a cache write', { system: [{ type: 'text', text: 'You know this. '.repeat(500), cache_control: { type: 'ephemeral', ttl: '1h' } }] }],
  ])('usage with %s, plain and streamed', async (_, extra) => {
    const body = { model: 'claude-haiku-4-5', max_tokens: 500, messages, ...extra };
    check('Usage', (JSON.parse((await post(fake, '/v1/messages', body)).text) as { usage: unknown }).usage);
    const events = readEvents((await post(fake, '/v1/messages', { ...body, stream: true })).text);
    check('Usage', (events[0] as { message: { usage: unknown } }).message.usage);
    check('MessageDeltaUsage', events.find((event) => event.type === 'message_delta')!.usage);
  });

  it.each(['400', '401', '403', '404', '429', '500', '504', '529'])('error %s', async (status) => {
    check('ErrorResponse', JSON.parse((await post(fake, '/v1/messages', { model: 'claude-haiku-4-5', max_tokens: 5, messages }, { 'x-fake-error': status })).text));
  });
});

describe.skipIf(!existsSync(googleSpec))('Google usage fits the schema of @google/genai 3.1.0 (skipped where ../shared/data/specs is absent)', () => {
  const headers = { 'x-goog-api-key': 'test' };
  const contents = [{ role: 'user', parts: [{ text: 'When does the notice period end?' }] }];

  it.each([
    ['words', {}],
    ['a search', { tools: [{ googleSearch: {} }] }],
    ['a picture in', { contents: [{ role: 'user', parts: [{ inlineData: { mimeType: 'image/png', data: 'AAAA' } }, { text: 'What is it?' }] }] }],
    ['a picture out', { generationConfig: { responseModalities: ['TEXT', 'IMAGE'] } }],
    ['a cached prompt', { systemInstruction: { parts: [{ text: 'You know this. '.repeat(500) }] } }],
  ])('with %s, plain and streamed', async (_, extra) => {
    const fake = await startFakeGoogle();
    const check = createCheck(googleSpec, (schema) => `/$defs/res.${schema}`);
    const body = { contents, ...extra };
    const model = 'generationConfig' in extra ? 'gemini-2.5-flash-image' : 'gemini-2.5-flash';
    const whole = JSON.parse((await post(fake, `/v1beta/models/${model}:generateContent`, body, headers)).text) as { usageMetadata: unknown };
    const events = readEvents((await post(fake, `/v1beta/models/${model}:streamGenerateContent`, body, headers)).text);
    for (const { usageMetadata } of [whole, ...events]) {
      check('GenerateContentResponseUsageMetadata', usageMetadata);
      expect(Object.keys(usageMetadata as object).every((key) => key in GOOGLE_KEYS)).toBe(true);
    }
    await fake.close();
  });
});

/** The schema is open: a misspelt key would pass it. */
const GOOGLE_KEYS = existsSync(googleSpec)
  ? (JSON.parse(readFileSync(googleSpec, 'utf8')) as { $defs: Record<string, { properties: object }> }).$defs['res.GenerateContentResponseUsageMetadata']!.properties
  : {};

const catalogue = fileURLToPath(new URL('../../../../shared/data/prices/genai-prices-0.1.8-providers.json', import.meta.url));

interface CatalogueModel { id: string; prices: CataloguePrices | { constraint?: unknown; prices: CataloguePrices }[] }
type CataloguePrices = Record<string, number | { base: number; tiers: { start: number; price: number }[] }>;

describe.skipIf(!existsSync(catalogue))('the hand-written price sheet against the public catalogue (skipped where ../shared/data/prices is absent)', () => {
  const fields: Record<string, keyof Rates> = {
    input_mtok: 'input', output_mtok: 'output', cache_read_mtok: 'cachedInput', cache_write_1h_mtok: 'cacheWrite1h',
  };

  it.each(Object.entries(priceSheet))('%s', (name, entry) => {
    const providers = JSON.parse(readFileSync(catalogue, 'utf8')) as { id: string; models: CatalogueModel[] }[];
    const found = providers.find((provider) => provider.id === entry.provider)!.models.find((model) => model.id === name)!.prices;
    const prices = Array.isArray(found) ? found.at(-1)!.prices : found;
    const rates = entry.tiers[entry.provider === 'openai' ? 'default' : 'standard']!;
    const expected = { ...fields, cache_write_mtok: entry.provider === 'openai' ? 'cacheWrite' as const : 'cacheWrite5m' as const };
    for (const [theirs, ours] of Object.entries(expected)) {
      const price = prices[theirs];
      const base = typeof price === 'object' ? price.base : price;
      expect(Number(rates[ours] ?? 0), `${name} ${ours}`).toBe(base ?? 0);
      if (typeof price === 'object' && rates.long) expect(Number(rates.long.rates[ours])).toBe(price.tiers[0]!.price);
    }
  });
});
