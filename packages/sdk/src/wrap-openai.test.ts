/** The official `openai` client against the fake that knows what it served. */
import { type Fake, type FakeOptions, startFakeOpenAI } from '@outlay/fakes';
import OpenAI, { AzureOpenAI } from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import { createFixture, type Fixture, until } from './testing/outlay-fixture.js';
import type { WireEvent } from './events.js';
import type { OutlayOptions, WrapOptions } from './types.js';

interface Setup {
  readonly fake: Fake;
  readonly fixture: Fixture;
  readonly plain: OpenAI;
  readonly client: OpenAI;
  readonly calls: () => Promise<readonly WireEvent[]>;
}

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function start(options: FakeOptions = {}, { maxRetries = 0, wrap = {}, outlay = {} }: { maxRetries?: number; wrap?: WrapOptions; outlay?: Partial<OutlayOptions> } = {}): Promise<Setup> {
  const fake = await startFakeOpenAI(options);
  const fixture = await createFixture({ models: ['gpt-5-mini'], ...outlay });
  open.push(fixture, fake);
  const plain = new OpenAI({ apiKey: 'sk-test', baseURL: fake.baseURL, maxRetries });
  const client = fixture.outlay.wrapOpenAI(plain, wrap);
  return { fake, fixture, plain, client, calls: async () => (await fixture.outlay.flush(), fixture.ledger.calls()) };
}

const ask = [{ role: 'user' as const, content: 'When does the notice period end?' }];
const base = { customerId: 'c1', workflow: 'pdf_question' };
const header = (headers: Record<string, string>) => ({ headers });
const lookup = {
  type: 'function' as const,
  function: { name: 'find_order', parameters: { type: 'object', properties: { order_id: { type: 'string' } }, required: ['order_id'] } },
};

