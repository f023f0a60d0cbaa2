/** Each adapter through a whole sync on real Postgres: stored once, restated when the provider restates, never counted twice. */
import { type AnthropicFact, type ExportRow, startFakeAnthropicBilling, startFakeGoogleBilling, startFakeOpenRouterBilling } from '@outlay/fakes';
import { formatPico } from '@outlay/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { By } from './change-connection';
import { openTestSyncs, type TestSyncs } from './testing-sync';

const nowMs = Date.parse('2026-11-21T12:34:56Z');
let syncs: TestSyncs;
const closing: (() => Promise<void>)[] = [];
beforeAll(async () => {
  syncs = await openTestSyncs(() => nowMs);
});
afterAll(async () => {
  await syncs.close();
  await Promise.all(closing.map((close) => close()));
});

const total = async (by: By): Promise<string> => formatPico((await syncs.billed(by)).reduce((sum, { amountPico }) => sum + amountPico, 0n));

describe('Anthropic', () => {
  // A million tokens in and out of Claude Haiku 4.5: $1 and $5, so 600 cents.
  const fact = (at: string, over: Partial<AnthropicFact> = {}): AnthropicFact => ({ at, model: 'claude-haiku-4-5', apiKeyId: 'apikey_a', workspaceId: null, uncached: 1_000_000, output: 1_000_000, requests: 100, cents: '600.000000', ...over });
  const facts = [fact('2026-11-19T10:00:00Z'), fact('2026-11-20T10:00:00Z', { workspaceId: 'wrkspc_1' }), fact('2026-11-21T12:30:00Z')];

  it('is stored once, and restated by a later figure; usage is priced by the book', async () => {
    const fake = await startFakeAnthropicBilling({ facts, refreshedAt: '2026-11-21T12:00:00Z', rowsMax: 1, emptyEvery: 3 });
    closing.push(() => fake.close());
    const by = await syncs.createTeam();
    const id = await syncs.connect(by, { provider: 'anthropic', settings: { baseUrl: fake.url }, credentials: fake.adminKey });
    expect(await syncs.sync(by, id)).toMatchObject({ fault: null });
    expect(await total(by)).toBe('18');
    expect((await syncs.used(by, '1h')).map(({ pricedPico }) => formatPico(pricedPico!))).toEqual(['6', '6', '6']);
    expect(await syncs.used(by, '1m')).toMatchObject([{ model: 'claude-haiku-4-5', requests: 100 }]);
    expect((await syncs.billed(by)).map(({ day, provisional }) => [day, provisional]).sort()).toEqual([['2026-11-19', false], ['2026-11-20', false], ['2026-11-21', true]]);
    expect(await syncs.sync(by, id)).toMatchObject({ fault: null, rowsChanged: 0 });
    fake.facts = [facts[0]!, fact('2026-11-20T10:00:00Z', { workspaceId: 'wrkspc_2', cents: '590' }), facts[2]!];
    await syncs.sync(by, id);
    expect(await total(by)).toBe('17.9');
  });

  it('an organisation that gets the newer API later is not billed twice', async () => {
    const fake = await startFakeAnthropicBilling({ facts, hasAnalytics: false });
    closing.push(() => fake.close());
    const by = await syncs.createTeam();
    const id = await syncs.connect(by, { provider: 'anthropic', settings: { baseUrl: fake.url }, credentials: fake.adminKey });
    expect(await syncs.sync(by, id)).toMatchObject({ fault: null });
    expect(await total(by)).toBe('18');
    fake.hasAnalytics = true;
    expect(await syncs.sync(by, id)).toMatchObject({ fault: null });
    expect(await total(by)).toBe('18');
    expect((await syncs.used(by, '1h')).reduce((sum, { quantities }) => sum + (quantities['output_text'] ?? 0), 0)).toBe(3_000_000);
  });

  it('a hundred times too much is not stored: somebody reads cents as dollars', async () => {
    const fake = await startFakeAnthropicBilling({ facts: facts.map((each) => ({ ...each, cents: '60000' })) });
    closing.push(() => fake.close());
    const by = await syncs.createTeam();
    const id = await syncs.connect(by, { provider: 'anthropic', settings: { baseUrl: fake.url }, credentials: fake.adminKey });
    expect((await syncs.sync(by, id))!.fault).toMatchObject({ kind: 'units' });
    expect(await syncs.billed(by)).toEqual([]);
  });
});

it('Google: late rows and corrections restate their day, and no other', async () => {
  const row = (over: Partial<ExportRow>): ExportRow => ({ usageStart: '2026-11-19T10:00:00Z', exportTime: '2026-11-19T15:00:00Z', projectId: 'shop', sku: { id: 'A1', description: 'Gemini 2.5 Flash Text Input - Predictions' }, amount: '1', cost: '0.4', ...over });
  const fake = await startFakeGoogleBilling({
    rows: [row({}), row({ usageStart: '2026-11-19T11:00:00Z' }), row({ usageStart: '2026-11-20T11:00:00Z', exportTime: '2026-11-20T16:00:00Z' })], rowsMax: 1, unfinished: 1, now: () => nowMs,
    points: [{ at: '2026-11-21T12:30:10Z', projectId: 'fake-project', metric: 'aiplatform.googleapis.com/publisher/online_serving/token_count', model: 'gemini-2.5-flash', type: 'input', tokens: 1_000_000 }],
  });
  closing.push(() => fake.close());
  const by = await syncs.createTeam();
  const id = await syncs.connect(by, { provider: 'google', settings: { baseUrl: fake.url, table: 'fake-project.billing.gcp_billing_export_v1_0A0A0A' }, credentials: fake.keyFile() });
  expect(await syncs.sync(by, id)).toMatchObject({ fault: null });
  expect(await total(by)).toBe('1.2');
  expect((await syncs.used(by, '1m')).map(({ pricedPico }) => formatPico(pricedPico!))).toEqual(['0.3']);
  expect(await syncs.sync(by, id)).toMatchObject({ fault: null, rowsChanged: 0 });
  fake.rows.push(row({ cost: '-0.1', amount: '0', exportTime: '2026-11-21T10:00:00Z' }));
  expect(await syncs.sync(by, id)).toMatchObject({ fault: null, rowsChanged: 1 });
  expect(await total(by)).toBe('1.1');
});

it('OpenRouter: a month at first, and what is gone later is nothing', async () => {
  const item = { date: '2026-11-20', model: 'openai/gpt-4.1', endpointId: 'e1', providerName: 'OpenAI', requests: 5, promptTokens: 50, completionTokens: 125, reasoningTokens: 25, usage: 0.015 };
  const fake = await startFakeOpenRouterBilling({ activity: [item, { ...item, date: '2026-11-01', usage: 2 }], now: () => nowMs });
  closing.push(() => fake.close());
  const by = await syncs.createTeam();
  const id = await syncs.connect(by, { provider: 'openrouter', settings: { baseUrl: fake.url }, credentials: fake.managementKey });
  expect(await syncs.sync(by, id)).toMatchObject({ fault: null });
  expect(await total(by)).toBe('2.015');
  expect(await syncs.sync(by, id)).toMatchObject({ fault: null, rowsChanged: 0 });
  fake.activity = [{ ...item, endpointId: 'e9' }, fake.activity[1]!];
  await syncs.sync(by, id);
  expect(await total(by)).toBe('2.015');
});
