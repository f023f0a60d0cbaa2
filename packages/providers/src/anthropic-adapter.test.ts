import { type AnthropicBillingFake, type AnthropicBillingOptions, type AnthropicFact, startFakeAnthropicBilling } from '@outlay/fakes';
import { formatRational, toPico } from '@outlay/kernel';
import { afterEach, describe, expect, it } from 'vitest';
import type { Page } from './adapter';
import { anthropicAdapter, costRow } from './anthropic-adapter';
import { contextOf, pullAll } from './testing-adapter';

const nowMs = Date.parse('2026-11-21T12:34:56Z');
const ago = (hours: number): string => new Date(nowMs - hours * 3_600_000).toISOString();
const facts: AnthropicFact[] = [
  { at: ago(50), model: 'claude-opus-5-5', apiKeyId: 'apikey_a', workspaceId: 'wrkspc_1', uncached: 1_000, output: 200, cacheWrite5m: 30, cacheWrite1h: 40, cacheRead: 500, searches: 2, requests: 7, cents: '41280.000000' },
  { at: ago(26), model: 'claude-haiku-4-5', apiKeyId: 'apikey_b', workspaceId: null, serviceTier: 'batch', uncached: 10, output: 20, cents: '0.000001' },
  { at: ago(26), model: null, apiKeyId: null, workspaceId: 'wrkspc_1', costType: 'code_execution', cents: '5' },
  { at: ago(0.1), model: 'claude-haiku-4-5', apiKeyId: 'apikey_b', workspaceId: null, uncached: 20, output: 40, cents: '0.003' },
];
let fake: AnthropicBillingFake;
afterEach(() => fake?.close());

async function start(options: AnthropicBillingOptions = {}, settings: Record<string, unknown> = {}) {
  fake = await startFakeAnthropicBilling({ facts, refreshedAt: ago(1), ...options });
  return contextOf({ credentials: fake.adminKey, settings: { baseUrl: fake.url, ...settings }, nowMs });
}
const costs = (pages: readonly Page[]) => pages.flatMap((page) => page.costs).map(({ day, model, apiKey, project, amountUsd }) => [day, model, apiKey, project, formatRational(amountUsd)]);
const centsOf = (pages: readonly Page[]) => pages.flatMap((page) => page.costs).reduce((sum, { amountUsd }) => sum + toPico(amountUsd), 0n);

describe('amounts', () => {
  it('are fractional cents as decimal strings: the example of the documentation is $412.80', () => {
    expect(formatRational(costRow('2026-11-19T00:00:00Z', {}, '41280.000000', 'USD').amountUsd)).toBe('412.8');
    expect(formatRational(costRow('2026-11-19T00:00:00Z', {}, '123.45', 'USD').amountUsd)).toBe('1.2345');
    expect(toPico(costRow('2026-11-19T00:00:00Z', {}, '0.000001', 'USD').amountUsd)).toBe(10_000n);
  });

  it('that are none, or in another currency, stop the sync', () => {
    expect(() => costRow('2026-11-19T00:00:00Z', {}, 'many', 'USD')).toThrow(/no number/);
    expect(() => costRow('2026-11-19T00:00:00Z', {}, '1', 'EUR')).toThrow(/EUR/);
  });
});

describe.each(['analytics', 'legacy'])('%s', (api) => {
  it('costs by day, exact, by model, key and workspace where the report names them', async () => {
    const context = await start({}, { api });
    const pages = await pullAll(anthropicAdapter, context, 'costs');
    const key = (id: string) => (api === 'legacy' ? null : id);
    expect(costs(pages)).toEqual(expect.arrayContaining([
      ['2026-11-19', 'claude-opus-5-5', key('apikey_a'), 'wrkspc_1', '412.8'], ['2026-11-20', 'claude-haiku-4-5', key('apikey_b'), null, '0.00000001'],
      ['2026-11-20', null, null, 'wrkspc_1', '0.05'], ['2026-11-21', 'claude-haiku-4-5', key('apikey_b'), null, '0.00003'],
    ]));
    expect(pages.at(-1)).toMatchObject({ watermark: '2026-11-21T00:00:00.000Z', complete: { of: 'costs', to: '2026-11-22T00:00:00.000Z' } });
  });

  it('usage with disjoint classes', async () => {
    const context = await start({}, { api });
    const usage = (await pullAll(anthropicAdapter, context, 'usage_1h')).flatMap((page) => page.usage);
    expect(usage.find(({ model }) => model === 'claude-opus-5-5')).toMatchObject({
      width: '1h', bucket: '2026-11-19T10:00:00.000Z', apiKey: 'apikey_a', project: 'wrkspc_1', requests: api === 'legacy' ? 0 : 7,
      tokens: { input_uncached: 1_000, cache_read: 500, cache_write_5m: 30, cache_write_1h: 40, output_text: 200 }, extras: { web_search: 2 },
    });
    expect(usage.find(({ dimensions }) => dimensions['service_tier'] === 'batch')).toMatchObject({ tokens: { input_uncached: 10, output_text: 20 } });
    const minutes = (await pullAll(anthropicAdapter, context, 'usage_1m')).flatMap((page) => page.usage);
    expect(minutes).toMatchObject([{ width: '1m', bucket: '2026-11-21T12:28:00.000Z' }]);
  });

  it('reads on through empty pages; the watermark moves only with the last page of a span', async () => {
    const whole = centsOf(await pullAll(anthropicAdapter, await start({}, { api }), 'costs'));
    await fake.close();
    const pages = await pullAll(anthropicAdapter, await start({ rowsMax: 1, emptyEvery: 2 }, { api }), 'costs');
    expect(centsOf(pages)).toBe(whole);
    expect(pages.some((page) => page.costs.length === 0 && !page.complete)).toBe(true);
    const open = pages.filter(({ complete }) => !complete);
    expect(open.length).toBeGreaterThan(2);
    for (const { watermark } of open) expect(Date.parse(watermark)).toBeLessThan(nowMs - 86_400_000);
  });

  it('goes on at the watermark with a trailing re-pull, and cuts a long absence into parts the API takes', async () => {
    const context = await start({}, { api });
    await pullAll(anthropicAdapter, context, 'costs', '2026-11-21T00:00:00.000Z');
    expect(fake.requests.at(-1)!.query.get('starting_at')).toBe('2026-11-17T00:00:00.000Z');
    const before = fake.requests.length;
    const pages = await pullAll(anthropicAdapter, context, 'usage_1h', '2026-08-01T00:00:00.000Z');
    expect(new Set(fake.requests.slice(before).map(({ query }) => query.get('starting_at'))).size).toBe(4);
    const spans = pages.flatMap(({ complete }) => (complete ? [complete] : []));
    expect(spans[0]!.from).toBe('2026-07-29T00:00:00.000Z');
    expect(spans.slice(1).every(({ from }, index) => from === spans[index]!.to)).toBe(true);
  });
});

