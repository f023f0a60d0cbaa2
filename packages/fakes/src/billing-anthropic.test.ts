/** The fake of Anthropic's reporting as the official `@anthropic-ai/sdk` package and its published schema see it. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Anthropic, { AuthenticationError, BadRequestError, InternalServerError, NotFoundError, PermissionDeniedError, RateLimitError } from '@anthropic-ai/sdk';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, describe, expect, it } from 'vitest';
import { type AnthropicBillingFake, type AnthropicBillingOptions, startFakeAnthropicBilling } from './index';

const spec = fileURLToPath(new URL('../../../../shared/data/specs/anthropic-1.11.0-analytics.schema.json', import.meta.url));
let fake: AnthropicBillingFake;
afterEach(() => fake.close());

const facts = [
  { at: '2026-11-19T10:00:10Z', model: 'claude-opus-5-5', apiKeyId: 'apikey_a', workspaceId: 'wrkspc_1', uncached: 1_000, output: 200, cacheWrite5m: 30, cacheWrite1h: 40, cacheRead: 500, searches: 1, cents: '41280.000000' },
  { at: '2026-11-19T11:00:00Z', model: 'claude-haiku-4-5', apiKeyId: 'apikey_b', workspaceId: null, uncached: 10, output: 2, cents: '0.001500' },
  { at: '2026-11-20T00:00:00Z', model: 'claude-haiku-4-5', apiKeyId: 'apikey_b', workspaceId: null, uncached: 20, output: 4, cents: '0.003000' },
] as const;

async function start(options: AnthropicBillingOptions = {}): Promise<Anthropic> {
  fake = await startFakeAnthropicBilling({ facts, refreshedAt: '2026-11-20T12:00:00Z', ...options });
  return new Anthropic({ apiKey: fake.adminKey, baseURL: fake.url, maxRetries: 0 });
}

const range = { starting_at: '2026-11-19T00:00:00Z', ending_at: '2026-11-21T00:00:00Z' };

async function listOf<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of pages) all.push(item);
  return all;
}

describe('analytics by the official client', () => {
  it('gives one row a bucket and combination, in cents, with the watermark', async () => {
    const client = await start();
    const page = await client.beta.organization.analytics.cost.list({ ...range, time_bucket_width: '1d', group_by: ['model'], order_by: 'time', order: 'asc' });
    expect(page.data_refreshed_at).toBe('2026-11-20T12:00:00Z');
    expect(page.data.map(({ starting_at, group, cost }) => [starting_at, group.model, cost.amount, cost.currency])).toEqual([
      ['2026-11-19T00:00:00Z', 'claude-opus-5-5', '41280.000000', 'USD'], ['2026-11-19T00:00:00Z', 'claude-haiku-4-5', '0.001500', 'USD'], ['2026-11-20T00:00:00Z', 'claude-haiku-4-5', '0.003000', 'USD'],
    ]);
  });

  it('is read whole by the client through pages of rows, empty ones among them', async () => {
    const client = await start({ rowsMax: 1, emptyEvery: 2 });
    const rows = await listOf(client.beta.organization.analytics.usage.list({ ...range, time_bucket_width: '1h', group_by: ['model', 'api_key_id'] }));
    expect(rows).toHaveLength(3);
    expect(rows.reduce((sum, { usage }) => sum + usage.uncached_input_tokens, 0)).toBe(1_030);
    expect(fake.requests.length).toBeGreaterThan(4);
  });

  it('takes a bearer token and x-api-key, and wants a version and the beta', async () => {
    const client = await start();
    await client.beta.organization.analytics.usage.list(range);
    expect(fake.requests[0]!.headers['authorization'] ?? fake.requests[0]!.headers['x-api-key']).toContain(fake.adminKey);
    const ask = (headers: Record<string, string>) => fetch(`${fake.url}/v1/organizations/analytics/usage?starting_at=2026-11-19T00:00:00Z`, { headers });
    const beta = { 'anthropic-beta': 'analytics-usage-cost-2026-08-24', 'anthropic-version': '2023-06-01' };
    expect((await ask({ ...beta, 'x-api-key': fake.adminKey })).status).toBe(200);
    expect((await ask({ ...beta, authorization: `Bearer ${fake.adminKey}` })).status).toBe(200);
    expect((await ask({ 'anthropic-version': '2023-06-01', 'x-api-key': fake.adminKey })).status).toBe(400);
    expect((await ask({ 'anthropic-beta': beta['anthropic-beta'], 'x-api-key': fake.adminKey })).status).toBe(400);
    expect((await ask(beta)).status).toBe(401);
  });

  it('refuses what the documentation refuses', async () => {
    const client = await start();
    const { cost, usage } = client.beta.organization.analytics;
    await expect(cost.list({ starting_at: range.starting_at, time_bucket_width: '1d' })).rejects.toThrow(/ending_at/);
    await expect(usage.list({ ...range, time_bucket_width: '1m' })).rejects.toThrow(/24 hours/);
    await expect(cost.list({ ...range, ending_at: '2026-12-31T00:00:00Z' })).rejects.toThrow(/31 days/);
    await expect(cost.list({ ...range, limit: 1_001 })).rejects.toThrow(BadRequestError);
    await expect(usage.list({ ...range, group_by: ['model', 'api_key_id', 'workspace_id', 'service_tier', 'speed', 'product'] })).rejects.toThrow(/at most 5/);
    await expect(cost.list({ ...range, group_by: ['model', 'api_key_id', 'workspace_id', 'service_tier', 'speed', 'cost_type', 'token_type'] })).resolves.toMatchObject({ has_more: false });
  });

  it('answers errors that the client knows', async () => {
    const client = await start({ plainKey: 'sk-ant-api03-x', hasAnalytics: false });
    const with_ = (apiKey: string) => new Anthropic({ apiKey, baseURL: fake.url, maxRetries: 0 }).beta.organization.analytics.usage.list(range);
    await expect(client.beta.organization.analytics.usage.list(range)).rejects.toThrow(NotFoundError);
    await expect(with_('sk-ant-api03-x')).rejects.toThrow(PermissionDeniedError);
    await expect(with_('wrong')).rejects.toThrow(AuthenticationError);
    fake.fail({ kind: 429, retryAfter: '3' });
    await expect(with_(fake.adminKey)).rejects.toThrow(RateLimitError);
    fake.fail({ kind: 529 });
    await expect(with_(fake.adminKey)).rejects.toThrow(InternalServerError);
  });
});

describe.skipIf(!existsSync(spec))('analytics rows fit the schema of @anthropic-ai/sdk 1.11.0 (skipped where ../shared/data/specs is absent)', () => {
  it('cost, usage and errors', async () => {
    const client = await start();
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema(JSON.parse(readFileSync(spec, 'utf8')) as object, 'spec');
    const check = (name: string, body: unknown): void => {
      const validate = ajv.getSchema(`spec#/$defs/${name}`)!;
      expect(validate(body), `${JSON.stringify(validate.errors)}\n${JSON.stringify(body)}`).toBe(true);
    };
    const place = 'res.beta.organization.analytics';
    for (const group_by of [[], ['model', 'workspace_id', 'api_key_id', 'service_tier', 'inference_geo']] as const) {
      for (const row of (await client.beta.organization.analytics.cost.list({ ...range, time_bucket_width: '1d', group_by: [...group_by, 'cost_type', 'token_type'] })).data) check(`${place}.cost.BetaAnalyticsCostItem`, row);
      for (const row of (await client.beta.organization.analytics.usage.list({ ...range, time_bucket_width: '1h', group_by: [...group_by] })).data) check(`${place}.usage.BetaAnalyticsUsageItem`, row);
    }
    for (const kind of [429, 500, 529]) {
      fake.fail({ kind });
      check('res.shared.ErrorResponse', await (await fetch(`${fake.url}/v1/organizations/cost_report`)).json());
    }
  });
});

describe('the older reports', () => {
  const ask = async (path: string): Promise<{ status: number; body: { data: { starting_at: string; results: Record<string, unknown>[] }[]; has_more: boolean; next_page: string | null } }> => {
    const answer = await fetch(`${fake.url}/v1/organizations/${path}`, { headers: { 'x-api-key': fake.adminKey, 'anthropic-version': '2023-06-01' } });
    return { status: answer.status, body: await answer.json() as Awaited<ReturnType<typeof ask>>['body'] };
  };

  it('are cut into buckets, with empty results where nothing was used, and page by buckets', async () => {
    await start();
    const { body } = await ask('usage_report/messages?starting_at=2026-11-19T00:00:00Z&ending_at=2026-11-22T00:00:00Z&bucket_width=1d&group_by[]=model&limit=2');
    expect(body).toMatchObject({ has_more: true, next_page: expect.any(String) });
    expect(body.data.map(({ results }) => results.length)).toEqual([2, 1]);
    const next = await ask(`usage_report/messages?starting_at=2026-11-19T00:00:00Z&ending_at=2026-11-22T00:00:00Z&bucket_width=1d&group_by[]=model&limit=2&page=${body.next_page}`);
    expect(next.body).toMatchObject({ has_more: false, next_page: null, data: [{ starting_at: '2026-11-21T00:00:00Z', results: [] }] });
  });

  it('bill in cents, by day only, at most 31 of them', async () => {
    await start();
    const { body } = await ask('cost_report?starting_at=2026-11-19T00:00:00Z&ending_at=2026-11-20T00:00:00Z&group_by[]=workspace_id&group_by[]=description');
    expect(body.data[0]!.results[0]).toMatchObject({ amount: '41280.000000', currency: 'USD', model: 'claude-opus-5-5', workspace_id: 'wrkspc_1', description: 'claude-opus-5-5 Usage - Input Tokens' });
    expect((await ask('cost_report?starting_at=2026-11-19T00:00:00Z&bucket_width=1h')).status).toBe(400);
    expect((await ask('cost_report?starting_at=2026-11-19T00:00:00Z&limit=32')).status).toBe(400);
  });
});