describe('chat completions', () => {
  it('are recorded with the provider\'s own usage, models, tier and request id', async () => {
    const { client, fake, calls } = await start();
    const { data, response, request_id: requestId } = await client.chat.completions.create({ model: 'gpt-5-mini', messages: ask, service_tier: 'flex' }, header({ 'x-fake-usage': '{"dream_tokens":7}' })).withResponse();
    expect(response.url).toBe(`${fake.baseURL}/chat/completions`);
    const [call] = await calls();
    expect(call).toMatchObject({
      provider: 'openai',
      api: 'chat',
      model_requested: 'gpt-5-mini',
      model_served: data.model,
      service_tier_requested: 'flex',
      service_tier_served: 'flex',
      provider_request_id: requestId,
      status: 'succeeded',
      source: 'sdk',
      attempt: 1,
      attempt_kind: 'first',
      latency_ms: expect.any(Number),
    });
    expect(call!['usage']).toEqual(fake.served[0]!.usage);
    expect(call).not.toHaveProperty('ttft_ms');
  });

  it('streamed: usage is asked for, its chunk hidden, everything else as without the wrapper', async () => {
    const { client, plain, fake, calls } = await start();
    const request = { model: 'gpt-5-mini', messages: ask, stream: true as const };
    const options = header({ 'x-fake-chunks': '5', 'x-fake-text': 'Thirty days after notice.' });
    const collect = async (from: OpenAI): Promise<OpenAI.ChatCompletionChunk[]> => {
      const chunks = [];
      for await (const chunk of await from.chat.completions.create(request, options)) chunks.push(chunk);
      return chunks;
    };
    const bare = await collect(plain);
    const wrapped = await collect(client);
    const shapes = (chunks: OpenAI.ChatCompletionChunk[]): unknown => chunks.map((chunk) => chunk.choices);
    expect(shapes(wrapped)).toEqual(shapes(bare));
    expect(wrapped.some((chunk) => chunk.usage)).toBe(false);
    const [call] = await calls();
    expect(call!['usage']).toEqual(fake.served[1]!.usage);
    expect(call).toMatchObject({ status: 'succeeded', ttft_ms: expect.any(Number), model_served: 'gpt-5-mini-2025-08-07' });
    expect(call).not.toHaveProperty('estimated');
  });

  it('streamed with include_usage: the caller gets the chunk it asked for', async () => {
    const { client, fake, calls } = await start();
    const chunks = [];
    for await (const chunk of await client.chat.completions.create({ model: 'gpt-5-mini', messages: ask, stream: true, stream_options: { include_usage: true } })) chunks.push(chunk);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: fake.served[0]!.usage });
    expect((await calls())[0]!['usage']).toEqual(fake.served[0]!.usage);
  });

  it('no chunk is delayed: each is there before the provider says the next', async () => {
    const { fixture, calls } = await start();
    const encoder = new TextEncoder();
    const say = (delta: object, more: object = {}): Uint8Array => encoder.encode(`data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: null }], ...more })}\n\n`);
    let provider!: ReadableStreamDefaultController<Uint8Array>;
    const body = new ReadableStream<Uint8Array>({ start: (controller) => void (provider = controller) });
    const answer = (): Promise<Response> => Promise.resolve(new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
    const stream = await fixture.outlay.wrapOpenAI(new OpenAI({ apiKey: 'k', fetch: answer })).chat.completions.create({ model: 'm', messages: ask, stream: true });
    const reader = stream[Symbol.asyncIterator]();
    for (const word of ['one', 'two', 'three']) {
      provider.enqueue(say({ content: word }));
      // Would wait for ever if anything were held back until more comes.
      expect((await reader.next()).value?.choices[0]?.delta.content).toBe(word);
    }
    provider.enqueue(encoder.encode('data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":3,"total_tokens":4}}\n\ndata: [DONE]\n\n'));
    provider.close();
    expect(await reader.next()).toMatchObject({ done: true });
    expect((await calls())[0]!['usage']).toMatchObject({ completion_tokens: 3 });
  });

  it('the event\'s id is made before the call, and says when', async () => {
    const { fake, client, calls } = await start();
    const beforeMs = Date.now();
    await client.chat.completions.create({ model: 'gpt-4o-mini', messages: ask }, header({ 'x-fake-delay-ms': '50' }));
    const [call] = await calls();
    const idMs = Number.parseInt(call!.id!.replaceAll('-', '').slice(0, 12), 16);
    expect(idMs).toBeGreaterThanOrEqual(beforeMs);
    expect(idMs).toBeLessThanOrEqual(fake.served[0]!.atMs);
    expect(new Date(call!.occurred_at).getTime()).toBe(idMs);
  });

  it('tool calls, the stream helper, runTools, asResponse and parse work unchanged, each request one call', async () => {
    const { client, fake, calls } = await start({ seed: 3 });
    const tool = await client.chat.completions.create({ model: 'gpt-4o-mini', messages: ask, tools: [lookup] });
    expect(tool.choices[0]!.message.tool_calls![0]).toMatchObject({ type: 'function', function: { name: 'find_order' } });
    const final = await client.chat.completions.stream({ model: 'gpt-4o-mini', messages: ask, tools: [lookup] }, header({ 'x-fake-tool': 'none' })).finalChatCompletion();
    expect(final.choices[0]!.finish_reason).toBe('stop');
    const runner = client.chat.completions.runTools({
      model: 'gpt-4o-mini',
      messages: ask,
      stream: true,
      tools: [{ type: 'function', function: { ...lookup.function, description: 'finds an order', parse: (text: string) => JSON.parse(text) as { order_id: string }, function: () => 'shipped' } }],
    });
    expect(await runner.finalContent()).toEqual(expect.any(String));
    const raw = await client.chat.completions.create({ model: 'gpt-4o-mini', messages: ask }).asResponse();
    expect(((await raw.json()) as { object: string }).object).toBe('chat.completion');
    const parsed = await client.chat.completions.parse({ model: 'gpt-4o-mini', messages: ask });
    expect(parsed.choices[0]!.message.content).toEqual(expect.any(String));
    const recorded = await calls();
    expect(recorded.length).toBe(fake.served.length);
    expect(recorded.map((call) => call['usage'])).toEqual(fake.served.map((answer) => answer.usage));
  });

  it('tee and toReadableStream still give every chunk', async () => {
    const { client, calls } = await start();
    const stream = await client.chat.completions.create({ model: 'gpt-4o-mini', messages: ask, stream: true });
    const [left, right] = stream.tee();
    const count = async (one: AsyncIterable<unknown>): Promise<number> => {
      let n = 0;
      for await (const _chunk of one) n += 1;
      return n;
    };
    const counts = await Promise.all([count(left), count(right)]);
    expect(counts[0]).toBe(counts[1]);
    expect((await calls()).length).toBe(1);
  });
});

