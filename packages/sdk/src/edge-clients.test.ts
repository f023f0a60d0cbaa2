/** Every wrapper with its official client in a runtime like a Worker: web globals, no Node. */
import { EdgeVM } from '@edge-runtime/vm';
import { startFakeAnthropic, startFakeGoogle, startFakeOpenAI } from '@outlay/fakes';
import { build } from 'esbuild';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type FakeLedger, startFakeLedger } from './testing/fake-ledger.js';
import { until } from './testing/outlay-fixture.js';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

let bundle = '';
beforeAll(async () => {
  const result = await build({
    stdin: {
      contents: `
        export { createOutlay } from './index.ts';
        export { default as OpenAI } from 'openai';
        export { default as Anthropic } from '@anthropic-ai/sdk';
        export { GoogleGenAI } from '@google/genai/web';
        export { generateText, streamText, wrapLanguageModel } from 'ai';
        export { createOpenAI } from '@ai-sdk/openai';`,
      resolveDir: new URL('.', import.meta.url).pathname,
    },
    bundle: true, write: false, format: 'iife', globalName: 'app', platform: 'browser', conditions: ['edge-light', 'worker', 'workerd'], target: 'es2022', logLevel: 'error',
  });
  bundle = result.outputFiles[0]!.text;
});

/** Runs the body of an async function in the runtime, with the bundle as `app`; its answer comes back as JSON. */
async function runOnEdge<T>(code: string): Promise<T> {
  const vm = new EdgeVM();
  expect(vm.evaluate('[typeof process, typeof require, typeof Buffer].join()')).toBe('undefined,undefined,undefined');
  // All that edges have of it; the official OpenAI client reads it.
  vm.evaluate("globalThis.process = { env: {}, version: '' }");
  vm.evaluate(bundle);
  const text = await vm.evaluate<Promise<string>>(`(async () => { ${code} })().then((value) => JSON.stringify(value))`);
  return JSON.parse(text) as T;
}

const create = (ledger: FakeLedger): string => `
  const warnings = [];
  const outlay = app.createOutlay({ apiKey: 'k', baseUrl: '${ledger.url}', models: ['m'], onWarning: ({ code }) => warnings.push(code), delivery: { baseDelayMs: 5 } });
  const messages = [{ role: 'user', content: 'When does the notice period end?' }];`;

describe('in a Worker-like runtime', () => {
  it('OpenAI, Anthropic, Google and the AI SDK are recorded, whole and streamed, with the providers\' own usage', async () => {
    const ledger = await startFakeLedger();
    const [openai, anthropic, google] = [await startFakeOpenAI(), await startFakeAnthropic(), await startFakeGoogle()];
    open.push(ledger, openai, anthropic, google);
    const { flushed, stats, warnings } = await runOnEdge<{ flushed: unknown; stats: unknown; warnings: string[] }>(`${create(ledger)}
      const openai = outlay.wrapOpenAI(new app.OpenAI({ apiKey: 'sk-test', baseURL: '${openai.baseURL}', dangerouslyAllowBrowser: true }));
      const anthropic = outlay.wrapAnthropic(new app.Anthropic({ apiKey: 'sk-ant-test', baseURL: '${anthropic.baseURL}', dangerouslyAllowBrowser: true }));
      const google = outlay.wrapGoogle(new app.GoogleGenAI({ apiKey: 'test', httpOptions: { baseUrl: '${google.baseURL}' } }));
      const model = app.wrapLanguageModel({ model: app.createOpenAI({ apiKey: 'sk-test', baseURL: '${openai.baseURL}' }).responses('gpt-5-mini'), middleware: outlay.outlayMiddleware() });
      const drain = async (stream) => { for await (const _ of await stream) continue; };
      await openai.chat.completions.create({ model: 'gpt-5-mini', messages });
      await drain(openai.chat.completions.create({ model: 'gpt-5-mini', messages, stream: true }));
      await app.generateText({ model, messages });
      await drain(app.streamText({ model, messages }).fullStream);
      await anthropic.messages.create({ model: 'claude-sonnet-5', max_tokens: 300, messages });
      await drain(anthropic.messages.create({ model: 'claude-sonnet-5', max_tokens: 300, messages, stream: true }));
      await google.models.generateContent({ model: 'gemini-2.5-flash', contents: 'Hello' });
      await drain(google.models.generateContentStream({ model: 'gemini-2.5-flash', contents: 'Hello' }));
      const flushed = await outlay.flush();
      return { flushed, stats: outlay.stats(), warnings };`);
    expect(flushed).toEqual({ delivered: true, pending: 0 });
    expect(stats).toMatchObject({ begun: 8, recorded: 16, dropped: 0, spooledBytes: 0, verdicts: { accepted: 16 } });
    expect(warnings).toEqual([]);
    const served = [openai, anthropic, google].flatMap((fake) => fake.served.map(({ usage }) => usage));
    expect(ledger.calls().map((call) => call['usage'])).toEqual(served);
  });

  it('has no disk: what memory does not hold is dropped, counted and said', async () => {
    const ledger = await startFakeLedger();
    open.push(ledger);
    ledger.answer = () => ({ status: 503 });
    const { stats, warnings } = await runOnEdge<{ stats: unknown; warnings: string[] }>(`${create(ledger).replace('baseDelayMs: 5', 'maxQueueEvents: 3')}
      for (let i = 0; i < 5; i++) outlay.track({ provider: 'x' });
      return { stats: outlay.stats(), warnings };`);
    expect(stats).toMatchObject({ recorded: 5, dropped: 2, pending: 3, spooledBytes: 0 });
    expect(warnings).toEqual(['event_dropped', 'event_dropped']);
    await until('it asked', () => ledger.requests.length > 0);
  });
});
