/** The official `@anthropic-ai/sdk` client against the fake that knows what it served. */
import Anthropic from '@anthropic-ai/sdk';
import { type Fake, type FakeOptions, startFakeAnthropic } from '@outlay/fakes';
import { afterEach, describe, expect, it } from 'vitest';
import type { WireEvent } from './events.js';
import { createFixture, type Fixture, until } from './testing/outlay-fixture.js';
import type { WrapOptions } from './types.js';

interface Setup {
  readonly fake: Fake;
  readonly fixture: Fixture;
  readonly plain: Anthropic;
  readonly client: Anthropic;
  readonly calls: () => Promise<readonly WireEvent[]>;
}

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function start(options: FakeOptions = {}, { maxRetries = 0, wrap = {} }: { maxRetries?: number; wrap?: WrapOptions } = {}): Promise<Setup> {
  const fake = await startFakeAnthropic(options);
  const fixture = await createFixture({ models: ['claude-sonnet-5'] });
  open.push(fixture, fake);
  const plain = new Anthropic({ apiKey: 'sk-ant-test', baseURL: fake.baseURL, maxRetries });
  const client = fixture.outlay.wrapAnthropic(plain, wrap);
  return { fake, fixture, plain, client, calls: async () => (await fixture.outlay.flush(), fixture.ledger.calls()) };
}

const ask = { model: 'claude-sonnet-5', max_tokens: 400, messages: [{ role: 'user' as const, content: 'When does the notice period end?' }] };
const base = { customerId: 'c1', workflow: 'pdf_question' };
const header = (headers: Record<string, string>) => ({ headers });
const lookup: Anthropic.Tool = { name: 'find_order', input_schema: { type: 'object', properties: { order_id: { type: 'string' } }, required: ['order_id'] } };
const cached = { input_tokens: 40, cache_read_input_tokens: 2_000, cache_creation_input_tokens: 300, cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 }, output_tokens: 60 };

describe('messages', () => {
  it('are recorded with the provider\'s own usage, cache times to live included', async () => {
    const { client, fake, calls } = await start();
    const { data, request_id: requestId } = await client.messages.create(ask, header({ 'x-fake-usage': JSON.stringify(cached) })).withResponse();
    const [call] = await calls();
    expect(call).toMatchObject({
      provider: 'anthropic',
      api: 'default',
      model_requested: 'claude-sonnet-5',
      model_served: data.model,
      service_tier_served: 'standard',
      provider_request_id: requestId,
      status: 'succeeded',
    });
    expect(call!['usage']).toEqual(fake.served[0]!.usage);
    expect(call!['usage']).toMatchObject(cached);
  });

  it('streamed: totals replace each other and are never added up', async () => {
    const { client, fake, calls } = await start();
    const types = [];
    for await (const event of await client.messages.create({ ...ask, stream: true }, header({ 'x-fake-usage': JSON.stringify(cached), 'x-fake-chunks': '7' }))) types.push(event.type);
    expect(types.filter((type) => type === 'content_block_delta').length).toBe(7);
    const [call] = await calls();
    expect(call!['usage']).toEqual(fake.served[0]!.usage);
    expect(call).toMatchObject({ status: 'succeeded', ttft_ms: expect.any(Number) });
  });

  it('the stream helper, tools, beta, raw responses and counting work unchanged', async () => {
    const { client, fake, calls } = await start();
    const final = await client.messages.stream(ask).finalMessage();
    expect(final.usage).toEqual(fake.served[0]!.usage);
    const tool = await client.messages.create({ ...ask, tools: [lookup] });
    expect(tool.content.some((block) => block.type === 'tool_use')).toBe(true);
    const beta = await client.beta.messages.create({ ...ask, betas: ['context-1m-2025-08-07'] });
    expect(beta.type).toBe('message');
    const raw = await client.messages.create(ask).asResponse();
    expect(raw.headers.get('request-id')).toEqual(expect.any(String));
    await raw.text();
    await client.messages.countTokens({ model: ask.model, messages: ask.messages }).catch(() => undefined);
    const recorded = await calls();
    const billed = fake.served.filter((answer) => answer.usage !== null);
    expect(recorded.length).toBe(4);
    expect(recorded.map((call) => call['usage'])).toEqual(billed.map((answer) => answer.usage));
  });
});

describe('errors, retries, broken streams', () => {
  it('each attempt is a call, with the provider\'s class of error', async () => {
    const { client, fixture, calls } = await start({}, { maxRetries: 1 });
    await fixture.outlay.run({
      ...base,
      action: () => client.messages.create(ask, header({ 'x-fake-error': '529', 'x-fake-retry-after-ms': '5', 'x-fake-error-times': '1' })),
    });
    expect((await calls()).map((call) => [call['attempt'], call['attempt_kind'], call['status'], call['error_class']])).toEqual([
      [1, 'first', 'failed', 'overloaded_error'],
      [2, 'retry', 'succeeded', undefined],
    ]);
  });

  it('left by the caller: the input is what the provider stated, the output an estimate', async () => {
    const { client, fake, calls } = await start();
    const options = header({ 'x-fake-usage': JSON.stringify(cached), 'x-fake-chunks': '6', 'x-fake-chunk-delay-ms': '20', 'x-fake-text': 'one two three four five six' });
    let seen = 0;
    for await (const event of await client.messages.create({ ...ask, stream: true }, options)) if (event.type === 'content_block_delta' && (seen += 1) === 3) break;
    const [call] = await calls();
    expect(call).toMatchObject({
      status: 'aborted',
      estimated: true,
      quantities: { input_uncached: 40, cache_read: 2_000, cache_write_5m: 100, cache_write_1h: 200, output_text: expect.any(Number) },
    });
    expect(call).not.toHaveProperty('usage');
    await until('the provider was told to stop', () => fake.served[0]!.aborted);
  });

  it('ended by an error event: failed, and what was generated is estimated', async () => {
    const { client, calls } = await start();
    const stream = client.messages.stream(ask, header({ 'x-fake-error-after': '2', 'x-fake-chunks': '5' }));
    await expect(stream.finalMessage()).rejects.toThrow();
    expect(await calls()).toMatchObject([{ status: 'failed', error_class: expect.stringMatching(/_error$/), estimated: true }]);
  });
});
