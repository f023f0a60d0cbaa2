/** Law 9: no prompt and no completion leaves the caller's process, in no event, warning, verdict or error class; none is in the spool. */
import Anthropic from '@anthropic-ai/sdk';
import { createOpenAI } from '@ai-sdk/openai';
import { GoogleGenAI } from '@google/genai';
import { startFakeAnthropic, startFakeGoogle, startFakeOpenAI } from '@outlay/fakes';
import { generateText, streamText, wrapLanguageModel } from 'ai';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI, { toFile } from 'openai';
import { describe, expect, it } from 'vitest';
import { createFixture } from './testing/outlay-fixture.js';

const CANARY = 'zanzibar-canary-4711';
const prompt = `Tell me about ${CANARY}`;
const slow = { headers: { 'x-fake-text': `${CANARY} ${CANARY}`, 'x-fake-chunks': '2', 'x-fake-chunk-delay-ms': '5' } };
const tool = { name: 'look', parameters: { type: 'object', properties: { [CANARY]: { type: 'string' } }, description: CANARY } };
const quoting = { status: 400, code: `bad: ${CANARY}`, type: `about ${CANARY}`, message: `your prompt was ${prompt}` };

describe('the canary', () => {
  it('is in every prompt and completion, and in nothing that leaves', async () => {
    const spoolDir = mkdtempSync(join(tmpdir(), 'outlay-canary-'));
    const fixture = await createFixture({ models: ['gpt-5-mini'], delivery: { spoolDir, flushIntervalMs: 600_000 } });
    const fakes = [await startFakeOpenAI(), await startFakeAnthropic(), await startFakeGoogle()] as const;
    const failing = await startFakeOpenAI({ scenario: () => ({ error: quoting }) });
    const openai = fixture.outlay.wrapOpenAI(new OpenAI({ apiKey: 'sk-test', baseURL: fakes[0].baseURL, maxRetries: 0 }));
    const broken = fixture.outlay.wrapOpenAI(new OpenAI({ apiKey: 'sk-test', baseURL: failing.baseURL, maxRetries: 0 }));
    const anthropic = fixture.outlay.wrapAnthropic(new Anthropic({ apiKey: 'sk-ant-test', baseURL: fakes[1].baseURL, maxRetries: 0 }));
    const chat = { model: 'gpt-5-mini', messages: [{ role: 'system' as const, content: CANARY }, { role: 'user' as const, content: prompt }] };
    const ask = { model: 'claude-sonnet-5', max_tokens: 200, system: CANARY, messages: [{ role: 'user' as const, content: prompt }] };
    const google = fixture.outlay.wrapGoogle(new GoogleGenAI({ apiKey: 'test', httpOptions: { baseUrl: fakes[2].baseURL } }));
    const languageModel = wrapLanguageModel({ model: createOpenAI({ apiKey: 'sk-test', baseURL: fakes[0].baseURL }).chat('gpt-5-mini'), middleware: fixture.outlay.outlayMiddleware() });
    const gemini = { model: 'gemini-2.5-flash', contents: prompt, config: { systemInstruction: CANARY, httpOptions: slow } };
    const words = { model: languageModel, system: CANARY, prompt, headers: slow.headers };
    const seen: string[] = [];
    const drop = async (work: () => Promise<unknown>): Promise<void> => {
      seen.push(JSON.stringify(await work().catch((error: unknown) => String(error))) ?? '');
    };
    const read = async (stream: AsyncIterable<unknown>, most = Infinity): Promise<string> => {
      let text = '';
      let n = 0;
      for await (const chunk of stream) {
        text += JSON.stringify(chunk);
        if ((n += 1) >= most) break;
      }
      return text;
    };

    await fixture.outlay.run({
      workflow: 'w',
      customerId: 'c',
      caps: { maxContextTokens: 1, softDailyCost: 1 },
      action: async () => {
        await drop(() => openai.chat.completions.create(chat, slow));
        await drop(async () => read(await openai.chat.completions.create({ ...chat, stream: true }, slow)));
        await drop(async () => read(await openai.chat.completions.create({ ...chat, stream: true }, slow), 3));
        await drop(() => openai.chat.completions.create({ ...chat, tools: [{ type: 'function', function: tool }] }));
        await drop(async () => read(await openai.responses.create({ model: 'gpt-5-mini', input: prompt, instructions: CANARY, stream: true }, slow)));
        await drop(async () => read(await openai.responses.create({ model: 'gpt-5-mini', input: prompt, stream: true }, slow), 4));
        await drop(() => openai.embeddings.create({ model: 'text-embedding-3-small', input: prompt }));
        await drop(() => openai.images.generate({ model: 'gpt-image-1', prompt }));
        await drop(async () => openai.audio.transcriptions.create({ model: 'whisper-1', file: await toFile(Buffer.from(prompt), `${CANARY}.wav`), prompt }, slow));
        await drop(() => google.models.generateContent(gemini));
        await drop(async () => read(await google.models.generateContentStream(gemini)));
        await drop(async () => read(await google.models.generateContentStream(gemini), 1));
        await drop(async () => (await generateText(words)).text);
        await drop(async () => read(streamText(words).fullStream));
        await drop(() => broken.chat.completions.create(chat));
        await drop(() => anthropic.messages.create(ask, slow));
        await drop(async () => read(await anthropic.messages.create({ ...ask, stream: true }, slow)));
        await drop(async () => read(await anthropic.messages.create({ ...ask, stream: true }, slow), 4));
        await drop(() => anthropic.messages.stream(ask, { headers: { ...slow.headers, 'x-fake-error-after': '1' } }).finalMessage());
        return prompt;
      },
    });
    await expect(
      fixture.outlay.run({
        workflow: 'w',
        retry: { attemptsPerModel: 1 },
        action: ({ model }) => Promise.reject(Object.assign(new Error(model + prompt), { status: 500, code: prompt, type: prompt })),
      }),
    ).rejects.toThrow();
    await expect(
      (async () => {
        const stream = await fixture.outlay.run({
          workflow: 'w',
          action: async function* () {
            yield prompt;
            throw new Error(prompt);
          },
        });
        await read(stream);
      })(),
    ).rejects.toThrow();
    const spooled = readdirSync(spoolDir).map((name) => readFileSync(join(spoolDir, name), 'utf8')).join('');
    await fixture.outlay.flush();

    expect(seen.filter((text) => text.includes(CANARY)).length).toBeGreaterThanOrEqual(8);
    expect(fixture.ledger.calls().length).toBe(20);
    expect(spooled).toContain('gemini-2.5-flash');
    const left = JSON.stringify([spooled, fixture.ledger.requests, fixture.warnings, fixture.verdicts, fixture.outlay.stats()]);
    expect(left).toContain('gpt-5-mini');
    expect(left).not.toContain('anzibar');
    await fixture.close();
    rmSync(spoolDir, { recursive: true });
    for (const fake of [...fakes, failing]) await fake.close();
  });
});
