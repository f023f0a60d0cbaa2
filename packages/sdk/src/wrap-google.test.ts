/** The official `@google/genai` client against the fake that knows what it served. */
import { GoogleGenAI } from '@google/genai';
import { type Fake, type FakeOptions, startFakeGoogle } from '@outlay/fakes';
import { afterEach, describe, expect, it } from 'vitest';
import type { WireEvent } from './events.js';
import { wrapGoogle } from './index.js';
import { createFixture, type Fixture, until } from './testing/outlay-fixture.js';
import type { WrapOptions } from './types.js';

interface Setup {
  readonly fake: Fake;
  readonly fixture: Fixture;
  readonly plain: GoogleGenAI;
  readonly client: GoogleGenAI;
  readonly calls: () => Promise<readonly WireEvent[]>;
}

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function start(options: FakeOptions = {}, wrap: WrapOptions = {}): Promise<Setup> {
  const fake = await startFakeGoogle(options);
  const fixture = await createFixture({ models: ['gemini-2.5-flash', 'gemini-2.5-pro'] });
  open.push(fixture, fake);
  const plain = new GoogleGenAI({ apiKey: 'test', httpOptions: { baseUrl: fake.baseURL } });
  return { fake, fixture, plain, client: fixture.outlay.wrapGoogle(plain, wrap), calls: async () => (await fixture.outlay.flush(), fixture.ledger.calls()) };
}

const contents = 'When does the notice period end?';
const ask = { model: 'gemini-2.5-flash', contents };
const base = { customerId: 'c1', workflow: 'pdf_question' };
const steer = (headers: Record<string, string>) => ({ httpOptions: { headers } });
const modalities = {
  promptTokenCount: 1_000, cachedContentTokenCount: 300, candidatesTokenCount: 50, thoughtsTokenCount: 20, toolUsePromptTokenCount: 10,
  promptTokensDetails: [{ modality: 'TEXT', tokenCount: 600 }, { modality: 'AUDIO', tokenCount: 400 }],
  cacheTokensDetails: [{ modality: 'TEXT', tokenCount: 200 }, { modality: 'AUDIO', tokenCount: 100 }],
};

