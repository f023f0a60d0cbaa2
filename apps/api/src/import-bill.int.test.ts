/** A bill as a file, the way the console brings it: over tRPC, plain or packed. Real server, real Postgres. */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createOwner } from '@outlay/tenancy/testing';
import { type Browser, openBrowser, startTestApi, type TestApi } from './testing/test-api';

let test: TestApi;
let browser: Browser;

beforeAll(async () => {
  test = await startTestApi();
  const owner = await createOwner(test.api.deps.tenancy);
  browser = openBrowser(test.url);
  browser.cookie = owner.secret;
});

afterAll(async () => {
  await test?.close();
});

const ROWS = Array.from({ length: 20_000 }, (_, index) => `0.0005,USD,2026-11-${String(1 + (index % 20)).padStart(2, '0')}T${String(index % 24).padStart(2, '0')}:00:00Z,Amazon Bedrock,Claude Haiku 4.5 Input Tokens,Usage`);
const FOCUS = `BilledCost,BillingCurrency,ChargePeriodStart,ServiceName,SkuMeter,ChargeCategory\n${ROWS.join('\n')}\n`;

it('a FOCUS export of two megabytes arrives packed, and stands beside the ledger', async () => {
  expect(FOCUS.length).toBeGreaterThan(1_600_000);
  const report = await browser.trpc.providers.importCsv.mutate({ name: 'AWS', upload: gzipSync(FOCUS).toString('base64'), replaceDays: true });
  expect(report).toMatchObject({ format: 'focus', rows: 20_000, changed: 20, totalPico: '10000000000000', days: { from: '2026-11-01', to: '2026-11-20' } });
  expect(await browser.trpc.providers.list.query()).toMatchObject([{ id: report.connectionId, provider: 'import', name: 'AWS', state: 'healthy' }]);
  expect(await browser.trpc.providers.syncs.query({ id: report.connectionId })).toMatchObject([{ cause: 'import', state: 'done', rowsRead: 20_000 }]);
  const compared = await browser.trpc.providers.compare.query({ from: '2026-11-01', to: '2026-12-01', groupBy: 'model' });
  expect(compared.flatMap(({ billed }) => (billed ? [billed.amountPico] : []))).toEqual(['10000000000000']);
});

it('a mistake is told by line and column; neither file nor text is told too', async () => {
  await expect(browser.trpc.providers.importCsv.mutate({ name: 'x', text: 'date,model,amount_usd\n2026-11-20,m,ten\n' })).rejects.toThrow('Line 2, column "amount_usd"');
  await expect(browser.trpc.providers.importCsv.mutate({ name: 'x' })).rejects.toThrow('Choose a file.');
  await expect(browser.trpc.providers.importCsv.mutate({ name: 'x', upload: 'AAAA' })).rejects.toThrow('damaged');
});