describe('which API', () => {
  it('analytics with its watermark, cut down to the bucket; the older reports say none', async () => {
    const [page] = await pullAll(anthropicAdapter, await start(), 'costs');
    expect(page!.finalUntil).toBe('2026-11-21T00:00:00.000Z');
    expect(fake.requests.every(({ headers, path }) => path.includes('/analytics/') && headers['anthropic-beta'] === 'analytics-usage-cost-2026-08-24')).toBe(true);
    fake.refreshedAt = null;
    expect((await pullAll(anthropicAdapter, contextOf({ credentials: fake.adminKey, settings: { baseUrl: fake.url }, nowMs }), 'costs'))[0]!.finalUntil).toBeNull();
  });

  it('the older reports where an organisation has no analytics; the same money', async () => {
    const context = await start({ hasAnalytics: false });
    const pages = await pullAll(anthropicAdapter, context, 'costs');
    expect(toPico({ num: 41_285_003_001n, den: 100_000_000n })).toBe(centsOf(pages));
    expect(pages[0]!.finalUntil).toBeNull();
    expect(fake.requests[0]!.path).toContain('/analytics/');
    expect(fake.requests.at(-1)!.path).toContain('/cost_report');
  });

  it('a dimension that is added later changes no key', async () => {
    const [first] = await pullAll(anthropicAdapter, await start(), 'costs');
    expect(Object.keys(first!.costs[0]!.dimensions).sort()).toEqual(['api_key_id', 'cost_type', 'inference_geo', 'model', 'service_tier', 'token_type', 'workspace_id']);
  });
});

describe('faults', () => {
  it.each([
    [{ kind: 429, retryAfter: '7' } as const, { kind: 'rate_limited', retryAfterMs: 7_000 }],
    [{ kind: 429 } as const, { kind: 'rate_limited', retryAfterMs: null }],
    [{ kind: 500 } as const, { kind: 'unavailable' }],
    [{ kind: 529, retryAfter: '2' } as const, { kind: 'unavailable', retryAfterMs: 2_000 }],
    [{ kind: 'reset' } as const, { kind: 'unavailable' }],
    [{ kind: 'half' } as const, { kind: 'unavailable' }],
    [{ kind: 401 } as const, { kind: 'credentials' }],
  ])('%o', async (fault, expected) => {
    const context = await start();
    fake.fail(fault);
    const error = await pullAll(anthropicAdapter, context, 'costs').catch((cause: unknown) => cause);
    expect(error).toMatchObject(expected);
    expect(JSON.stringify(error)).not.toContain(fake.adminKey);
  });
});

describe('the wizard\'s test', () => {
  it('says what can be read', async () => {
    expect(await anthropicAdapter.test(await start())).toMatchObject([{ ok: true, what: 'Kind of key' }, { ok: true, what: 'Usage (analytics)' }, { ok: true, what: 'Cost (analytics)' }]);
  });

  it('falls back to the older reports', async () => {
    expect(await anthropicAdapter.test(await start({ hasAnalytics: false }))).toMatchObject([{ ok: true }, { ok: true, what: 'Usage (Admin API reports)' }, { ok: true, what: 'Cost (Admin API reports)' }]);
  });

  it('tells an ordinary key from an admin key, and from none', async () => {
    await start({ plainKey: 'sk-ant-api03-xyz' });
    const test = (credentials: string, settings: Record<string, unknown>) => anthropicAdapter.test(contextOf({ credentials, settings, nowMs }));
    expect(await test('sk-ant-api03-xyz', { baseUrl: fake.url })).toMatchObject([{ ok: false, what: 'Kind of key', message: expect.stringContaining('ordinary API key'), nextStep: expect.stringContaining('sk-ant-admin') }]);
    expect(await test('sk-proj-openai', {})).toMatchObject([{ ok: false, message: 'This does not look like a key of Anthropic.' }]);
    expect(await test('sk-ant-admin01-revoked', { baseUrl: fake.url })).toMatchObject([{ ok: true }, { ok: false, message: expect.stringContaining('refused the key') }]);
  });

  it('tells a wrong address', async () => {
    await start();
    const findings = await anthropicAdapter.test(contextOf({ credentials: fake.adminKey, settings: { baseUrl: `${fake.url}/elsewhere` }, nowMs }));
    expect(findings.at(-1)).toMatchObject({ ok: false, what: 'Reports', nextStep: expect.stringContaining('base URL') });
  });
});
