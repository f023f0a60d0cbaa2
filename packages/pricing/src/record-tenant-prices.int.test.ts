/** Negotiated prices against a real database: guards first, then four eyes, then what holds. */
import { createTestDatabase, type TestDatabase } from '@outlay/platform/testing';
import { type Acting, listAudit, type Tenancy } from '@outlay/tenancy';
import { createColleague, createOwner, createTestTenancy } from '@outlay/tenancy/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importCatalogue } from './import-catalogue';
import { loadPriceBook } from './load-price-book';
import type { NegotiatedPrice } from './negotiated-price';
import { priceFast } from './price-usage';
import { approveTenantPrice, declineTenantPrice, listWaitingPrices, planTenantPrice, type PricingDependencies, recordTenantPrice } from './record-tenant-prices';

const NOW = new Date('2026-11-21T12:00:00Z');
const CHEAP: NegotiatedPrice = {
  provider: 'openai', model: 'gpt-4o', effectiveFrom: null, source: 'contract 7',
  brackets: [{
    contextFrom: 0,
    // All that the catalogue prices of it: what a contract leaves out would go unpriced.
    rates: [
      { class: 'input_uncached', price: '1.25', per: 1_000_000 }, { class: 'cache_read', price: '1', per: 1_000_000 }, { class: 'output_text', price: '5', per: 1_000_000 },
      { class: 'web_search', price: '10', per: 1_000 }, { class: 'file_search', price: '2.5', per: 1_000 },
    ],
  }],
};
const priced = (change: { input?: string; output?: string }): NegotiatedPrice => ({
  ...CHEAP, brackets: [{ contextFrom: 0, rates: CHEAP.brackets[0]!.rates.map((rate) => ({ ...rate, price: (rate.class === 'input_uncached' ? change.input : rate.class === 'output_text' ? change.output : undefined) ?? rate.price })) }],
});

let test: TestDatabase;
let tenancy: Tenancy;
let deps: PricingDependencies;

beforeAll(async () => {
  test = await createTestDatabase();
  await importCatalogue(test.db, { now: new Date('2026-11-01T00:00:00Z') });
  tenancy = createTestTenancy(test.db);
  deps = { db: test.db, global: await loadPriceBook(test.db) };
});

afterAll(async () => {
  await tenancy.close();
  await test.close();
});

async function costOf(tenantId: string, at = NOW, model = 'gpt-4o'): Promise<bigint | null> {
  const book = await loadPriceBook(test.db, { tenantId, global: deps.global });
  return priceFast(book, { provider: 'openai', model, at: at.getTime(), quantities: { input_uncached: 1_000_000 } }).costPico;
}

async function team(): Promise<{ owner: Acting; colleague: (role: 'finance' | 'viewer' | 'admin') => Promise<Acting> }> {
  const owner = await createOwner(tenancy);
  return { owner: await owner.acting(), colleague: async (role) => (await createColleague(tenancy, owner, role)).acting() };
}

const USD = 1_000_000_000_000n;

describe('a negotiated price', () => {
  it('is refused to roles that may not, and when it is wrong, and then nothing is written', async () => {
    const { owner, colleague } = await team();
    await expect(recordTenantPrice(deps, await colleague('viewer'), CHEAP, NOW)).rejects.toMatchObject({ code: 'role_missing' });
    await expect(recordTenantPrice(deps, owner, priced({ input: '-1' }), NOW)).rejects.toMatchObject({ code: 'invalid_input', field: 'brackets[0].rates[0].price' });
    await expect(recordTenantPrice(deps, owner, { ...CHEAP, brackets: [{ contextFrom: 0, rates: CHEAP.brackets[0]!.rates.slice(0, 1) }] }, NOW))
      .rejects.toMatchObject({ code: 'invalid_input', field: 'brackets', message: expect.stringContaining('output_text') as string });
    await expect(recordTenantPrice(deps, owner, { ...CHEAP, brackets: [] }, NOW)).rejects.toMatchObject({ code: 'not_found' });
    expect(await costOf(owner.tenantId)).toBe(USD * 5n / 2n);
  });

  it('stands before the global one, under every name of the model, for its team only; the log says who and what', async () => {
    const [{ owner }, { owner: other }] = [await team(), await team()];
    const verdict = await recordTenantPrice(deps, owner, CHEAP, NOW);
    expect(verdict).toMatchObject({ state: 'recorded', plan: { distance: null } });
    expect([await costOf(owner.tenantId), await costOf(owner.tenantId, NOW, 'gpt-4o-2024-08-06'), await costOf(owner.tenantId, NOW, 'gpt-4o-mini'), await costOf(other.tenantId)])
      .toEqual([USD * 5n / 4n, USD * 5n / 4n, USD * 3n / 20n, USD * 5n / 2n]);
    const [entry] = (await listAudit(tenancy, owner, {})).rows;
    expect(entry).toMatchObject({ action: 'price.recorded', before: { input_uncached: '$2.5 per 1000000' }, after: { model: 'gpt-4o', source: 'contract 7', input_uncached: '$1.25 per 1000000' } });
    await expect(recordTenantPrice(deps, owner, CHEAP, NOW)).rejects.toMatchObject({ code: 'already_exists' });
  });

  it('can change to and fro within a millisecond, and the last word holds', async () => {
    const { owner } = await team();
    for (const input of ['1.25', '1.5', '1.25']) await recordTenantPrice(deps, owner, priced({ input }), NOW);
    expect(await costOf(owner.tenantId)).toBe(USD * 5n / 4n);
  });

  it('holds from its date, and not before', async () => {
    const { owner } = await team();
    await recordTenantPrice(deps, owner, { ...CHEAP, effectiveFrom: new Date('2026-11-10T00:00:00Z') }, NOW);
    expect([await costOf(owner.tenantId, new Date('2026-11-09T23:59:59Z')), await costOf(owner.tenantId)]).toEqual([USD * 5n / 2n, USD * 5n / 4n]);
    // A price for the time before does not undo it: the plan says which one holds.
    const { holdsNow } = await planTenantPrice(deps, owner.tenantId, priced({ input: '2' }), NOW);
    expect(holdsNow!.rates.find((rate) => rate.class === 'input_uncached')!.price).toBe('1.25');
  });

  it('ends when it is withdrawn', async () => {
    const { owner } = await team();
    await recordTenantPrice(deps, owner, CHEAP, NOW);
    expect(await recordTenantPrice(deps, owner, { ...CHEAP, effectiveFrom: NOW, brackets: [] }, NOW)).toMatchObject({ state: 'recorded' });
    expect([await costOf(owner.tenantId, new Date('2026-11-20T00:00:00Z')), await costOf(owner.tenantId)]).toEqual([USD * 5n / 4n, USD * 5n / 2n]);
  });
});

