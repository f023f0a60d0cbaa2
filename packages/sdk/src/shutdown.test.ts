/** Flush and shutdown while other things go on. */
import OpenAI from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import { createFixture, type Fixture, nextTurn, until } from './testing/outlay-fixture.js';
import type { OutlayOptions } from './types.js';

let fixture: Fixture;
const start = async (options?: Partial<OutlayOptions>): Promise<Fixture> => (fixture = await createFixture({ models: ['m'], ...options }));
afterEach(() => fixture.close());

const never = new Promise<never>(() => undefined);
const messages = [{ role: 'user' as const, content: 'Hello, you there' }];

describe('flush', () => {
  it('sends what is ready at once, though a judge of usable() never answers', async () => {
    const { outlay, ledger } = await start({ delivery: { flushIntervalMs: 60_000 } });
    await outlay.run({ workflow: 'w', usable: () => never, action: ({ record }) => record({ provider: 'x', usage: {} }) });
    const flushing = outlay.flush({ timeoutMs: 300 });
    await until('the call arrived', () => ledger.calls().length === 1);
    expect(await flushing).toEqual({ delivered: true, pending: 0 });
    expect(outlay.stats().openRuns).toBe(1);
  });

  it('waits for the judge that does answer', async () => {
    const { outlay, ledger } = await start();
    let answer = (_usable: boolean): void => undefined;
    await outlay.run({ workflow: 'w', usable: () => new Promise<boolean>((resolve) => (answer = resolve)), action: () => 1 });
    const flushing = outlay.flush();
    await nextTurn();
    answer(true);
    await flushing;
    expect(ledger.outcomes()).toMatchObject([{ outcome: 'usable' }]);
  });
});

describe('shutdown', () => {
  it('records a call that is still open as unknown, with what is known of it, and only once', async () => {
    const { outlay, ledger } = await start();
    let answer = (_response: Response): void => undefined;
    const fetch = (): Promise<Response> => new Promise((resolve) => (answer = resolve));
    const client = outlay.wrapOpenAI(new OpenAI({ apiKey: 'k', fetch }));
    const asking = client.chat.completions.create({ model: 'm', messages });
    asking.catch(() => undefined);
    await until('the request is out', () => outlay.stats().openCalls === 1);
    expect(await outlay.shutdown({ timeoutMs: 1_000 })).toEqual({ delivered: true, pending: 0 });
    expect(ledger.calls()).toMatchObject([
      { provider: 'openai', model_requested: 'm', status: 'unknown', error_class: 'process_ended', estimated: true, quantities: { input_uncached: expect.any(Number) } },
    ]);
    answer(Response.json({ model: 'm', choices: [], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } }));
    expect((await asking).model).toBe('m');
    expect(outlay.stats()).toMatchObject({ recorded: 2, openCalls: 0 });
    // A call that nobody heard the end of was of no use, as far as anybody knows; what it held is free.
    expect(ledger.outcomes()).toMatchObject([{ outcome: 'unusable', error_class: 'process_ended' }]);
    expect(ledger.gate.holds.size).toBe(0);
  });

  it('does not let a drained answer hold the process: it is closed with what came so far', async () => {
    const { outlay, ledger } = await start();
    let stopped = false;
    // One word, then silence.
    const slow = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode('data: {"choices":[{"index":0,"delta":{"content":"four"}}]}\n\n')),
    });
    const fetch = (_input: unknown, init?: RequestInit): Promise<Response> => {
      init!.signal!.addEventListener('abort', () => (stopped = true));
      return Promise.resolve(new Response(slow, { headers: { 'content-type': 'text/event-stream' } }));
    };
    const client = outlay.wrapOpenAI(new OpenAI({ apiKey: 'k', fetch }), { onAbort: 'drain' });
    for await (const _chunk of await client.chat.completions.create({ model: 'm', messages, stream: true })) break;
    expect(stopped).toBe(false);
    await outlay.shutdown({ timeoutMs: 100 });
    expect(stopped).toBe(true);
    expect(ledger.calls()).toMatchObject([{ status: 'unknown', error_class: 'process_ended', estimated: true, quantities: { output_text: 1 } }]);
  });

  it('does not outlive its time when the ledger hangs, nor hold the request', async () => {
    const { outlay, ledger, codes } = await start();
    ledger.answer = () => 'hang';
    outlay.track({ provider: 'x' });
    const startedMs = Date.now();
    expect(await outlay.shutdown({ timeoutMs: 100 })).toEqual({ delivered: false, pending: 1 });
    expect(Date.now() - startedMs).toBeLessThan(2_000);
    expect(codes()).toContain('events_unsent');
  });

  it('may be called twice', async () => {
    const { outlay } = await start();
    outlay.track({ provider: 'x' });
    expect(await Promise.all([outlay.shutdown(), outlay.shutdown()])).toEqual([{ delivered: true, pending: 0 }, { delivered: true, pending: 0 }]);
  });
});

describe('a pause that the ledger asked for', () => {
  it('is kept by flush, and ended by shutdown, which has no other chance', async () => {
    const { outlay, ledger } = await start();
    ledger.answer = (_request, number) => (number === 1 ? { status: 429, headers: { 'retry-after': '30' } } : undefined);
    outlay.track({ provider: 'x' });
    await until('it was refused', () => outlay.stats().failedDeliveries === 1);
    expect(await outlay.flush({ timeoutMs: 50 })).toEqual({ delivered: false, pending: 1 });
    expect(ledger.requests.length).toBe(1);
    expect(await outlay.shutdown()).toEqual({ delivered: true, pending: 0 });
    expect(ledger.requests.length).toBe(2);
  });
});

describe('background work', () => {
  it('belongs to no run: what a callback records does not join the run whose event set it off', async () => {
    const { outlay, ledger } = await start({
      onVerdict: ({ kind, runId }) => {
        if (runId && kind === 'outcome') outlay.track({ provider: 'from_callback' });
      },
    });
    await outlay.run({ workflow: 'w', action: ({ record }) => record({ provider: 'x' }) });
    await until('the callback recorded', () => ledger.calls().length === 2);
    expect(ledger.calls()[1]).toMatchObject({ provider: 'from_callback' });
    expect(ledger.calls()[1]).not.toHaveProperty('run_id');
  });

  it('survives callbacks that reject', async () => {
    const { outlay } = await start({ onVerdict: (() => Promise.reject(new Error('mine'))) as () => void });
    outlay.track({ provider: 'x' });
    await outlay.flush();
    await until('the rejection was seen', () => outlay.stats().callbackErrors === 1);
  });
});
