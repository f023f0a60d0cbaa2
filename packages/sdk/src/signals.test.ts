/** Signals and deadlines at their edges: nothing leaks, nothing runs on unseen, nothing that never left is recorded. */
import { getEventListeners } from 'node:events';
import OpenAI from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import { onAbort } from './signals.js';
import { createFixture, type Fixture } from './testing/outlay-fixture.js';

const open: Fixture[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function start(): Promise<Fixture> {
  const fixture = await createFixture({ models: ['alpha', 'beta'] });
  open.push(fixture);
  return fixture;
}

const completion = { object: 'chat.completion', model: 'alpha-1', choices: [], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } };
const messages = [{ role: 'user' as const, content: 'Hello' }];

/** A provider that answers at once, or never for one model; it counts what reached it. */
function createProvider(hangs?: string): { fetch: typeof fetch; reached: string[] } {
  const reached: string[] = [];
  return {
    reached,
    fetch: (_input, init) => {
      const { model } = JSON.parse(init!.body as string) as { model: string };
      reached.push(model);
      if (model !== hangs) return Promise.resolve(Response.json(completion));
      return new Promise((_resolve, reject) => init!.signal!.addEventListener('abort', () => reject(init!.signal!.reason as Error)));
    },
  };
}

describe('onAbort', () => {
  it('has one listener a signal, however many wait, and none when nobody waits', () => {
    const { signal } = new AbortController();
    const stops = Array.from({ length: 30 }, () => onAbort(signal, () => undefined));
    expect(getEventListeners(signal, 'abort').length).toBe(1);
    for (const stop of stops) stop();
    for (const stop of stops) stop();
    expect(getEventListeners(signal, 'abort').length).toBe(0);
  });

  it('tells all who wait, once, and not who left while it told', () => {
    const controller = new AbortController();
    const told: number[] = [];
    onAbort(controller.signal, () => (told.push(1), leave()));
    const leave = onAbort(controller.signal, () => told.push(2));
    onAbort(controller.signal, () => told.push(3));
    controller.abort();
    expect(told).toEqual([1, 3]);
  });
});

describe('a signal that outlives many runs', () => {
  it('has one listener while they run with calls of theirs, and none afterwards', async () => {
    const { outlay, ledger } = await start();
    const { signal } = new AbortController();
    const client = outlay.wrapOpenAI(new OpenAI({ apiKey: 'k', fetch: createProvider().fetch }));
    const most: number[] = [];
    await Promise.all(
      Array.from({ length: 20 }, () =>
        outlay.run({
          workflow: 'w',
          signal,
          action: async ({ model }) => {
            await Promise.all([1, 2].map(() => client.chat.completions.create({ model, messages })));
            most.push(getEventListeners(signal, 'abort').length);
          },
        }),
      ),
    );
    await outlay.flush();
    expect(ledger.calls().length).toBe(40);
    expect(Math.max(...most)).toBe(1);
    expect(getEventListeners(signal, 'abort').length).toBe(0);
  });

  it('is let go by runs that fail, retry, and stream', async () => {
    const { outlay } = await start();
    const { signal } = new AbortController();
    await outlay.run({ workflow: 'w', signal, action: () => Promise.reject(Object.assign(new Error('no'), { status: 503 })) }).catch(() => undefined);
    const stream = await outlay.run({
      workflow: 'w',
      signal,
      action: async function* () {
        yield 1;
      },
    });
    expect(getEventListeners(signal, 'abort').length).toBe(1);
    for await (const _one of stream) continue;
    expect(getEventListeners(signal, 'abort').length).toBe(0);
  });
});

describe('a signal given to a request', () => {
  it('is let go when the answer was read, streamed, refused, or lost', async () => {
    const { outlay } = await start();
    const { signal } = new AbortController();
    const answers: (() => Response | Promise<Response>)[] = [
      () => Response.json(completion),
      () => new Response('data: [DONE]\n\n', { headers: { 'content-type': 'text/event-stream' } }),
      () => Response.json({ error: {} }, { status: 500 }),
      () => Promise.reject(new TypeError('fetch failed')),
      // Cannot be cloned: read already.
      async () => {
        const response = Response.json(completion);
        await response.text();
        return response;
      },
    ];
    for (const answer of answers) {
      const bare = { fetch: async () => answer(), withOptions: (changed: object) => ({ ...bare, ...changed }) };
      const wrapped = outlay.wrapOpenAI(bare) as unknown as { fetch: typeof fetch };
      await wrapped
        .fetch('https://api.openai.com/v1/chat/completions', { method: 'POST', body: '{}', signal })
        .then((response) => response.text())
        .catch(() => undefined);
    }
    await outlay.flush();
    expect(outlay.stats()).toMatchObject({ begun: 5, recorded: 10, openCalls: 0 });
    expect(getEventListeners(signal, 'abort').length).toBe(0);
  });
});

describe('an attempt that takes too long', () => {
  it('stops its calls, though the action did not pass the signal; the client\'s own retries reach nobody and are not recorded', async () => {
    const { outlay, ledger } = await start();
    const provider = createProvider('alpha');
    const client = outlay.wrapOpenAI(new OpenAI({ apiKey: 'k', maxRetries: 1, fetch: provider.fetch }));
    const asked: Promise<unknown>[] = [];
    const answer = await outlay.run({
      workflow: 'w',
      timeoutMs: 30,
      retry: { attemptsPerModel: 1 },
      action: ({ model }) => {
        const answering = client.chat.completions.create({ model, messages });
        asked.push(answering.then(undefined, () => undefined));
        return answering;
      },
    });
    expect(answer.model).toBe('alpha-1');
    await Promise.all(asked);
    await outlay.flush();
    expect(provider.reached).toEqual(['alpha', 'beta']);
    expect(ledger.calls().map((call) => [call['model_requested'], call['attempt'], call['attempt_kind'], call['status'], call['error_class']])).toEqual([
      ['alpha', 1, 'first', 'aborted', 'attempt_timeout'],
      ['beta', 2, 'fallback', 'succeeded', undefined],
    ]);
    expect(outlay.stats().openCalls).toBe(0);
  });
});
