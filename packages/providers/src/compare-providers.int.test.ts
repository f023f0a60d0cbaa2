/** Ledger and bill in one schema, by provider and by model, whatever dated name each side uses. */
import { DAY_MS, PICO_PER_USD } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import { openTestLedger, type TestLedger } from '@outlay/ledger/testing';
import { cataloguePriceBook, priceFast } from '@outlay/pricing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compareProviders } from './compare-providers';
import { insertConnection } from './store';
import { saveCosts, saveUsage } from './store-bill';

const DAY = Math.floor(Date.now() / DAY_MS) * DAY_MS - 5 * DAY_MS;
const iso = (ms: number): string => new Date(ms).toISOString();
const [from, to] = [iso(DAY).slice(0, 10), iso(DAY + DAY_MS).slice(0, 10)];
const named = { apiKey: 'key_1', project: 'proj_a' };
const usd = (dollars: bigint) => ({ num: dollars, den: 1n });
let ledger: TestLedger;

beforeAll(async () => {
  const book = await cataloguePriceBook();
  ledger = await openTestLedger({ price: (_tenantId, input) => priceFast(book, input) });
});

afterAll(() => ledger.close());

it('shows what is recorded beside what is reported and billed, by UTC days, each model once', async () => {
  const sender = await ledger.createSender();
  const { tenantId } = sender;
  const event = (at: number, model: string, input: number) => ({ id: newId(at), occurred_at: iso(at), provider: 'openai', api: 'chat', model_requested: model, usage: { prompt_tokens: input, completion_tokens: 0, total_tokens: input } });
  await ledger.record(sender, [event(DAY + 1_000, 'gpt-4o', 1_000_000), event(DAY + 2_000, 'gpt-4o-2024-08-06', 1_000_000), event(DAY + DAY_MS - 1_000, 'gpt-5-mini', 4_000_000), event(DAY + DAY_MS, 'gpt-4o', 9_000_000)]);
  const [openai, file, syncId] = [newId(), newId(), newId()];
  await ledger.db.withTenant(tenantId, async (tx) => {
    await insertConnection(tx, tenantId, { id: openai, provider: 'openai', name: 'a', settings: {}, credentials: null, hint: '', createdBy: 'test' });
    await insertConnection(tx, tenantId, { id: file, provider: 'import', name: 'b', settings: {}, credentials: null, hint: '', createdBy: 'test' });
    const usage = { width: '1h' as const, bucket: iso(DAY), dimensions: { model: 'gpt-4o-2024-08-06' }, model: 'gpt-4o-2024-08-06', ...named, requests: 3, tokens: { input_uncached: 3_000_000 }, extras: {}, pricedPico: 7_500_000_000_000n, provisional: false };
    // The same use by days counts only where there are no hours.
    await saveUsage(tx, tenantId, openai, syncId, [usage, { ...usage, width: '1d' }]);
    await saveUsage(tx, tenantId, file, syncId, [{ ...usage, width: '1d', dimensions: { provider: 'xai' }, model: 'grok-4', pricedPico: null }]);
    const cost = { day: from, ...named, lineItem: null, quantity: null, provisional: true };
    await saveCosts(tx, tenantId, openai, syncId, [{ ...cost, model: 'gpt-4o-2024-08-06', dimensions: { line_item: 'a' }, amountUsd: usd(6n) }, { ...cost, model: null, dimensions: { line_item: 'b' }, amountUsd: usd(1n), provisional: false }]);
    await saveCosts(tx, tenantId, file, syncId, [{ ...cost, model: 'grok-4', dimensions: { provider: 'xai' }, amountUsd: usd(9n) }]);
  });
  expect(await compareProviders(ledger.db, tenantId, { from, to, groupBy: 'model' })).toEqual([
    { provider: 'x-ai', model: 'grok-4', ledger: null, reported: { pricedPico: 0n, unpriced: 1, requests: 3, tokens: { input_uncached: 3_000_000 }, tokensTotal: 3_000_000 }, billed: { amountPico: 9n * PICO_PER_USD, provisionalPico: 9n * PICO_PER_USD } },
    {
      provider: 'openai', model: 'gpt-4o', ledger: { costPico: 5n * PICO_PER_USD, calls: 2, unpriced: 0, tokens: { input_uncached: 2_000_000 }, tokensTotal: 2_000_000 },
      reported: { pricedPico: 7_500_000_000_000n, unpriced: 0, requests: 3, tokens: { input_uncached: 3_000_000 }, tokensTotal: 3_000_000 }, billed: { amountPico: 6n * PICO_PER_USD, provisionalPico: 6n * PICO_PER_USD },
    },
    { provider: 'openai', model: '', ledger: null, reported: null, billed: { amountPico: 1n * PICO_PER_USD, provisionalPico: 0n } },
    { provider: 'openai', model: 'gpt-5-mini', ledger: { costPico: 1n * PICO_PER_USD, calls: 1, unpriced: 0, tokens: { input_uncached: 4_000_000 }, tokensTotal: 4_000_000 }, reported: null, billed: null },
  ]);
  const byProvider = await compareProviders(ledger.db, tenantId, { from, to, groupBy: 'provider' });
  expect(byProvider.map(({ provider, model, ledger: own, billed }) => [provider, model, own?.costPico ?? null, billed!.amountPico])).toEqual([['x-ai', null, null, 9n * PICO_PER_USD], ['openai', null, 6n * PICO_PER_USD, 7n * PICO_PER_USD]]);
  await expect(compareProviders(ledger.db, tenantId, { from, to: from, groupBy: 'model' })).rejects.toMatchObject({ field: 'to' });
  await expect(compareProviders(ledger.db, tenantId, { from: '2026-1-1', to, groupBy: 'model' })).rejects.toMatchObject({ field: 'from' });
});
