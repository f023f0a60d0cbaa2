/** The stand-in for BigQuery and its token endpoint against Google's own client: what the real client sends is understood, and what we answer is read. */
import { BigQuery, type Query } from '@google-cloud/bigquery';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ExportRow, type GoogleBillingFake, startFakeGoogleBilling } from './index';

const TABLE = 'fake-project.billing.gcp_billing_export_v1_0A0A0A';
const SCOPE = 'https://www.googleapis.com/auth/bigquery.readonly';
/** Google's client asks this address for a token, whatever the key file says. */
const TOKEN_HOST = 'https://oauth2.googleapis.com';
const row = (hour: number, sku: string): ExportRow => ({
  usageStart: `2026-11-19T${String(hour).padStart(2, '0')}:00:00Z`, exportTime: '2026-11-20T06:00:00Z', projectId: 'fake-project', sku: { id: sku, description: `Gemini 2.5 Flash ${sku}` }, amount: '1000', cost: '0.000000125', credits: ['-0.000000025'],
});
const rows = Array.from({ length: 7 }, (_, index) => row(index, 'Text Input'));
let fake: GoogleBillingFake;

beforeAll(async () => {
  fake = await startFakeGoogleBilling({ rows, rowsMax: 3, unfinished: 1 });
});

afterAll(() => fake.close());

function connect(scopes: string[] = [SCOPE], over: Readonly<Record<string, unknown>> = {}): BigQuery {
  const key = JSON.parse(fake.keyFile(over)) as { project_id: string };
  const client = new BigQuery({ projectId: key.project_id, credentials: key, apiEndpoint: fake.url, autoRetry: false, maxRetries: 0, scopes });
  const account = client.authClient.fromJSON(key as never, { transporterOptions: { fetchImplementation: ((to, init) => fetch(String(to).replace(TOKEN_HOST, fake.url), init)) as typeof fetch } });
  client.authClient.cachedCredential = Object.assign(account, { scopes });
  return client;
}

const question = (over: Query = {}): Query => ({
  query: `SELECT hour FROM \`${TABLE}\` WHERE service.id IN UNNEST(@services) AND usage_start_time >= @from AND usage_start_time < @to AND export_time >= @since`, location: 'EU',
  params: { services: ['C7E2-9256-1C43'], from: BigQuery.timestamp('2026-11-01T00:00:00Z'), to: BigQuery.timestamp('2026-11-22T00:00:00Z'), since: BigQuery.timestamp('2026-11-01T00:00:00Z') }, ...over,
});

it('signs in with the key file, waits for the query, and walks its pages', async () => {
  const [found] = await connect().query(question());
  expect(found.map(({ hour, sku, quantity, net }: Record<string, unknown>) => [hour, sku, String(quantity), String(net)])).toEqual(rows.map(({ usageStart }) => [usageStart, 'Gemini 2.5 Flash Text Input', '1000', '1e-7']));
  const asked = fake.requests.map(({ method, path, query }) => `${method} ${path.replace(/job_\d+$/, 'job')}${query.has('pageToken') ? ' page' : ''}`);
  expect(asked[0]).toBe('POST /token');
  expect(asked[1]).toBe('POST /bigquery/v2/projects/fake-project/queries');
  expect(asked.filter((each) => each.endsWith(' page'))).toHaveLength(2);
});

it('refuses in the form that the client reads', async () => {
  const client = connect();
  await expect(client.query(question({ location: 'US' }))).rejects.toMatchObject({ code: 404, errors: [{ reason: 'notFound' }] });
  await expect(client.query(question({ query: 'SELECT 1 FROM `fake-project.billing.other`', params: { nothing: 1 } }))).rejects.toMatchObject({ code: 404, message: expect.stringContaining('fake-project.billing.other') as string });
  await expect(client.query(question({ maximumBytesBilled: '1' }))).rejects.toMatchObject({ code: 400, errors: [{ reason: 'bytesBilledLimitExceeded' }] });
  await expect(client.query(question({ params: { services: ['x'] } }))).rejects.toMatchObject({ code: 400, message: 'Query parameter \'from\' not found' });
  await expect(connect(['https://www.googleapis.com/auth/monitoring.read']).query(question())).rejects.toMatchObject({ code: 403 });
  fake.fail({ kind: 429, path: 'queries' });
  await expect(client.query(question())).rejects.toMatchObject({ code: 429 });
  fake.roles = ['bigquery.dataViewer'];
  await expect(client.query(question())).rejects.toMatchObject({ code: 403, errors: [{ reason: 'accessDenied' }], message: expect.stringContaining('bigquery.jobs.create') as string });
  fake.roles = ['bigquery.jobUser', 'bigquery.dataViewer'];
});

it('gives no token to a key that it does not know', async () => {
  await expect(connect([SCOPE], { client_email: 'other@fake-project.iam.gserviceaccount.com' }).query(question())).rejects.toThrow('invalid_grant');
});
