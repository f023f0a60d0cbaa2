/** The ledger over HTTP, as a program uses it; wrong input first. */
import { gzipSync } from 'node:zlib';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '@outlay/kernel/ids';
import { createKey, listAudit, type KeyAbility } from '@outlay/tenancy';
import { createOwner, type TestPerson } from '@outlay/tenancy/testing';
import { openBrowser, startTestApi, type Answer, type TestApi } from './testing/test-api';

let test: TestApi;
let owner: TestPerson;
let key: string;
const keys: Partial<Record<string, string>> = {};

beforeAll(async () => {
  test = await startTestApi();
  owner = await createOwner(test.api.deps.tenancy);
  key = await makeKey('production', ['ingest', 'read', 'admin']);
  keys['ingest'] = await makeKey('production', ['ingest']);
  keys['staging'] = await makeKey('staging', ['ingest', 'read']);
});

afterAll(async () => {
  await test?.close();
});

async function makeKey(environment: string, abilities: KeyAbility[]): Promise<string> {
  return (await createKey(test.api.deps.tenancy, await owner.acting(), { name: environment, environment, abilities })).secret;
}

type Json = { readonly [name: string]: Json } & readonly Json[] & string;

interface Sent extends Answer {
  /** Read by the test as it sees fit. */
  readonly json: Json;
}

