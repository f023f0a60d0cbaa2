/** Every client of the SDK against the real ledger: what the fakes bill by their own price sheet is what the ledger shows. */
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { GoogleGenAI } from '@google/genai';
import { type Fake, formatServedUsd, startFakeGoogle, startFakeOpenAI, sumServedPico } from '@outlay/fakes';
import { createOutlay, type Outlay, type Verdict } from '@outlay/sdk';
import { createKey } from '@outlay/tenancy';
import { createOwner } from '@outlay/tenancy/testing';
import { generateText, streamText, wrapLanguageModel } from 'ai';
import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from './testing/test-api';

let test: TestApi;
let key: string;
let google: Fake;
let openai: Fake;
let outlay: Outlay;
const verdicts: Verdict[] = [];

beforeAll(async () => {
  test = await startTestApi();
  const owner = await createOwner(test.api.deps.tenancy);
  key = (await createKey(test.api.deps.tenancy, await owner.acting(), { name: 'app', environment: 'production', abilities: ['ingest', 'gate', 'read'] })).secret;
  google = await startFakeGoogle();
  openai = await startFakeOpenAI();
  outlay = createOutlay({ apiKey: key, baseUrl: test.url, onVerdict: (verdict) => verdicts.push(verdict), delivery: { spoolDir: false } });
});

afterAll(async () => {
  await outlay?.shutdown();
  await google?.close();
  await openai?.close();
  await test?.close();
});

interface Row {
  readonly model_served: string | null;
  readonly cost_usd: string | null;
  readonly cost_basis: string;
}

/** The ledger's calls of a customer, once it has everything. Each is a run of its own, with an outcome beside it. */
async function settle(customer: string): Promise<readonly Row[]> {
  expect(await outlay.flush()).toEqual({ delivered: true, pending: 0 });
  const response = await fetch(`${test.url}/v1/usage?kind=usage&customer_id=${customer}`, { headers: { authorization: `Bearer ${key}` } });
  return ((await response.json()) as { data: Row[] }).data;
}

function sumPico(rows: readonly Row[]): bigint {
  return rows.reduce((sum, { cost_usd: cost }) => {
    const [whole = '0', fraction = ''] = (cost ?? '0').split('.');
    return sum + BigInt(whole + fraction.padEnd(12, '0'));
  }, 0n);
}

const drain = async (stream: AsyncIterable<unknown>): Promise<void> => {
  for await (const _chunk of stream) continue;
};
const contents = 'When does the notice period end?';
const messages = [{ role: 'user' as const, content: contents }];

