/** Embeddings, pictures and transcripts through the official `openai` client. */
import { type Fake, startFakeOpenAI } from '@outlay/fakes';
import OpenAI, { toFile } from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import type { WireEvent } from './events.js';
import { createFixture } from './testing/outlay-fixture.js';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function start(answer?: unknown): Promise<{ fake: Fake; client: OpenAI; calls: () => Promise<readonly WireEvent[]>; requests: () => string }> {
  const fake = await startFakeOpenAI();
  const fixture = await createFixture();
  open.push(fixture, fake);
  const fetch = answer === undefined ? {} : { fetch: () => Promise.resolve(Response.json(answer)) };
  const client = fixture.outlay.wrapOpenAI(new OpenAI({ apiKey: 'sk-test', baseURL: fake.baseURL, maxRetries: 0, ...fetch }));
  return { fake, client, calls: async () => (await fixture.outlay.flush(), fixture.ledger.calls()), requests: () => JSON.stringify(fixture.ledger.requests) };
}

const sound = () => toFile(new Uint8Array(96_000), 'talk.wav', { type: 'audio/wav' });
const picture = () => toFile(new Uint8Array([1, 2, 3]), 'in.png', { type: 'image/png' });

describe('embeddings', () => {
  it.each([['float'], ['base64']] as const)('as %s: vectors as the client gives them, usage as the provider states it', async (encoding_format) => {
    const { client, fake, calls } = await start();
    const { data } = await client.embeddings.create({ model: 'text-embedding-3-small', input: ['one page', 'another'], encoding_format });
    expect(data.length).toBe(2);
    expect(await calls()).toMatchObject([
      { provider: 'openai', api: 'embeddings', model_requested: 'text-embedding-3-small', model_served: 'text-embedding-3-small', usage: fake.served[0]!.usage, status: 'succeeded', provider_request_id: fake.served[0]!.requestId },
    ]);
  });
});

describe('pictures', () => {
  it('made and edited: usage with what was written and seen', async () => {
    const { client, fake, calls } = await start();
    await client.images.generate({ model: 'gpt-image-1', prompt: 'A bridge', quality: 'low', n: 2 });
    await client.images.edit({ model: 'gpt-image-1', prompt: 'At night', image: await picture() });
    const recorded = await calls();
    expect(recorded.map((call) => call['usage'])).toEqual(fake.served.map(({ usage }) => usage));
    expect(recorded).toMatchObject([
      { api: 'images', model_requested: 'gpt-image-1', usage: { output_tokens: 544, input_tokens_details: { image_tokens: 0 } } },
      { api: 'images', model_requested: 'gpt-image-1', usage: { input_tokens_details: { image_tokens: 323 } } },
    ]);
  });

  it('streamed: the usage stands in the last event', async () => {
    const { client, fake, calls } = await start();
    const types: string[] = [];
    for await (const event of await client.images.generate({ model: 'gpt-image-1', prompt: 'A bridge', stream: true, partial_images: 2 })) types.push(event.type);
    expect(types).toEqual(['image_generation.partial_image', 'image_generation.partial_image', 'image_generation.completed']);
    expect(await calls()).toMatchObject([{ api: 'images', usage: fake.served[0]!.usage, status: 'succeeded' }]);
  });

  it('of models without usage: counted, in the size and quality that was asked for', async () => {
    const { client, calls } = await start({ created: 1, data: [{ url: 'https://example.com/a.png' }] });
    await client.images.generate({ model: 'dall-e-3', prompt: 'A bridge', quality: 'hd' });
    await client.images.createVariation({ image: await picture(), size: '512x512' });
    expect((await calls()).map((call) => [call['model_requested'], call['usage']])).toEqual([
      ['dall-e-3', { images: 1, size: '1024x1024', quality: 'hd' }],
      [undefined, { images: 1, size: '512x512' }],
    ]);
  });
});

describe('transcripts', () => {
  it.each([['gpt-4o-transcribe', 'tokens'], ['whisper-1', 'duration']])('by %s are billed by %s', async (model, type) => {
    const { client, fake, calls } = await start();
    await client.audio.transcriptions.create({ model, file: await sound() });
    const [call] = await calls();
    expect(call).toMatchObject({ api: 'transcriptions', model_requested: model, usage: { type } });
    expect(call!['usage']).toEqual(fake.served[0]!.usage);
  });

  it('streamed, and translated', async () => {
    const { client, fake, calls } = await start();
    for await (const _event of await client.audio.transcriptions.create({ model: 'gpt-4o-transcribe', file: await sound(), stream: true })) continue;
    await client.audio.translations.create({ model: 'whisper-1', file: await sound() });
    expect((await calls()).map((call) => [call['api'], call['usage'], call['status']])).toEqual([
      ['transcriptions', fake.served[0]!.usage, 'succeeded'],
      ['translations', fake.served[1]!.usage, 'succeeded'],
    ]);
  });

  it('without usage in the answer are recorded all the same: unknown is not zero', async () => {
    const { client, calls, requests } = await start({ text: 'zanzibar' });
    await client.audio.transcriptions.create({ model: 'gpt-4o-transcribe', file: await sound(), prompt: 'zanzibar' });
    const [call] = await calls();
    expect(call).toMatchObject({ model_requested: 'gpt-4o-transcribe', status: 'succeeded' });
    expect(call).not.toHaveProperty('usage');
    expect(requests()).not.toContain('zanzibar');
  });
});

describe('searches of a response', () => {
  it('are counted beside its tokens', async () => {
    const { client, calls } = await start({
      id: 'resp_1', object: 'response', status: 'completed', model: 'gpt-5', usage: { input_tokens: 9, output_tokens: 3, total_tokens: 12 },
      output: [{ type: 'web_search_call', action: { type: 'search' } }, { type: 'web_search_call', action: { type: 'open_page' } }, { type: 'file_search_call' }, { type: 'message', content: [] }],
    });
    await client.responses.create({ model: 'gpt-5', input: 'x' });
    expect(await calls()).toMatchObject([{ extras: [{ kind: 'web_search', quantity: 1, unit: 'search' }, { kind: 'file_search', quantity: 1, unit: 'search' }] }]);
  });
});
