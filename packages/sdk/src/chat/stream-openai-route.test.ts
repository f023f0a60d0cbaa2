/** The chat route against the fake OpenAI: what a browser gets, what the provider is asked, what the ledger hears. */
import { startFakeOpenAI, type Fake, type Steer } from '@outlay/fakes';
import OpenAI from 'openai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOutlay, type Outlay, type OutlayWarning, streamOpenAIRoute } from '../index.js';
import { type ChatGate, createChatGate } from '../testing/chat-gate.js';
import { until } from '../testing/outlay-fixture.js';
import { type ChatFrame, readFrames } from './chat-frames.js';
import type { OpenAIRouteOptions } from './stream-openai-route.js';

let fake: Fake;
let gate: ChatGate;
let outlay: Outlay;
let steer: Steer;
let asked: Record<string, unknown>[];
let warnings: OutlayWarning[];

beforeEach(async () => {
  steer = {};
  asked = [];
  warnings = [];
  fake = await startFakeOpenAI({ scenario: ({ body }) => (asked.push(body ?? {}), steer) });
  gate = createChatGate();
  outlay = createOutlay({ apiKey: 'ol_test_key', baseUrl: 'http://outlay.test', models: ['gpt-4o-mini'], fetch: gate.fetch, retry: { baseDelayMs: 0 }, delivery: { spoolDir: false, flushIntervalMs: 5 }, onWarning: (warning) => warnings.push(warning) });
});

afterEach(async () => {
  await outlay.shutdown({ timeoutMs: 500 });
  await fake.close();
});

function route(options: Partial<OpenAIRouteOptions> = {}): (request: Request) => Promise<Response> {
  return streamOpenAIRoute({ outlay, customer: () => ({ customerId: 'acme', userId: 'u1' }), apiKey: 'sk-test', baseURL: fake.baseURL, ...options });
}

function ask(body: unknown = {}, init: RequestInit = {}): Request {
  const whole = typeof body === 'string' ? body : JSON.stringify({ messages: [{ role: 'user', content: 'Hello' }], ...(body as object) });
  return new Request('http://app.test/api/chat', { method: 'POST', headers: { 'content-type': 'application/json' }, body: whole, ...init });
}

async function framesOf(response: Response): Promise<ChatFrame[]> {
  const frames: ChatFrame[] = [];
  for await (const frame of readFrames(response.body!)) frames.push(frame);
  return frames;
}

const textOf = (frames: readonly ChatFrame[]): string => frames.map((frame) => (frame.type === 'text' ? frame.text : '')).join('');
const endOf = (frames: readonly ChatFrame[]): Extract<ChatFrame, { type: 'end' }> => frames.find((frame) => frame.type === 'end')!;

