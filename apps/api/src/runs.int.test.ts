/** The gate over HTTP, as a program uses it: real server, real Postgres. */
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '@outlay/kernel/ids';
import { createKey, type KeyAbility } from '@outlay/tenancy';
import { createOwner, type TestPerson } from '@outlay/tenancy/testing';
import { startTestApi, type Answer, type TestApi } from './testing/test-api';

let test: TestApi;
let owner: TestPerson;
let key: string;

beforeAll(async () => {
  test = await startTestApi();
  owner = await createOwner(test.api.deps.tenancy);
  key = await makeKey(['gate', 'ingest', 'read']);
});

afterAll(async () => {
  await test?.close();
});

async function makeKey(abilities: KeyAbility[]): Promise<string> {
  return (await createKey(test.api.deps.tenancy, await owner.acting(), { name: 'k', environment: 'production', abilities })).secret;
}

type Json = { readonly [name: string]: Json } & readonly Json[] & string;

async function send(method: string, path: string, body?: unknown, as = key): Promise<Answer & { json: Json }> {
  const response = await fetch(`${test.url}${path}`, {
    method, headers: { authorization: `Bearer ${as}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }, ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: JSON.parse(text) as Json };
}

const call = (usd: string, more: object = {}): Record<string, unknown> => ({
  id: newId(), occurred_at: new Date().toISOString(), extras: [{ kind: 'search', quantity: 1, unit: 'request', cost: usd }], ...more,
});

async function capOf(customerId: string, usd: number, mode: 'hard' | 'soft' = 'hard'): Promise<string> {
  const id = newId();
  await test.db.withTenant(owner.tenantId, (tx) => tx.query(
    `INSERT INTO caps (tenant_id, id, name, scope, subject, metric, window_kind, mode, limit_amount, source, created_by) VALUES ($1, $2, 'Cap of the day', 'customer', $3, 'cost', 'day', $4, $5, 'person', 'ada')`,
    [owner.tenantId, id, customerId, mode, String(BigInt(Math.round(usd * 1e6)) * 1_000_000n)]));
  return id;
}

describe('a run', () => {
  it('begins, is finished with its calls, counts, and the next one is denied with all that a person needs to know', async () => {
    const cap = await capOf('acme', 1);
    const begun = await send('POST', '/v1/runs', { run_id: 'report-1', customer_id: 'acme', workflow: 'report', estimate_usd: '0.60' });
    expect(begun.status).toBe(200);
    expect(begun.json).toMatchObject({ run_id: 'report-1', decision: 'allow', again: false, hold: { bounded: false, cost_usd: '0.6' } });
    expect(begun.json['limits']!.find((limit) => limit['id'] === cap)).toMatchObject({ used: '0', held: '0', asked: '0.6', limit: '1', remaining: '0.4', passed: false });

    // The hold alone denies a second one.
    const second = await send('POST', '/v1/runs', { customer_id: 'acme', workflow: 'report', estimate_usd: '0.60' });
    expect(second.status).toBe(402);
    expect(second.json).toMatchObject({ decision: 'deny', reason: 'hard_cap_reached', by: cap, upgrade: false, error: { code: 'hard_cap_reached' }, request_id: second.headers.get('x-request-id') });
    expect(second.json['message']).toMatch(/^Hard cap "Cap of the day" \(customer acme\): \$0\.00 used and \$0\.60 held of \$1\.00 today, and this run needs \$0\.60\. It begins anew at \d{4}-\d\d-\d\dT00:00:00Z\.$/);

    const finished = await send('POST', '/v1/runs/report-1/finish', { outcome: 'usable', calls: [call('0.25'), call('0.2')] });
    expect(finished.json).toMatchObject({ outcome: { verdict: 'accepted' }, results: [{ verdict: 'accepted', cost_usd: '0.25' }, { verdict: 'accepted' }], settled: { cost_usd: '0.45', reserved_usd: '0.6', released_usd: '0.15' } });
    const third = await send('POST', '/v1/runs', { customer_id: 'acme', workflow: 'report', estimate_usd: '0.60' });
    expect(third.status).toBe(402);
    expect(third.json['limits']!.find((limit) => limit['id'] === cap)).toMatchObject({ used: '0.45', held: '0' });
    expect((await send('POST', '/v1/runs', { customer_id: 'acme', workflow: 'report', estimate_usd: '0.55' })).status).toBe(200);
  });
});

async function rows(sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: test.adminUrl });
  await client.connect();
  try {
    return (await client.query(sql)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

it('keeps each begin as a row of holds and decisions', async () => {
  expect(await rows(`SELECT run_ref, end_reason FROM holds WHERE run_ref = 'report-1'`)).toEqual([{ run_ref: 'report-1', end_reason: 'finished' }]);
  expect(await rows(`SELECT verdict, count(*)::int AS n FROM decisions GROUP BY 1 ORDER BY 1`)).toEqual([{ verdict: 'allow', n: 2 }, { verdict: 'deny', n: 2 }]);
});
