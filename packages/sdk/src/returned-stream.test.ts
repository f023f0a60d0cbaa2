/** Runs whose action returns a stream: they end when the stream does. */
import { type Fake, startFakeAnthropic, startFakeOpenAI } from '@outlay/fakes';
import Anthropic from '@anthropic-ai/sdk';
import { PassThrough, Readable } from 'node:stream';
import OpenAI from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import { createFixture, type Fixture, until } from './testing/outlay-fixture.js';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function start(): Promise<Fixture> {
  const fixture = await createFixture({ models: ['gpt-4o-mini'] });
  open.push(fixture);
  return fixture;
}

async function startOpenAI(fixture: Fixture): Promise<{ fake: Fake; client: OpenAI }> {
  const fake = await startFakeOpenAI();
  open.push(fake);
  return { fake, client: fixture.outlay.wrapOpenAI(new OpenAI({ apiKey: 'sk-test', baseURL: fake.baseURL, maxRetries: 0 })) };
}

const base = { customerId: 'c1', workflow: 'chat' };
const messages = [{ role: 'user' as const, content: 'Hello' }];
const slow = { headers: { 'x-fake-chunks': '4', 'x-fake-chunk-delay-ms': '10' } };
const outcomes = async (fixture: Fixture): Promise<unknown[]> => (await fixture.outlay.flush(), fixture.ledger.outcomes().map((event) => event['outcome']));

async function* words(onEnd?: () => void): AsyncGenerator<string, string> {
  try {
    yield 'a';
    yield 'b';
    return 'end';
  } finally {
    onEnd?.();
  }
}

describe('an async iterable', () => {
  it('keeps its identity and its chunks; the outcome comes with the last one', async () => {
    const fixture = await start();
    const source = words();
    const stream = await fixture.outlay.run({ ...base, action: () => source });
    expect(stream).toBe(source);
    expect(await outcomes(fixture)).toEqual([]);
    expect(fixture.outlay.stats().openRuns).toBe(1);
    const seen = [];
    for await (const word of stream) seen.push(word);
    expect(seen).toEqual(['a', 'b']);
    expect(await outcomes(fixture)).toEqual(['usable']);
    expect(fixture.outlay.stats().openRuns).toBe(0);
  });

  it('left early is unusable, and its producer is told', async () => {
    const fixture = await start();
    let cleaned = false;
    const stream = await fixture.outlay.run({ ...base, action: () => words(() => (cleaned = true)) });
    for await (const word of stream) if (word === 'a') break;
    expect(cleaned).toBe(true);
    expect(await outcomes(fixture)).toEqual(['unusable']);
  });

  it('that fails gives its error to the reader and its class to the outcome', async () => {
    const fixture = await start();
    const stream = await fixture.outlay.run({
      ...base,
      action: async function* () {
        yield 'a';
        throw Object.assign(new Error('quoting the prompt'), { code: 'boom' });
      },
    });
    await expect((async () => {
      for await (const _word of stream) continue;
    })()).rejects.toThrow('quoting the prompt');
    await fixture.outlay.flush();
    expect(fixture.ledger.outcomes()).toMatchObject([{ outcome: 'unusable', error_class: 'boom' }]);
  });

  it('read by hand, by next() and return(), counts the same', async () => {
    const fixture = await start();
    const stream = await fixture.outlay.run({ ...base, action: () => words() });
    expect(await stream.next()).toEqual({ value: 'a', done: false });
    expect(await stream.next()).toEqual({ value: 'b', done: false });
    expect(await stream.next()).toEqual({ value: 'end', done: true });
    expect(await outcomes(fixture)).toEqual(['usable']);
  });

  it('that is frozen or no generator is watched too', async () => {
    const fixture = await start();
    const iterable = Object.freeze({ [Symbol.asyncIterator]: () => words() });
    for (const action of [() => iterable, () => ({ [Symbol.asyncIterator]: () => words() })]) {
      const seen = [];
      for await (const word of await fixture.outlay.run({ ...base, action })) seen.push(word);
      expect(seen).toEqual(['a', 'b']);
    }
    expect(await outcomes(fixture)).toEqual(['usable', 'usable']);
  });

  it('produces inside the run, whoever pulls: its calls join', async () => {
    const fixture = await start();
    const { client } = await startOpenAI(fixture);
    const stream = await fixture.outlay.run({
      ...base,
      action: async function* ({ model }) {
        for (let i = 0; i < 2; i++) yield (await client.chat.completions.create({ model, messages })).id;
      },
    });
    for await (const _id of stream) continue;
    await fixture.outlay.flush();
    const [first, second] = fixture.ledger.calls();
    expect(first).toMatchObject({ workflow: 'chat', run_id: fixture.ledger.outcomes()[0]!.run_id });
    expect(second!.run_id).toBe(first!.run_id);
    expect(fixture.codes()).toEqual([]);
  });

  it('asks usable() at its end, with how it ended', async () => {
    const fixture = await start();
    const ends: string[] = [];
    const usable = (_value: unknown, end: { how: string }): { usable: boolean; units: number } => (ends.push(end.how), { usable: true, units: 2 });
    for await (const _word of await fixture.outlay.run({ ...base, usable, action: () => words() })) continue;
    for await (const _word of await fixture.outlay.run({ ...base, usable, action: () => words() })) break;
    await fixture.outlay.flush();
    expect(ends).toEqual(['stream_completed', 'stream_cancelled']);
    expect(fixture.ledger.outcomes()).toMatchObject([{ outcome: 'usable', units: 2 }, { outcome: 'usable', units: 2 }]);
  });
});