describe('generateContent', () => {
  it('is recorded with the provider\'s own usage, thoughts, cache and modalities included', async () => {
    const { client, fake, calls } = await start();
    const answer = await client.models.generateContent({ ...ask, config: steer({ 'x-fake-usage': JSON.stringify(modalities) }) });
    const [call] = await calls();
    expect(call).toMatchObject({
      provider: 'google', api: 'default', model_requested: 'gemini-2.5-flash', model_served: 'gemini-2.5-flash', service_tier_served: 'standard',
      provider_request_id: answer.responseId, status: 'succeeded', source: 'sdk', latency_ms: expect.any(Number),
    });
    expect(call!['usage']).toEqual(fake.served[0]!.usage);
    expect(call!['usage']).toMatchObject(modalities);
    expect(call).not.toHaveProperty('region');
  });

  it('names the model that served, and the tier asked for and got', async () => {
    const { client, calls } = await start();
    const config = { ...steer({ 'x-fake-model': 'gemini-2.5-flash-preview-09-2025', 'x-fake-usage': '{"serviceTier":"flex"}' }), serviceTier: 'flex' as const };
    await client.models.generateContent({ ...ask, config: config as never });
    expect(await calls()).toMatchObject([{ model_requested: 'gemini-2.5-flash', model_served: 'gemini-2.5-flash-preview-09-2025', service_tier_requested: 'flex', service_tier_served: 'flex' }]);
  });

  it('joins the surrounding run; chats, function calls, searches and pictures go through it too', async () => {
    const { client, fake, fixture, calls } = await start();
    await fixture.outlay.run({
      ...base,
      runId: 'job-9',
      action: async ({ model }) => {
        const chat = client.chats.create({ model, config: { tools: [{ functionDeclarations: [{ name: 'find', parametersJsonSchema: { type: 'object', properties: { q: { type: 'string' } } } }] }] } });
        const first = await chat.sendMessage({ message: contents });
        expect(first.functionCalls!.length).toBe(1);
        for await (const _chunk of await chat.sendMessageStream({ message: [{ functionResponse: { name: 'find', response: { ok: true } } }] })) continue;
        await client.models.generateContent({ model, contents, config: { tools: [{ googleSearch: {} }] } });
        await client.models.generateContent({ model: 'gemini-2.5-flash-image', contents, config: { responseModalities: ['TEXT', 'IMAGE'] } });
      },
    });
    const recorded = await calls();
    expect(recorded.map((call) => call['usage'])).toEqual(fake.served.map(({ usage }) => usage));
    expect(recorded.every((call) => call['run_id'] === 'job-9' && call['workflow'] === 'pdf_question')).toBe(true);
    expect(recorded[2]).toMatchObject({ extras: [{ kind: 'web_search', quantity: 1, unit: 'search' }], usage: { toolUsePromptTokenCount: expect.any(Number) } });
    expect(recorded[0]).not.toHaveProperty('extras');
  });

  it('the original client stays unwrapped, wrapping twice records once, and the rest of the client works', async () => {
    const { client, plain, fixture, calls } = await start();
    await plain.models.generateContent(ask);
    expect(await calls()).toEqual([]);
    const twice = wrapGoogle(fixture.outlay, client, { feature: 'twice' });
    expect(twice).toBeInstanceOf(GoogleGenAI);
    await twice.models.generateContent(ask);
    expect(await calls()).toMatchObject([{ feature: 'twice' }]);
    await twice.models.countTokens(ask);
    expect(twice.files).toBe(plain.files);
    expect(fixture.codes()).toEqual([]);
    expect((await calls()).length).toBe(1);
  });

  it('Vertex: the same provider, with the region of the request', async () => {
    const { fake, fixture, calls } = await start();
    const vertex = new GoogleGenAI({ vertexai: true, project: 'p', location: 'europe-west4', googleAuthOptions: { authClient: { getRequestHeaders: () => Promise.resolve(new Headers({ authorization: 'Bearer t' })) } as never }, httpOptions: { baseUrl: fake.baseURL } });
    const client = fixture.outlay.wrapGoogle(vertex);
    await client.models.generateContent({ ...ask, config: steer({ 'x-fake-usage': '{"trafficType":"ON_DEMAND_PRIORITY"}', 'x-vertex-ai-llm-shared-request-type': 'priority' }) });
    expect(await calls()).toMatchObject([{ provider: 'google', model_requested: 'gemini-2.5-flash', region: 'europe-west4', service_tier_requested: 'priority', service_tier_served: 'ON_DEMAND_PRIORITY' }]);
    expect(fake.served[0]!.path).toBe('/v1beta1/projects/p/locations/europe-west4/publishers/google/models/gemini-2.5-flash:generateContent');
  });

  it('refuses what is no client, and says that interactions are not seen', async () => {
    const { client, fixture } = await start();
    expect(() => fixture.outlay.wrapGoogle({ models: {} })).toThrow(expect.objectContaining({ code: 'client_not_supported' }));
    expect(typeof client.interactions.create).toBe('function');
    expect(fixture.codes()).toEqual(['call_not_recorded']);
  });
});

