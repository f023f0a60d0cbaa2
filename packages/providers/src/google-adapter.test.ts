import { generateKeyPairSync } from 'node:crypto';
import { type ExportRow, type GoogleBillingFake, type GoogleBillingOptions, startFakeGoogleBilling, type TokenPoint } from '@outlay/fakes';
import { addRational, formatRational, ZERO } from '@outlay/kernel';
import { afterEach, describe, expect, it } from 'vitest';
import type { Page } from './adapter';
import { googleAdapter } from './google-adapter';
import { modelOf } from './google-billing';
import { contextOf, pullAll } from './testing-adapter';

const nowMs = Date.parse('2026-11-21T12:34:56Z');
const TABLE = 'fake-project.billing.gcp_billing_export_v1_0A0A0A';
const input = { id: 'A1', description: 'Gemini 2.5 Flash Text Input - Predictions' };
const output = { id: 'A2', description: 'Gemini 2.5 Flash Text Output - Predictions' };
const row = (over: Partial<ExportRow>): ExportRow => ({ usageStart: '2026-11-19T10:00:00Z', exportTime: '2026-11-19T15:00:00.123456Z', projectId: 'shop', sku: input, amount: '1.5', cost: '0.45', ...over });
const rows = [
  row({}), row({ usageStart: '2026-11-19T11:00:00Z', cost: '0.10', credits: ['-0.04', '-0.01'] }), row({ sku: output, cost: '2.000000001' }),
  row({ usageStart: '2026-11-20T23:00:00Z', projectId: 'lab', exportTime: '2026-11-21T03:00:00Z' }),
  row({ service: { id: '6F81-5844-456A', description: 'Compute Engine' }, cost: '900' }),
];
const VERTEX = 'aiplatform.googleapis.com/publisher/online_serving/token_count';
const STUDIO = 'generativelanguage.googleapis.com/';
const points: TokenPoint[] = [
  { at: '2026-11-21T12:30:10Z', projectId: 'fake-project', metric: VERTEX, model: 'gemini-2.5-flash', type: 'input', tokens: 1_000 },
  { at: '2026-11-21T12:30:50Z', projectId: 'fake-project', metric: VERTEX, model: 'gemini-2.5-flash', type: 'input', tokens: 500 },
  { at: '2026-11-21T12:30:50Z', projectId: 'fake-project', metric: VERTEX, model: 'gemini-2.5-flash', type: 'output', tokens: 70 },
  { at: '2026-11-21T11:05:00Z', projectId: 'fake-project', metric: `${STUDIO}generate_content_usage_output_token_count`, model: 'gemini-2.5-pro', tokens: 11 },
  { at: '2026-11-21T11:05:00Z', projectId: 'fake-project', metric: `${STUDIO}quota/generate_content_paid_tier_2_input_token_count/usage`, model: 'gemini-2.5-pro', tokens: 400 },
];
let fake: GoogleBillingFake;
afterEach(() => fake?.close());

async function start(options: GoogleBillingOptions = {}, settings: Record<string, unknown> = {}, key: Record<string, unknown> = {}) {
  fake = await startFakeGoogleBilling({ rows, points, now: () => nowMs, ...options });
  return contextOf({ credentials: fake.keyFile(key), settings: { baseUrl: fake.url, table: TABLE, ...settings }, nowMs });
}
const costs = (pages: readonly Page[]) => pages.flatMap((page) => page.costs).map(({ day, project, model, lineItem, amountUsd }) => [day, project, model, lineItem, formatRational(amountUsd)]);

