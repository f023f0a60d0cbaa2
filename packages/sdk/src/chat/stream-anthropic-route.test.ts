import Anthropic from '@anthropic-ai/sdk';
import { startFakeAnthropic, type Fake, type Steer } from '@outlay/fakes';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOutlay, type Outlay, streamAnthropicRoute } from '../index.js';
import { type ChatGate, createChatGate } from '../testing/chat-gate.js';
import { type ChatFrame, readFrames } from './chat-frames.js';
import type { AnthropicRouteOptions } from './stream-anthropic-route.js';

let fake: Fake;
let gate: ChatGate;
let outlay: Outlay;
let steer: Steer;
let asked: Record<string, unknown>[];

beforeEach(async () => {
  steer = {};
  asked = [];
  fake = await startFakeAnthropic({ scenario: ({ body }) => (asked.push(body ?? {}), steer) });
  gate = createChatGate();
  outlay = createOutlay({ apiKey: 'ol_test_key', baseUrl: 'http://outlay.test', models: ['claude-haiku-4-5'], fetch: gate.fetch, retry: { baseDelayMs: 0 }, delivery: { spoolDir: false, flushIntervalMs: 5 } });
});

afterEach(async () => {
  await outlay.shutdown({ timeoutMs: 500 });
  await fake.close();
});

async function chat(options: Partial<AnthropicRouteOptions>): Promise<ChatFrame[]> {
  const route = streamAnthropicRoute({ outlay, customer: () => ({ customerId: 'acme' }), instructions: 'Be kind.', ...options });
  const response = await route(new Request('http://app.test/api/chat', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"messages":[{"role":"user","content":"Hello"}]}' }));
  expect(response.status).toBe(200);
  const frames: ChatFrame[] = [];
  for await (const frame of readFrames(response.body!)) frames.push(frame);
  await outlay.flush();
  return frames;
}

const textOf = (frames: readonly ChatFrame[]): string => frames.map((frame) => (frame.type === 'text' ? frame.text : '')).join('');

describe('streamAnthropicRoute', () => {
  it.each([['the key', true], ['an official client', false]])('streams by %s, and records what the provider says it used', async (_how, byKey) => {
    steer = { text: 'Forty two.' };
    const frames = await chat(byKey ? { apiKey: 'sk-ant-test', baseURL: fake.baseURL } : { client: new Anthropic({ apiKey: 'sk-ant-test', baseURL: fake.baseURL }) });
    expect(textOf(frames)).toBe('Forty two.');
    expect(frames.find(({ type }) => type === 'end')).toMatchObject({ how: 'completed' });
    expect(asked[0]).toMatchObject({ model: 'claude-haiku-4-5', max_tokens: 4096, system: 'Be kind.', messages: [{ role: 'user', content: 'Hello' }] });
    expect(gate.events).toMatchObject([{ provider: 'anthropic', status: 'succeeded', usage: { output_tokens: expect.any(Number) } }, { kind: 'outcome', outcome: 'usable' }]);
  });

  it('streams a tool call by pieces, and drops the tool that the plan lacks', async () => {
    gate.begin = { refused_tools: ['send_mail'] };
    const tools = ['search', 'send_mail'].map((name) => ({ name, input_schema: { type: 'object', properties: { q: { type: 'string' } } } }));
    const frames = await chat({ apiKey: 'sk-ant-test', baseURL: fake.baseURL, tools });
    expect(asked[0]!['tools']).toMatchObject([{ name: 'search' }]);
    const pieces = frames.filter((frame) => frame.type === 'tool');
    expect(pieces[0]).toMatchObject({ name: 'search' });
    expect(JSON.parse(pieces.map((piece) => piece.arguments).join(''))).toHaveProperty('q');
    expect(frames.find(({ type }) => type === 'end')).toMatchObject({ how: 'tools' });
  });

  it('stops at a denied extension', async () => {
    steer = { text: 'word '.repeat(400), chunks: 40, chunkDelayMs: 2 };
    gate.extensions = 1;
    const frames = await chat({ apiKey: 'sk-ant-test', baseURL: fake.baseURL, stepTokens: 100 });
    expect(textOf(frames).length).toBeLessThanOrEqual(800);
    expect(frames.find(({ type }) => type === 'end')).toMatchObject({ how: 'denied', denied: { reason: 'quota_exhausted' } });
    expect(gate.events).toMatchObject([{ status: 'aborted', estimated: true }, { kind: 'outcome', outcome: 'unusable' }]);
  });
});
