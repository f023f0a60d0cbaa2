/** From a model that nobody prices to its price, through the real jobs: found, previewed, corrected, without anybody's help. */
import { newId } from '@outlay/kernel/ids';
import { createLedgerWriter, getRepricing, listQuarantine, listRepricings, proveLedger, recordUsage } from '@outlay/ledger';
import { createJobs, createLog, JOBS } from '@outlay/platform';
import { createTenantFixture, createTestDatabase, type TestDatabase, until } from '@outlay/platform/testing';
import { cataloguePrices, importCatalogue, namePriceVersion, openPriceBooks, type PriceVersion } from '@outlay/pricing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWorker } from './start-worker';

let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
});

afterAll(() => test.close());

const FRESH: PriceVersion = namePriceVersion({
  provider: 'openai', model: 'gpt-99-mystery', match: { when: { equals: 'gpt-99-mystery' } }, tier: 'standard', region: '', contextFrom: 0, effectiveFrom: -Infinity, knownFrom: -Infinity,
  withdrawn: false, source: 'genai-prices', sourceVersion: '9', rates: [{ class: 'input_uncached', price: '2', per: 1_000_000 }, { class: 'output_text', price: '8', per: 1_000_000 }],
});

it('an upgrade of the catalogue prices what came in before it, at the start of the worker', async () => {
  const { db } = test;
  const list = await cataloguePrices();
  await importCatalogue(db, { now: new Date(Date.now() - 60_000), prices: list });
  const { tenantId } = await createTenantFixture(db);
  const prices = await openPriceBooks(db, { warn: () => {} });
  const writer = await createLedgerWriter(db, { connections: 1 });
  const call = { occurred_at: new Date().toISOString(), run_id: 'run-1', workflow: 'report', provider: 'openai', api: 'chat', model_requested: 'gpt-99-mystery', usage: { prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100 } };
  const { price } = await prices.of(tenantId);
  const { results } = await recordUsage({ db, writer, price }, { tenantId, keyId: null, environment: 'production', timeZone: 'UTC', lateWindowDays: 7 }, { events: [{ ...call, id: newId() }, { ...call, id: newId() }] });
  expect(results.map(({ verdict }) => verdict)).toEqual(['unpriced', 'unpriced']);
  await writer.close();

  await importCatalogue(db, { now: new Date(), prices: [...list, FRESH] });
  const jobs = await createJobs({ catalogue: JOBS, databaseUrl: test.url });
  const worker = await startWorker({ db, jobs, log: createLog({ level: 'silent' }), smtpUrl: null, mailFrom: 'Outlay <outlay@localhost>' });
  try {
    const done = await until('the rows have a price', async () => {
      const [run] = await listRepricings(db, tenantId);
      return run?.state === 'done' ? await getRepricing(db, tenantId, run.id) : null;
    }, 20_000);
    expect(done).toMatchObject({ kind: 'healing', corrected: 2, beforePico: 0n, afterPico: 2n * (1_000n * 2_000_000n + 100n * 8_000_000n) });
    await prices.check();
    const rule = await prices.of(tenantId);
    expect(await listQuarantine(db, tenantId, rule.price)).toMatchObject({ rows: 0, groups: [] });
    expect((await proveLedger(db, tenantId, { versionById: (id) => rule.versionById(tenantId, id) })).faults).toEqual([]);
  } finally {
    await worker.close();
    prices.close();
  }
});
