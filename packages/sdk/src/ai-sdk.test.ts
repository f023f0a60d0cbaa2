/** The Vercel AI SDK with its official providers, against the fakes that know what they served. */
import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { type Fake, type FakeOptions, startFakeAnthropic, startFakeGoogle, startFakeOpenAI } from '@outlay/fakes';
import { embedMany, generateObject, generateText, jsonSchema, type LanguageModel, stepCountIs, streamObject, streamText, tool, wrapEmbeddingModel, wrapLanguageModel } from 'ai';
import { MockLanguageModelV3, simulateReadableStream } from 'ai/test';
import { afterEach, describe, expect, it } from 'vitest';
import { readSpokenApi } from './ai-sdk-provider.js';
import { tapParts } from './ai-sdk-stream.js';
import type { WireEvent } from './events.js';
import { createFacts } from './facts.js';
import { outlayMiddleware } from './index.js';
import { createFixture, type Fixture, until } from './testing/outlay-fixture.js';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

type Kind = 'openai.chat' | 'openai.responses' | 'anthropic' | 'google';
const KINDS: readonly Kind[] = ['openai.chat', 'openai.responses', 'anthropic', 'google'];
const MODELS = { 'openai.chat': 'gpt-5-mini', 'openai.responses': 'gpt-5-mini', anthropic: 'claude-sonnet-5', google: 'gemini-2.5-flash' } as const;

interface Setup {
  readonly fake: Fake;
  readonly fixture: Fixture;
  readonly model: LanguageModel;
  readonly calls: () => Promise<readonly WireEvent[]>;
}

async function start(kind: Kind, options: FakeOptions = {}): Promise<Setup> {
  const fixture = await createFixture({ models: ['m'] });
  const fake = await (kind === 'anthropic' ? startFakeAnthropic(options) : kind === 'google' ? startFakeGoogle(options) : startFakeOpenAI(options));
  open.push(fixture, fake);
  const plain =
    kind === 'anthropic' ? createAnthropic({ apiKey: 'sk-ant-test', baseURL: `${fake.baseURL}/v1` })(MODELS[kind])
      : kind === 'google' ? createGoogleGenerativeAI({ apiKey: 'test', baseURL: `${fake.baseURL}/v1beta` })(MODELS[kind])
        : createOpenAI({ apiKey: 'sk-test', baseURL: fake.baseURL })[kind === 'openai.chat' ? 'chat' : 'responses'](MODELS[kind]);
  const model = wrapLanguageModel({ model: plain, middleware: fixture.outlay.outlayMiddleware() });
  return { fake, fixture, model, calls: async () => (await fixture.outlay.flush(), fixture.ledger.calls()) };
}

const prompt = 'When does the notice period end?';
const base = { customerId: 'c1', workflow: 'agent' };
const usages = (fake: Fake) => fake.served.map(({ usage }) => usage);
const find = tool({ description: 'Finds an order', inputSchema: jsonSchema<{ id: string }>({ type: 'object', properties: { id: { type: 'string' } }, required: ['id'] }), execute: () => Promise.resolve('found') });