describe('responses and embeddings', () => {
  it('are recorded whole and streamed, reasoning and cached tokens included', async () => {
    const { client, fake, calls } = await start();
    const usage = { input_tokens: 500, output_tokens: 200, input_tokens_details: { cached_tokens: 384 }, output_tokens_details: { reasoning_tokens: 128 } };
    const whole = await client.responses.create({ model: 'gpt-5-mini', input: 'Hello' }, header({ 'x-fake-usage': JSON.stringify(usage) }));
    const events = [];
    for await (const event of await client.responses.create({ model: 'gpt-5-mini', input: 'Hello', stream: true })) events.push(event.type);
    const final = await client.responses.stream({ model: 'gpt-5-mini', input: 'Hello' }).finalResponse();
    const embedding = await client.embeddings.create({ model: 'text-embedding-3-small', input: 'Hello' });
    expect(events.at(-1)).toBe('response.completed');
    const recorded = await calls();
    expect(recorded.map((call) => call['usage'])).toEqual([whole.usage, fake.served[1]!.usage, final.usage, embedding.usage]);
    expect(recorded.map((call) => call['usage'])).toEqual(fake.served.map((answer) => answer.usage));
    expect(recorded.map((call) => call['api'])).toEqual(['responses', 'responses', 'responses', 'embeddings']);
    expect(recorded[1]).toMatchObject({ service_tier_served: 'default', ttft_ms: expect.any(Number) });
    expect(recorded[0]!['usage']).toMatchObject(usage);
  });
});

