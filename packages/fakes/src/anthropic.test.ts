/** The fake as the official `@anthropic-ai/sdk` package sees it. */
import Anthropic, {
  AuthenticationError, BadRequestError, InternalServerError, NotFoundError, PermissionDeniedError, RateLimitError,
} from '@anthropic-ai/sdk';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startFakeAnthropic, type Fake, type FakeOptions } from './index';

let fake: Fake;
let client: Anthropic;

async function start(options: FakeOptions = {}, maxRetries = 0): Promise<void> {
  await fake?.close();
  fake = await startFakeAnthropic(options);
  client = new Anthropic({ apiKey: 'sk-ant-test', baseURL: fake.baseURL, maxRetries });
}

const ask = { model: 'claude-haiku-4-5', max_tokens: 1024, messages: [{ role: 'user' as const, content: 'When does the notice period end?' }] };
const steer = (headers: Record<string, string>) => ({ headers });
const lookup = { name: 'find_order', input_schema: { type: 'object' as const, properties: { order_id: { type: 'string' } } } };

beforeEach(() => start());
afterEach(() => fake.close());

describe('messages', () => {
  it('answers under the dated model name and logs it', async () => {
    const { data, request_id: requestId } = await client.messages.create(ask).withResponse();
    expect(data).toMatchObject({ model: 'claude-haiku-4-5-20251001', stop_reason: 'end_turn', role: 'assistant' });
    expect(data.usage).toMatchObject({ cache_creation_input_tokens: 0, cache_read_input_tokens: 0, service_tier: 'standard', speed: 'standard' });
    expect(data.content[0]!.type === 'text' && data.content[0].text.split(' ').length).toBe(data.usage.output_tokens);
    expect(fake.served).toEqual([expect.objectContaining({ requestId, responseId: data.id, api: 'messages', tier: 'standard', usage: data.usage, usageSent: true })]);
  });

  it('bills every class of the steered usage exactly', async () => {
    const usage = {
      input_tokens: 100, output_tokens: 200, cache_read_input_tokens: 3000, cache_creation: { ephemeral_5m_input_tokens: 400, ephemeral_1h_input_tokens: 500 },
      server_tool_use: { web_search_requests: 2, web_fetch_requests: 0 }, output_tokens_details: { thinking_tokens: 50 },
    };
    const answer = await client.messages.create(ask, steer({ 'x-fake-usage': JSON.stringify(usage) }));
    expect(answer.usage).toMatchObject({ ...usage, cache_creation_input_tokens: 900 });
    expect(answer.content.map((block) => block.type)).toEqual(['thinking', 'text']);
    // 100 x 1 + 3000 x 0.1 + 400 x 1.25 + 500 x 2 + 200 x 5 = 2900 dollars a million, and two searches at one cent
    expect(fake.totalServedUsd()).toBe('0.0229');
  });

  it('takes a cache write without its split for the five-minute one', async () => {
    const answer = await client.messages.create(ask, steer({ 'x-fake-usage': '{"input_tokens":1,"output_tokens":1,"cache_creation_input_tokens":1000}' }));
    expect(answer.usage.cache_creation).toEqual({ ephemeral_5m_input_tokens: 1000, ephemeral_1h_input_tokens: 0 });
    expect(fake.totalServedUsd()).toBe('0.001256');
  });

  it('writes and reads the cache at the caller\'s breakpoints', async () => {
    const cached = (ttl: '5m' | '1h', topic: string) => ({
      ...ask,
      system: [{ type: 'text' as const, text: `You know this contract about ${topic}. `.repeat(200), cache_control: { type: 'ephemeral' as const, ttl } }],
    });
    const first = await client.messages.create(cached('1h', 'rent'));
    const second = await client.messages.create({ ...cached('1h', 'rent'), messages: [{ role: 'user', content: 'And who signs it?' }] });
    expect(first.usage.cache_creation!.ephemeral_1h_input_tokens).toBeGreaterThan(1024);
    expect(second.usage).toMatchObject({ cache_creation_input_tokens: 0, cache_read_input_tokens: first.usage.cache_creation_input_tokens });
    const other = await client.messages.create(cached('5m', 'cars'));
    expect(other.usage.cache_creation!.ephemeral_5m_input_tokens).toBe(other.usage.cache_creation_input_tokens);
    expect(other.usage.cache_read_input_tokens).toBe(0);
  });

  it('forgets the cache after its time to live', async () => {
    let nowMs = 1_790_000_000_000;
    await start({ now: () => nowMs });
    const request = { ...ask, system: [{ type: 'text' as const, text: 'You know this contract. '.repeat(400), cache_control: { type: 'ephemeral' as const } }] };
    const first = await client.messages.create(request);
    nowMs += 5 * 60_000 + 1;
    expect((await client.messages.create(request)).usage).toMatchObject({ cache_read_input_tokens: 0, cache_creation_input_tokens: first.usage.cache_creation_input_tokens });
  });

  it('thinks, searches and calls tools', async () => {
    const thought = await client.messages.create({ ...ask, max_tokens: 4096, thinking: { type: 'enabled', budget_tokens: 2048 } });
    expect(thought.usage.output_tokens_details!.thinking_tokens).toBeGreaterThan(0);
    expect(thought.content[0]!.type).toBe('thinking');
    const searched = await client.messages.create({ ...ask, tools: [{ type: 'web_search_20250305', name: 'web_search' }] });
    expect(searched.usage.server_tool_use).toEqual({ web_search_requests: 1, web_fetch_requests: 0 });
    expect(searched.content.map((block) => block.type)).toEqual(['server_tool_use', 'web_search_tool_result', 'text']);
    const called = await client.messages.create({ ...ask, tools: [lookup] });
    const use = called.content[0]!;
    expect([called.stop_reason, use.type === 'tool_use' && use.input]).toEqual(['tool_use', { order_id: expect.any(String) }]);
    const answered = await client.messages.create({
      ...ask, tools: [lookup],
      messages: [...ask.messages, { role: 'assistant', content: called.content }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: (use as { id: string }).id, content: 'found' }] }],
    });
    expect(answered.stop_reason).toBe('end_turn');
  });

  it('stops at max_tokens', async () => {
    const answer = await client.messages.create({ ...ask, max_tokens: 5 });
    expect([answer.stop_reason, answer.usage.output_tokens]).toEqual(['max_tokens', 5]);
  });

  it('refuses a prompt that is too long and counts tokens for free', async () => {
    const long = { ...ask, messages: [{ role: 'user' as const, content: 'x'.repeat(900_000) }] };
    await expect(client.messages.create(long)).rejects.toThrow(/prompt is too long: \d+ tokens > 200000 maximum/);
    const { input_tokens: counted } = await client.messages.countTokens({ model: ask.model, messages: ask.messages });
    expect((await client.messages.create(ask)).usage.input_tokens).toBe(counted);
    expect(fake.served.filter((answer) => answer.costPico !== null)).toHaveLength(1);
  });
});