describe.each(KINDS)('%s', (kind) => {
  const provider = kind.split('.')[0]!;

  it('generateText: the provider\'s own usage, model, tier and ids', async () => {
    const { model, fake, calls } = await start(kind);
    await generateText({ model, prompt });
    const [call] = await calls();
    expect(call).toMatchObject({ provider, model_requested: MODELS[kind], model_served: fake.served[0]!.model, status: 'succeeded', latency_ms: expect.any(Number), attempt: 1, source: 'sdk' });
    expect(call!['api']).toBe(kind === 'openai.chat' ? 'chat' : kind === 'openai.responses' ? 'responses' : 'default');
    expect(call!['usage']).toEqual(fake.served[0]!.usage);
    expect(call!['service_tier_served']).toBe(fake.served[0]!.tier);
    expect(call!['provider_request_id']).toBe(kind === 'google' ? fake.served[0]!.responseId : fake.served[0]!.requestId);
  });

  it('streamText: the same, from the stream, part by part as it comes', async () => {
    const { model, fake, calls } = await start(kind);
    const at: number[] = [];
    const types = new Set<string>();
    const { fullStream } = streamText({ model, prompt, headers: { 'x-fake-chunks': '5', 'x-fake-chunk-delay-ms': '25', 'x-fake-text': 'one two three four five' } });
    let text = '';
    for await (const part of fullStream) {
      types.add(part.type);
      if (part.type !== 'text-delta') continue;
      at.push(performance.now());
      text += part.text;
    }
    expect(text).toBe('one two three four five');
    expect(types).not.toContain('raw');
    expect(at.at(-1)! - at[0]!).toBeGreaterThan(60);
    const [call] = await calls();
    expect(call).toMatchObject({ provider, model_requested: MODELS[kind], model_served: fake.served[0]!.model, status: 'succeeded', ttft_ms: expect.any(Number) });
    expect(call!['usage']).toEqual(fake.served[0]!.usage);
    expect(call!['ttft_ms']).toBeLessThan((call!['latency_ms'] as number) - 60);
  });

  it('an agent\'s steps are calls of their own, joined to the run', async () => {
    const { model, fake, fixture, calls } = await start(kind);
    await fixture.outlay.run({ ...base, runId: 'job-1', action: async () => {
      const { steps } = await generateText({ model, prompt, tools: { find }, stopWhen: stepCountIs(3) });
      expect(steps.length).toBe(2);
      const streamed = streamText({ model, prompt, tools: { find }, stopWhen: stepCountIs(3) });
      for await (const _part of streamed.fullStream) continue;
    } });
    const recorded = await calls();
    expect(recorded.map((call) => call['usage'])).toEqual(usages(fake));
    expect(recorded.map((call) => [call['run_id'], call['workflow'], call['attempt']])).toEqual(Array.from({ length: 4 }, () => ['job-1', 'agent', 1]));
  });

  it('a stream that is aborted is recorded, with an estimate of what was seen', async () => {
    const { model, fake, calls } = await start(kind);
    const stop = new AbortController();
    const { fullStream } = streamText({ model, prompt, abortSignal: stop.signal, headers: { 'x-fake-chunks': '9', 'x-fake-chunk-delay-ms': '25' } });
    let seen = 0;
    for await (const part of fullStream) if (part.type === 'text-delta' && (seen += 1) === 3) stop.abort();
    expect(await calls()).toMatchObject([{ status: 'aborted', estimated: true, model_requested: MODELS[kind], quantities: { input_uncached: expect.any(Number), output_text: expect.any(Number) } }]);
    await until('the provider was told to stop', () => fake.served[0]!.aborted);
  });

  it('the AI SDK\'s own retries are calls of their own, each counted once', async () => {
    const { model, fixture, calls } = await start(kind);
    const headers = { 'x-fake-error': kind === 'anthropic' ? '529' : '503', 'x-fake-error-times': '1', 'x-fake-key': 'k', 'x-fake-retry-after-ms': '1' };
    await fixture.outlay.run({ ...base, action: () => generateText({ model, prompt, maxRetries: 1, headers }) });
    expect((await calls()).map((call) => [call['attempt'], call['attempt_kind'], call['status'], call['error_class']])).toEqual([
      [1, 'first', 'failed', kind === 'anthropic' ? 'overloaded_error' : kind === 'google' ? 'UNAVAILABLE' : 'server_error'],
      [2, 'retry', 'succeeded', undefined],
    ]);
  });
});