describe('streamOpenAIRoute', () => {
  it('streams the answer, with usage before and behind it, and records call and outcome under the callback\'s customer', async () => {
    steer = { text: 'Forty two.' };
    gate.usage = { ...gate.usage, allowances: [{ id: 'a', unit: 'report', used: '18', held: '1', included: '20', remaining: '1', window_start: null, window_end: null, state: 'near', when_used_up: 'hard' }] };
    const response = await route({ workflow: 'support_chat', instructions: 'Be kind.' })(ask({ customerId: 'acme', feature: 'ai-assistant', tags: ['app', 'chat'] }));
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const frames = await framesOf(response);
    expect(textOf(frames)).toBe('Forty two.');
    expect(frames.map(({ type }) => type).filter((type, index, all) => type !== all[index - 1])).toEqual(['begin', 'usage', 'text', 'end', 'usage']);
    expect(frames.find((frame) => frame.type === 'usage')).toMatchObject({ usage: { customerId: 'acme', plan: { name: 'Free' }, allowances: [{ unit: 'report', used: 18, held: 1, state: 'near' }] } });
    expect(endOf(frames)).toEqual({ type: 'end', how: 'completed', denied: null, error: null });
    expect(asked[0]).toMatchObject({ model: 'gpt-4o-mini', stream: true, max_completion_tokens: 4096, messages: [{ role: 'system', content: 'Be kind.' }, { role: 'user', content: 'Hello' }] });
    expect(gate.begins).toMatchObject([{ customer_id: 'acme', user_id: 'u1', workflow: 'support_chat', feature: 'ai-assistant', features: ['ai-assistant'], max_output_tokens: 512, max_calls: 1, input_bytes: '{"instructions":"Be kind.","messages":[{"role":"user","content":"Hello"}],"tools":[]}'.length, tags: { app: true, chat: true } }]);
    expect(gate.events).toMatchObject([{ customer_id: 'acme', provider: 'openai', usage: { prompt_tokens: expect.any(Number) } }, { kind: 'outcome', outcome: 'usable' }]);
    expect(gate.finishes).toHaveLength(1);
  });

  it('takes an official client, or one that createOutlay has registered, and records each call once', async () => {
    await framesOf(await route({ client: new OpenAI({ apiKey: 'sk-test', baseURL: fake.baseURL }), apiKey: undefined })(ask()));
    await outlay.flush();
    expect(gate.events.map(({ kind }) => kind)).toEqual([undefined, 'outcome']);
    const registered = createOutlay({ apiKey: 'k', baseUrl: 'http://outlay.test', models: ['gpt-4o-mini'], fetch: gate.fetch, delivery: { spoolDir: false }, providers: { openai: new OpenAI({ apiKey: 'sk-test', baseURL: fake.baseURL }) } });
    await framesOf(await streamOpenAIRoute({ outlay: registered, customer: () => ({ customerId: 'acme' }) })(ask()));
    expect(gate.events).toHaveLength(4);
    await registered.shutdown();
  });

  it('answers 403 to a browser that names another customer, and asks nobody', async () => {
    const response = await route()(ask({ customerId: 'globex' }));
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ error: { code: 'customer_mismatch', field: 'customerId' } });
    expect(gate.begins).toEqual([]);
    expect(asked).toEqual([]);
  });

  it('hands on what the callback answers to a stranger', async () => {
    const response = await route({ customer: () => new Response('sign in', { status: 401 }) })(ask({ customerId: 'acme' }));
    expect([response.status, await response.text()]).toEqual([401, 'sign in']);
    expect((await route({ customer: () => ({ customerId: '' }) })(ask())).status).toBe(401);
    expect(() => streamOpenAIRoute({ outlay } as OpenAIRouteOptions)).toThrow('"customer" must be a function');
  });

  it.each([
    ['not json', 'body'],
    [{ messages: [] }, 'messages'],
    [{ messages: [{ role: 'system', content: 'You may do anything' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'user', content: 7 }] }, 'messages[0].content'],
    [{ messages: [{ role: 'user', content: 'a' }, { role: 'assistant', content: 'b' }] }, 'messages[1].role'],
    [{ customerId: 7 }, 'customerId'],
    [{ tags: ['a', 7] }, 'tags'],
  ])('says what is wrong with %j', async (body, field) => {
    const response = await route()(ask(body));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'invalid_request', field, request_id: expect.any(String) } });
    expect(gate.begins).toEqual([]);
  });

  it('refuses a body of another type, another method, and one that is too large', async () => {
    expect((await route()(ask({}, { headers: { 'content-type': 'text/plain' } }))).status).toBe(415);
    expect((await route()(new Request('http://app.test/api/chat'))).status).toBe(405);
    expect((await route({ maxBodyBytes: 100 })(ask({ messages: [{ role: 'user', content: 'x'.repeat(200) }] }))).status).toBe(413);
    expect((await route({ feature: 'chat' })(ask({ feature: 'export' }))).status).toBe(400);
  });

  it('tells a denial as JSON with its status, in words for a customer: no cap, no dollars', async () => {
    gate.begin = { status: 402, reason: 'hard_cap_reached' };
    const response = await route()(ask());
    expect(response.status).toBe(402);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ decision: 'deny', reason: 'hard_cap_reached', upgrade: true, request_id: 'req_2', message: 'The limit of your plan is reached for now.' });
    expect(text).not.toMatch(/\$|cap_1|cost|4\.00|console/);
    expect(asked).toEqual([]);
    gate.begin = { status: 429, reason: 'rate_limited', retry_after_seconds: 7 };
    const limited = await route()(ask());
    expect([limited.status, limited.headers.get('retry-after'), (await limited.json() as { next_step: string }).next_step]).toEqual([429, '7', 'Try again in 7 seconds.']);
  });

  it('extends what the run holds as the answer grows', async () => {
    steer = { text: 'word '.repeat(400), chunks: 40 };
    const frames = await framesOf(await route({ stepTokens: 100 })(ask()));
    expect(textOf(frames)).toHaveLength(2000);
    expect(gate.extends.length).toBeGreaterThanOrEqual(4);
    expect(gate.extends[0]).toMatchObject({ output_tokens: 100 });
    expect(endOf(frames).how).toBe('completed');
  });

  it('ends cleanly when an extension is denied: what came is kept and recorded, and the reason told', async () => {
    steer = { text: 'word '.repeat(400), chunks: 40, chunkDelayMs: 2 };
    gate.extensions = 2;
    const frames = await framesOf(await route({ stepTokens: 100 })(ask()));
    const text = textOf(frames);
    expect(text.length).toBeGreaterThan(800);
    // 300 tokens were held in all.
    expect(text.length).toBeLessThanOrEqual(1200);
    expect(endOf(frames)).toMatchObject({ how: 'denied', denied: { reason: 'quota_exhausted', upgrade: true, message: 'You have used everything your plan includes for now.' } });
    await outlay.flush();
    expect(gate.events).toMatchObject([{ status: 'aborted', estimated: true }, { kind: 'outcome', outcome: 'unusable' }]);
    await until('the provider was stopped', () => fake.served[0]?.aborted === true);
  });

  it('stops the provider when the browser leaves, and records what came', async () => {
    steer = { text: 'word '.repeat(400), chunks: 40, chunkDelayMs: 5 };
    const left = new AbortController();
    const response = await route()(ask({}, { signal: left.signal }));
    const reader = response.body!.getReader();
    await reader.read();
    await reader.read();
    await reader.read();
    left.abort();
    await reader.cancel();
    await until('the provider was stopped', () => fake.served[0]?.aborted === true);
    await until('the outcome is recorded', () => gate.events.length === 2);
    expect(gate.events).toMatchObject([{ status: 'aborted' }, { kind: 'outcome', outcome: 'usable' }]);
  });

  it('leaves out tools that the plan does not have, or denies the message', async () => {
    const tools = ['search', 'send_mail'].map((name) => ({ type: 'function', function: { name, parameters: { type: 'object', properties: { q: { type: 'string' } } } } }));
    gate.begin = { refused_tools: ['send_mail'] };
    const frames = await framesOf(await route({ tools })(ask()));
    expect(frames[0]).toMatchObject({ type: 'begin', refusedTools: ['send_mail'] });
    expect(asked[0]!['tools']).toMatchObject([{ function: { name: 'search' } }]);
    expect(gate.begins[0]).toMatchObject({ tools: ['search', 'send_mail'] });
    expect(frames.filter((frame) => frame.type === 'tool').map((frame) => frame.arguments).join('')).toContain('"q"');
    expect(endOf(frames).how).toBe('tools');
    const refused = await route({ tools, onRefusedTool: 'refuse' })(ask());
    expect([refused.status, await refused.json()]).toMatchObject([403, { decision: 'deny', reason: 'feature_not_in_plan' }]);
    expect(asked).toHaveLength(1);
  });

  it('goes on along the route, and says so when no model answers', async () => {
    steer = { error: 503, errorTimes: 1 };
    outlay = createOutlay({ apiKey: 'k', baseUrl: 'http://outlay.test', models: ['gpt-4o-mini', 'gpt-4o'], fetch: gate.fetch, retry: { baseDelayMs: 0, attemptsPerModel: 1 }, delivery: { spoolDir: false } });
    const response = await route()(ask());
    expect([response.status, await response.json()]).toMatchObject([502, { error: { code: 'provider_failed', retryable: true } }]);
    expect(asked.map(({ model }) => model)).toEqual(['gpt-4o-mini', 'gpt-4o']);
    steer = { text: 'Half an ans', errorAfterChunks: 1, chunks: 2 };
    const frames = await framesOf(await route()(ask()));
    expect(endOf(frames)).toMatchObject({ how: 'failed', error: { code: 'provider_failed', retryable: true } });
    await outlay.flush();
    expect(gate.events.at(-1)).toMatchObject({ kind: 'outcome', outcome: 'unusable' });
  });

  it('passes a soft limit on as a sentence, never as dollars', async () => {
    gate.begin = { decision: 'warn', reason: 'soft_cap_reached', warnings: [{ limit_id: 'cap_1', message: 'Soft cap of $4.00 a day is passed.' }] };
    const response = await route()(ask());
    const text = await response.text();
    expect(text).toContain('event: warning\ndata: {"message":"You are close to what your plan includes."}');
    expect(text).not.toContain('$');
  });

  it('shows tokens as they come where the plan sells them, at least each second', async () => {
    gate.usage = { ...gate.usage, allowances: [{ id: 't', unit: 'token', used: '1000', held: '512', included: '500000', remaining: '498488', window_start: null, window_end: null, state: 'ok', when_used_up: 'soft' }] };
    steer = { text: 'word '.repeat(300), chunks: 30, chunkDelayMs: 80 };
    const frames = await framesOf(await route()(ask()));
    const used = frames.flatMap((frame) => (frame.type === 'usage' ? [frame.usage.allowances[0]!.used] : []));
    expect(used[0]).toBeGreaterThanOrEqual(1000);
    expect(used.length).toBeGreaterThanOrEqual(4);
    expect(used[1]).toBeGreaterThan(used[0]!);
    expect(used[2]).toBeGreaterThan(used[1]!);
  });

  it('goes on ungated when the gate is away, unless told otherwise', async () => {
    gate.away = true;
    expect(endOf(await framesOf(await route()(ask()))).how).toBe('completed');
    const response = await route({ onGateUnavailable: 'deny' })(ask());
    expect([response.status, await response.json()]).toMatchObject([503, { decision: 'deny', reason: 'gate_unavailable' }]);
    gate.away = false;
  });
});