describe('streams', () => {
  it('sends the documented events, usage at the start and cumulative at the end', async () => {
    const usage = { input_tokens: 90, output_tokens: 60, cache_read_input_tokens: 2048 };
    const events = [];
    for await (const event of await client.messages.create({ ...ask, stream: true }, steer({ 'x-fake-usage': JSON.stringify(usage), 'x-fake-chunks': '3' }))) events.push(event);
    expect(events.map((event) => event.type)).toEqual([
      'message_start', 'content_block_start', 'content_block_delta', 'content_block_delta', 'content_block_delta', 'content_block_stop', 'message_delta', 'message_stop',
    ]);
    const opening = events[0]!;
    expect(opening.type === 'message_start' && opening.message.usage).toMatchObject({ input_tokens: 90, cache_read_input_tokens: 2048, output_tokens: 1 });
    const delta = events.at(-2)!;
    expect(delta.type === 'message_delta' && delta.usage).toMatchObject({ ...usage, cache_creation_input_tokens: 0 });
    expect(fake.served[0]).toMatchObject({ stream: true, usageSent: true, usage });
  });

  it('accumulates to the same message as the plain answer', async () => {
    const request = { ...ask, max_tokens: 4096, thinking: { type: 'enabled' as const, budget_tokens: 2048 }, tools: [lookup] };
    const message = await client.messages.stream(request).finalMessage();
    expect(message.content.map((block) => block.type)).toEqual(['thinking', 'tool_use']);
    expect(message.content[1]).toMatchObject({ name: 'find_order', input: { order_id: expect.any(String) } });
    expect(message.usage.output_tokens).toBe((fake.served[0]!.usage as { output_tokens: number }).output_tokens);
  });

  it('fails with an overloaded event, or breaks, and bills what was generated', async () => {
    const usage = JSON.stringify({ input_tokens: 100, output_tokens: 80 });
    const read = async (headers: Record<string, string>) => {
      for await (const _ of await client.messages.create({ ...ask, stream: true }, steer({ 'x-fake-usage': usage, 'x-fake-chunks': '8', ...headers }))) { /* until it fails */ }
    };
    await expect(read({ 'x-fake-error-after': '2' })).rejects.toMatchObject({ type: 'overloaded_error' });
    await expect(read({ 'x-fake-break-after': '4' })).rejects.toThrow();
    expect(fake.served.map((answer) => [answer.broken, (answer.usage as { output_tokens: number }).output_tokens])).toEqual([[true, 20], [true, 40]]);
  });

  it('records what was served when the caller aborts', async () => {
    const stream = await client.messages.create({ ...ask, stream: true }, steer({ 'x-fake-chunks': '8', 'x-fake-chunk-delay-ms': '40', 'x-fake-usage': '{"input_tokens":100,"output_tokens":80}' }));
    let seen = 0;
    for await (const event of stream) {
      if (event.type === 'content_block_delta') seen += 1;
      if (seen === 2) break;
    }
    await expect.poll(() => fake.served[0]!.aborted, { timeout: 5_000 }).toBe(true);
    const generated = (fake.served[0]!.usage as { output_tokens: number }).output_tokens;
    expect(generated).toBeGreaterThanOrEqual(20);
    expect(generated).toBeLessThan(80);
  });
});

