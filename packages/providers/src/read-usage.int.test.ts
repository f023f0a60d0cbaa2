/** The buckets of one connection as its page shows them: the newest revision of each, what is not final, and the bill beside them. */
import { DAY_MS } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import { openTestLedger, type TestLedger } from '@outlay/ledger/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readConnectionUsage, type UsageAsk } from './read-usage';
import { insertConnection } from './store';
import { clearUnsaid, type PricedBucket, saveCosts, saveUsage } from './store-bill';

const HOUR = DAY_MS / 24;
const NOW = Math.floor(Date.now() / DAY_MS) * DAY_MS - 5 * DAY_MS + 10 * HOUR + 1_800_000;
const DAY = Math.floor(NOW / DAY_MS) * DAY_MS;
const iso = (ms: number): string => new Date(ms).toISOString();
const usd = (dollars: number): bigint => BigInt(dollars) * 1_000_000_000_000n;
let ledger: TestLedger;
let tenantId: string;
let id: string;

beforeAll(async () => {
  ledger = await openTestLedger({});
  ({ tenantId } = await ledger.createSender());
  id = await connect('Production');
});

afterAll(() => ledger.close());

async function connect(name: string): Promise<string> {
  const made = newId();
  await ledger.db.withTenant(tenantId, (tx) => insertConnection(tx, tenantId, { id: made, provider: 'openai', name, settings: {}, credentials: null, hint: '', createdBy: 'test' }));
  return made;
}

const bucket = (at: number, model: string, more: Partial<PricedBucket> = {}): PricedBucket => ({
  width: '1h', bucket: iso(at), dimensions: { model, api_key_id: more.apiKey ?? 'key_1' }, model, apiKey: 'key_1', project: 'proj_a', requests: 2, tokens: { input_uncached: 1_000, cache_read: 500, output_text: 100 }, extras: {}, pricedPico: usd(1),
  provisional: false, ...more,
});
const store = (of: string, buckets: readonly PricedBucket[]) => ledger.db.withTenant(tenantId, (tx) => saveUsage(tx, tenantId, of, newId(), buckets));
const read = (ask: Partial<UsageAsk> = {}) => readConnectionUsage(ledger.db, tenantId, { id, by: 'model', ...ask }, NOW);

it('has nothing of a connection that said nothing', async () => {
  expect(await read()).toEqual({ width: '1h', widths: [], fromMs: DAY + 11 * HOUR - 7 * DAY_MS, toMs: DAY + 11 * HOUR, oldest: null, newest: null, cells: [], groups: [], more: 0, totals: { requests: 0, inputTokens: 0, outputTokens: 0, pricedPico: 0n, unpriced: 0, provisionalPico: 0n, restated: 0 }, days: [] });
});

it('counts the newest revision of each row once, says what is not final, and leaves out what was taken back', async () => {
  await store(id, [bucket(DAY + HOUR, 'a'), bucket(DAY + HOUR, 'b', { pricedPico: null, extras: { images: 3 } }), bucket(DAY + 9 * HOUR, 'a', { provisional: true }), bucket(DAY + 2 * HOUR, 'c'), bucket(DAY - 8 * DAY_MS, 'a')]);
  await store(id, [bucket(DAY + HOUR, 'a', { requests: 5, pricedPico: usd(3) })]);
  const span = { of: '1h' as const, from: iso(DAY + 2 * HOUR), to: iso(DAY + 3 * HOUR) };
  await ledger.db.withTenant(tenantId, (tx) => clearUnsaid(tx, id, newId(), span, []));
  await ledger.db.withTenant(tenantId, (tx) => saveCosts(tx, tenantId, id, newId(), [
    { day: iso(DAY).slice(0, 10), dimensions: { line_item: 'a' }, model: 'a', apiKey: null, project: null, lineItem: 'a', amountUsd: { num: 7n, den: 2n }, quantity: null, provisional: true },
    { day: iso(DAY - DAY_MS).slice(0, 10), dimensions: { line_item: 'a' }, model: 'a', apiKey: null, project: null, lineItem: 'a', amountUsd: { num: 1n, den: 1n }, quantity: null, provisional: false },
  ]));
  const { cells, groups, days, oldest, newest, widths } = await read();
  expect([widths, oldest?.getTime(), newest?.getTime()]).toEqual([['1h'], DAY - 8 * DAY_MS, DAY + 9 * HOUR]);
  expect(cells.map(({ at, name, requests, pricedPico, unpriced, provisional }) => [at.getTime(), name, requests, pricedPico, unpriced, provisional])).toEqual([
    [DAY + HOUR, 'a', 5, usd(3), 0, false], [DAY + HOUR, 'b', 2, 0n, 1, false], [DAY + 9 * HOUR, 'a', 2, usd(1), 0, true],
  ]);
  expect(groups).toEqual([
    { name: 'a', requests: 7, inputTokens: 3_000, outputTokens: 200, pricedPico: usd(4), unpriced: 0, provisionalPico: usd(1), restated: 1, extras: {} },
    { name: 'b', requests: 2, inputTokens: 1_500, outputTokens: 100, pricedPico: 0n, unpriced: 1, provisionalPico: 0n, restated: 0, extras: { images: 3 } },
  ]);
  expect(days).toEqual([
    { day: iso(DAY - DAY_MS).slice(0, 10), pricedPico: null, unpriced: 0, billedPico: usd(1), provisional: false },
    { day: iso(DAY).slice(0, 10), pricedPico: usd(4), unpriced: 1, billedPico: usd(7) / 2n, provisional: true },
  ]);
});