describe('errors and retries', () => {
  it('each attempt of the client\'s own retries is a call; the error keeps its class and the caller its answer', async () => {
    const { client, fixture, calls } = await start({}, { maxRetries: 2 });
    const answer = await fixture.outlay.run({
      ...base,
      action: ({ model }) => client.chat.completions.create({ model, messages: ask }, header({ 'x-fake-error': '429', 'x-fake-retry-after-ms': '5', 'x-fake-error-times': '2' })),
    });
    expect(answer.object).toBe('chat.completion');
    const recorded = await calls();
    expect(recorded.map((call) => [call['attempt'], call['attempt_kind'], call['status'], call['error_class']])).toEqual([
      [1, 'first', 'failed', 'rate_limit_exceeded'],
      [2, 'retry', 'failed', 'rate_limit_exceeded'],
      [3, 'retry', 'succeeded', undefined],
    ]);
    expect(new Set(recorded.map((call) => call['id'])).size).toBe(3);
    expect(recorded[0]).not.toHaveProperty('usage');
  });

  it('a model that used up its requests in the client falls back at once; numbers go on', async () => {
    const { client, fixture, calls } = await start({ scenario: ({ body }) => (body?.['model'] === 'gpt-5' ? { error: { status: 503, retryAfterMs: 1 } } : undefined) }, { maxRetries: 1 });
    await fixture.outlay.run({ ...base, models: ['gpt-5', 'gpt-5-mini'], action: ({ model }) => client.chat.completions.create({ model, messages: ask }) });
    const recorded = await calls();
    expect(recorded.map((call) => [call['attempt'], call['attempt_kind'], call['model_requested'], call['status']])).toEqual([
      [1, 'first', 'gpt-5', 'failed'],
      [2, 'retry', 'gpt-5', 'failed'],
      [3, 'fallback', 'gpt-5-mini', 'succeeded'],
    ]);
    expect(fixture.ledger.outcomes()).toMatchObject([{ outcome: 'usable' }]);
  });

  it('errors reach the caller as they are', async () => {
    const { client, calls } = await start();
    await expect(client.chat.completions.create({ model: 'gpt-5-mini', messages: ask }, header({ 'x-fake-error': '401' }))).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    await expect(client.chat.completions.create({ model: 'no-such-model', messages: ask })).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    await expect(client.chat.completions.create({ model: 'gpt-5-mini', messages: ask }, header({ 'x-fake-error': 'reset' }))).rejects.toBeInstanceOf(OpenAI.APIConnectionError);
    const recorded = await calls();
    expect(recorded.map((call) => call['status'])).toEqual(['failed', 'failed', 'unknown']);
    expect(recorded[1]).toMatchObject({ error_class: 'model_not_found' });
    // Whether the provider billed what broke off is not known: counted as an estimate, not as nothing.
    expect(recorded[2]).toMatchObject({ estimated: true, quantities: { input_uncached: expect.any(Number) } });
  });

  it('a provider nobody reaches is a failed call that cost nothing', async () => {
    const { fake, client, calls } = await start();
    await fake.close();
    await expect(client.chat.completions.create({ model: 'gpt-5-mini', messages: ask })).rejects.toBeInstanceOf(OpenAI.APIConnectionError);
    expect(await calls()).toMatchObject([{ status: 'failed', error_class: 'ECONNREFUSED' }]);
    expect((await calls())[0]).not.toHaveProperty('quantities');
  });

  it('a host that does not know stream_options is asked once, and its streams still work', async () => {
    const refuse = { status: 400, message: 'Unrecognized request argument supplied: stream_options' };
    const { client, plain, fixture, fake, calls } = await start({ scenario: ({ body }) => (body && 'stream_options' in body ? { error: refuse } : undefined) });
    for (let i = 0; i < 2; i++) {
      const chunks = [];
      for await (const chunk of await client.chat.completions.create({ model: 'gpt-4o-mini', messages: ask, stream: true })) chunks.push(chunk);
      expect(chunks.at(-1)!.choices[0]!.finish_reason).toBe('stop');
    }
    for await (const _chunk of await fixture.outlay.wrapOpenAI(plain).chat.completions.create({ model: 'gpt-4o-mini', messages: ask, stream: true })) continue;
    expect(fake.served.map((answer) => answer.status)).toEqual([400, 200, 200, 200]);
    const recorded = await calls();
    expect(recorded).toMatchObject([{ status: 'succeeded' }, { status: 'succeeded' }, { status: 'succeeded' }]);
    expect(recorded[0]).not.toHaveProperty('usage');
  });
});