async function send(method: string, path: string, body?: unknown, { as = key, headers = {} }: { as?: string; headers?: Record<string, string> } = {}): Promise<Sent> {
  const response = await fetch(`${test.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${as}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: body instanceof Uint8Array ? new Uint8Array(body) : typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: (response.headers.get('content-type')?.startsWith('application/json') ? JSON.parse(text) : null) as Json };
}

const call = (more: object = {}): Record<string, unknown> => ({
  id: newId(), occurred_at: new Date().toISOString(), customer_id: 'acme', workflow: 'pdf_question', provider: 'openai', model_requested: 'gpt-4o', model_served: 'gpt-4o-2024-08-06',
  usage: { prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100, prompt_tokens_details: { cached_tokens: 400 } }, ...more,
});

async function record(...events: Record<string, unknown>[]): Promise<Json> {
  const { status, json } = await send('POST', '/v1/usage', { events });
  expect(status).toBe(200);
  return json['results']!;
}

describe('who may', () => {
  it.each([
    ['nobody without a key', { authorization: '' }, 401, 'key_missing'],
    ['no unknown key', { authorization: 'Bearer ol_production_nonsense' }, 401, 'key_invalid'],
  ])('%s', async (_name, headers, status, code) => {
    const answer = await send('POST', '/v1/usage', { events: [call()] }, { headers });
    expect([answer.status, answer.json['error']!['code'], answer.json['error']!['request_id']]).toEqual([status, code, answer.headers.get('x-request-id')]);
  });

  it('a key without the ability is told which one', async () => {
    const read = await send('GET', '/v1/usage', undefined, { as: keys['ingest'] });
    expect([read.status, read.json['error']!['code']]).toEqual([403, 'ability_missing']);
    expect(read.json['error']!['message']).toContain('"read"');
    const correct = await send('POST', '/v1/corrections', { corrections: [] }, { as: keys['staging'] });
    expect([correct.status, correct.json['error']!['code']]).toEqual([403, 'ability_missing']);
  });

  it('a signed-in person reads with the cookie, and cannot write with it', async () => {
    const browser = openBrowser(test.url);
    browser.cookie = owner.secret;
    expect((await browser.request('GET', '/v1/usage')).status).toBe(200);
    expect((await browser.request('GET', '/v1/export/usage.csv')).status).toBe(200);
    expect((await browser.request('POST', '/v1/usage', { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ events: [call()] }) })).status).toBe(401);
  });

  it('a key sees and writes its own environment only', async () => {
    const id = newId();
    await record(call({ id }));
    const elsewhere = await send('GET', `/v1/usage/${id}`, undefined, { as: keys['staging'] });
    expect([elsewhere.status, elsewhere.json['error']!['code']]).toEqual([404, 'not_found']);
    expect((await send('GET', `/v1/usage?search=${id}`, undefined, { as: keys['staging'] })).json['data']).toEqual([]);
    expect((await send('GET', '/v1/usage?environment=production', undefined, { as: keys['staging'] })).status).toBe(403);
    const { json } = await send('POST', '/v1/usage', { events: [call({ environment: 'production' })] }, { as: keys['staging'] });
    expect(json['results']![0]).toMatchObject({ verdict: 'rejected', reason: 'environment_mismatch', field: 'environment' });
  });
});

describe('POST /v1/usage', () => {
  it('names what is wrong with a body as a whole', async () => {
    for (const [body, field] of [['{"events":', 'body'], ['', 'body'], [{}, 'events'], [{ events: [] }, 'events']] as const) {
      const { status, json } = await send('POST', '/v1/usage', body);
      expect([status, json['error']!['code'], json['error']!['field']]).toEqual([400, 'invalid_input', field]);
    }
    const many = await send('POST', '/v1/usage', { events: Array.from({ length: 1_001 }, () => call()) });
    expect([many.status, many.json['error']!['field']]).toEqual([413, 'events']);
    const large = await send('POST', '/v1/usage', { events: [call({ workflow: 'x'.repeat(4_300_000) })] });
    expect([large.status, large.json['error']!['code']]).toEqual([413, 'body_too_large']);
    const bomb = await send('POST', '/v1/usage', gzipSync(Buffer.alloc(30_000_000, 32)), { headers: { 'content-encoding': 'gzip' } });
    expect([bomb.status, bomb.json['error']!['code']]).toEqual([413, 'body_too_large']);
    const broken = await send('POST', '/v1/usage', 'not gzip', { headers: { 'content-encoding': 'gzip' } });
    expect([broken.status, broken.json['error']!['field']]).toEqual([400, 'body']);
  });

  it('answers each event: one bad event never rejects its neighbours', async () => {
    const good = call();
    const results = await record(good, call({ custmer_id: 'typo' }), call({ occurred_at: 'yesterday' }), call({ model_requested: 'no-such-model', model_served: null }), good,
      call({ occurred_at: new Date(Date.now() + 6 * 60_000).toISOString() }), { ...good, customer_id: 'other' });
    expect(results).toMatchObject([
      { verdict: 'accepted', cost_usd: '0.003' },
      { verdict: 'rejected', field: 'custmer_id' },
      { verdict: 'rejected', field: 'occurred_at' },
      { verdict: 'unpriced', cost_usd: null },
      { verdict: 'duplicate' },
      { verdict: 'rejected', field: 'occurred_at' },
      { verdict: 'conflict' },
    ]);
    for (const result of results) if (result['verdict'] === 'rejected') expect(result['message']).toMatch(/\w+ .*\./);
  });

  it('takes gzip, and tells today\'s cost by customer when asked', async () => {
    const customer = `customer-${newId()}`;
    const body = gzipSync(JSON.stringify({ events: [call({ customer_id: customer }), call({ customer_id: customer })], today: true }));
    const { status, json } = await send('POST', '/v1/usage', body, { headers: { 'content-encoding': 'gzip' } });
    expect([status, json['today']]).toEqual([200, { [customer]: '0.006' }]);
  });

  it('marks what comes after the team\'s late window', async () => {
    const occurred = new Date(Date.now() - 20 * 86_400_000).toISOString();
    const results = await record({ ...call({ occurred_at: occurred }), id: undefined, idempotency_key: `late-${newId()}` });
    expect(results[0]).toMatchObject({ verdict: 'accepted' });
    expect((await send('GET', `/v1/usage/${results[0]!['id']!}`)).json['data']).toMatchObject({ late: true });
  });

  it('is the same event through an idempotency key', async () => {
    const event = { ...call(), id: undefined, idempotency_key: `order-${newId()}` };
    const [first] = await record(event);
    const [second] = await record(event);
    expect([first!['verdict'], second!['verdict'], second!['id']]).toEqual(['accepted', 'duplicate', first!['id']]);
  });

  const cloudTime = new Date(Date.now() - 60_000).toISOString();

  it('takes CloudEvents: the envelope names event, time and customer, and a broken one is refused alone', async () => {
    const envelope = (n: number, more: object = {}): object => ({
      specversion: '1.0', type: 'outlay.usage.v1', source: 'https://example.com/app', id: `event-${n}`, time: cloudTime, subject: 'cloud-customer',
      data: { provider: 'openai', model_requested: 'gpt-4o', usage: { prompt_tokens: 1_000, completion_tokens: 0 } }, ...more,
    });
    const batch = [envelope(1), envelope(2, { specversion: '0.3' }), envelope(3, { type: 'prompt' }), envelope(4, { data: { provder: 'openai' } }), envelope(5), 7];
    const headers = { 'content-type': 'application/cloudevents-batch+json; charset=utf-8' };
    const { status, json } = await send('POST', '/v1/usage', batch, { headers });
    expect(status).toBe(200);
    expect(json['results']).toMatchObject([
      { index: 0, verdict: 'accepted', cost_usd: '0.0025' }, { index: 1, verdict: 'rejected', field: 'specversion' }, { index: 2, verdict: 'rejected', field: 'type' },
      { index: 3, verdict: 'rejected', field: 'provder' }, { index: 4, verdict: 'accepted' }, { index: 5, verdict: 'rejected' },
    ]);
    const again = await send('POST', '/v1/usage', envelope(1), { headers: { 'content-type': 'application/cloudevents+json' } });
    expect(again.json['results']).toMatchObject([{ verdict: 'duplicate', id: json['results']![0]!['id'] }]);
    expect((await send('GET', `/v1/usage/${json['results']![0]!['id']!}`)).json['data']).toMatchObject({ customer_id: 'cloud-customer', occurred_at: cloudTime });
  });

  it('refuses what would pile up in memory, with a time to come again, and loses nothing', async () => {
    // Somebody holds the table: the writer's groups wait, and the queue fills.
    const holder = new Client({ connectionString: test.adminUrl });
    await holder.connect();
    await holder.query('BEGIN; LOCK TABLE usage_events IN EXCLUSIVE MODE');
    const batches = Array.from({ length: 60 }, () => Array.from({ length: 1_000 }, () => call()));
    const answers = batches.map((events) => send('POST', '/v1/usage', { events }));
    const refused = await Promise.race(answers.map(async (answer) => ((await answer).status === 429 ? await answer : await new Promise<never>(() => undefined))));
    expect(refused.json['error']).toMatchObject({ code: 'overloaded', retryable: true });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(test.api.deps.writer.waitingRows).toBeLessThanOrEqual(50_000);
    await holder.query('ROLLBACK');
    await holder.end();
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    const { rows } = await test.db.withTenant(owner.tenantId, (tx) =>
      tx.query<{ id: string }>('SELECT id::text AS id FROM usage_events WHERE id = ANY ($1::uuid[])', [batches.flat().map(({ id }) => id)]));
    const stored = new Set(rows.map(({ id }) => id));
    expect(batches.map((events) => events.filter(({ id }) => stored.has(id as string)).length)).toEqual(statuses.map((status) => (status === 200 ? 1_000 : 0)));
  });
});

describe('reading', () => {
  it('lists newest first, page by page, and names a parameter that it does not know', async () => {
    const workflow = `paged-${newId()}`;
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) {
      const id = newId();
      ids.unshift(id);
      await record(call({ id, workflow, occurred_at: new Date(Date.now() - 60_000 + n).toISOString() }));
    }
    const seen: string[] = [];
    let cursor = '';
    do {
      const { json } = await send('GET', `/v1/usage?workflow=${workflow}&limit=2${cursor && `&cursor=${cursor}`}`);
      seen.push(...json['data']!.map((row) => String(row['id'])));
      cursor = json['next_cursor'] ?? '';
    } while (cursor !== '');
    expect(seen).toEqual(ids);
    const wrong = await send('GET', '/v1/usage?workfow=x');
    expect([wrong.status, wrong.json['error']!['field']]).toEqual([400, 'workfow']);
    const span = await send('GET', '/v1/usage?from=2026-11-02&to=2026-11-01');
    expect([span.status, span.json['error']!['field']]).toEqual([400, 'to']);
  });

  it('explains one event line by line, with what it was made from', async () => {
    const [id, runId] = [newId(), newId()];
    await record(call({ id, run_id: runId, snapshot: { entitlement: { plan: 'pro' } } }), { id: newId(), kind: 'outcome', run_id: runId, occurred_at: new Date().toISOString(), outcome: 'usable' });
    const { json } = await send('GET', `/v1/usage/${id}`);
    expect(json).toMatchObject({
      data: { id, cost_usd: '0.003', cost_basis: 'priced', input_uncached: 600, cache_read: 400, output_text: 100, valid: true },
      lines: [
        { class: 'input_uncached', quantity: '600', unit_price: '0.0000025', amount: '0.0015' },
        { class: 'cache_read', quantity: '400', unit_price: '0.00000125', amount: '0.0005' },
        { class: 'output_text', quantity: '100', unit_price: '0.00001', amount: '0.001' },
      ],
      price_version: { provider: 'openai', model: 'gpt-4o', tier: 'standard' },
      raw_usage: { prompt_tokens: 1_000 }, snapshot: { entitlement: { plan: 'pro' } }, corrections: [], run: { run_id: runId, calls: 1, outcome: 'usable', cost_usd: '0.003' },
    });
    expect(json['lines']!.every((line) => String(line['words']).length > 10)).toBe(true);
    expect((await send('GET', '/v1/usage/not-an-id')).status).toBe(400);
    expect((await send('GET', `/v1/usage/${newId()}`)).status).toBe(404);
  });

  it('sums and downloads the same rows', async () => {
    const workflow = `summed-${newId()}`;
    await record(...Array.from({ length: 7 }, () => call({ workflow })), call({ workflow, customer_id: '=cmd()' }));
    const { json } = await send('GET', `/v1/summary?workflow=${workflow}&group_by=customer,model`);
    expect(json).toMatchObject({ total: { calls: 8, cost_usd: '0.024' }, group_by: ['customer', 'model'] });
    expect(json['data']!.map((row) => [row['customer'], row['model'], row['calls']])).toEqual([['acme', 'gpt-4o-2024-08-06', 7], ['=cmd()', 'gpt-4o-2024-08-06', 1]]);
    expect((await send('GET', '/v1/summary?group_by=colour')).json['error']).toMatchObject({ field: 'group_by' });
    const csv = await send('GET', `/v1/export/usage.csv?workflow=${workflow}`);
    expect([csv.status, csv.headers.get('content-disposition')]).toEqual([200, expect.stringMatching(/^attachment; filename="usage-.*Z\.csv"$/)]);
    const lines = csv.text.trimEnd().split('\r\n');
    expect(lines).toHaveLength(9);
    expect(csv.text).toContain("'=cmd()");
    await record(call({ workflow }));
    const again = await send('GET', `/v1/export/usage.csv?workflow=${workflow}&cut=${encodeURIComponent(csv.headers.get('x-outlay-cut')!)}`);
    expect(again.text).toBe(csv.text);
    const cut = csv.headers.get('x-outlay-cut')!;
    expect(lines.slice(1).every((line) => line.endsWith(`,environment=production&workflow=${workflow},UTC,${cut.includes(',') ? `"${cut}"` : cut},${csv.headers.get('x-outlay-prices')}`))).toBe(true);
    expect([csv.headers.get('x-outlay-filter'), csv.headers.get('x-outlay-time-zone'), csv.headers.get('x-outlay-prices')]).toEqual([`environment=production&workflow=${workflow}`, 'UTC', expect.stringMatching(/^genai-prices \d+\.\d+\.\d+ .*as of /)]);
    const grouped = await send('GET', `/v1/export/summary.csv?workflow=${workflow}&group_by=customer,model&plain=true&cut=${encodeURIComponent(cut)}`);
    expect(grouped.headers.get('content-disposition')).toMatch(/^attachment; filename="usage-by-customer-model-.*Z\.csv"$/);
    const [head, ...groups] = grouped.text.trimEnd().split('\r\n').map((line) => line.split(','));
    expect(groups.map((group) => ['customer', 'model', 'calls', 'cost_usd'].map((name) => group[head!.indexOf(name)]))).toEqual([['acme', 'gpt-4o-2024-08-06', '7', '0.021'], ["'=cmd()", 'gpt-4o-2024-08-06', '1', '0.003']]);
    expect((await send('GET', '/v1/export/summary.csv?group_by=colour')).json['error']).toMatchObject({ code: 'invalid_input', field: 'group_by' });
    expect((await send('GET', '/v1/export/summary.csv?plain=yes')).json['error']).toMatchObject({ field: 'plain' });
    const jsonl = await send('GET', `/v1/export/usage.jsonl?workflow=${workflow}`);
    expect(jsonl.text.trimEnd().split('\n').map((line) => (JSON.parse(line) as { cost_usd: string }).cost_usd)).toEqual(Array.from({ length: 9 }, () => '0.003'));
  });
});

describe('POST /v1/corrections', () => {
  it('corrects as a pair, once, and writes the audit log', async () => {
    const id = newId();
    await record(call({ id }));
    const correction = { original_id: id, revision: 0, set: { customer_id: 'globex' }, reason: 'booked on the wrong customer' };
    const { json } = await send('POST', '/v1/corrections', { corrections: [correction, { ...correction, revision: 4 }, { ...correction, original_id: newId() }] });
    expect(json['results']).toMatchObject([{ verdict: 'accepted', revision: 1 }, { verdict: 'conflict' }, { verdict: 'rejected', reason: 'not_found' }]);
    const again = await send('POST', '/v1/corrections', { corrections: [correction, { ...correction, set: { customer_id: 'initech' } }] });
    expect(again.json['results']).toMatchObject([{ verdict: 'duplicate' }, { verdict: 'conflict' }]);
    const detail = (await send('GET', `/v1/usage/${id}`)).json;
    expect(detail['data']).toMatchObject({ valid: false });
    expect(detail['corrections']).toMatchObject([{ kind: 'reversal', sign: -1, valid: false }, { kind: 'restatement', customer_id: 'globex', valid: true }]);
    const { rows } = await listAudit(test.api.deps.tenancy, await owner.acting(), { action: 'usage.corrected' });
    expect(rows.filter(({ subjectId }) => subjectId === id)).toMatchObject([{
      actor: { id: null, name: expect.stringMatching(/^API key production \(ol_production_/) }, before: { customer_id: 'acme' }, after: { customer_id: 'globex', reason: correction.reason },
    }]);
  });
});
