/** `kill -9` of the caller's process: what it recorded is delivered by the next one, each event once. */
import { startFakeOpenAI } from '@outlay/fakes';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createOutlay } from './index.js';
import { bundleSdk, type Child, startChild } from './testing/bundle-sdk.js';
import { type FakeLedger, startFakeLedger } from './testing/fake-ledger.js';
import { until } from './testing/outlay-fixture.js';

let home = '';
let ledger: FakeLedger;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'outlay-crash-'));
  await bundleSdk(home);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));
beforeEach(async () => {
  ledger = await startFakeLedger();
});
afterEach(async () => {
  await ledger.close();
  rmSync(join(home, 'spool'), { recursive: true, force: true });
});

const settings = (): string => `{ apiKey: 'ol_test_key', baseUrl: '${ledger.url}', onWarning: () => {}, delivery: { spoolDir: ${JSON.stringify(join(home, 'spool'))}, baseDelayMs: 20, maxDelayMs: 40 } }`;
const next = () => createOutlay({ apiKey: 'ol_test_key', baseUrl: ledger.url, onWarning: () => undefined, delivery: { spoolDir: join(home, 'spool') } });
/** Every id that any answer acknowledged, as often as it was. */
const acknowledged = (): readonly (string | undefined)[] => ledger.requests.flatMap(({ events }) => events.map(({ id }) => id));

/** Says each id once it is recorded; a child that says it has nothing more to lose. */
const recorder = (): string => `
  import { writeSync } from 'node:fs';
  import { setInterval } from 'node:timers/promises';
  import { createOutlay } from './sdk.mjs';
  const outlay = createOutlay(${settings()});
  for await (const _tick of setInterval(1)) {
    for (let i = 0; i < 5; i++) writeSync(1, outlay.track({ provider: 'openai', model: 'm', customerId: 'c' }) + '\\n');
  }`;

async function kill(child: Child): Promise<void> {
  child.process.kill('SIGKILL');
  expect(await child.ended).toMatchObject({ signal: 'SIGKILL', errors: '' });
}

async function deliverRest(): Promise<ReturnType<typeof next>> {
  const outlay = next();
  await outlay.flush({ timeoutMs: 10_000 });
  return outlay;
}

describe('a process that is killed', () => {
  it('again and again while the ledger is down loses nothing; the next one delivers each event once', async () => {
    ledger.answer = () => 'reset';
    const recorded: string[] = [];
    for (let round = 0; round < 12; round++) {
      const child = startChild(home, recorder());
      await until('it recorded', () => child.lines().length > round * 7);
      await kill(child);
      recorded.push(...child.lines());
    }
    expect(recorded.length).toBeGreaterThan(400);
    const before = ledger.requests.length;
    ledger.answer = () => undefined;
    const outlay = await deliverRest();
    const ids = ledger.requests.slice(before).flatMap(({ events }) => events.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
    expect(recorded.filter((id) => !ids.includes(id))).toEqual([]);
    // What was recorded, but not said any more when the signal came.
    expect(ids.length - recorded.length).toBeLessThanOrEqual(12);
    expect(outlay.stats()).toMatchObject({ dropped: 0, pending: 0, adopted: ids.length, spooledBytes: 0 });
    expect(readdirSync(join(home, 'spool'))).toEqual([]);
    await outlay.shutdown();
  });

  it('while it delivers loses nothing either, and nothing is told twice in different words', async () => {
    const recorded: string[] = [];
    let up = 0;
    // Now and then the ledger takes a batch and its answer is lost.
    ledger.answer = () => ((up += 1) % 3 === 0 ? undefined : up % 3 === 1 ? 'reset' : { status: 503 });
    for (let round = 0; round < 6; round++) {
      const child = startChild(home, recorder());
      await until('it recorded', () => child.lines().length > 100 + round * 31);
      await kill(child);
      recorded.push(...child.lines());
    }
    ledger.answer = () => undefined;
    const outlay = await deliverRest();
    const known = new Set(acknowledged());
    expect(recorded.filter((id) => !known.has(id))).toEqual([]);
    const textsById = new Map<string | undefined, Set<string>>();
    for (const event of ledger.requests.flatMap(({ events }) => events)) textsById.set(event.id, (textsById.get(event.id) ?? new Set()).add(JSON.stringify(event)));
    expect([...textsById.values()].filter((texts) => texts.size > 1)).toEqual([]);
    expect(outlay.stats()).toMatchObject({ dropped: 0, pending: 0 });
    await outlay.shutdown();
  });

  it('in the middle of a model call: the next one records the call as unknown, with an estimate; no word of it was on disk', async () => {
    const fake = await startFakeOpenAI();
    const prompt = 'zanzibar-canary '.repeat(40);
    const child = startChild(home, `
      import { createOutlay } from './sdk.mjs';
      import OpenAI from ${JSON.stringify(import.meta.resolve('openai'))};
      const outlay = createOutlay(${settings()});
      const client = outlay.wrapOpenAI(new OpenAI({ apiKey: 'sk-test', baseURL: '${fake.baseURL}', maxRetries: 0 }));
      const ask = (model, delay) => client.chat.completions.create({ model, messages: [{ role: 'user', content: '${prompt}' }] }, { headers: { 'x-fake-delay-ms': delay, 'x-fake-text': '${prompt}' } });
      await outlay.run({ workflow: 'w', customerId: 'c', action: async () => { await ask('gpt-4o-mini', '0'); console.log('one'); await ask('gpt-5-mini', '60000'); } });`);
    ledger.answer = () => 'reset';
    await until('the first call ended', () => child.lines().includes('one'));
    const texts = (): string => readdirSync(join(home, 'spool')).map((name) => readFileSync(join(home, 'spool', name), 'utf8')).join('');
    await until('the second has begun', () => /\+\{[^\n]*gpt-5-mini/.test(texts()));
    const left = texts();
    await kill(child);
    expect(left).not.toContain('zanzibar');
    expect(left).toContain('gpt-5-mini');
    ledger.answer = () => undefined;
    const outlay = await deliverRest();
    expect(ledger.calls()).toMatchObject([
      { model_requested: 'gpt-4o-mini', status: 'succeeded', workflow: 'w' },
      { model_requested: 'gpt-5-mini', status: 'unknown', error_class: 'process_ended', estimated: true, quantities: { input_uncached: expect.any(Number) }, workflow: 'w', customer_id: 'c' },
    ]);
    expect(ledger.calls()[0]!.run_id).toBe(ledger.calls()[1]!.run_id);
    await outlay.shutdown();
    await fake.close();
  });

  it('leaves its files alone while it lives: two processes never send for each other', async () => {
    ledger.answer = () => 'reset';
    const child = startChild(home, recorder());
    await until('it recorded', () => child.lines().length > 20);
    ledger.answer = ({ authorization }) => (authorization === undefined ? undefined : 'reset');
    const outlay = next();
    await outlay.flush();
    expect(outlay.stats()).toMatchObject({ adopted: 0, recorded: 0 });
    await kill(child);
    await outlay.shutdown();
  });
});