describe('a ReadableStream or Response', () => {
  const readable = (fail?: Error): ReadableStream<Uint8Array> => {
    let n = 0;
    return new ReadableStream({
      pull(controller) {
        if ((n += 1) <= 2) controller.enqueue(new TextEncoder().encode(`part ${n};`));
        else if (fail) controller.error(fail);
        else controller.close();
      },
    });
  };

  it('passes through and ends the run', async () => {
    const fixture = await start();
    expect(await new Response(await fixture.outlay.run({ ...base, action: () => readable() })).text()).toBe('part 1;part 2;');
    expect(await outcomes(fixture)).toEqual(['usable']);
  });

  it('a Response keeps status, headers and body; an error status is not usable', async () => {
    const fixture = await start();
    const response = await fixture.outlay.run({ ...base, action: () => new Response(readable(), { status: 201, statusText: 'Made', headers: { 'x-mine': '1' } }) });
    expect([response.status, response.statusText, response.headers.get('x-mine')]).toEqual([201, 'Made', '1']);
    expect(await outcomes(fixture)).toEqual([]);
    expect(await response.text()).toBe('part 1;part 2;');
    await (await fixture.outlay.run({ ...base, action: () => new Response('no', { status: 500 }) })).text();
    await fixture.outlay.run({ ...base, action: () => new Response(null, { status: 204 }) });
    expect(await outcomes(fixture)).toEqual(['usable', 'unusable', 'usable']);
  });

  it('cancelled or failing: unusable, the source is cancelled, the reader gets the error', async () => {
    const fixture = await start();
    let reason: unknown;
    const source = new ReadableStream({ pull: (controller) => controller.enqueue('x'), cancel: (why) => void (reason = why) });
    const reader = (await fixture.outlay.run({ ...base, action: () => source })).getReader();
    await reader.read();
    await reader.cancel('enough');
    expect(reason).toBe('enough');
    const failing = await fixture.outlay.run({ ...base, action: () => readable(new Error('gone')) });
    await expect(new Response(failing).text()).rejects.toThrow('gone');
    expect(await outcomes(fixture)).toEqual(['unusable', 'unusable']);
  });

  it('nothing is read ahead of the reader', async () => {
    const fixture = await start();
    let pulls = 0;
    const source = new ReadableStream({ pull: (controller) => controller.enqueue((pulls += 1)) }, { highWaterMark: 0 });
    const reader = (await fixture.outlay.run({ ...base, action: () => source })).getReader();
    await reader.read();
    expect(pulls).toBe(1);
    await reader.cancel();
  });
});

describe('a Node stream', () => {
  it('ends the run when it was piped, destroyed, or failed, and keeps its identity', async () => {
    const fixture = await start();
    const run = (source: Readable): Promise<Readable> => fixture.outlay.run({ ...base, action: () => source });
    const source = Readable.from(['a', 'b']);
    const piped = await run(source);
    expect(piped).toBe(source);
    expect(await outcomes(fixture)).toEqual([]);
    const sink = new PassThrough();
    piped.pipe(sink);
    expect((await sink.toArray()).join('')).toBe('ab');
    const iterated: unknown[] = [];
    for await (const chunk of await run(Readable.from(['c']))) iterated.push(chunk);
    expect(iterated).toEqual(['c']);
    expect(await outcomes(fixture)).toEqual(['usable', 'usable']);
    (await run(Readable.from(['a']))).destroy();
    const failing = await run(Readable.from(['a']));
    failing.on('error', () => undefined);
    failing.destroy(Object.assign(new Error('quoting the prompt'), { code: 'EPIPE' }));
    await until('both have ended', () => fixture.outlay.stats().openRuns === 0);
    await fixture.outlay.flush();
    expect(fixture.ledger.outcomes().map((event) => [event['outcome'], event['error_class']]).slice(2)).toEqual([['unusable', undefined], ['unusable', 'EPIPE']]);
  });
});