describe('streams that end early', () => {
  const slow = header({ 'x-fake-chunks': '6', 'x-fake-chunk-delay-ms': '20', 'x-fake-text': 'one two three four five six' });

  it('left by the caller: recorded as aborted, with an estimate of what came', async () => {
    const { client, fake, calls } = await start();
    let seen = 0;
    for await (const chunk of await client.chat.completions.create({ model: 'gpt-4o-mini', messages: ask, stream: true }, slow)) if (chunk.choices[0]?.delta.content && (seen += 1) === 3) break;
    const [call] = await calls();
    expect(call).toMatchObject({ status: 'aborted', estimated: true, quantities: { input_uncached: expect.any(Number), output_text: 4 }, ttft_ms: expect.any(Number) });
    expect(call).not.toHaveProperty('usage');
    await until('the provider was told to stop', () => fake.served[0]!.aborted);
  });

  it('aborted by a signal: the same, and the client ends its stream', async () => {
    const { client, fake, calls } = await start();
    const controller = new AbortController();
    const stream = await client.chat.completions.create({ model: 'gpt-4o-mini', messages: ask, stream: true }, { ...slow, signal: controller.signal });
    let seen = 0;
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content && (seen += 1) === 2) controller.abort();
    expect(seen).toBe(2);
    expect(await calls()).toMatchObject([{ status: 'aborted', estimated: true, quantities: { output_text: 3 } }]);
    await until('the provider was told to stop', () => fake.served[0]!.aborted);
  });

  it('aborted before the answer began', async () => {
    const { client, calls } = await start();
    const controller = new AbortController();
    const running = client.chat.completions.create({ model: 'gpt-4o-mini', messages: ask }, { signal: controller.signal, headers: { 'x-fake-delay-ms': '5000' } });
    setTimeout(() => controller.abort(), 20);
    await expect(running).rejects.toBeInstanceOf(OpenAI.APIUserAbortError);
    expect(await calls()).toMatchObject([{ status: 'aborted', estimated: true }]);
  });

  it('left after the last word: the exact usage is still fetched, it costs nothing more', async () => {
    const { client, fake, calls } = await start();
    for await (const chunk of await client.chat.completions.create({ model: 'gpt-4o-mini', messages: ask, stream: true })) if (chunk.choices[0]?.finish_reason) break;
    const [call] = await calls();
    expect(call).toMatchObject({ status: 'succeeded' });
    expect(call!['usage']).toEqual(fake.served[0]!.usage);
  });

  it('with onAbort "drain" the exact usage of the whole answer is recorded', async () => {
    const { client, fake, calls } = await start({}, { wrap: { onAbort: 'drain' } });
    for await (const chunk of await client.chat.completions.create({ model: 'gpt-4o-mini', messages: ask, stream: true }, slow)) if (chunk.choices[0]?.delta.content) break;
    const [call] = await calls();
    expect(fake.served[0]).toMatchObject({ aborted: false, usageSent: true });
    expect(call!['usage']).toEqual(fake.served[0]!.usage);
  });

  it('with onAbort "drain" a signal still ends the caller\'s stream at once', async () => {
    const { client, fake, calls } = await start({}, { wrap: { onAbort: 'drain' } });
    const controller = new AbortController();
    let seen = 0;
    for await (const chunk of await client.chat.completions.create({ model: 'gpt-4o-mini', messages: ask, stream: true }, { ...slow, signal: controller.signal })) {
      if (chunk.choices[0]?.delta.content && (seen += 1) === 2) controller.abort();
    }
    expect(seen).toBe(2);
    expect((await calls())[0]!['usage']).toEqual(fake.served[0]!.usage);
  });

  it('cut by the network, or ended by an error event: failed, with an estimate', async () => {
    const { client, calls } = await start();
    const read = async (headers: Record<string, string>): Promise<void> => {
      for await (const _chunk of await client.chat.completions.create({ model: 'gpt-4o-mini', messages: ask, stream: true }, header({ ...slow.headers, ...headers }))) continue;
    };
    await expect(read({ 'x-fake-break-after': '3' })).rejects.toThrow();
    await expect(read({ 'x-fake-error-after': '3' })).rejects.toThrow();
    const recorded = await calls();
    expect(recorded).toMatchObject([
      { status: 'failed', estimated: true, quantities: { output_text: 4 } },
      { status: 'failed', estimated: true, quantities: { output_text: 4 }, error_class: 'server_error' },
    ]);
  });
});

