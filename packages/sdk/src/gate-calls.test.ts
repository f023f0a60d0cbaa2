/** Wrapped clients behind the gate: calls outside a run, and the most that a call may write. */
import Anthropic from '@anthropic-ai/sdk';
import { createOpenAI } from '@ai-sdk/openai';
import { GoogleGenAI } from '@google/genai';
import { type Fake, startFakeAnthropic, startFakeGoogle, startFakeOpenAI } from '@outlay/fakes';
import { generateText, wrapLanguageModel } from 'ai';
import OpenAI from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import { createOutlay, OutlayDenied, type OutlayOptions, type RunContext } from './index.js';
import { denial, type WireBody } from './testing/fake-gate.js';
import { createFixture, type Fixture, until } from './testing/outlay-fixture.js';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

interface Setup extends Fixture {
  readonly fakes: { readonly openai: Fake; readonly anthropic: Fake; readonly google: Fake };
  readonly plain: { readonly openai: OpenAI; readonly anthropic: Anthropic; readonly google: GoogleGenAI };
  /** Bodies that reached a provider. */
  readonly bodies: WireBody[];
}

/** Clients whose requests are seen as they leave. */
async function start(options: Partial<OutlayOptions> = {}): Promise<Setup> {
  const fakes = { openai: await startFakeOpenAI(), anthropic: await startFakeAnthropic(), google: await startFakeGoogle() };
  const fixture = await createFixture({ models: ['gpt-5-mini'], ...options });
  open.push(fixture, ...Object.values(fakes));
  const bodies: WireBody[] = [];
  const spying: typeof fetch = (input, init) => {
    if (typeof init?.body === 'string') bodies.push(JSON.parse(init.body) as WireBody);
    return fetch(input, init);
  };
  const plain = {
    openai: new OpenAI({ apiKey: 'sk-test', baseURL: fakes.openai.baseURL, fetch: spying }),
    anthropic: new Anthropic({ apiKey: 'sk-ant-test', baseURL: fakes.anthropic.baseURL, fetch: spying }),
    google: new GoogleGenAI({ apiKey: 'test', httpOptions: { baseUrl: fakes.google.baseURL } }),
  };
  return { ...fixture, fakes, plain, bodies };
}

const messages = [{ role: 'user' as const, content: 'When does the notice period end?' }];
const holding = (most: number) => () => ({ status: 200, body: { hold: { expires_at: '2099-01-01T00:00:00.000Z', bounded: true, cost_usd: '0.1', units: '1', tokens: null, calls: 1, max_output_tokens: most } } });
const served = ({ fakes }: Setup): number => Object.values(fakes).reduce((sum, fake) => sum + fake.served.length, 0);

/** One call of each kind of client. */
const CALLS: readonly (readonly [string, (setup: Setup, wrap?: { run?: RunContext }) => Promise<unknown>])[] = [
  ['openai', ({ outlay, plain }, wrap) => outlay.wrapOpenAI(plain.openai, wrap).chat.completions.create({ model: 'gpt-5-mini', messages })],
  ['openai with options', ({ outlay, plain }, wrap) => outlay.wrapOpenAI(plain.openai, wrap).withOptions({ timeout: 5_000 }).responses.create({ model: 'gpt-5-mini', input: 'Hello' })],
  ['anthropic', ({ outlay, plain }, wrap) => outlay.wrapAnthropic(plain.anthropic, wrap).messages.create({ model: 'claude-sonnet-5', max_tokens: 300, messages })],
  ['google', ({ outlay, plain }, wrap) => outlay.wrapGoogle(plain.google, wrap).models.generateContent({ model: 'gemini-2.5-flash', contents: 'Hello' })],
  [
    'the AI SDK',
    ({ outlay, fakes }, wrap) => {
      const model = createOpenAI({ apiKey: 'sk-test', baseURL: fakes.openai.baseURL }).chat('gpt-5-mini');
      return generateText({ model: wrapLanguageModel({ model, middleware: outlay.outlayMiddleware(wrap) }), prompt: 'Hello' });
    },
  ],
];

