import fc from 'fast-check';
import { DAY_MS, formatPico } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import { createTenantFixture, createTestDatabase, type TestDatabase } from '@outlay/platform/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventFilter } from './event-filter';
import { exportEvents } from './export-events';
import { parseCsv } from './testing-csv';
import { makeScene, writeScene } from './testing-scenes';
import { totalOfRows } from './total-of-rows';
import { createLedgerWriter, type LedgerWriter } from './writer';

let test: TestDatabase;
let db: Database;
let writer: LedgerWriter;

beforeAll(async () => {
  test = await createTestDatabase();
  db = test.db;
  writer = await createLedgerWriter(db);
});

afterAll(async () => {
  await writer?.close();
  await test?.close();
});

const NOW = Date.parse('2026-11-21T07:41:23.456Z');

const filter: fc.Arbitrary<EventFilter> = fc.record({
  environment: fc.constantFrom('production', 'staging'), workflow: fc.constantFrom('report', 'corrected'), customerId: fc.constantFrom('acme', '=initech'), userId: fc.constantFrom('u1'),
  model: fc.constantFrom('gpt-5', 'gpt-5-v2'), status: fc.constantFrom('failed', 'succeeded'), kind: fc.constantFrom('usage', 'restatement', 'outcome'),
  costBasis: fc.constantFrom('priced', 'unpriced'), attemptKind: fc.constantFrom('retry', 'fallback'),
}, { requiredKeys: [] });

describe('the total of a filter', () => {
  it('is the sum of the file at the same cut, from rollups and from rows', async () => {
    await fc.assert(fc.asyncProperty(fc.integer(), fc.array(filter, { minLength: 5, maxLength: 5 }), async (seed, filters) => {
      const tenant = await createTenantFixture(db, { timeZone: 'Asia/Kathmandu' });
      await writeScene(writer, makeScene(tenant.tenantId, { seed, endMs: NOW }));
      for (const each of [{}, { environment: 'staging' }, ...filters]) {
        const asked = { fromMs: NOW - 9 * DAY_MS, toMs: NOW, ...each };
        const { total, cut } = await totalOfRows(db, tenant.tenantId, asked, 60_000);
        const { chunks } = await exportEvents(db, tenant.tenantId, asked, 'csv', { cut, plain: true });
        let text = '';
        for await (const chunk of chunks) text += chunk;
        const [header, ...records] = parseCsv(text);
        const at = (name: string): number => header!.indexOf(name);
        const calls = records.filter((record) => record[at('subject')] === 'call');
        const pico = calls.reduce((sum, record) => sum + BigInt(Math.round(Number(record[at('cost_usd')]!) * 1e12)), 0n);
        expect([total && formatPico(total.costPico), total?.calls]).toEqual([formatPico(pico), calls.filter((record) => record[at('part')] === '0').reduce((sum, record) => sum + Number(record[at('sign')]), 0)]);
        expect(total?.unpriced).toBe(calls.filter((record) => record[at('cost_basis')] === 'unpriced').reduce((sum, record) => sum + Number(record[at('sign')]), 0));
      }
    }), { numRuns: 6 });
  }, 60_000);

  it('is nothing, and no error, when the rows cannot be added up in time', async () => {
    const tenant = await createTenantFixture(db);
    await writeScene(writer, makeScene(tenant.tenantId, { seed: 3, endMs: NOW, calls: 4_000 }));
    const span = { fromMs: NOW - 30 * DAY_MS, toMs: NOW };
    expect((await totalOfRows(db, tenant.tenantId, { ...span, status: 'failed' }, 1)).total).toBeNull();
    // What the rollups know is known at once, whatever the patience.
    expect((await totalOfRows(db, tenant.tenantId, span, 1)).total?.calls).toBeGreaterThan(3_000);
    expect((await totalOfRows(db, tenant.tenantId, { ...span, status: 'failed' })).total?.calls).toBeGreaterThan(0);
  }, 60_000);
});