describe('a value that cannot be watched', () => {
  it('is handed on as it is', async () => {
    const fixture = await start();
    const odd = Object.defineProperty({}, Symbol.asyncIterator, { value: () => words(), configurable: false });
    expect(await fixture.outlay.run({ ...base, action: () => odd })).toBe(odd);
    expect(await outcomes(fixture)).toEqual(['usable']);
  });
});

describe('streams of the official clients', () => {
  it('OpenAI\'s Stream: the call and the outcome come at its end; toReadableStream counts too', async () => {
    const fixture = await start();
    const { client, fake } = await startOpenAI(fixture);
    const stream = await fixture.outlay.run({ ...base, action: ({ model }) => client.chat.completions.create({ model, messages, stream: true }, slow) });
    expect(stream.controller).toBeInstanceOf(AbortController);
    for await (const _chunk of stream) expect(fixture.outlay.stats().recorded).toBe(0);
    const second = await fixture.outlay.run({ ...base, action: ({ model }) => client.chat.completions.create({ model, messages, stream: true }) });
    await new Response(second.toReadableStream()).text();
    expect(await outcomes(fixture)).toEqual(['usable', 'usable']);
    expect(fixture.ledger.calls().map((call) => call['usage'])).toEqual(fake.served.map((answer) => answer.usage));
  });

  it('aborted by its controller: it ends without an error, but not usable', async () => {
    const fixture = await start();
    const { client } = await startOpenAI(fixture);
    const stream = await fixture.outlay.run({ ...base, action: ({ model }) => client.chat.completions.create({ model, messages, stream: true }, slow) });
    for await (const _chunk of stream) stream.controller.abort();
    expect(await outcomes(fixture)).toEqual(['unusable']);
    expect(fixture.ledger.calls()).toMatchObject([{ status: 'aborted', estimated: true }]);
  });

  it('a run\'s signal stops a stream that its action returned', async () => {
    const fixture = await start();
    const { client } = await startOpenAI(fixture);
    const controller = new AbortController();
    const stream = await fixture.outlay.run({ ...base, signal: controller.signal, action: ({ model }) => client.chat.completions.create({ model, messages, stream: true }, slow) });
    let seen = 0;
    const read = async (): Promise<void> => {
      for await (const _chunk of stream) if ((seen += 1) === 2) controller.abort();
    };
    await read().catch(() => undefined);
    expect(seen).toBe(2);
    expect(await outcomes(fixture)).toEqual(['unusable']);
    expect(fixture.ledger.calls()).toMatchObject([{ status: 'aborted' }]);
  });

  it('helper streams tell their end even when nobody iterates them', async () => {
    const fixture = await start();
    const { client } = await startOpenAI(fixture);
    const fake = await startFakeAnthropic();
    open.push(fake);
    const anthropic = fixture.outlay.wrapAnthropic(new Anthropic({ apiKey: 'sk-ant-test', baseURL: fake.baseURL, maxRetries: 0 }));
    const ask = { model: 'claude-sonnet-5', max_tokens: 100, messages };
    const runs = [
      await fixture.outlay.run({ ...base, action: async ({ model }) => client.chat.completions.stream({ model, messages }) }),
      await fixture.outlay.run({ ...base, action: async () => anthropic.messages.stream(ask) }),
    ] as const;
    await runs[0].finalChatCompletion();
    await runs[1].finalMessage();
    expect(await outcomes(fixture)).toEqual(['usable', 'usable']);
    const aborted = await fixture.outlay.run({ ...base, action: async () => anthropic.messages.stream(ask, slow) });
    aborted.on('text', () => aborted.abort());
    await expect(aborted.finalMessage()).rejects.toThrow();
    expect(await outcomes(fixture)).toEqual(['usable', 'usable', 'unusable']);
    expect(fixture.ledger.calls().every((call) => call['workflow'] === 'chat')).toBe(true);
  });
});