describe.each(CALLS)('a call outside a run, by %s', (_client, make) => {
  it('begins and finishes by itself: one run, one call, one outcome', async () => {
    const setup = await start({ customerId: 'c1', workflow: 'chat' });
    await make(setup);
    await setup.outlay.flush();
    const { gate, ledger } = setup;
    const [call] = ledger.calls();
    const [begin] = gate.asked('begin');
    expect(begin!.body).toMatchObject({ customer_id: 'c1', workflow: 'chat', models: [call!['model_requested']], max_calls: 1, input_bytes: expect.any(Number) });
    expect(call).toMatchObject({ run_id: begin!.runId, status: 'succeeded' });
    expect(ledger.outcomes()).toMatchObject([{ run_id: begin!.runId, outcome: 'usable', customer_id: 'c1', workflow: 'chat' }]);
    expect([...gate.finished.keys()]).toEqual([begin!.runId]);
    expect(gate.tooEarly).toEqual([]);
    expect(gate.holds.size).toBe(0);
  });

  it('denied: the typed error comes out at once, unwrapped and not retried, and no request is made', async () => {
    const setup = await start({ customerId: 'c1' });
    setup.gate.answer = () => denial('rate_limited');
    const error = await make(setup).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OutlayDenied);
    expect(error).toMatchObject({ reason: 'rate_limited', status: 429, retryAfterSeconds: 7 });
    await setup.outlay.flush();
    expect(setup.gate.asked('begin').length).toBe(1);
    expect(served(setup)).toBe(0);
    expect(setup.ledger.recorded()).toEqual([]);
  });

  it('a gate that is away: its policy decides, as for a run', async () => {
    const setup = await start({ customerId: 'c1', onGateUnavailable: 'deny' });
    setup.gate.answer = ({ verb }) => (verb === 'begin' ? 'reset' : undefined);
    await expect(make(setup)).rejects.toMatchObject({ name: 'OutlayDenied', reason: 'gate_unavailable' });
    expect(served(setup)).toBe(0);
  });

  it('within a run it is not gated again', async () => {
    const setup = await start({ customerId: 'c1' });
    await setup.outlay.run({ workflow: 'w', action: () => make(setup) });
    await setup.outlay.run({ workflow: 'w', action: (run) => make(setup, { run }) });
    expect(setup.gate.asked('begin').length).toBe(2);
    await setup.outlay.flush();
    expect(setup.ledger.outcomes().length).toBe(2);
  });

  it('writes no more than its run holds', async () => {
    const setup = await start({ customerId: 'c1' });
    setup.gate.answer = holding(7);
    await make(setup);
    const body = setup.bodies[0];
    if (body) return expect(body['max_completion_tokens'] ?? body['max_output_tokens'] ?? body['max_tokens']).toBe(7);
    // A client that takes no fetch: the stand-in, which honours the limit, tells what it wrote.
    const [usage] = Object.values(setup.fakes).flatMap((fake) => fake.served.map((answer) => answer.usage ?? {}));
    const wrote = ['candidatesTokenCount', 'thoughtsTokenCount', 'completion_tokens'].reduce((sum, name) => sum + Number(usage![name] ?? 0), 0);
    expect(wrote).toBeGreaterThan(0);
    expect(wrote).toBeLessThanOrEqual(7);
  });
});