describe('other ways in', () => {
  it('generateObject and streamObject', async () => {
    const { model, fake, calls } = await start('openai.responses', { scenario: () => ({ text: '{"days":30}' }) });
    const schema = jsonSchema<{ days: number }>({ type: 'object', properties: { days: { type: 'number' } }, required: ['days'], additionalProperties: false });
    expect((await generateObject({ model, prompt, schema })).object).toEqual({ days: 30 });
    const streamed = streamObject({ model, prompt, schema });
    for await (const _part of streamed.fullStream) continue;
    expect(await streamed.object).toEqual({ days: 30 });
    expect((await calls()).map((call) => call['usage'])).toEqual(usages(fake));
  });

  it('labels of the middleware, of the call, and of the run: the nearest wins', async () => {
    const { fixture, calls } = await start('openai.chat');
    const model = wrapLanguageModel({ model: mock({ inputTokens: 3, outputTokens: 2 }), middleware: outlayMiddleware(fixture.outlay, { customerId: 'c9', workflow: 'batch', providerAccount: 'team' }) });
    const providerOptions = { outlay: { feature: 'summary', customerId: 'c2' } };
    await generateText({ model, prompt });
    await fixture.outlay.run({ ...base, action: () => generateText({ model, prompt, providerOptions }) });
    expect((await calls()).map((call) => [call['customer_id'], call['workflow'], call['feature'], call['provider_account']])).toEqual([['c9', 'batch', undefined, 'team'], ['c2', 'agent', 'summary', 'team']]);
  });

  it('embeddings', async () => {
    const { fake, fixture, calls } = await start('openai.chat');
    const plain = createOpenAI({ apiKey: 'sk-test', baseURL: fake.baseURL }).embedding('text-embedding-3-small');
    const model = wrapEmbeddingModel({ model: plain, middleware: fixture.outlay.outlayMiddleware() });
    const { embeddings } = await embedMany({ model, values: ['one page', 'another'] });
    expect(embeddings.length).toBe(2);
    expect(await calls()).toMatchObject([{ provider: 'openai', api: 'embeddings', model_requested: 'text-embedding-3-small', usage: fake.served[0]!.usage }]);
  });

  it('a provider that nobody knows: its digest, with whatever raw usage it carries', async () => {
    const { fixture, calls } = await start('openai.chat');
    const raw = { in: 3, out: 2 };
    for (const model of [mock({ inputTokens: 3, outputTokens: 2, raw }), mock({ inputTokens: 3, outputTokens: 2 })]) {
      const wrapped = wrapLanguageModel({ model, middleware: fixture.outlay.outlayMiddleware() });
      await generateText({ model: wrapped, prompt });
      for await (const _part of streamText({ model: wrapped, prompt, includeRawChunks: true }).fullStream) continue;
    }
    const recorded = await calls();
    expect(recorded.map((call) => [call['provider'], call['api'], call['model_requested']])).toEqual(Array.from({ length: 4 }, () => ['some-host', 'ai-sdk', 'some-model']));
    expect(recorded[0]!['usage']).toEqual({ inputTokens: { total: 3, noCache: 3, cacheRead: 0, cacheWrite: 0 }, outputTokens: { total: 2, text: 2, reasoning: 0 }, raw });
    expect(recorded[1]!['usage']).toEqual(recorded[0]!['usage']);
    expect(recorded[2]!['usage']).not.toHaveProperty('raw');
  });

  it('a reader that leaves without a word is given up in time, and may come back', async () => {
    const ends: string[] = [];
    const unused = () => undefined;
    const source = simulateReadableStream<unknown>({ chunks: ['a', 'b', { type: 'finish', usage: {} }] });
    const tap = { facts: createFacts(), read: undefined, keepRaw: false, drain: false, ended: new AbortController().signal, stop: unused, later: unused, onEnd: (how: string) => void ends.push(how) };
    const reader = tapParts(source, tap, 40).getReader();
    await reader.read();
    expect(ends).toEqual([]);
    await until('it was given up', () => ends.length === 1);
    expect((await reader.read()).value).toBe('b');
    await reader.read();
    expect((await reader.read()).done).toBe(true);
    expect(ends).toEqual(['cancelled']);
  });

  it('a run falls back after what the AI SDK gave up, and follows the run\'s signal', async () => {
    const { model, fixture, calls } = await start('openai.chat', { scenario: ({ number }) => (number <= 2 ? { error: 503 } : undefined) });
    await fixture.outlay.run({ ...base, models: ['a', 'b'], retry: { attemptsPerModel: 2, baseDelayMs: 0 }, action: () => generateText({ model, prompt, maxRetries: 1, headers: { 'x-fake-retry-after-ms': '1' } }) });
    expect((await calls()).map((call) => [call['attempt'], call['attempt_kind'], call['status']])).toEqual([[1, 'first', 'failed'], [2, 'retry', 'failed'], [3, 'fallback', 'succeeded']]);
    const stop = new AbortController();
    const hanging = fixture.outlay.run({ ...base, signal: stop.signal, action: () => generateText({ model, prompt, maxRetries: 0, headers: { 'x-fake-delay-ms': '60000' } }) });
    await until('the request is out', () => fixture.outlay.stats().openCalls === 1);
    stop.abort();
    await expect(hanging).rejects.toThrow();
    expect((await calls()).at(-1)).toMatchObject({ status: 'aborted', estimated: true });
  });

  it('a dead provider fails as without us, and costs nothing', async () => {
    const { fake, fixture, calls } = await start('openai.chat');
    await fake.close();
    const model = wrapLanguageModel({ model: createOpenAI({ apiKey: 'k', baseURL: fake.baseURL }).chat('gpt-5'), middleware: fixture.outlay.outlayMiddleware() });
    await expect(generateText({ model, prompt, maxRetries: 0 })).rejects.toThrow('Cannot connect');
    const [call] = await calls();
    expect(call).toMatchObject({ status: 'failed', provider: 'openai' });
    expect(call).not.toHaveProperty('quantities');
  });
});

