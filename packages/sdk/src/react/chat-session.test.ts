/** The chat's state against answers as a route gives them. */
import { describe, expect, it } from 'vitest';
import { type ChatFrame, encodeFrame } from '../chat/chat-frames.js';
import type { CustomerUsage } from '../chat/customer-usage.js';
import { until } from '../testing/outlay-fixture.js';
import { createChatSession, type ChatSession } from './chat-session.js';

const USAGE: CustomerUsage = { customerId: 'acme', plan: null, allowances: [], credits: null, warning: null, denied: null };
const BEGIN: ChatFrame = { type: 'begin', runId: 'r', refusedTools: [] };
const END: ChatFrame = { type: 'end', how: 'completed', denied: null, error: null };
const text = (words: string): ChatFrame => ({ type: 'text', text: words });

interface Line {
  readonly session: ChatSession;
  readonly sent: { readonly url: string; readonly body: Record<string, unknown> }[];
  /** Writes into the answer that is open. */
  push(...frames: readonly ChatFrame[]): void;
  hangUp(error?: Error): void;
  aborted(): boolean;
}

/** A session whose answers are written by the test. */
function open(refuse?: () => Response): Line {
  const sent: Line['sent'] = [];
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let signal: AbortSignal | null | undefined;
  const session = createChatSession({
    api: '/api/chat', customerId: 'acme', feature: 'ai-assistant', tags: ['app'],
    fetch: async (input, init) => {
      sent.push({ url: String(input), body: JSON.parse(String(init?.body)) as Record<string, unknown> });
      signal = init?.signal;
      if (refuse) return refuse();
      const body = new ReadableStream<Uint8Array>({ start: (given) => void (controller = given) });
      signal?.addEventListener('abort', () => controller?.error(new DOMException('aborted', 'AbortError')));
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
    },
  });
  return {
    session, sent,
    push: (...frames) => frames.forEach((frame) => controller!.enqueue(encodeFrame(frame))),
    hangUp: (error) => (error ? controller!.error(error) : controller!.close()),
    aborted: () => signal?.aborted === true,
  };
}

const contents = ({ session }: Line): string[] => session.getState().messages.map(({ role, content, status }) => `${role} ${status}: ${content}`);

