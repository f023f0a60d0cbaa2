/** The table that finance downloads: from the rows alone, and yet the figure of every screen. */
import fc from 'fast-check';
import { DAY_MS, parseDecimal, toPico } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import { createTenantFixture, createTestDatabase, type TestDatabase } from '@outlay/platform/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseCut } from './cut';
import type { EventFilter } from './event-filter';
import { FACT_COLUMNS } from './export-facts';
import { exportEvents } from './export-events';
import { ROW_GROUPINGS, type RowGrouping } from './row-groupings';
import { type Grouping, GROUPINGS, summarise } from './summarise';
import { summariseRows } from './summarise-rows';
import { parseCsv } from './testing-csv';
import { makeRow } from './testing-rows';
import { makeScene, writeScene } from './testing-scenes';
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

type Table = readonly Readonly<Record<string, string>>[];

function tableOf(text: string): Table {
  const [header, ...records] = parseCsv(text);
  return records.map((record) => Object.fromEntries(header!.map((name, i) => [name, record[i]!])));
}

async function read(tenantId: string, filter: EventFilter, groupBy: readonly RowGrouping[], options: Parameters<typeof summariseRows>[4] = {}): Promise<{ text: string; rows: Table; cut: string }> {
  const { chunks, facts } = await summariseRows(db, tenantId, filter, groupBy, options);
  const text = [...chunks].join('');
  return { text, rows: tableOf(text), cut: facts.cut };
}

const sumOf = (rows: Table, name: string): bigint => rows.reduce((sum, row) => sum + toPico(parseDecimal(row[name]!)!), 0n);

const question = fc.record({
  filter: fc.record({
    fromMs: fc.integer({ min: NOW - 22 * DAY_MS, max: NOW - DAY_MS }), toMs: fc.integer({ min: NOW - DAY_MS + 1, max: NOW + DAY_MS }),
    environment: fc.constantFrom('production', 'staging'), workflow: fc.constantFrom('report', 'corrected'), customerId: fc.constantFrom('acme', '=initech'),
    userId: fc.constantFrom('u1'), feature: fc.constantFrom('rag'), provider: fc.constantFrom('openai', 'anthropic'), model: fc.constantFrom('gpt-5', 'gpt-5-v2'),
  }, { requiredKeys: ['fromMs', 'toMs'] }),
  groupBy: fc.uniqueArray(fc.constantFrom(...(Object.keys(GROUPINGS) as Grouping[])), { maxLength: 3 }),
  sliceMs: fc.constantFrom(DAY_MS / 3, 4 * DAY_MS, 90 * DAY_MS),
});

