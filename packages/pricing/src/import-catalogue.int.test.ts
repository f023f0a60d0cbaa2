import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '@outlay/platform/testing';
import { cataloguePrices } from './catalogue';
import { importCatalogue } from './import-catalogue';
import { loadPriceBook, readPriceBookMark } from './load-price-book';
import { createPriceBook, findPrice } from './price-book';
import { priceFast } from './price-usage';
import type { PriceVersion } from './price-version';
import { instant, priceRow } from './testing/price-rows';

const NOW = new Date('2026-11-21T09:30:00.123Z');
let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(async () => {
  await test.close();
});

const known = (row: PriceVersion, knownFrom: number): PriceVersion => ({ ...row, knownFrom, rates: [...row.rates].sort((a, b) => (a.class < b.class ? -1 : 1)) });
const byId = (rows: readonly PriceVersion[]): readonly PriceVersion[] => [...rows].sort((a, b) => (a.id < b.id ? -1 : 1));

describe('the pinned catalogue', () => {
  it('goes in once, digit by digit, whoever imports at the same time, and a second run writes nothing', async () => {
    const [first, meanwhile] = await Promise.all([importCatalogue(test.db, { now: NOW }), importCatalogue(test.db, { now: NOW })]);
    expect([first.inserts.length, meanwhile.inserts.length].sort()).toContain(0);
    expect((await importCatalogue(test.db, { now: new Date('2026-12-01T00:00:00Z') })).changes).toEqual([]);

    const prices = await cataloguePrices();
    const book = await loadPriceBook(test.db);
    expect(byId(book.versions.map((row) => known(row, row.knownFrom)))).toEqual(byId(prices.map((row) => known(row, NOW.getTime()))));
  });

  it('prices as the package does without a database', async () => {
    const [stored, direct] = [await loadPriceBook(test.db), createPriceBook(await cataloguePrices())];
    const input = { provider: 'openai', model: 'gpt-5.6-sol', tier: 'flex', at: instant('2026-08-21T00:00:00Z'), quantities: { input_uncached: 300_000, cache_read: 17, output_text: 3 } };
    expect(priceFast(stored, input)).toEqual(priceFast(direct, input));
    expect(priceFast(stored, input).costPico).not.toBeNull();
  });
});

describe('an upgrade', () => {
  it('is new effective rows plus a diff, and the old prices stay', async () => {
    const upgradedAt = new Date('2027-02-01T00:00:00Z');
    const mark = await readPriceBookMark(test.db);
    const upgraded = (await cataloguePrices()).filter((row) => row.provider !== 'avian')
      .map((row) => (row.provider === 'openai' && row.model === 'gpt-4o' && row.tier === 'standard' ? priceRow({ ...row, input: undefined, sourceVersion: '0.2.0', rates: row.rates.map((rate) => (rate.class === 'input_uncached' ? { ...rate, price: '2' } : rate)) }) : row));
    const plan = await importCatalogue(test.db, { now: upgradedAt, prices: upgraded });
    expect(new Set(plan.changes.map(({ kind, provider, tier }) => `${kind} ${provider} ${tier}`))).toEqual(new Set(['changed openai standard', 'withdrawn avian standard']));
    expect(plan.refused).toEqual([]);
    expect(await readPriceBookMark(test.db)).not.toBe(mark);

    const book = await loadPriceBook(test.db);
    const input = (at: number): string | undefined => findPrice(book, { provider: 'openai', model: 'gpt-4o', contextTokens: 0, at })?.rates.find((rate) => rate.class === 'input_uncached')?.price;
    expect([input(upgradedAt.getTime() - 1), input(upgradedAt.getTime())]).toEqual(['2.5', '2']);
  });

  it('holds back what needs approval', async () => {
    const prices = [priceRow({ provider: 'zeta', source: 'genai-prices' })];
    const list = async (extra: readonly PriceVersion[]): Promise<readonly PriceVersion[]> => [...(await loadPriceBook(test.db)).versions.filter((row) => row.provider !== 'zeta'), ...extra];
    await importCatalogue(test.db, { now: new Date('2027-03-01T00:00:00Z'), prices: await list(prices) });
    const dear = [priceRow({ provider: 'zeta', source: 'genai-prices', input: '2000' })];
    const held = await importCatalogue(test.db, { now: new Date('2027-03-02T00:00:00Z'), prices: await list(dear) });
    expect([held.inserts.length, held.refused.map(({ provider }) => provider)]).toEqual([0, ['zeta']]);
    const approved = await importCatalogue(test.db, { now: new Date('2027-03-03T00:00:00Z'), prices: await list(dear), approve: ({ provider }) => provider === 'zeta' });
    expect(approved.inserts).toHaveLength(1);
  });
});

it('the app may add prices, and never change or remove one', async () => {
  for (const sql of [`update price_rates set price = 0`, `delete from price_rates`, `update price_versions set withdrawn = true`, `delete from price_versions`, `delete from tenant_price_versions`]) {
    await expect(test.db.withoutTenant((tx) => tx.query(sql)), sql).rejects.toThrow('permission denied');
  }
});