describe('streams', () => {
  it('carry the last usage, each chunk as it came and as soon as it came', async () => {
    const { client, fake, calls } = await start();
    const config = steer({ 'x-fake-chunks': '5', 'x-fake-chunk-delay-ms': '30', 'x-fake-text': 'one two three four five' });
    const at: number[] = [];
    let text = '';
    const sent: (number | undefined)[] = [];
    for await (const chunk of await client.models.generateContentStream({ ...ask, config })) {
      at.push(performance.now());
      text += chunk.text;
      sent.push(chunk.usageMetadata!.candidatesTokenCount);
    }
    expect(text).toBe('one two three four five');
    expect(sent.length).toBe(5);
    expect(at.at(-1)! - at[0]!).toBeGreaterThan(80);
    const [call] = await calls();
    expect(call!['usage']).toEqual(fake.served[0]!.usage);
    expect(call).toMatchObject({ status: 'succeeded', ttft_ms: expect.any(Number) });
    expect(call!['ttft_ms']).toBeLessThan((call!['latency_ms'] as number) - 80);
  });

  it('returned by a run end it', async () => {
    const { client, fixture } = await start();
    const stream = await fixture.outlay.run({ ...base, action: ({ model }) => client.models.generateContentStream({ model, contents }) });
    expect(fixture.outlay.stats().openRuns).toBe(1);
    for await (const _chunk of stream) continue;
    await fixture.outlay.flush();
    expect(fixture.ledger.outcomes()).toMatchObject([{ outcome: 'usable' }]);
    expect(fixture.ledger.calls()[0]!.run_id).toBe(fixture.ledger.outcomes()[0]!.run_id);
  });

  it('left early are stopped at the provider and recorded as aborted, by what was stated so far', async () => {
    const { client, fake, calls } = await start();
    const config = steer({ 'x-fake-chunks': '8', 'x-fake-chunk-delay-ms': '25', 'x-fake-usage': JSON.stringify({ ...modalities, candidatesTokenCount: 80, thoughtsTokenCount: 16 }) });
    let seen = 0;
    for await (const _chunk of await client.models.generateContentStream({ ...ask, config })) if ((seen += 1) === 3) break;
    expect(await calls()).toMatchObject([{ status: 'aborted', estimated: true, quantities: { input_uncached: 710, cache_read: 300, output_text: 30, output_reasoning: 16 } }]);
    await until('the provider was told to stop', () => fake.served[0]!.aborted);
  });

  it('cancelled by a signal, the caller\'s or the run\'s', async () => {
    const { client, fixture, calls } = await start();
    const slow = steer({ 'x-fake-chunks': '8', 'x-fake-chunk-delay-ms': '25' });
    const mine = new AbortController();
    const read = async (stream: AsyncIterable<unknown>, stop: AbortController): Promise<void> => {
      for await (const _chunk of stream) stop.abort();
    };
    await expect(read(await client.models.generateContentStream({ ...ask, config: { ...slow, abortSignal: mine.signal } }), mine)).rejects.toThrow();
    const runs = new AbortController();
    const stream = await fixture.outlay.run({ ...base, signal: runs.signal, action: ({ model }) => client.models.generateContentStream({ model, contents, config: slow }) });
    await expect(read(stream, runs)).rejects.toThrow();
    expect((await calls()).map((call) => [call['status'], call['estimated']])).toEqual([['aborted', true], ['aborted', true]]);
  });

  it('that fail or break off are failed, with an estimate of what was generated', async () => {
    const { client, calls } = await start();
    const read = async (header: string): Promise<void> => {
      for await (const _chunk of await client.models.generateContentStream({ ...ask, config: steer({ [header]: '2', 'x-fake-chunks': '5' }) })) continue;
    };
    await expect(read('x-fake-error-after')).rejects.toThrow();
    await expect(read('x-fake-break-after')).rejects.toThrow();
    expect(await calls()).toMatchObject([
      { status: 'failed', error_class: 'UNAVAILABLE', estimated: true, quantities: { input_uncached: expect.any(Number), output_text: expect.any(Number) } },
      { status: 'failed', estimated: true },
    ]);
  });
});