describe('a call outside a run', () => {
  it('that failed is unusable, and what it held is free', async () => {
    const { outlay, plain, gate, ledger } = await start();
    const client = outlay.wrapOpenAI(plain.openai);
    await expect(client.chat.completions.create({ model: 'gpt-5-mini', messages }, { maxRetries: 0, headers: { 'x-fake-error': '500' } })).rejects.toMatchObject({ status: 500 });
    await outlay.flush();
    expect(ledger.outcomes()).toMatchObject([{ outcome: 'unusable' }]);
    expect(gate.holds.size).toBe(0);
  });

  it('streamed holds until its stream ends', async () => {
    const { outlay, plain, gate } = await start();
    const stream = await outlay.wrapOpenAI(plain.openai, { units: 2 }).chat.completions.create({ model: 'gpt-5-mini', messages, stream: true });
    for await (const _chunk of stream) expect(gate.holds.size).toBe(1);
    await outlay.flush();
    expect([...gate.finished.values()]).toMatchObject([{ outcome: 'usable', units: 2 }]);
    expect(gate.asked('begin')[0]!.body).toMatchObject({ units: 2 });
  });

  it('states no bound for an input whose size says nothing about its tokens', async () => {
    const { outlay, plain, gate } = await start();
    const content = [{ type: 'image_url' as const, image_url: { url: 'https://example.com/a.png' } }];
    const refused = outlay.wrapOpenAI(plain.openai).chat.completions.create({ model: 'gpt-5-mini', messages: [{ role: 'user', content }], max_completion_tokens: 50, n: 2 });
    await expect(refused).rejects.toThrow('serves one choice only');
    expect(gate.asked('begin')[0]!.body).toMatchObject({ max_output_tokens: 100 });
    expect(gate.asked('begin')[0]!.body).not.toHaveProperty('input_bytes');
  });

  it('after its run has ended is gated by itself, and is no second outcome of it', async () => {
    const { outlay, plain, gate, ledger } = await start({ customerId: 'c1' });
    const client = outlay.wrapOpenAI(plain.openai);
    let late: Promise<unknown> | undefined;
    let ended = (): void => undefined;
    const end = new Promise<void>((resolve) => (ended = resolve));
    await outlay.run({ workflow: 'w', action: ({ record }) => (record({ provider: 'openai' }), void (late = end.then(() => client.chat.completions.create({ model: 'gpt-5-mini', messages })))) });
    ended();
    await late;
    await outlay.flush();
    expect(gate.asked('begin').length).toBe(2);
    expect(ledger.outcomes().map((event) => [event['outcome'], event['units'], event['workflow']])).toEqual([['usable', undefined, 'w'], ['usable', 0, 'w']]);
  });

  it('with `gate: false` is recorded as ever, without a run', async () => {
    const { outlay, plain, gate, ledger } = await start({ gate: false });
    await outlay.wrapOpenAI(plain.openai).chat.completions.create({ model: 'gpt-5-mini', messages });
    await outlay.flush();
    expect(gate.requests).toEqual([]);
    expect(ledger.recorded().map((event) => [event.kind, event.run_id])).toEqual([[undefined, undefined]]);
  });

  it('left while the gate thinks makes no request, and lets go', async () => {
    const { outlay, plain, gate, fakes } = await start();
    gate.answer = ({ verb }) => (verb === 'begin' ? 'hang' : undefined);
    const controller = new AbortController();
    const asking = outlay.wrapOpenAI(plain.openai).chat.completions.create({ model: 'gpt-5-mini', messages }, { signal: controller.signal });
    asking.catch(() => undefined);
    await until('the gate was asked', () => gate.asked('begin').length === 1);
    controller.abort();
    await expect(asking).rejects.toBeInstanceOf(OpenAI.APIUserAbortError);
    await until('it let go', () => gate.asked('release').length === 1);
    expect(fakes.openai.served.length).toBe(0);
  });
});

describe('the most that a call may write', () => {
  it('is stated only where the caller asked for none or for more; what was lowered is said', async () => {
    const setup = await start();
    setup.gate.answer = holding(100);
    const { outlay, plain, bodies, codes } = setup;
    const client = outlay.wrapOpenAI(plain.openai);
    await client.chat.completions.create({ model: 'gpt-5-mini', messages, max_completion_tokens: 60 });
    await expect(client.chat.completions.create({ model: 'gpt-5-mini', messages, n: 4 })).rejects.toThrow('serves one choice only');
    expect(codes()).toEqual([]);
    await client.chat.completions.create({ model: 'gpt-4o-mini', messages, max_tokens: 400 });
    await outlay.wrapAnthropic(plain.anthropic).messages.create({ model: 'claude-sonnet-5', max_tokens: 101, messages });
    expect(bodies.map((body) => [body['max_completion_tokens'], body['max_tokens']])).toEqual([[60, undefined], [25, undefined], [undefined, 100], [undefined, 100]]);
    expect(codes()).toEqual(['output_limited']);
  });

  it('has the older word for hosts that only speak OpenAI\'s protocol', async () => {
    const setup = await start();
    setup.gate.answer = holding(100);
    await setup.outlay.wrapOpenAI(setup.plain.openai, { provider: 'groq' }).chat.completions.create({ model: 'gpt-4o-mini', messages, stream: true });
    expect(setup.bodies[0]).toMatchObject({ max_tokens: 100, stream_options: { include_usage: true } });
    expect(setup.bodies[0]).not.toHaveProperty('max_completion_tokens');
  });

  it('also comes from run({ maxOutputTokens }), the smaller counts; a reader that counts by itself is left alone', async () => {
    const setup = await start();
    setup.gate.answer = holding(100);
    const { outlay, plain, bodies } = setup;
    const ask = { model: 'gpt-5-mini', messages };
    await outlay.run({ workflow: 'w', maxOutputTokens: 40, action: () => outlay.wrapOpenAI(plain.openai).chat.completions.create(ask) });
    await outlay.run({ workflow: 'w', maxOutputTokens: 400, action: () => outlay.wrapOpenAI(plain.openai).chat.completions.create(ask) });
    await outlay.run({ workflow: 'w', action: () => outlay.wrapOpenAI(plain.openai, { limitOutput: false }).chat.completions.create({ ...ask, max_completion_tokens: 900 }) });
    expect(bodies.map((body) => body['max_completion_tokens'])).toEqual([40, 100, 900]);
  });
});