describe('readSpokenApi', () => {
  it.each([
    ['openai.responses', 'gpt-5', 'openai', 'gpt-5', 'responses'],
    ['azure.chat', 'my-deployment', 'azure', 'my-deployment', 'chat'],
    ['anthropic.messages', 'claude', 'anthropic', 'claude', 'default'],
    ['vertex.anthropic.messages', 'claude', 'google', 'claude', 'anthropic'],
    ['google.generative-ai', 'gemini', 'google', 'gemini', 'default'],
    ['google.vertex.chat', 'gemini', 'google', 'gemini', 'default'],
    ['xai.chat', 'grok', 'x-ai', 'grok', 'chat'],
    ['groq.chat', 'llama', 'groq', 'llama', 'chat'],
    ['amazon-bedrock', 'anthropic.claude', 'aws', 'anthropic.claude', undefined],
    ['gateway', 'xai/grok-4', 'x-ai', 'grok-4', undefined],
    ['openrouter.chat', 'openai/gpt-5', 'openrouter', 'openai/gpt-5', 'chat'],
  ])('%s with %s', (name, modelId, provider, model, api) => {
    expect(readSpokenApi(name, modelId)).toMatchObject({ provider, model });
    expect(readSpokenApi(name, modelId).api).toBe(api);
  });
});

function mock({ inputTokens, outputTokens, raw }: { inputTokens: number; outputTokens: number; raw?: Record<string, number> }): MockLanguageModelV3 {
  const usage = {
    inputTokens: { total: inputTokens, noCache: inputTokens, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: outputTokens, text: outputTokens, reasoning: 0 },
    ...(raw ? { raw } : {}),
  };
  const finishReason = { unified: 'stop' as const, raw: 'stop' };
  return new MockLanguageModelV3({
    provider: 'some-host',
    modelId: 'some-model',
    doGenerate: { content: [{ type: 'text', text: 'Hello' }], finishReason, usage, warnings: [] },
    doStream: {
      stream: simulateReadableStream({
        chunks: [{ type: 'stream-start', warnings: [] }, { type: 'text-start', id: '1' }, { type: 'text-delta', id: '1', delta: 'Hello' }, { type: 'text-end', id: '1' }, { type: 'finish', finishReason, usage }],
      }),
    },
  });
}