describe('the billing export', () => {
  it('hours and SKUs become days, net of credits, of the AI services alone', async () => {
    const pages = await pullAll(googleAdapter, await start(), 'costs');
    expect(costs(pages)).toEqual([
      ['2026-11-19', 'shop', 'gemini-2.5-flash', input.description, '0.5'], ['2026-11-19', 'shop', 'gemini-2.5-flash', output.description, '2.000000001'], ['2026-11-20', 'lab', 'gemini-2.5-flash', input.description, '0.45'],
    ]);
    expect(pages.map(({ complete, watermark }) => [complete?.from.slice(0, 10), complete?.to.slice(0, 10), watermark])).toEqual([
      ['2026-11-19', '2026-11-20', '2026-09-22T00:00:00.000Z'], ['2026-11-20', '2026-11-21', '2026-11-21T03:00:00.000Z'],
    ]);
  });

  it('asks with parameters, standard SQL and a limit of bytes', async () => {
    await pullAll(googleAdapter, await start(), 'costs');
    const body = JSON.parse(fake.requests.find(({ path }) => path.endsWith('/queries'))!.body) as Record<string, unknown>;
    expect(body).toMatchObject({ useLegacySql: false, parameterMode: 'NAMED', maximumBytesBilled: '21474836480', requestId: expect.any(String) });
    expect(body['queryParameters']).toEqual(expect.arrayContaining([{ name: 'from', parameterType: { type: 'TIMESTAMP' }, parameterValue: { value: '2026-09-22T00:00:00.000Z' } }]));
    expect(fake.requests[0]!.path).toBe('/token');
  });

  it('is read through unfinished answers and pages; a day that spans two pages is one', async () => {
    const whole = costs(await pullAll(googleAdapter, await start(), 'costs'));
    await fake.close();
    const pages = await pullAll(googleAdapter, await start({ unfinished: 2, rowsMax: 1 }), 'costs');
    expect(costs(pages)).toEqual(whole);
    expect(fake.requests.filter(({ method, path }) => method === 'GET' && path.includes('/queries/')).length).toBeGreaterThan(4);
  });

  it('goes on at the newest export: a late row restates its whole day, and no other is read', async () => {
    const context = await start();
    const first = await pullAll(googleAdapter, context, 'costs');
    const watermark = first.at(-1)!.watermark;
    fake.rows.push(row({ usageStart: '2026-11-19T10:00:00Z', cost: '-0.20', amount: '0', exportTime: '2026-11-21T11:00:00Z' }));
    const second = await pullAll(googleAdapter, context, 'costs', watermark);
    expect(costs(second).filter(([day]) => day === '2026-11-19')).toEqual([['2026-11-19', 'shop', 'gemini-2.5-flash', input.description, '0.3'], ['2026-11-19', 'shop', 'gemini-2.5-flash', output.description, '2.000000001']]);
    // Nothing new: the last hour of exports is asked again, and says the same.
    const third = await pullAll(googleAdapter, context, 'costs', second.at(-1)!.watermark);
    expect(third.map(({ complete }) => complete?.from.slice(0, 10))).toEqual(['2026-11-19']);
    const keys = (pages: readonly Page[]) => pages.flatMap((page) => page.costs).filter(({ day }) => day === '2026-11-19').map(({ dimensions }) => JSON.stringify(dimensions));
    expect(keys(second)).toEqual(keys(first));
  });

  it('turns another currency into dollars at the rate it was billed at', async () => {
    const pages = await pullAll(googleAdapter, await start({ rows: [row({ currency: 'EUR', rate: '0.8', cost: '1' })] }), 'costs');
    expect(formatRational(pages.flatMap((page) => page.costs).reduce((sum, { amountUsd }) => addRational(sum, amountUsd), ZERO))).toBe('1.25');
  });

  it('names the model of a SKU where it has one', () => {
    expect(['Gemini 2.5 Flash Lite Text Input - Predictions', 'Generate content output token count gemini 2.5 pro', 'Gemini 3 Pro Image Output', 'Claude Opus 4.5 Input Tokens', 'Vertex AI Search'].map(modelOf))
      .toEqual(['gemini-2.5-flash-lite', 'gemini-2.5-pro', 'gemini-3-pro', 'claude-opus-4-5', null].map((name) => (name === 'gemini-3-pro' ? 'gemini-3-pro-image' : name)));
  });
});

describe('Cloud Monitoring', () => {
  it('tokens by the minute, of whole minutes', async () => {
    const pages = await pullAll(googleAdapter, await start(), 'usage_1m');
    expect(pages.flatMap((page) => page.usage)).toMatchObject([
      { width: '1m', bucket: '2026-11-21T12:30:00.000Z', model: 'gemini-2.5-flash', project: 'fake-project', requests: 0, tokens: { input_uncached: 1_500 }, dimensions: { source: 'vertex' } },
      { bucket: '2026-11-21T12:30:00.000Z', tokens: { output_text: 70 } },
      { bucket: '2026-11-21T11:05:00.000Z', model: 'gemini-2.5-pro', tokens: { output_text: 11 }, dimensions: { source: 'gemini_api' } },
      { bucket: '2026-11-21T11:05:00.000Z', tokens: { input_uncached: 400 } },
    ]);
    expect(pages.at(-1)!.watermark).toBe('2026-11-21T12:34:00.000Z');
    for (const { watermark } of pages.slice(0, -1)) expect(watermark).toBe('2026-11-21T09:34:00.000Z');
  });

  it('and by the hour; further projects; series on several pages', async () => {
    const context = await start({ rowsMax: 1, points: [...points, { ...points[0]!, at: '2026-11-21T09:00:00Z', projectId: 'other' }] }, { projects: 'fake-project, other' });
    const usage = (await pullAll(googleAdapter, context, 'usage_1h')).flatMap((page) => page.usage);
    expect(usage.map(({ bucket, project, tokens }) => [bucket.slice(11, 16), project, tokens])).toEqual([['11:00', 'fake-project', { output_text: 11 }], ['11:00', 'fake-project', { input_uncached: 400 }], ['09:00', 'other', { input_uncached: 1_000 }]]);
  });
});