describe('runs and labels', () => {
  it('calls join the surrounding run, parallel ones too; outside of one they take the wrapper\'s labels or stand untagged, each a run of its own', async () => {
    const { client, plain, fixture, calls } = await start();
    const labelled = fixture.outlay.wrapOpenAI(plain, { customerId: 'c9', workflow: 'batch', providerAccount: 'team-key' });
    const create = (from: OpenAI) => from.chat.completions.create({ model: 'gpt-4o-mini', messages: ask });
    await fixture.outlay.run({ ...base, runId: 'job-7', action: () => Promise.all([create(client), create(labelled)]) });
    await create(labelled);
    await create(client);
    const recorded = await calls();
    expect(recorded.map((call) => [call['run_id'], call['customer_id'], call['workflow'], call['provider_account']])).toEqual([
      ['job-7', 'c1', 'pdf_question', undefined],
      ['job-7', 'c1', 'pdf_question', 'team-key'],
      [expect.any(String), 'c9', 'batch', 'team-key'],
      [expect.any(String), undefined, undefined, undefined],
    ]);
    expect(new Set(recorded.map((call) => call['run_id'])).size).toBe(3);
  });

  it('a client bound to a context needs no async context', async () => {
    const { plain, fixture, calls } = await start();
    let later: OpenAI | undefined;
    await fixture.outlay.run({ ...base, action: (run) => void (later = fixture.outlay.wrapOpenAI(plain, { run })) });
    await later!.chat.completions.create({ model: 'gpt-4o-mini', messages: ask });
    expect(await calls()).toMatchObject([{ workflow: 'pdf_question', run_id: expect.any(String) }]);
  });

  it('the original client stays unwrapped, and wrapping twice records once', async () => {
    const { client, plain, fixture, calls } = await start();
    await plain.chat.completions.create({ model: 'gpt-4o-mini', messages: ask });
    expect(await calls()).toEqual([]);
    const twice = fixture.outlay.wrapOpenAI(client);
    expect(twice).toBeInstanceOf(OpenAI);
    await twice.chat.completions.create({ model: 'gpt-4o-mini', messages: ask });
    expect((await calls()).length).toBe(1);
  });

  it('knows Azure and other hosts by their base URL', async () => {
    const { fixture, calls } = await start();
    const answer = (): Promise<Response> => Promise.resolve(Response.json({ object: 'chat.completion', model: 'gpt-4o', choices: [], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } }));
    const azure = fixture.outlay.wrapOpenAI(new AzureOpenAI({ apiKey: 'k', endpoint: 'https://mine.openai.azure.com', apiVersion: '2025-04-01-preview', deployment: 'gpt', fetch: answer }));
    const groq = fixture.outlay.wrapOpenAI(new OpenAI({ apiKey: 'k', baseURL: 'https://api.groq.com/openai/v1', fetch: answer }), { region: 'eu' });
    const named = fixture.outlay.wrapOpenAI(new OpenAI({ apiKey: 'k', baseURL: 'https://gateway.example.com/v1', fetch: answer }), { provider: 'openrouter' });
    for (const client of [azure, groq, named]) await client.chat.completions.create({ model: 'gpt-4o', messages: ask });
    expect((await calls()).map((call) => [call['provider'], call['region']])).toEqual([['azure', undefined], ['groq', 'eu'], ['openrouter', undefined]]);
  });

  it('free requests are not calls; an unknown one is said', async () => {
    const { client, fixture, calls } = await start();
    await client.models.list().catch(() => undefined);
    await client.moderations.create({ input: 'x' }).catch(() => undefined);
    await client.audio.speech.create({ model: 'tts-1', voice: 'alloy', input: 'x' }).catch(() => undefined);
    expect(await calls()).toEqual([]);
    expect(fixture.warnings).toMatchObject([{ code: 'call_not_recorded', message: expect.stringContaining('/v1/audio/speech') }]);
  });

  it('a large input warns by estimate, and the provider\'s count confirms it', async () => {
    const { client, fixture } = await start();
    const messages = [{ role: 'user' as const, content: 'word '.repeat(400) }];
    await fixture.outlay.run({ ...base, caps: { maxContextTokens: 100 }, action: () => client.chat.completions.create({ model: 'gpt-4o-mini', messages }) });
    await fixture.outlay.flush();
    expect(fixture.codes()).toEqual(['context_may_be_too_large', 'context_too_large']);
  });

  it('refuses what is no client', async () => {
    const { fixture } = await start();
    expect(() => fixture.outlay.wrapOpenAI({ chat: {} })).toThrow(expect.objectContaining({ code: 'client_not_supported' }));
  });
});

describe('a dead ledger', () => {
  it('changes nothing for the caller: same answer, same stream, no added wait', async () => {
    const { client, fake, fixture } = await start({}, { outlay: { delivery: { requestTimeoutMs: 100 } } });
    fixture.ledger.answer = () => 'hang';
    const startedMs = Date.now();
    for (let i = 0; i < 20; i++) {
      await fixture.outlay.run({ ...base, action: ({ model }) => client.chat.completions.create({ model, messages: ask }) });
    }
    expect(Date.now() - startedMs).toBeLessThan(2_000);
    expect(fake.served.length).toBe(20);
    expect(fixture.outlay.stats()).toMatchObject({ recorded: 40, dropped: 0, pending: 40 });
  });
});
