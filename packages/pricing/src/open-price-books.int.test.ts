/** The books of two processes on one database: nobody prices by another's prices, and everybody hears of new ones. */
import type { Database } from '@outlay/platform';
import { createTestDatabase, type TestDatabase } from '@outlay/platform/testing';
import { type Acting, type Tenancy } from '@outlay/tenancy';
import { createOwner, createTestTenancy } from '@outlay/tenancy/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { importCatalogue } from './import-catalogue';
import { loadPriceBook } from './load-price-book';
import { openPriceBooks, type PriceBooks } from './open-price-books';
import { recordTenantPrice } from './record-tenant-prices';
import { priceRow } from './testing/price-rows';

const NOW = new Date('2026-11-21T12:00:00Z');
const warnings: string[] = [];
let test: TestDatabase;
let tenancy: Tenancy;
let here: PriceBooks;
let there: PriceBooks;
let small: PriceBooks;

beforeAll(async () => {
  test = await createTestDatabase();
  await importCatalogue(test.db, { now: NOW });
  tenancy = createTestTenancy(test.db);
  const options = { warn: (sentence: string) => void warnings.push(sentence), everyMs: 3_600_000 };
  here = await openPriceBooks(test.db, options);
  there = await openPriceBooks(test.db, options);
  small = await openPriceBooks(test.db, { ...options, tenantsMax: 2 });
});

afterAll(async () => {
  for (const books of [here, there, small]) books.close();
  await tenancy.close();
  await test.close();
});

async function owner(): Promise<Acting> {
  return await (await createOwner(tenancy)).acting();
}

async function record(acting: Acting, input: string): Promise<void> {
  const tokens = [['input_uncached', input], ['cache_read', '1'], ['output_text', '5']].map(([name, price]) => ({ class: name!, price: price!, per: 1_000_000 }));
  const rates = [...tokens, { class: 'web_search', price: '10', per: 1_000 }, { class: 'file_search', price: '2.5', per: 1_000 }];
  await recordTenantPrice({ db: test.db, global: here.global }, acting, { provider: 'openai', model: 'gpt-4o', effectiveFrom: null, brackets: [{ contextFrom: 0, rates }], source: 'contract' }, NOW);
}

async function usd(books: PriceBooks, tenantId: string): Promise<number> {
  const { price } = await books.of(tenantId);
  return Number(price(tenantId, { provider: 'openai', model: 'gpt-4o', at: NOW.getTime(), quantities: { input_uncached: 1_000_000 } }).costPico) / 1e12;
}

it('a new price holds at once where it was recorded, and elsewhere after the next look', async () => {
  const [one, other] = [await owner(), await owner()];
  expect([await usd(here, one.tenantId), await usd(there, one.tenantId)]).toEqual([2.5, 2.5]);
  const before = (await here.of(one.tenantId)).mark;
  await record(one, '1.25');
  await here.refresh(one.tenantId);
  expect([await usd(here, one.tenantId), await usd(there, one.tenantId), await usd(here, other.tenantId)]).toEqual([1.25, 2.5, 2.5]);
  expect((await here.of(one.tenantId)).mark).not.toBe(before);
  await there.check();
  expect(await usd(there, one.tenantId)).toBe(1.25);
});

it('a rule in hand stays what it was, and prices nobody else', async () => {
  const [one, other] = [await owner(), await owner()];
  await record(one, '1.25');
  const { price, versionById, book } = await here.of(one.tenantId);
  await record(one, '1.5');
  await here.refresh(one.tenantId);
  const input = { provider: 'openai', model: 'gpt-4o', at: NOW.getTime(), quantities: { input_uncached: 1_000_000 } };
  expect(price(one.tenantId, input).costPico).toBe(1_250_000_000_000n);
  expect(await usd(here, one.tenantId)).toBe(1.5);
  expect(() => price(other.tenantId, input)).toThrow('another');
  expect(versionById(one.tenantId, book.versions[0]!.id)).toBe(book.versions[0]);
  expect((await here.of(other.tenantId)).versionById(other.tenantId, book.versions[0]!.id)).toBeNull();
});

it('a new global price reaches every tenant, and gives way to its own', async () => {
  const [one, other] = [await owner(), await owner()];
  await record(one, '1.25');
  for (const books of [here, there]) for (const { tenantId } of [one, other]) await books.of(tenantId);
  const list = [...(await loadPriceBook(test.db)).versions, priceRow({ provider: 'zeta', source: 'genai-prices' })];
  await importCatalogue(test.db, { now: new Date('2027-03-01T00:00:00Z'), prices: list });
  await Promise.all([here.check(), there.check()]);
  for (const books of [here, there]) {
    const { price } = await books.of(other.tenantId);
    expect(price(other.tenantId, { provider: 'zeta', model: priceRow({}).model, at: Date.UTC(2027, 5), quantities: { input_uncached: 1 } }).basis).toBe('priced');
    expect(await usd(books, one.tenantId)).toBe(1.25);
  }
});

it('holds few tenants where only few may be held, and forgets none of their prices', async () => {
  const teams = [await owner(), await owner(), await owner(), await owner()];
  for (const [n, acting] of teams.entries()) await record(acting, `${n + 1}`);
  for (const round of [1, 2]) for (const [n, { tenantId }] of teams.entries()) expect([round, await usd(small, tenantId)]).toEqual([round, n + 1]);
});

it('says so when a tenant\'s prices cannot be read, and prices it by nobody else\'s', async () => {
  const { tenantId } = await owner();
  let down = false;
  const flaky: Database = { ...test.db, withTenant: (id, run) => (down ? Promise.reject(new Error('connection refused')) : test.db.withTenant(id, run)) };
  const books = await openPriceBooks(flaky, { warn: () => {}, everyMs: 3_600_000 });
  down = true;
  await expect(books.of(tenantId)).rejects.toMatchObject({ code: 'unavailable' });
  down = false;
  expect(await usd(books, tenantId)).toBe(2.5);
  down = true;
  expect(await usd(books, tenantId)).toBe(2.5);
  await expect(books.refresh(tenantId)).rejects.toMatchObject({ code: 'unavailable' });
  expect(await usd(books, tenantId)).toBe(2.5);
  books.close();
});

it('reads a tenant once, however many ask at once', async () => {
  const { tenantId } = await owner();
  const all = await Promise.all(Array.from({ length: 20 }, () => here.of(tenantId)));
  expect(new Set(all).size).toBe(1);
  expect(warnings).toEqual([]);
});