describe('what the fakes bill is what the ledger shows', () => {
  it('Google: content, streams, sound, cache, pictures, embeddings', async () => {
    google.reset();
    const client = outlay.wrapGoogle(new GoogleGenAI({ apiKey: 'test', httpOptions: { baseUrl: google.baseURL } }), { customerId: 'google', workflow: 'w' });
    const usage = {
      promptTokenCount: 1_000, cachedContentTokenCount: 300, candidatesTokenCount: 50, thoughtsTokenCount: 20, toolUsePromptTokenCount: 10,
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: 600 }, { modality: 'AUDIO', tokenCount: 400 }],
      cacheTokensDetails: [{ modality: 'TEXT', tokenCount: 200 }, { modality: 'AUDIO', tokenCount: 100 }],
    };
    await client.models.generateContent({ model: 'gemini-2.5-flash', contents });
    await client.models.generateContent({ model: 'gemini-2.5-flash', contents, config: { httpOptions: { headers: { 'x-fake-usage': JSON.stringify(usage) } } } });
    await client.models.generateContent({ model: 'gemini-2.5-pro', contents, config: { httpOptions: { headers: { 'x-fake-usage': '{"promptTokenCount":250000,"candidatesTokenCount":10,"thoughtsTokenCount":0}' } } } });
    await drain(await client.models.generateContentStream({ model: 'gemini-2.5-pro', contents }));
    await drain(await client.chats.create({ model: 'gemini-2.5-flash' }).sendMessageStream({ message: contents }));
    await client.models.generateContent({ model: 'gemini-2.5-flash-image', contents, config: { responseModalities: ['TEXT', 'IMAGE'] } });
    await client.models.embedContent({ model: 'gemini-embedding-001', contents: ['one page', 'another'] });
    const rows = await settle('google');
    expect(rows.map((row) => row.cost_basis)).toEqual(Array.from({ length: 7 }, () => 'priced'));
    expect(formatServedUsd(sumPico(rows))).toBe(google.totalServedUsd());
    expect(google.totals.unpriced).toBe(0);
  });

  it('OpenAI: embeddings, pictures, transcripts by token and by second', async () => {
    openai.reset();
    const client = outlay.wrapOpenAI(new OpenAI({ apiKey: 'sk-test', baseURL: openai.baseURL }), { customerId: 'media', workflow: 'w' });
    const sound = () => toFile(new Uint8Array(96_000), 'talk.wav');
    await client.embeddings.create({ model: 'text-embedding-3-small', input: ['one page', 'another'] });
    await client.images.generate({ model: 'gpt-image-1', prompt: 'A bridge', quality: 'low' });
    await client.images.edit({ model: 'gpt-image-1', prompt: 'At night', image: await toFile(new Uint8Array([1]), 'in.png', { type: 'image/png' }) });
    await client.audio.transcriptions.create({ model: 'gpt-4o-transcribe', file: await sound() });
    await client.audio.transcriptions.create({ model: 'whisper-1', file: await sound() });
    const rows = await settle('media');
    expect(rows.map((row) => row.cost_basis)).toEqual(Array.from({ length: 5 }, () => 'priced'));
    expect(formatServedUsd(sumPico(rows))).toBe(openai.totalServedUsd());
  });

  it('the AI SDK, whole and streamed', async () => {
    google.reset();
    openai.reset();
    const middleware = outlay.outlayMiddleware({ customerId: 'ai-sdk', workflow: 'w' });
    const provider = createOpenAI({ apiKey: 'sk-test', baseURL: openai.baseURL });
    const models = [provider.chat('gpt-5-mini'), provider.responses('gpt-5'), createGoogleGenerativeAI({ apiKey: 'test', baseURL: `${google.baseURL}/v1beta` })('gemini-2.5-flash')];
    for (const model of models.map((plain) => wrapLanguageModel({ model: plain, middleware }))) {
      await generateText({ model, messages });
      await drain(streamText({ model, messages }).fullStream);
    }
    const rows = await settle('ai-sdk');
    expect(rows.map((row) => row.cost_basis)).toEqual(Array.from({ length: 6 }, () => 'priced'));
    expect(formatServedUsd(sumPico(rows))).toBe(formatServedUsd(sumServedPico(openai.served) + sumServedPico(google.served)));
  });

  it('what has no price waits unpriced, and nothing is refused', async () => {
    const client = outlay.wrapGoogle(new GoogleGenAI({ vertexai: true, apiKey: 'test', httpOptions: { baseUrl: google.baseURL } }), { customerId: 'unpriced', workflow: 'w' });
    await client.models.generateContent({ model: 'gemini-2.5-flash', contents, config: { tools: [{ googleSearch: {} }] } });
    await client.models.generateImages({ model: 'imagen-4.0-generate-001', prompt: 'A bridge' });
    const older = outlay.wrapOpenAI(new OpenAI({ apiKey: 'k', fetch: () => Promise.resolve(Response.json({ created: 1, data: [{ url: 'https://example.com/a.png' }] })) }), { customerId: 'unpriced' });
    await older.images.generate({ model: 'a-painter-of-tomorrow', prompt: 'A bridge', size: '1024x1024' });
    const rows = await settle('unpriced');
    expect(rows.map((row) => [row.cost_basis, row.cost_usd])).toEqual(Array.from({ length: 3 }, () => ['unpriced', null]));
    expect(verdicts.filter(({ verdict }) => verdict === 'rejected' || verdict === 'conflict')).toEqual([]);
  });
});