describe('the wizard\'s test says exactly what is missing', () => {
  it('nothing, when all is there', async () => {
    expect(await googleAdapter.test(await start())).toMatchObject([{ ok: true, what: 'Key file', message: 'The key of outlay@fake-project.iam.gserviceaccount.com.' }, { ok: true, what: 'Sign-in' }, { ok: true, what: 'Billing export', message: 'The table can be read; one sync reads 0.01 GB of it.' }, { ok: true, what: 'Tokens of fake-project' }]);
    expect(fake.requests.filter(({ path }) => path.endsWith('/queries')).every(({ body }) => (JSON.parse(body) as { dryRun?: boolean }).dryRun === true)).toBe(true);
  });

  it.each([
    ['AIzaSyFake', 'API key'], ['{"type":"service_account",', 'cut off'], ['{"installed":{}}', 'OAuth client'], ['{"type":"authorized_user"}', 'your own sign-in'], ['hello hello', 'no key file'],
    ['{"type":"service_account","client_email":"a@b","project_id":"p"}', '"private_key" is missing'], ['{"type":"service_account","client_email":"a@b","project_id":"p","private_key":"-----BEGIN PRIVATE KEY-----\\nxx"}', 'damaged'],
  ])('key file %s', async (credentials, words) => {
    expect(await googleAdapter.test(contextOf({ credentials, settings: {}, nowMs }))).toMatchObject([{ ok: false, what: 'Key file', message: expect.stringContaining(words) }]);
  });

  it.each<[string, GoogleBillingOptions, Record<string, unknown>, string, string]>([
    ['a role for queries', { roles: ['bigquery.dataViewer', 'monitoring.viewer'] }, {}, 'Billing export', 'BigQuery Job User'],
    ['a role for the table', { roles: ['bigquery.jobUser', 'monitoring.viewer'] }, {}, 'Billing export', 'BigQuery Data Viewer'],
    ['a role for metrics', { roles: ['bigquery.jobUser', 'bigquery.dataViewer'] }, {}, 'Tokens of fake-project', 'Monitoring Viewer'],
    ['the table', {}, { table: 'fake-project.billing.gcp_billing_export_v1_WRONG' }, 'Billing export', 'was not found in location EU'],
    ['the table\'s location', {}, { location: 'US' }, 'Billing export', 'location US'],
    ['a table at all', {}, { table: '' }, 'Billing export', 'No table of the billing export is set'],
    ['a table\'s name', {}, { table: 'a.b.c` WHERE true; --' }, 'Billing export', 'is no name of a table'],
    ['the BigQuery API', { disabled: ['bigquery'] }, {}, 'Billing export', 'BigQuery API is not enabled'],
    ['the Monitoring API', { disabled: ['monitoring'] }, {}, 'Tokens of fake-project', 'Monitoring API is not enabled'],
    ['a limit that fits', { bytes: 50_000_000_000n }, {}, 'Billing export', 'maxGigabytes'],
  ])('%s', async (_, options, settings, what, words) => {
    const findings = await googleAdapter.test(await start(options, settings));
    expect(findings.filter(({ ok }) => !ok)).toMatchObject([{ what, message: expect.stringContaining(words), nextStep: expect.any(String) }]);
  });

  it('a key that was deleted, or a wrong clock', async () => {
    const { privateKey: foreign } = generateKeyPairSync('rsa', { modulusLength: 2_048, privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } });
    expect((await googleAdapter.test(await start({}, {}, { private_key: foreign }))).at(-1)).toMatchObject({ ok: false, what: 'Sign-in', message: expect.stringContaining('deleted or disabled') });
    await fake.close();
    expect((await googleAdapter.test(await start({ now: () => nowMs + 86_400_000 }))).at(-1)).toMatchObject({ ok: false, what: 'Sign-in', message: expect.stringContaining('clock is wrong') });
  });
});

describe('faults of a sync', () => {
  it.each([
    [{ kind: 429, retryAfter: '9', path: '/queries' } as const, { kind: 'rate_limited', retryAfterMs: 9_000 }], [{ kind: 503, path: '/queries' } as const, { kind: 'unavailable' }], [{ kind: 'half', path: '/queries' } as const, { kind: 'unavailable' }], [{ kind: 500, path: '/token' } as const, { kind: 'unavailable' }],
  ])('%o', async (fault, expected) => {
    const context = await start();
    fake.fail(fault);
    await expect(pullAll(googleAdapter, context, 'costs')).rejects.toMatchObject(expected);
  });

  it('a query that would read too much is not run', async () => {
    await expect(pullAll(googleAdapter, await start({ bytes: 50_000_000_000n }), 'costs')).rejects.toMatchObject({ kind: 'not_found', words: expect.stringContaining('maxGigabytes') });
  });
});