describe('errors and models', () => {
  it.each([
    [400, BadRequestError, 'invalid_request_error'], [401, AuthenticationError, 'authentication_error'],
    [403, PermissionDeniedError, 'permission_error'], [404, NotFoundError, 'not_found_error'], [429, RateLimitError, 'rate_limit_error'],
    [500, InternalServerError, 'api_error'], [529, InternalServerError, 'overloaded_error'],
  ])('%i is the class and type that are documented', async (status, kind, type) => {
    const error: unknown = await client.messages.create(ask, steer({ 'x-fake-error': String(status) })).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ status, type, requestID: fake.served[0]!.requestId });
  });

  it('is retried by the official client after an overload', async () => {
    await start({}, 2);
    await client.messages.create(ask, steer({ 'x-fake-error': '529', 'x-fake-error-times': '1' }));
    expect(fake.served.map((answer) => answer.status)).toEqual([529, 200]);
  });

  it('takes both header styles and refuses what the real one refuses', async () => {
    const post = (headers: Record<string, string>, body: unknown = ask) =>
      fetch(`${fake.url}/v1/messages`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
    expect((await post({ 'x-api-key': 'sk-ant-1', 'anthropic-version': '2023-06-01' })).status).toBe(200);
    expect((await post({ authorization: 'Bearer sk-ant-1', 'anthropic-version': '2026-10-21' })).status).toBe(200);
    expect((await post({ 'anthropic-version': '2023-06-01' })).status).toBe(401);
    expect((await post({ 'x-api-key': 'sk-ant-1' })).status).toBe(400);
    const { max_tokens: _, ...withoutMax } = ask;
    expect(await (await post({ 'x-api-key': 'k', 'anthropic-version': '2023-06-01' }, withoutMax)).json()).toMatchObject({ error: { message: 'max_tokens: Field required' } });
    await expect(client.messages.create({ ...ask, model: 'claude-none' })).rejects.toMatchObject({ status: 404, type: 'not_found_error' });
  });

  it('lists models', async () => {
    const page = await client.models.list();
    expect(page.data.map((model) => model.id)).toContain('claude-haiku-4-5-20251001');
    expect((await client.models.retrieve('claude-haiku-4-5')).id).toBe('claude-haiku-4-5-20251001');
  });

  it('serves a model that stands on no price sheet as unpriced', async () => {
    await client.messages.create(ask, steer({ 'x-fake-model': 'claude-next' }));
    expect(fake.served[0]).toMatchObject({ model: 'claude-next', costPico: null });
    expect(fake.totals).toMatchObject({ unpriced: 1, usd: '0' });
  });
});