describe('a change beyond ten times', () => {
  const dear = priced({ output: '250' });

  it('waits, and prices nothing meanwhile', async () => {
    const { owner } = await team();
    expect(await recordTenantPrice(deps, owner, dear, NOW)).toMatchObject({ state: 'waiting', plan: { distance: { factor: '25' } } });
    expect(await costOf(owner.tenantId)).toBe(USD * 5n / 2n);
    expect((await listWaitingPrices(test.db, owner)).map(({ factor, approval, warning }) => [factor, approval, warning]))
      .toEqual([['25', 'typed', 'output_text goes from $10 to $250 a million, 25 times up.']]);
  });

  it('is approved by whoever is alone, by typing the model', async () => {
    const { owner } = await team();
    const verdict = await recordTenantPrice(deps, owner, dear, NOW);
    const id = verdict.state === 'waiting' ? verdict.proposalId : '';
    for (const wrong of [{ id, factor: '24' }, { id, factor: '25' }, { id, factor: '25', confirmation: 'gpt-4' }]) {
      await expect(approveTenantPrice(deps, owner, wrong, NOW)).rejects.toMatchObject({ code: 'invalid_input' });
    }
    await approveTenantPrice(deps, owner, { id, factor: '25', confirmation: 'gpt-4o' }, NOW);
    expect(await costOf(owner.tenantId)).toBe(USD * 5n / 4n);
    await expect(approveTenantPrice(deps, owner, { id, factor: '25', confirmation: 'gpt-4o' }, NOW)).rejects.toMatchObject({ code: 'conflict' });
    expect((await listAudit(tenancy, owner, {})).rows.map(({ action }) => action).slice(0, 2)).toEqual(['price.approved', 'price.proposed']);
  });

  it('is approved by another where there is one, and by nobody twice', async () => {
    const { owner, colleague } = await team();
    const finance = await colleague('finance');
    const verdict = await recordTenantPrice(deps, owner, dear, NOW);
    const id = verdict.state === 'waiting' ? verdict.proposalId : '';
    await expect(approveTenantPrice(deps, owner, { id, factor: '25', confirmation: 'gpt-4o' }, NOW)).rejects.toMatchObject({ code: 'role_missing' });
    await expect(approveTenantPrice(deps, await colleague('viewer'), { id, factor: '25' }, NOW)).rejects.toMatchObject({ code: 'role_missing' });
    const answers = await Promise.allSettled([1, 2, 3].map(() => approveTenantPrice(deps, finance, { id, factor: '25' }, NOW)));
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect((await listWaitingPrices(test.db, finance)).length).toBe(0);
  });

  it('must be looked at again when the price that holds moved meanwhile', async () => {
    const { owner, colleague } = await team();
    const finance = await colleague('finance');
    const verdict = await recordTenantPrice(deps, owner, dear, NOW);
    await recordTenantPrice(deps, owner, priced({ output: '1.2' }), NOW);
    const id = verdict.state === 'waiting' ? verdict.proposalId : '';
    await expect(approveTenantPrice(deps, finance, { id, factor: '25' }, NOW)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('208.3 times up') as string });
    await declineTenantPrice(test.db, owner, id, NOW);
    await expect(declineTenantPrice(test.db, owner, id, NOW)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('is another team\'s to see or approve never', async () => {
    const [{ owner }, { owner: other }] = [await team(), await team()];
    const verdict = await recordTenantPrice(deps, owner, dear, NOW);
    const id = verdict.state === 'waiting' ? verdict.proposalId : '';
    expect(await listWaitingPrices(test.db, other)).toEqual([]);
    await expect(approveTenantPrice(deps, other, { id, factor: '25', confirmation: 'gpt-4o' }, NOW)).rejects.toMatchObject({ code: 'not_found' });
  });
});

it('negotiated rows cannot be written for another tenant', async () => {
  const [{ owner }, { owner: other }] = [await team(), await team()];
  await expect(test.db.withTenant(other.tenantId, (tx) => tx.query(
    `insert into tenant_price_versions (tenant_id, id, provider, model, model_match, effective_from, known_from, source, source_version, version)
     values ($1, $1, 'p', 'm', '{}', now(), now(), 's', '1', 'v')`, [owner.tenantId],
  ))).rejects.toThrow('row-level security');
});
