/** A cap of any scope, set by a program, holds from the next begin on, also when it is changed or removed. Real server, real Postgres. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newId } from '@outlay/kernel/ids';
import { fillCapScopes } from '@outlay/ledger';
import { createKey } from '@outlay/tenancy';
import { createOwner, type TestPerson } from '@outlay/tenancy/testing';
import { openBrowser, startTestApi, type TestApi } from './testing/test-api';

let test: TestApi;
let owner: TestPerson;
let key: string;
let keyId: string;

beforeAll(async () => {
  test = await startTestApi();
  owner = await createOwner(test.api.deps.tenancy);
  const made = await createKey(test.api.deps.tenancy, await owner.acting(), { name: 'k', environment: 'production', abilities: ['gate', 'ingest', 'read', 'admin'] });
  ({ secret: key, id: keyId } = made);
});

afterAll(async () => {
  await test?.close();
});

type Json = { readonly [name: string]: Json } & readonly Json[] & string;

async function send(method: string, path: string, body?: unknown): Promise<{ status: number; json: Json }> {
  const response = await fetch(`${test.url}${path}`, { method, headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return { status: response.status, json: (await response.json()) as Json };
}

const setCap = (id: string, given: object): ReturnType<typeof send> => send('PUT', `/v1/caps/${id}`, { metric: 'cost', window: 'day', mode: 'hard', limit: '0.10', ...given });
const spend = (labels: object, model = 'gpt-4o'): ReturnType<typeof send> => send('POST', '/v1/usage', {
  // 16,000 tokens of output at $10 a million: $0.16.
  events: [{ id: newId(), occurred_at: new Date().toISOString(), provider: 'openai', api: 'chat', model_requested: model, model_served: `${model}-2024-08-06`, usage: { prompt_tokens: 0, completion_tokens: 16_000, total_tokens: 16_000 }, ...labels }],
});
const begin = async (labels: object): Promise<Json> => (await send('POST', '/v1/runs', { estimate_usd: '0.01', ...labels })).json;

const SCOPES = [
  ['tenant', null, {}, null], ['environment', 'production', {}, null], ['workflow', 'wf', { workflow: 'wf' }, { workflow: 'other' }], ['customer', 'cust', { customer_id: 'cust' }, { customer_id: 'other' }],
  ['user', 'ann', { user_id: 'ann' }, { user_id: 'bob' }], ['feature', 'chat', { feature: 'chat' }, { feature: 'search' }],
] as const;

it.each(SCOPES)('of scope %s denies the next begin once it is reached, and no other', async (scope, subject, labels, others) => {
  const id = newId();
  expect((await setCap(id, { scope, subject })).json['cap']).toMatchObject({ id, scope, subject, mode: 'hard', limit: '0.1', source: 'api' });
  const spent = (await send('GET', `/v1/caps?scope=${scope}`)).json['data']![0]!['used']!;
  if (Number(spent) <= 0.1) expect((await spend(labels)).json).toMatchObject({ results: [{ verdict: 'accepted' }] });
  expect(await begin(labels)).toMatchObject({ decision: 'deny', reason: 'hard_cap_reached', by: id });
  if (others !== null) expect(await begin(others)).toMatchObject({ decision: 'allow' });
  // Raised, it lets the very next one begin; lowered again and removed too.
  await setCap(id, { scope, subject, limit: '50' });
  expect(await begin(labels)).toMatchObject({ decision: 'allow' });
  await setCap(id, { scope, subject });
  expect(await begin(labels)).toMatchObject({ decision: 'deny', by: id });
  expect((await send('DELETE', `/v1/caps/${id}`)).json).toMatchObject({ id, removed: true });
  expect(await begin(labels)).toMatchObject({ decision: 'allow' });
});

it('on an API key counts that key, from before it was set too', async () => {
  const id = newId();
  await setCap(id, { scope: 'key', subject: keyId, metric: 'calls', limit: '1' });
  expect(await begin({})).toMatchObject({ decision: 'deny', by: id });
  // Once a job has filled the counters the answer is the same.
  expect(await fillCapScopes(test.db, owner.tenantId, Date.now())).toBe(3);
  expect(await begin({})).toMatchObject({ decision: 'deny', by: id });
  await send('DELETE', `/v1/caps/${id}`);
});

it('on a model takes that model out of the route, whatever dated name was served', async () => {
  const id = newId();
  await setCap(id, { scope: 'model', subject: 'gpt-4o' });
  expect(await begin({ models: ['gpt-4o', 'gpt-4o-mini'] })).toMatchObject({ decision: 'warn', models: ['gpt-4o-mini'] });
  expect(await begin({ models: ['gpt-4o'] })).toMatchObject({ decision: 'deny', by: id });
  await send('DELETE', `/v1/caps/${id}`);
});

it('is soft unless its author says hard, and then warns', async () => {
  const id = newId();
  await setCap(id, { scope: 'user', subject: 'ann', mode: undefined });
  expect(await begin({ user_id: 'ann' })).toMatchObject({ decision: 'warn', reason: 'soft_cap_reached' });
  await send('DELETE', `/v1/caps/${id}`);
});

it('shows what is used and what open runs hold', async () => {
  const browser = openBrowser(test.url);
  browser.cookie = owner.secret;
  const ids = [newId(), newId(), newId()];
  await setCap(ids[0]!, { scope: 'customer', subject: 'held', limit: '5' });
  await setCap(ids[1]!, { scope: 'customer', subject: 'held', metric: 'runs', window: null, limit: '2' });
  await setCap(ids[2]!, { scope: 'customer', limit: '5' });
  await spend({ customer_id: 'held' });
  expect(await begin({ run_id: 'holding', customer_id: 'held', estimate_usd: '0.5' })).toMatchObject({ decision: 'allow' });
  await spend({ customer_id: 'held', run_id: 'holding' });
  const listed = async (): Promise<unknown> => {
    const caps = await browser.trpc.caps.list.query();
    return ids.map((id) => caps.find((cap) => cap.id === id)!).map(({ used, held }) => [used, held]);
  };
  // Of the half dollar that it held the run has spent 16 cents.
  await expect.poll(listed).toEqual([['320000000000', '340000000000'], [null, '1'], [null, null]]);
  await send('DELETE', '/v1/runs/holding');
  await expect.poll(listed).toEqual([['320000000000', '0'], [null, '0'], [null, null]]);
});
