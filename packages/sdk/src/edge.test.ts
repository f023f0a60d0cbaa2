/** The package in a world without Node: one bundle, only web globals. It must import nothing and still do its work. */
import { startFakeOpenAI } from '@outlay/fakes';
import { build } from 'esbuild';
import OpenAI from 'openai';
import { createContext, runInContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createOutlay, type Outlay, type RunContext } from './index.js';
import { type FakeLedger, startFakeLedger } from './testing/fake-ledger.js';
import type { OutlayOptions, OutlayWarning } from './types.js';

const WEB_GLOBALS = {
  fetch, Request, Response, Headers, URL, AbortController, AbortSignal, ReadableStream, TransformStream, CompressionStream,
  TextEncoder, TextDecoder, crypto, setTimeout: (fn: () => void, ms: number) => Number(setTimeout(fn, ms)), clearTimeout, console, Blob, DOMException,
};

let bundle = '';
let imports: unknown[] = [];
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

beforeAll(async () => {
  const entry = new URL('./index.ts', import.meta.url).pathname;
  const result = await build({ entryPoints: [entry], bundle: true, write: false, format: 'iife', globalName: 'sdk', platform: 'neutral', target: 'es2022', minify: true, metafile: true });
  bundle = result.outputFiles[0]!.text;
  imports = Object.values(result.metafile.outputs).flatMap((output) => output.imports);
});

async function start(globals: object, options: Partial<OutlayOptions> = {}): Promise<{ outlay: Outlay; ledger: FakeLedger; warnings: OutlayWarning[] }> {
  const ledger = await startFakeLedger();
  open.push(ledger);
  const warnings: OutlayWarning[] = [];
  const world = createContext({ ...WEB_GLOBALS, ...globals });
  const create = runInContext(`${bundle}; sdk.createOutlay`, world) as (options: OutlayOptions) => Outlay;
  return { outlay: create({ apiKey: 'ol_test_key', baseUrl: ledger.url, models: ['gpt-4o-mini'], onWarning: (warning) => warnings.push(warning), ...options }), ledger, warnings };
}

describe('without Node', () => {
  it('the bundle imports nothing and is small', () => {
    expect(imports).toEqual([]);
    expect(bundle).not.toMatch(/\brequire\(|\bimport\(/);
    expect(gzipSync(bundle).length).toBeLessThan(42_000);
  });

  it('runs, wraps, delivers; joins runs by a bound client, and says once why', async () => {
    const { outlay, ledger, warnings } = await start({});
    const fake = await startFakeOpenAI();
    open.push(fake);
    const plain = new OpenAI({ apiKey: 'sk-test', baseURL: fake.baseURL });
    for (let i = 0; i < 2; i++) {
      const stream = await outlay.run({
        workflow: 'w',
        action: (run) => outlay.wrapOpenAI(plain, { run }).chat.completions.create({ model: run.model, messages: [{ role: 'user', content: 'Hello' }], stream: true }),
      });
      for await (const _chunk of stream) continue;
    }
    expect(await outlay.flush()).toEqual({ delivered: true, pending: 0 });
    expect(ledger.calls().map((call) => call['usage'])).toEqual(fake.served.map((answer) => answer.usage));
    expect(ledger.calls().every((call) => call['workflow'] === 'w')).toBe(true);
    expect(ledger.outcomes().length).toBe(2);
    expect(warnings.map((warning) => warning.code)).toEqual(['no_async_context']);
  });

  it('hands each run its own registered clients, which belong to it', async () => {
    const fake = await startFakeOpenAI();
    open.push(fake);
    const { outlay, ledger } = await start({}, { providers: { openai: new OpenAI({ apiKey: 'sk-test', baseURL: fake.baseURL }) } });
    const ask = ({ model, providers }: RunContext): Promise<unknown> => (providers['openai'] as OpenAI).chat.completions.create({ model, messages: [{ role: 'user', content: 'Hello' }] });
    await Promise.all(['a', 'b'].map((workflow) => outlay.run({ workflow, action: ask })));
    await outlay.flush();
    expect(ledger.calls().map((call) => call['workflow']).sort()).toEqual(['a', 'b']);
    expect(ledger.gate.asked('begin').length).toBe(2);
    expect(ledger.gate.holds.size).toBe(0);
  });

  it('finds AsyncLocalStorage where the edge has it as a global', async () => {
    const { AsyncLocalStorage } = await import('node:async_hooks');
    const { outlay, ledger, warnings } = await start({ AsyncLocalStorage });
    await outlay.run({ workflow: 'w', action: async () => outlay.track({ provider: 'x' }) });
    await outlay.flush();
    expect(ledger.calls()).toMatchObject([{ workflow: 'w', provider: 'x' }]);
    expect(warnings).toEqual([]);
  });

  it('recovers from a runtime that ended a request together with our timer and our fetch', async () => {
    const ledger = await startFakeLedger();
    open.push(ledger);
    let dead = true;
    const lost = (): Promise<Response> => new Promise(() => undefined);
    const outlay = createOutlay({ apiKey: 'k', baseUrl: ledger.url, onWarning: () => undefined, fetch: (input, init) => (dead ? lost() : fetch(input, init)) });
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      outlay.track({ provider: 'x' });
      expect(await outlay.flush({ timeoutMs: 20 })).toMatchObject({ delivered: false });
      dead = false;
      outlay.track({ provider: 'y' });
      expect(await outlay.flush({ timeoutMs: 20 })).toMatchObject({ delivered: false });
      vi.setSystemTime(Date.now() + 20_000);
      expect(await outlay.flush()).toEqual({ delivered: true, pending: 0 });
      expect(ledger.calls().map((call) => call['provider'])).toEqual(['x', 'y']);
    } finally {
      vi.useRealTimers();
    }
  });
});
