/** The stand-in for OpenAI's reporting against OpenAI's own client, and against its published schemas where they are at hand. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { billOpenAIUses, type OpenAIBillingFake, type OpenAIUse, startFakeOpenAIBilling } from './index';

const NOW = Date.parse('2026-11-21T12:00:30Z');
const DAY_S = 86_400;
const at = (iso: string): number => Date.parse(iso) / 1_000;
const uses: OpenAIUse[] = [
  { at: '2026-11-19T10:00:05Z', model: 'gpt-5-mini-2025-08-07', project: 'proj_a', apiKey: 'key_1', input: 1_000_000, cached: 400_000, output: 100_000, requests: 12 },
  { at: '2026-11-19T10:00:45Z', model: 'gpt-5-mini-2025-08-07', project: 'proj_a', apiKey: 'key_2', input: 10, output: 1 },
  { at: '2026-11-21T11:59:59Z', model: 'gpt-4o-mini-2024-07-18', project: 'proj_b', batch: true, input: 500, output: 5 },
  { at: '2026-11-21T11:00:00Z', endpoint: 'images', model: 'gpt-image-1', images: 3, size: '1024x1024' },
];
let fake: OpenAIBillingFake;
let client: OpenAI;

beforeAll(async () => {
  fake = await startFakeOpenAIBilling({ uses, costs: [...billOpenAIUses(uses), { day: '2026-11-20', lineItem: 'gpt-5, output', usd: '0' }], now: () => NOW });
  client = new OpenAI({ adminAPIKey: fake.adminKey, apiKey: 'sk-none', baseURL: fake.baseURL, maxRetries: 0 });
});

afterAll(() => fake.close());

async function walk(path: string): Promise<{ pages: number; buckets: { start_time: number; results: Record<string, unknown>[] }[] }> {
  const buckets = [];
  let [pages, cursor] = [0, null as string | null];
  do {
    const answer = await fetch(`${fake.baseURL}/organization/${path}${cursor === null ? '' : `&page=${cursor}`}`, { headers: { authorization: `Bearer ${fake.adminKey}` } });
    expect(answer.status).toBe(200);
    const body = (await answer.json()) as { data: { start_time: number; results: Record<string, unknown>[] }[]; has_more: boolean; next_page: string | null };
    expect(body.has_more).toBe(body.next_page !== null);
    buckets.push(...body.data);
    ({ next_page: cursor } = body);
    pages += 1;
  } while (cursor !== null);
  return { pages, buckets };
}

describe('OpenAI\'s own client', () => {
  it('reads costs by line item, with its spelling of lists', async () => {
    const page = await client.admin.organization.usage.costs({ start_time: at('2026-11-19T00:00:00Z'), end_time: at('2026-11-21T00:00:00Z'), group_by: ['line_item', 'project_id'], limit: 7 });
    expect(page.data.map(({ start_time, results }) => [start_time, results.length])).toEqual([[at('2026-11-19T00:00:00Z'), 3], [at('2026-11-20T00:00:00Z'), 1]]);
    expect(page.data[0]!.results[0]).toMatchObject({ object: 'organization.costs.result', line_item: 'gpt-5-mini-2025-08-07, input', project_id: 'proj_a', amount: { value: '0.1500025', currency: 'usd' }, quantity: 600_010 });
  });

  it('reads usage by the minute, and is refused where the real one refuses', async () => {
    const { data } = await client.admin.organization.usage.completions({ start_time: at('2026-11-19T10:00:00Z'), end_time: at('2026-11-19T10:02:00Z'), bucket_width: '1m', group_by: ['api_key_id'] });
    expect(data.map(({ results }) => results.length)).toEqual([2, 0]);
    expect(data[0]!.results[0]).toMatchObject({ input_tokens: 1_000_000, input_cached_tokens: 400_000, output_tokens: 100_000, num_model_requests: 12, api_key_id: 'key_1', model: null });
    await expect(client.admin.organization.usage.costs({ start_time: 1, limit: 181 })).rejects.toMatchObject({ status: 400 });
    const plain = new OpenAI({ adminAPIKey: 'sk-proj-fake-0123456789', apiKey: 'x', baseURL: fake.baseURL, maxRetries: 0 });
    await expect(plain.admin.organization.usage.costs({ start_time: 1 })).rejects.toMatchObject({ status: 403 });
    await expect(new OpenAI({ adminAPIKey: 'sk-admin-no', apiKey: 'x', baseURL: fake.baseURL, maxRetries: 0 }).admin.organization.usage.costs({ start_time: 1 })).rejects.toMatchObject({ status: 401 });
    fake.fail({ kind: 429, retryAfter: '7' });
    await expect(client.admin.organization.usage.costs({ start_time: 1 })).rejects.toMatchObject({ status: 429 });
  });
});

it('pages by cursor, keeps its limits, fills gaps with empty buckets, and takes both spellings of a list', async () => {
  const start = at('2026-11-01T00:00:00Z');
  const { pages, buckets } = await walk(`usage/completions?start_time=${start}&bucket_width=1h&limit=168&group_by=model&group_by=api_key_id`);
  expect([pages, buckets.length]).toEqual([3, 20 * 24 + 13]);
  expect(buckets.flatMap(({ results }) => results).length).toBe(3);
  expect((await walk(`costs?start_time=${start}&group_by[]=line_item`)).buckets.length).toBe(21);
  expect((await walk(`costs?start_time=${start + 10 * DAY_S}&end_time=${start + 12 * DAY_S}`)).buckets.map(({ results }) => results)).toEqual([[], []]);
});

it('writes amounts as numbers, as text and as a decimal type does', async () => {
  const read = async (): Promise<unknown[]> => (await walk(`costs?start_time=${at('2026-11-20T00:00:00Z')}&group_by=line_item`)).buckets.flatMap(({ results }) => results.map(({ amount }) => (amount as { value: unknown }).value));
  expect(await read()).toEqual(['0', '0.000075', '0.000003']);
  fake.amounts = 'number';
  expect(await read()).toEqual([0, 0.000075, 0.000003]);
  fake.amounts = 'long';
  expect(await read()).toEqual(['0E-6176', '0.000075000000000000000000', '0.000003000000000000000000']);
  fake.amounts = 'string';
});

const file = fileURLToPath(new URL('../../../../shared/data/specs/openai-7.55.0-admin-usage.schema.json', import.meta.url));
describe.skipIf(!existsSync(file))('bodies fit the client\'s types (skipped where ../shared/data/specs is absent)', () => {
  it.each([
    ['UsageCostsResponse', 'costs?limit=7&group_by=line_item'], ['UsageCompletionsResponse', 'usage/completions?bucket_width=1h&group_by=model'], ['UsageImagesResponse', 'usage/images?bucket_width=1h&group_by=model'],
    ['UsageEmbeddingsResponse', 'usage/embeddings?limit=7'],
  ])('%s', async (name, path) => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema(JSON.parse(readFileSync(file, 'utf8')) as object, 'spec');
    const validate = ajv.getSchema(`spec#/types/${name}`)!;
    // The types say number; what is sent since 2026 is text.
    fake.amounts = 'number';
    const answer = await fetch(`${fake.baseURL}/organization/${path}&start_time=${at('2026-11-19T00:00:00Z')}`, { headers: { authorization: `Bearer ${fake.adminKey}` } });
    const valid = validate(await answer.json());
    fake.amounts = 'string';
    expect(valid, JSON.stringify(validate.errors?.slice(0, 3))).toBe(true);
  });
});
