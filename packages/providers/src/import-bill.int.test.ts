/** Files as bills on real Postgres: whole or not at all, the same twice is once, a newer one restates. */
import { gzipSync } from 'node:zlib';
import { formatPico } from '@outlay/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importBill, unpackFile } from './import-bill';
import { listConnections, listSyncs } from './list-connections';
import { requestSync } from './request-sync';
import { listDueConnections } from './store';
import { openTestSyncs, type TestSyncs } from './testing-sync';

let syncs: TestSyncs;
beforeAll(async () => {
  syncs = await openTestSyncs(Date.now);
});
afterAll(() => syncs.close());

const HEAD = 'date,model,amount_usd,requests,input_tokens\n';
const NOVEMBER = `${HEAD}2026-11-19,mistral-large,1.5,3,100\n2026-11-20,mistral-large,2.5,4,200\n2026-11-20,grok-4,0.01,,\n`;
const billed = async (by: Parameters<TestSyncs['billed']>[0]) => (await syncs.billed(by)).map(({ day, model, amountPico, provisional }) => [day, model, formatPico(amountPico), provisional]);

describe('importing a bill', () => {
  it('makes a connection by its name, with the file in its history; it is never due', async () => {
    const by = await syncs.createTeam();
    const report = await importBill(syncs.db, by, { name: 'Mistral and xAI', text: NOVEMBER });
    expect(report).toMatchObject({ format: 'simple', rows: 3, skipped: 0, changed: 5, totalPico: 4_010_000_000_000n, days: { from: '2026-11-19', to: '2026-11-20' } });
    expect(await billed(by)).toEqual(expect.arrayContaining([['2026-11-19', 'mistral-large', '1.5', false], ['2026-11-20', 'mistral-large', '2.5', false], ['2026-11-20', 'grok-4', '0.01', false]]));
    expect(await syncs.used(by, '1m')).toEqual([]);
    expect(await listConnections(syncs.db, by.tenantId)).toMatchObject([{ id: report.connectionId, provider: 'import', name: 'Mistral and xAI', state: 'healthy', nextSyncAt: null, lastError: null }]);
    expect(await listSyncs(syncs.db, by.tenantId, report.connectionId)).toMatchObject([{ cause: 'import', state: 'done', rowsRead: 3, rowsChanged: 5 }]);
    expect((await listDueConnections(syncs.db)).some(({ id }) => id === report.connectionId)).toBe(false);
    await expect(requestSync(syncs.db, by, report.connectionId)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('the same file again changes nothing; a newer one restates what it names, under the same connection', async () => {
    const by = await syncs.createTeam();
    const first = await importBill(syncs.db, by, { name: 'Bill', text: NOVEMBER });
    expect(await importBill(syncs.db, by, { name: 'Bill', text: NOVEMBER })).toMatchObject({ connectionId: first.connectionId, changed: 0 });
    expect(await importBill(syncs.db, by, { name: 'Bill', text: `${HEAD}2026-11-20,mistral-large,2.75,4,200\n` })).toMatchObject({ connectionId: first.connectionId, changed: 1 });
    expect((await billed(by)).map(([day, model, usd]) => `${day} ${model} ${usd}`).sort()).toEqual(['2026-11-19 mistral-large 1.5', '2026-11-20 grok-4 0.01', '2026-11-20 mistral-large 2.75']);
    expect(await syncs.count(by, 'provider_costs')).toBe(4);
  });

  it('a whole export replaces the days that it has, and no others', async () => {
    const by = await syncs.createTeam();
    await importBill(syncs.db, by, { name: 'Bill', text: NOVEMBER });
    const newer = `${HEAD}2026-11-20,grok-4-fast,0.02,,\n`;
    expect((await importBill(syncs.db, by, { name: 'Bill', text: newer, replaceDays: true })).changed).toBe(4);
    expect((await billed(by)).filter(([, , usd]) => usd !== '0').map(([day, model, usd]) => `${day} ${model} ${usd}`).sort()).toEqual(['2026-11-19 mistral-large 1.5', '2026-11-20 grok-4-fast 0.02']);
    expect((await importBill(syncs.db, by, { name: 'Bill', text: newer, replaceDays: true })).changed).toBe(0);
  });

  it('two files of one new name at once are one connection', async () => {
    const by = await syncs.createTeam();
    const reports = await Promise.all([importBill(syncs.db, by, { name: 'Bill', text: NOVEMBER }), importBill(syncs.db, by, { name: 'Bill', text: NOVEMBER })]);
    expect(reports[0].connectionId).toBe(reports[1].connectionId);
    expect(reports.map(({ changed }) => changed).sort()).toEqual([0, 5]);
  });

  it('a file with a mistake stores nothing of it, and says where', async () => {
    const by = await syncs.createTeam();
    await expect(importBill(syncs.db, by, { name: 'Bill', text: `${NOVEMBER}2026-11-21,grok-4,five,,\n` })).rejects.toMatchObject({ code: 'invalid_input', field: 'text', message: expect.stringContaining('Line 5, column "amount_usd"') });
    await expect(importBill(syncs.db, by, { name: 'Bill', text: HEAD })).rejects.toMatchObject({ message: 'The file has a header and no rows.' });
    expect(await listConnections(syncs.db, by.tenantId)).toEqual([]);
    expect(await billed(by)).toEqual([]);
  });

  it('unpacks what a browser packed, and says when it cannot', () => {
    expect(unpackFile(gzipSync(NOVEMBER).toString('base64'))).toBe(NOVEMBER);
    expect(() => unpackFile('bm8=')).toThrow(/damaged/);
    expect(() => unpackFile(gzipSync(Buffer.alloc(33 * 1_024 * 1_024)).toString('base64'))).toThrow(/32 MB/);
  });
});
