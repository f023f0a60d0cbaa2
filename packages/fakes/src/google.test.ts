/** The fake as the official `@google/genai` package sees it. */
import { ApiError, GoogleGenAI } from '@google/genai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startFakeGoogle, type Fake, type FakeOptions } from './index';

let fake: Fake;
let client: GoogleGenAI;

async function start(options: FakeOptions = {}): Promise<void> {
  await fake?.close();
  fake = await startFakeGoogle(options);
  client = new GoogleGenAI({ apiKey: 'test', httpOptions: { baseUrl: fake.baseURL } });
}

beforeEach(() => start());
afterEach(() => fake.close());

const ask = { model: 'gemini-2.5-flash', contents: 'When does the notice period end?' };
const steer = (headers: Record<string, string>) => ({ httpOptions: { headers } });
const lookup = { name: 'find_order', parametersJsonSchema: { type: 'object', properties: { order_id: { type: 'string' } } } };

describe('generateContent', () => {
  it('answers, thinks, and logs what it served', async () => {
    const answer = await client.models.generateContent(ask);
    const usage = answer.usageMetadata!;
    expect(answer.text!.split(' ')).toHaveLength(usage.candidatesTokenCount!);
    expect(usage.totalTokenCount).toBe(usage.promptTokenCount! + usage.candidatesTokenCount! + (usage.thoughtsTokenCount ?? 0));
    expect(answer.modelVersion).toBe('gemini-2.5-flash');
    expect(fake.served).toMatchObject([{ api: 'generate', model: 'gemini-2.5-flash', responseId: answer.responseId, usage, usageSent: true, status: 200 }]);
  });

  it('bills the steered usage exactly: cached sound, thoughts and tool prompts each by their own rule', async () => {
    const usage = {
      promptTokenCount: 1_000, cachedContentTokenCount: 300, candidatesTokenCount: 50, thoughtsTokenCount: 20, toolUsePromptTokenCount: 10,
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: 600 }, { modality: 'AUDIO', tokenCount: 400 }],
      cacheTokensDetails: [{ modality: 'TEXT', tokenCount: 200 }, { modality: 'AUDIO', tokenCount: 100 }],
    };
    const answer = await client.models.generateContent({ ...ask, config: steer({ 'x-fake-usage': JSON.stringify(usage) }) });
    expect(answer.usageMetadata).toMatchObject({ ...usage, totalTokenCount: 1_080 });
    // (400 + 10) x 0.3 + 200 x 0.03 + 300 x 1 + 100 x 0.1 + 70 x 2.5 = 614 dollars a million
    expect(fake.totalServedUsd()).toBe('0.000614');
  });

  it('streams the usage so far with each chunk, and the same usage at the end', async () => {
    const usages = [];
    for await (const chunk of await client.models.generateContentStream({ ...ask, config: steer({ 'x-fake-chunks': '5' }) })) usages.push(chunk.usageMetadata!);
    expect(usages).toHaveLength(5);
    expect(usages.map((usage) => usage.candidatesTokenCount)).toEqual(usages.map((usage) => usage.candidatesTokenCount!).sort((a, b) => a - b));
    expect(usages.at(-1)).toEqual(fake.served[0]!.usage);
  });

  it('chats, calls functions, searches, paints', async () => {
    const chat = client.chats.create({ model: 'gemini-2.5-pro', config: { tools: [{ functionDeclarations: [lookup] }] } });
    const first = await chat.sendMessage({ message: 'Where is it?' });
    expect(first.functionCalls).toMatchObject([{ name: 'find_order', args: { order_id: expect.any(String) } }]);
    const second = await chat.sendMessage({ message: [{ functionResponse: { name: 'find_order', response: { found: true } } }] });
    expect(second.text!.length).toBeGreaterThan(0);
    const searched = await client.models.generateContent({ ...ask, config: { tools: [{ googleSearch: {} }] } });
    expect(searched.usageMetadata!.toolUsePromptTokenCount).toBeGreaterThan(0);
    expect(searched.candidates![0]!.groundingMetadata!.webSearchQueries).toHaveLength(1);
    const painted = await client.models.generateContent({ model: 'gemini-2.5-flash-image', contents: 'A bridge', config: { responseModalities: ['TEXT', 'IMAGE'] } });
    expect(painted.data).toEqual(expect.any(String));
    expect(painted.usageMetadata!.candidatesTokensDetails).toContainEqual({ modality: 'IMAGE', tokenCount: 1_290 });
    expect(fake.totals.unpriced).toBe(0);
  });

  it('finds a long prompt in its cache the second time', async () => {
    const config = { systemInstruction: 'You know this contract. '.repeat(400) };
    const first = await client.models.generateContent({ ...ask, config });
    const second = await client.models.generateContent({ ...ask, contents: 'And who signs it?', config });
    expect(first.usageMetadata).not.toHaveProperty('cachedContentTokenCount');
    expect(second.usageMetadata!.cachedContentTokenCount).toBeGreaterThanOrEqual(1_024);
  });

  it('embeds and counts', async () => {
    const { embeddings } = await client.models.embedContent({ model: 'gemini-embedding-001', contents: ['one page', 'another page'] });
    expect(embeddings).toHaveLength(2);
    expect(fake.served[0]).toMatchObject({ api: 'embed', usage: { promptTokenCount: 5 } });
    expect((await client.models.countTokens(ask)).totalTokens).toBeGreaterThan(3);
    expect(fake.served[1]!.usage).toBeNull();
  });
});

describe('errors', () => {
  it.each([[400, 'INVALID_ARGUMENT'], [403, 'PERMISSION_DENIED'], [404, 'NOT_FOUND'], [500, 'INTERNAL'], [503, 'UNAVAILABLE'], [504, 'DEADLINE_EXCEEDED']])('%i is %s', async (status, name) => {
    const failed = await client.models.generateContent({ ...ask, config: steer({ 'x-fake-error': String(status) }) }).catch((error: unknown) => error as ApiError);
    expect(failed).toMatchObject({ status });
    expect(JSON.parse((failed as ApiError).message)).toMatchObject({ error: { code: status, status: name } });
  });

  it('429 says how long to wait in its details, not in a header', async () => {
    const response = await fetch(`${fake.url}/v1beta/models/gemini-2.5-flash:generateContent`, {
      method: 'POST', body: JSON.stringify({ contents: [{ parts: [{ text: 'hi' }] }] }), headers: { 'x-goog-api-key': 'k', 'content-type': 'application/json', 'x-fake-error': '429', 'x-fake-retry-after-ms': '1500' },
    });
    expect(response.headers.get('retry-after')).toBeNull();
    const { error } = (await response.json()) as { error: { details: unknown[] } };
    expect(error.details).toContainEqual({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '1.5s' });
  });

  it('a stream that fails says so in a chunk', async () => {
    const stream = await client.models.generateContentStream({ ...ask, config: steer({ 'x-fake-error-after': '2', 'x-fake-chunks': '5' }) });
    const read = async (): Promise<void> => {
      for await (const _chunk of stream) continue;
    };
    await expect(read()).rejects.toMatchObject({ status: 503 });
    expect(fake.served[0]).toMatchObject({ broken: true, errorType: 'stream_error' });
  });
});