describe('errors and retries', () => {
  it('the client\'s own retries are calls of their own, numbered, and counted by the run\'s policy', async () => {
    const { fixture, fake, calls } = await start();
    const retrying = new GoogleGenAI({ apiKey: 'test', httpOptions: { baseUrl: fake.baseURL, retryOptions: { attempts: 3, initialDelay: 0.001, maxDelay: 0.002 } } });
    const client = fixture.outlay.wrapGoogle(retrying);
    await fixture.outlay.run({ ...base, action: ({ model }) => client.models.generateContent({ model, contents, config: steer({ 'x-fake-error': '503', 'x-fake-error-times': '2', 'x-fake-key': 'k' }) }) });
    expect((await calls()).map((call) => [call['attempt'], call['attempt_kind'], call['status'], call['error_class']])).toEqual([
      [1, 'first', 'failed', 'UNAVAILABLE'],
      [2, 'retry', 'failed', 'UNAVAILABLE'],
      [3, 'retry', 'succeeded', undefined],
    ]);
  });

  it('a run waits as long as RetryInfo says, then falls back', async () => {
    const { client, fixture, calls } = await start();
    const startedMs = performance.now();
    await fixture.outlay.run({
      ...base,
      action: ({ model }) => client.models.generateContent({ model, contents, config: steer({ 'x-fake-error': '429', 'x-fake-retry-after-ms': '150', 'x-fake-error-times': '2', 'x-fake-key': 'k' }) }),
    });
    expect(performance.now() - startedMs).toBeGreaterThan(140);
    expect((await calls()).map((call) => [call['model_requested'], call['attempt'], call['attempt_kind'], call['error_class']])).toEqual([
      ['gemini-2.5-flash', 1, 'first', 'RESOURCE_EXHAUSTED'],
      ['gemini-2.5-flash', 2, 'retry', 'RESOURCE_EXHAUSTED'],
      ['gemini-2.5-pro', 3, 'fallback', undefined],
    ]);
  });

  it('a wrong request fails at once, as without us', async () => {
    const { client, calls } = await start();
    await expect(client.models.generateContent({ model: 'no-such-model', contents })).rejects.toMatchObject({ status: 404 });
    expect(await calls()).toMatchObject([{ model_requested: 'no-such-model', status: 'failed', error_class: 'NOT_FOUND' }]);
  });
});

describe('embeddings and pictures', () => {
  it('embedContent: usage where the API states it, the count beside each vector on Vertex', async () => {
    const { client, fake, fixture, calls } = await start();
    await client.models.embedContent({ model: 'gemini-embedding-001', contents: ['one page', 'another page'] });
    const vertex = fixture.outlay.wrapGoogle(new GoogleGenAI({ vertexai: true, apiKey: 'test', httpOptions: { baseUrl: fake.baseURL } }));
    await vertex.models.embedContent({ model: 'gemini-embedding-001', contents: ['one page', 'another page'] });
    const [gemini, predicted] = await calls();
    expect(gemini).toMatchObject({ provider: 'google', api: 'default', model_requested: 'gemini-embedding-001', usage: fake.served[0]!.usage, status: 'succeeded' });
    expect(predicted).toMatchObject({ model_requested: 'gemini-embedding-001', quantities: { input_uncached: fake.served[1]!.usage!['promptTokenCount'] }, status: 'succeeded' });
    expect(predicted).not.toHaveProperty('estimated');
  });

  it('generateImages: Imagen states no usage, so its pictures are counted', async () => {
    const { fake, fixture, calls } = await start();
    const client = fixture.outlay.wrapGoogle(new GoogleGenAI({ vertexai: true, apiKey: 'test', httpOptions: { baseUrl: fake.baseURL } }));
    const made = await client.models.generateImages({ model: 'imagen-4.0-generate-001', prompt: 'A bridge', config: { numberOfImages: 2 } });
    expect(made.generatedImages!.length).toBe(2);
    expect(await calls()).toMatchObject([{ model_requested: 'imagen-4.0-generate-001', extras: [{ kind: 'image', quantity: 2, unit: 'image' }], status: 'succeeded' }]);
  });
});