describe('a table of ledger rows', () => {
  it('says in every cell what the rollups say, for every filter, grouping, span and zone', async () => {
    await fc.assert(fc.asyncProperty(fc.integer(), fc.constantFrom('UTC', 'Asia/Kathmandu', 'America/Havana'), fc.array(question, { minLength: 6, maxLength: 6 }), async (seed, timeZone, questions) => {
      const tenant = await createTenantFixture(db, { timeZone });
      await writeScene(writer, makeScene(tenant.tenantId, { seed, endMs: NOW }));
      for (const { filter, groupBy, sliceMs } of questions) {
        const screen = await summarise(db, tenant, { filter, groupBy }, NOW);
        const { rows } = await read(tenant.tenantId, filter, groupBy, { sliceMs });
        const apostrophe = (key: string | null): string => (key === null ? '' : key.startsWith('=') ? `'${key}` : key);
        const wanted = (groupBy.length === 0 ? [{ keys: {}, measures: screen.totals }].filter(({ measures }) => Object.values(measures).some((value) => value !== 0 && value !== '0' && value !== null)) : screen.groups)
          .map(({ keys, measures }) => ({
            ...Object.fromEntries(groupBy.map((name) => [name, apostrophe((keys as Record<string, string | null>)[name] ?? null)])),
            ...Object.fromEntries(Object.entries(measures).map(([name, value]) => [name, value === null ? '' : String(value)])),
          }));
        const shown = rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !name.startsWith('export_'))));
        const byKeys = (a: object, b: object): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
        expect(shown.toSorted(byKeys)).toEqual(wanted.toSorted(byKeys));
        expect(sumOf(rows, 'cost_usd')).toBe(toPico(parseDecimal(String(screen.totals['cost_usd']))!));
      }
    }), { numRuns: 10 });
  }, 120_000);

  it('sums to the file of the rows, however it is grouped, also for filters that no rollup knows', async () => {
    const tenant = await createTenantFixture(db, { timeZone: 'Europe/Berlin' });
    await writeScene(writer, makeScene(tenant.tenantId, { seed: 5, endMs: NOW, calls: 300 }));
    for (const filter of [{}, { status: 'failed' }, { costBasis: 'unpriced' }, { untagged: true }, { kind: 'restatement' }, { fromMs: NOW - 3 * DAY_MS }] as const) {
      const { chunks } = await exportEvents(db, tenant.tenantId, filter, 'csv');
      let text = '';
      for await (const chunk of chunks) text += chunk;
      const calls = tableOf(text).filter((row) => row['subject'] === 'call').map((row) => ({ ...row, cost_usd: row['cost_usd'] || '0' }));
      for (const name of ROW_GROUPINGS) expect([name, sumOf((await read(tenant.tenantId, filter, [name])).rows, 'cost_usd')]).toEqual([name, sumOf(calls, 'cost_usd')]);
    }
  });

  it('of an earlier cut gives the same bytes, whatever was recorded and corrected since, run costs too', async () => {
    const tenant = await createTenantFixture(db);
    const scene = makeScene(tenant.tenantId, { seed: 11, endMs: NOW });
    await writeScene(writer, { ...scene, units: scene.units.slice(0, 100) });
    const asked = [[{}, ['workflow']], [{}, ['customer', 'day']], [{ model: 'gpt-5' }, ['workflow']], [{}, ['run']], [{ fromMs: NOW - 9 * DAY_MS }, []]] as const satisfies readonly (readonly [EventFilter, readonly RowGrouping[]])[];
    const first = [];
    for (const [filter, groupBy] of asked) first.push(await read(tenant.tenantId, filter, groupBy));
    await writeScene(writer, { ...scene, units: scene.units.slice(100) });
    for (const [i, [filter, groupBy]] of asked.entries()) {
      const cut = parseCut(first[i]!.cut);
      if (!cut.ok) throw new Error(cut.error.message);
      expect((await read(tenant.tenantId, filter, groupBy, { cut: cut.value })).text).toBe(first[i]!.text);
      expect((await read(tenant.tenantId, filter, groupBy)).text).not.toBe(first[i]!.text);
    }
  });

  it('states in every row what it is, unless plain is asked for', async () => {
    const tenant = await createTenantFixture(db, { timeZone: 'Asia/Kathmandu' });
    await writer.submit([{ rows: [makeRow(tenant.tenantId, 1, { customer_id: 'Müller, "GmbH"' })] }]);
    const filter: EventFilter = { fromMs: Date.now() - DAY_MS, toMs: Date.now() + DAY_MS, customerId: 'Müller, "GmbH"', untagged: undefined };
    const { rows, text, cut } = await read(tenant.tenantId, filter, ['customer'], { bom: true });
    expect(text.startsWith('\uFEFF')).toBe(true);
    expect(Object.values(rows[0]!)[0]).toBe('Müller, "GmbH"');
    expect(FACT_COLUMNS.map((name) => rows[0]![name])).toEqual([
      `from=${new Date(filter.fromMs!).toISOString()}&to=${new Date(filter.toMs!).toISOString()}&customer_id=M%C3%BCller%2C%20%22GmbH%22`, 'Asia/Kathmandu', cut, expect.stringMatching(/^no catalogue/),
    ]);
    const plain = await read(tenant.tenantId, filter, ['customer'], { plain: true });
    expect(Object.keys(plain.rows[0]!)).toEqual(Object.keys(rows[0]!).filter((name) => !name.startsWith('export_')).map((name) => name.replace('\uFEFF', '')));
    expect((await read(tenant.tenantId, { customerId: 'nobody' }, ['customer'])).rows).toEqual([]);
    await expect(summariseRows(db, tenant.tenantId, {}, [], { cut: { takenAt: new Date(), batches: new Map([[0, 10n ** 12n]]) } })).rejects.toMatchObject({ code: 'invalid_input', field: 'cut' });
  });
});