describe('a chat session', () => {
  it('sends the conversation, shows the answer as it comes, and takes the usage behind its end', async () => {
    const line = open();
    line.session.setInput('Hello');
    const sending = line.session.send();
    expect(line.session.getState()).toMatchObject({ input: '', isLoading: true });
    await until('it is sent', () => line.sent.length === 1);
    expect(line.sent[0]).toEqual({ url: '/api/chat', body: { customerId: 'acme', feature: 'ai-assistant', tags: ['app'], messages: [{ role: 'user', content: 'Hello' }] } });
    await until('the answer is open', () => line.session.getState().messages.length === 2);
    line.push(BEGIN, text('Hi'), text(' there'));
    await until('the words are there', () => contents(line)[1] === 'assistant streaming: Hi there');
    line.push({ type: 'usage', usage: { ...USAGE, warning: 'Close.' } }, END);
    await until('it ended', () => !line.session.getState().isLoading);
    expect(contents(line)).toEqual(['user complete: Hello', 'assistant complete: Hi there']);
    expect(line.session.getState()).toMatchObject({ warning: 'Close.', denied: null, error: null });
    line.push({ type: 'usage', usage: { ...USAGE, customerId: 'later' } });
    line.hangUp();
    await sending;
    expect(line.session.getState().usage?.customerId).toBe('later');
  });

  it('gives the words back when the message is denied', async () => {
    const line = open(() => Response.json({ decision: 'deny', reason: 'quota_exhausted', message: 'Used up.', next_step: 'Upgrade.', upgrade: true, request_id: 'q' }, { status: 402 }));
    line.session.setInput('Hello');
    await line.session.send();
    expect(line.session.getState()).toMatchObject({ messages: [], input: 'Hello', isLoading: false, error: null, denied: { reason: 'quota_exhausted', message: 'Used up.', nextStep: 'Upgrade.', upgrade: true, requestId: 'q' } });
  });

  it('keeps what came when the plan cuts the answer, and says why', async () => {
    const line = open();
    const sending = line.session.send('Hello');
    await until('the answer is open', () => line.session.getState().messages.length === 2);
    line.push(BEGIN, text('Half'), { ...END, how: 'denied', denied: { reason: 'quota_exhausted', message: 'Used up.', nextStep: null, upgrade: true, retryAfterSeconds: null, requestId: null } } as ChatFrame);
    line.hangUp();
    await sending;
    expect(contents(line)).toEqual(['user complete: Hello', 'assistant cut: Half']);
    expect(line.session.getState().denied?.reason).toBe('quota_exhausted');
  });

  it('tells a fault from a decision: an error of the route, a page of a proxy, a lost connection, a stream that was cut', async () => {
    const wrong = open(() => Response.json({ error: { code: 'customer_mismatch', message: 'Not you.', request_id: 'q' } }, { status: 403 }));
    await wrong.session.send('Hello');
    expect(wrong.session.getState()).toMatchObject({ denied: null, input: 'Hello', error: { code: 'customer_mismatch', message: 'Not you.', requestId: 'q' } });
    const proxy = open(() => new Response('<html>', { status: 502 }));
    await proxy.session.send('Hello');
    expect(proxy.session.getState().error).toMatchObject({ code: 'unexpected_answer', retryable: true });
    const lost = open(() => {
      throw new TypeError('Failed to fetch');
    });
    await lost.session.send('Hello');
    expect(lost.session.getState()).toMatchObject({ input: 'Hello', error: { code: 'connection_lost' } });
    const cut = open();
    const sending = cut.session.send('Hello');
    await until('the answer is open', () => cut.session.getState().messages.length === 2);
    cut.push(BEGIN, text('Half'));
    cut.hangUp();
    await sending;
    expect([contents(cut)[1], cut.session.getState().error?.code]).toEqual(['assistant cut: Half', 'stream_cut']);
  });

  it('stops: the request ends, what came stands, and the next message can be sent', async () => {
    const line = open();
    const sending = line.session.send('Hello');
    await until('the answer is open', () => line.session.getState().messages.length === 2);
    line.push(BEGIN, text('Half'));
    await until('a word is there', () => contents(line)[1]?.endsWith('Half') === true);
    line.session.stop();
    await sending;
    expect(line.aborted()).toBe(true);
    expect(contents(line)).toEqual(['user complete: Hello', 'assistant cut: Half']);
    expect(line.session.getState()).toMatchObject({ isLoading: false, error: null });
    void line.session.send('Again');
    await until('it is sent', () => line.sent.length === 2);
    expect(line.sent[1]!.body['messages']).toHaveLength(3);
    line.session.clear();
    expect(line.session.getState()).toMatchObject({ messages: [], isLoading: false });
  });

  it('sends nothing when there is nothing to say, or while an answer is under way', async () => {
    const line = open();
    await line.session.send('  ');
    expect(line.sent).toEqual([]);
    void line.session.send('one');
    await line.session.send('two');
    expect(line.sent).toHaveLength(1);
    line.session.stop();
  });

  it('adds up the pieces of a tool call', async () => {
    const line = open();
    const sending = line.session.send('Hello');
    await until('the answer is open', () => line.session.getState().messages.length === 2);
    line.push(BEGIN, { type: 'tool', id: 'c1', name: 'search', arguments: '{"q":' }, { type: 'tool', id: 'c1', name: 'search', arguments: '"x"}' }, { ...END, how: 'tools' } as ChatFrame);
    line.hangUp();
    await sending;
    expect(line.session.getState().messages[1]!.toolCalls).toEqual([{ id: 'c1', name: 'search', arguments: '{"q":"x"}' }]);
  });
});