it('goes back span by span, and by key or project', async () => {
  const first = await read();
  const earlier = await read({ before: iso(first.fromMs) });
  expect([earlier.toMs, earlier.cells.map(({ at }) => at.getTime())]).toEqual([first.fromMs, [DAY - 8 * DAY_MS]]);
  await store(id, [bucket(DAY + 3 * HOUR, 'a', { apiKey: 'key_2', project: null })]);
  expect((await read({ by: 'key' })).totals).toEqual({ requests: 11, inputTokens: 6_000, outputTokens: 400, pricedPico: usd(5), unpriced: 1, provisionalPico: usd(1), restated: 1 });
  expect((await read({ by: 'key' })).groups.map(({ name, requests }) => [name, requests])).toEqual([['key_1', 9], ['key_2', 2]]);
  expect((await read({ by: 'project' })).groups.map(({ name, requests }) => [name, requests])).toEqual([['proj_a', 9], ['', 2]]);
  await expect(read({ before: 'yesterday' })).rejects.toMatchObject({ code: 'invalid_input' });
});

it('keeps widths apart, and compares days by hours where there are some', async () => {
  await store(id, [bucket(DAY + 10 * HOUR, 'a', { width: '1m', pricedPico: usd(9) }), bucket(DAY, 'a', { width: '1d', pricedPico: usd(9) })]);
  const minutes = await read({ width: '1m' });
  expect([minutes.widths, minutes.toMs - minutes.fromMs, minutes.cells.length]).toEqual([['1m', '1h', '1d'], 3 * HOUR, 1]);
  expect(minutes.days.at(-1)!.pricedPico).toBe(usd(5));
  expect((await read({ width: '1d' })).cells.map(({ pricedPico }) => pricedPico)).toEqual([usd(9)]);
});

it('folds what is not among the dearest into one, and ends where a connection that stopped ended', async () => {
  const stopped = await connect('Stopped');
  await store(stopped, Array.from({ length: 110 }, (_, i) => bucket(DAY - 30 * DAY_MS, `m${String(i).padStart(3, '0')}`, { pricedPico: usd(200 - i) })));
  const { cells, groups, more, toMs } = await readConnectionUsage(ledger.db, tenantId, { id: stopped, by: 'model' }, NOW);
  expect(toMs).toBe(DAY - 30 * DAY_MS + HOUR);
  expect([groups.length, more, cells.map(({ name }) => name)]).toEqual([100, 10, ['m000', 'm001', 'm002', 'm003', 'm004', 'm005', 'm006', null]]);
  expect(cells.at(-1)).toMatchObject({ requests: 206, pricedPico: Array.from({ length: 103 }, (_, i) => usd(193 - i)).reduce((sum, each) => sum + each, 0n) });
});

it('is nothing for another team', async () => {
  const other = await ledger.createSender();
  await expect(readConnectionUsage(ledger.db, other.tenantId, { id, by: 'model' }, NOW)).rejects.toMatchObject({ code: 'not_found' });
});