describe('a run that stated its calls', () => {
  const bounded = (fields: WireBody = {}) => ({ status: 200, body: { hold: { expires_at: '2099-01-01T00:00:00.000Z', bounded: true, cost_usd: '0.03', units: '1', tokens: 500, calls: 2, max_output_tokens: null, ...fields } } });
  const ask = { model: 'gpt-5-mini', messages };

  it('asks for each call beyond them, retries too, and is stopped by a denial before the request', async () => {
    const { outlay, plain, gate, fakes } = await start({ customerId: 'c1' });
    gate.answer = ({ verb }) => (verb === 'begin' ? bounded() : verb === 'extend' && gate.asked('extend').length > 1 ? denial('hard_cap_reached') : undefined);
    const client = outlay.wrapOpenAI(plain.openai);
    const before = fakes.openai.served.length;
    const running = outlay.run({
      workflow: 'w', maxCalls: 2,
      action: async () => {
        await Promise.all([client.chat.completions.create(ask), client.chat.completions.create(ask)]);
        expect(gate.asked('extend')).toEqual([]);
        for (;;) await client.chat.completions.create(ask);
      },
    });
    await expect(running).rejects.toMatchObject({ name: 'OutlayDenied', reason: 'hard_cap_reached' });
    await outlay.flush();
    expect(gate.asked('extend').map(({ body }) => body)).toEqual([{ tokens: 250, cost_usd: '0.015000000', seconds: 600 }, { tokens: 250, cost_usd: '0.015000000', seconds: 600 }]);
    expect(fakes.openai.served.length - before).toBe(3);
    expect(gate.asked('begin').length).toBe(1);
  });

  it('whose hold is an estimate makes as many as it needs', async () => {
    const { outlay, plain, gate } = await start({ customerId: 'c1' });
    gate.answer = ({ verb }) => (verb === 'begin' ? bounded({ bounded: false, calls: 1 }) : undefined);
    const client = outlay.wrapOpenAI(plain.openai);
    await outlay.run({ workflow: 'w', action: async () => (await client.chat.completions.create(ask), client.chat.completions.create(ask)) });
    expect(gate.asked('extend')).toEqual([]);
  });
});

describe('providers', () => {
  it('are wrapped once and handed to the action; product code holds no key', async () => {
    const { fakes, plain, ledger, gate } = await start();
    const outlay = createOutlay({ apiKey: 'k', baseUrl: ledger.url, models: ['gpt-5-mini'], providers: plain, delivery: { spoolDir: false } });
    const said = await outlay.run({
      customerId: 'c1', workflow: 'w',
      action: async ({ model, providers }) => {
        const [chat, claude] = await Promise.all([
          providers.openai.chat.completions.create({ model, messages }),
          providers.anthropic.messages.create({ model: 'claude-sonnet-5', max_tokens: 50, messages }),
          providers.google.models.generateContent({ model: 'gemini-2.5-flash', contents: 'Hello' }),
        ]);
        return [chat.model, claude.model];
      },
    });
    await outlay.providers.openai.embeddings.create({ model: 'text-embedding-3-small', input: 'x' });
    await outlay.shutdown();
    expect(said).toEqual([fakes.openai.served[0]!.model, fakes.anthropic.served[0]!.model]);
    expect(ledger.calls().map((event) => event['provider']).sort()).toEqual(['anthropic', 'google', 'openai', 'openai']);
    expect(gate.asked('begin').length).toBe(2);
    expect(outlay.providers.openai).not.toBe(plain.openai);
  });

  it('that are no clients are refused by name', async () => {
    for (const client of [{}, 'sk-test', null]) expect(() => createOutlay({ apiKey: 'k', baseUrl: 'http://localhost:4400', providers: { openai: client } })).toThrow('"providers.openai"');
  });
});
