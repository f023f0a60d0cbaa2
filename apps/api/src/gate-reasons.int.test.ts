/** Every reason of the gate over HTTP, with what a person needs to know (B27), and every stored decision decided again. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listDecisions, REASONS, replayDecision } from '@outlay/gate';
import { newId } from '@outlay/kernel/ids';
import { assignPlan, createPlan, giveCredits, publishPlan, saveCap, seeCustomers, suspendCustomer } from '@outlay/plans';
import { until } from '@outlay/platform/testing';
import { createKey } from '@outlay/tenancy';
import { createOwner, type TestPerson } from '@outlay/tenancy/testing';
import { startTestApi, type TestApi } from './testing/test-api';

let test: TestApi;
let owner: TestPerson;
let key: string;

const by = (): { tenantId: string; actorId: null; actor: string; requestId: string } => ({ tenantId: owner.tenantId, actorId: null, actor: 'test', requestId: 'test' });

beforeAll(async () => {
  test = await startTestApi();
  owner = await createOwner(test.api.deps.tenancy);
  key = (await createKey(test.api.deps.tenancy, await owner.acting(), { name: 'k', environment: 'production', abilities: ['gate', 'ingest'] })).secret;
  const { planId } = await createPlan(test.db, by(), {
    name: 'Team', definition: {
      currency: 'USD', baseFee: '20', interval: 'month',
      allowances: [
        { id: 'reports', unit: 'report', workflows: ['report'], included: '2', exhausted: { mode: 'hard' } },
        { id: 'answers', unit: 'answer', workflows: ['answer'], included: '1', exhausted: { mode: 'soft', overage: { kind: 'flat', price: '0.1' } } },
      ],
      rateLimits: [{ id: 'per_user', key: 'user', limit: 3, windowSeconds: 60, algorithm: { kind: 'sliding_window' } }],
      models: { named: ['gpt-4o-mini'] }, gates: { export: false, web: false }, limits: { contextTokens: 8_000, quantities: { files: 3 } },
    },
  });
  await publishPlan(test.db, by(), { planId, migrates: 'now' });
  await seeCustomers(test.db, owner.tenantId, ['planned', 'gone', 'prepaid']);
  for (const customerId of ['planned', 'gone']) await assignPlan(test.db, by(), { customerId, plan: planId, when: 'now' });
  const prepaid = await createPlan(test.db, by(), { name: 'Prepaid', definition: { currency: 'USD', baseFee: '0', interval: 'month', credits: { granted: '25', expires: 'never', weights: { pdf: '10' } } } });
  await publishPlan(test.db, by(), { planId: prepaid.planId, migrates: 'now' });
  await assignPlan(test.db, by(), { customerId: 'prepaid', plan: prepaid.planId, when: 'now' });
  await suspendCustomer(test.db, by(), 'gone', 'did not pay');
});

afterAll(async () => {
  await test?.close();
});

type Json = { readonly [name: string]: Json } & readonly Json[] & string;

async function send(method: string, path: string, body?: unknown): Promise<{ status: number; json: Json; headers: Headers }> {
  const response = await fetch(`${test.url}${path}`, { method, headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return { status: response.status, headers: response.headers, json: JSON.parse(await response.text()) as Json };
}

/** Each by another user: what is limited by the minute is another test's. */
const begin = (more: object): ReturnType<typeof send> => send('POST', '/v1/runs', { customer_id: 'planned', user_id: newId(), workflow: 'report', models: ['gpt-4o-mini'], ...more });

const DENIALS: readonly [reason: string, more: object, message: RegExp][] = [
  ['environment_mismatch', { environment: 'staging' }, /another environment/],
  ['customer_suspended', { customer_id: 'gone' }, /^Customer gone is suspended\.$/],
  ['model_not_allowed', { models: ['gpt-4o', 'o3'] }, /^The plan "Team" does not include any model of this run \(gpt-4o, o3\)\.$/],
  ['context_too_large', { input_tokens: 9_000, max_calls: 1 }, /^9,000 context tokens are asked for, and 8,000 are allowed\.$/],
  ['context_too_large', { quantities: { files: 4 } }, /^4 files are asked for, and 3 are allowed\.$/],
  ['feature_not_in_plan', { features: ['export'] }, /^The plan "Team" does not include "export"\.$/],
  ['hard_cap_reached', { caps: { max_run_cost_usd: '0.00001' }, input_tokens: 100, max_output_tokens: 100, max_calls: 1 }, /^"Largest cost of this run" \(this run\): it may cost \$0\.000010, and asks for \$0\.0000\d+\.$/],
  ['hard_cap_reached', { caps: { hard_daily_cost_usd: '0.001' }, estimate_usd: '0.002' }, /^"Hard cap of this call" \(customer planned\): \$0\.00 used and \$0\.00 held of \$0\.0010 today, and this run needs \$0\.0020\. It begins anew at /],
  ['risk_blocked', { estimate_usd: '51' }, /^Risk block \(customer planned\): \$0\.00 used and \$0\.00 held of \$50\.00 today, and this run needs \$51\.00\. It begins anew at /],
  ['quota_exhausted', { units: 3 }, /^Allowance "report" \(customer planned\): 0 reports used and 0 reports held of 2 reports in this billing period, and this run needs 3 reports\. It begins anew at /],
  ['credits_exhausted', { customer_id: 'prepaid', workflow: 'pdf', models: [], units: 5 }, /^Prepaid credits \(customer prepaid\): 25 credits left, 0 credits of them held by open runs, and this run needs 50 credits\.$/],
];

describe('a denial', () => {
  it.each(DENIALS)('%s has its status, sentence and next step, and is found by its request id', async (reason, more, message) => {
    const { status, json, headers } = await begin(more);
    const row = REASONS[reason as keyof typeof REASONS];
    expect([status, json['reason']]).toEqual([row.http, reason]);
    expect(json).toMatchObject({ decision: 'deny', next_step: row.nextStep, upgrade: row.upgrade, request_id: headers.get('x-request-id'), error: { code: reason, message: json['message'] } });
    expect(json['message']).toMatch(message);
    const found = await send('GET', `/v1/decisions?request_id=${headers.get('x-request-id')!}`);
    expect(found.json['data']).toHaveLength(1);
    expect(found.json['data']![0]).toMatchObject({ decision: 'deny', reason, answer: { message: json['message'] } });
  });

  it('rate_limited says when to come again, in the body and in its headers', async () => {
    for (const left of ['2', '1', '0']) {
      const allowed = await begin({ user_id: 'fast', workflow: 'other' });
      expect([allowed.status, allowed.headers.get('ratelimit-limit'), allowed.headers.get('ratelimit-remaining')]).toEqual([200, '3', left]);
    }
    const { status, json, headers } = await begin({ user_id: 'fast', workflow: 'other' });
    expect([status, json['reason'], json['error']!['retryable']]).toEqual([429, 'rate_limited', true]);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(50);
    expect(json['message']).toMatch(/^Rate limit "per_user": at most 3 runs in 60 s\. The next may begin in \d+ s\.$/);
  });
});

describe('a plan', () => {
  it('is shown with what is used, in units only, and stops at its allowance', async () => {
    const entitlements = await send('GET', '/v1/customers/planned/entitlements');
    expect(entitlements.json).toMatchObject({ plan: { key: 'team', name: 'Team', version: 1 }, features: { export: false }, models: { named: ['gpt-4o-mini'] }, limits: { context_tokens: 8_000, quantities: { files: 3 } }, suspended: false });
    const run = await begin({ run_id: 'r1', tools: ['web', 'files'] });
    expect(run.json).toMatchObject({ decision: 'allow', refused_tools: ['web'], plan: { key: 'team' } });
    expect((await send('GET', '/v1/customers/planned/usage')).json).toMatchObject({ allowances: [{ id: 'reports', used: '0', held: '1', included: '2', remaining: '1', state: 'ok' }, { id: 'answers' }], warning: null, denied: null });
    await send('POST', '/v1/runs/r1/finish', { outcome: 'usable' });
    await begin({ run_id: 'r2' });
    // What came of it was of no use: free of charge, and the allowance has its unit again (B28).
    await send('POST', '/v1/runs/r2/finish', { outcome: 'unusable' });
    expect((await send('GET', '/v1/customers/planned/usage')).json['allowances']![0]).toMatchObject({ used: '1', held: '0', remaining: '1' });
    await begin({ run_id: 'r3' });
    await send('POST', '/v1/runs/r3/finish', { outcome: 'usable' });
    expect((await begin({})).json).toMatchObject({ reason: 'quota_exhausted', upgrade: true });
    const usage = await send('GET', '/v1/customers/planned/usage');
    expect(usage.json['denied']).toMatch(/^All 2 reports are used\. More from \d{4}-\d\d-\d\d on\.$/);
    // A14: neither tokens nor cost.
    expect(JSON.stringify(usage.json)).not.toMatch(/token|cost|usd/i);
  });

  it('warns where its overage begins, and goes on', async () => {
    await begin({ run_id: 'a1', workflow: 'answer' });
    await send('POST', '/v1/runs/a1/finish', { outcome: 'usable' });
    const { status, json } = await begin({ run_id: 'a2', workflow: 'answer' });
    expect([status, json['decision'], json['reason']]).toEqual([200, 'warn', 'soft_cap_reached']);
    expect(json['warnings']![0]).toMatchObject({ limit_id: 'allowance:answers' });
  });

  it('burns prepaid credits when a run ends, and what a person grants holds from the next call on', async () => {
    const first = await send('POST', '/v1/runs', { run_id: 'p1', customer_id: 'prepaid', workflow: 'pdf', units: 2 });
    expect(first.json['limits']!.find((limit) => limit['kind'] === 'credits')).toMatchObject({ limit: '25', asked: '20', remaining: '5' });
    expect((await send('POST', '/v1/runs', { customer_id: 'prepaid', workflow: 'pdf' })).json).toMatchObject({ reason: 'credits_exhausted', upgrade: true });
    const finished = await send('POST', '/v1/runs/p1/finish', { outcome: 'usable', units: 1 });
    expect(finished.json['credits']).toEqual({ burned: '10', remaining: '15' });
    expect((await send('POST', '/v1/runs', { run_id: 'p2', customer_id: 'prepaid', workflow: 'pdf', units: 2 })).json).toMatchObject({ reason: 'credits_exhausted' });
    await giveCredits(test.db, by(), { customerId: 'prepaid', kind: 'top_up', amount: '5.5', key: 'order-1' });
    await until('the granted credits to hold', async () => (await send('POST', '/v1/check', { customer_id: 'prepaid', workflow: 'pdf', units: 2 })).json['allowed'] as unknown === true);
    expect((await send('GET', '/v1/customers/prepaid/usage')).json).toMatchObject({ credits: { remaining: '20.5', unit: 'credit' }, denied: null });
  });
});

describe('a cap', () => {
  it('asks for a cheaper model in mode degrade, along the route of the workflow', async () => {
    await saveCap(test.db, by(), { scope: 'customer', subject: 'thrifty', metric: 'cost', window: 'day', mode: 'degrade', limit: '0.01' }, { source: 'person', creates: false });
    await test.db.withTenant(owner.tenantId, (tx) => tx.query(`INSERT INTO workflows (tenant_id, name, route) VALUES ($1, 'routed', '[{"model": "gpt-4o", "cheaper": false}, {"model": "gpt-4o-mini", "cheaper": true}]')`, [owner.tenantId]));
    const begun = await until('the cap to hold', async () => {
      const { json } = await send('POST', '/v1/runs', { customer_id: 'thrifty', workflow: 'routed', estimate_usd: '0.02' });
      return json['decision'] === 'degrade' ? json : null;
    });
    expect(begun).toMatchObject({ models: ['gpt-4o-mini'], reason: 'soft_cap_reached' });
    expect((await send('POST', '/v1/runs', { customer_id: 'other', workflow: 'routed', estimate_usd: '0.02' })).json).toMatchObject({ decision: 'allow', models: ['gpt-4o', 'gpt-4o-mini'] });
  });

  it('joins the caps that the caller names: the strictest wins (A18)', async () => {
    await saveCap(test.db, by(), { scope: 'customer', subject: 'strict', metric: 'cost', window: 'day', mode: 'hard', limit: '1' }, { source: 'person', creates: false });
    await until('the cap to hold', async () => (await send('POST', '/v1/check', { customer_id: 'strict', estimate_usd: '2' })).json['allowed'] as unknown === false);
    const ofTeam = await send('POST', '/v1/check', { customer_id: 'strict', estimate_usd: '2', caps: { hard_daily_cost_usd: '3' } });
    const ofCaller = await send('POST', '/v1/check', { customer_id: 'strict', estimate_usd: '0.9', caps: { hard_daily_cost_usd: '0.5' } });
    expect([ofTeam.json['allowed'], ofTeam.json['by'], ofCaller.json['allowed'], ofCaller.json['by']]).toEqual([false, expect.any(String), false, 'inline:hard_daily_cost']);
    expect(ofTeam.json['by']).not.toMatch(/^inline/);
  });
});

describe('a run id', () => {
  it('gets its first answer again, is refused with another request, and tells how it ended', async () => {
    const asked = { run_id: 'once', customer_id: 'once', estimate_usd: '1' };
    const first = await send('POST', '/v1/runs', asked);
    const again = await send('POST', '/v1/runs', asked);
    const told = ({ json }: { json: Json }): unknown => ({ ...(json as object), again: null, request_id: null });
    expect(told(again)).toEqual(told(first));
    expect([first.json['again'], again.json['again']]).toEqual([false, true]);
    const other = await send('POST', '/v1/runs', { ...asked, estimate_usd: '2' });
    expect([other.status, other.json['error']!['code']]).toEqual([409, 'conflict']);
    expect((await send('DELETE', '/v1/runs/once')).json).toMatchObject({ released: true });
    expect((await send('DELETE', '/v1/runs/once')).json).toMatchObject({ released: false });
    const over = await send('POST', '/v1/runs', asked);
    expect([over.status, over.json['error']!['message']]).toEqual([409, expect.stringContaining('was released')]);
    expect((await send('POST', '/v1/runs/once/extend', { cost_usd: 1 })).status).toBe(409);
    expect((await send('POST', '/v1/runs/never/extend', { cost_usd: 1 })).status).toBe(404);
  });

  it('is finished late and twice, and without ever having begun', async () => {
    const call = { id: newId(), occurred_at: new Date().toISOString(), extras: [{ kind: 'search', quantity: 1, unit: 'request', cost: '0.5' }] };
    const finish = { outcome: 'usable', calls: [call] };
    const first = await send('POST', '/v1/runs/unknown-run/finish', { ...finish, customer_id: 'walk-in' });
    expect(first.json).toMatchObject({ outcome: { verdict: 'accepted' }, settled: { cost_usd: '0.5', reserved_usd: null } });
    const again = await send('POST', '/v1/runs/unknown-run/finish', { ...finish, customer_id: 'walk-in' });
    expect(again.json).toMatchObject({ outcome: { verdict: 'duplicate' }, results: [{ verdict: 'duplicate' }], settled: { cost_usd: '0.5' } });
    expect((await send('POST', '/v1/runs/unknown-run/finish', { outcome: 'perhaps' })).json['error']).toMatchObject({ code: 'invalid_input', field: 'outcome' });
  });

  it('holds more after an extension, and keeps what it had when that is denied', async () => {
    await saveCap(test.db, by(), { scope: 'customer', subject: 'long', metric: 'cost', window: 'day', mode: 'hard', limit: '1' }, { source: 'person', creates: false });
    await until('the cap to hold', async () => (await send('POST', '/v1/check', { customer_id: 'long', estimate_usd: '2' })).json['allowed'] as unknown === false);
    await send('POST', '/v1/runs', { run_id: 'long', customer_id: 'long', estimate_usd: '0.4' });
    expect((await send('POST', '/v1/runs/long/extend', { cost_usd: '0.4', seconds: 3_600 })).json).toMatchObject({ decision: 'allow', hold: { cost_usd: '0.8' } });
    const denied = await send('POST', '/v1/runs/long/extend', { cost_usd: '0.4' });
    expect([denied.status, denied.json['reason']]).toEqual([402, 'hard_cap_reached']);
    const check = await send('POST', '/v1/check', { customer_id: 'long', estimate_usd: '0.2' });
    expect(check.json['limits']!.find((limit) => limit['kind'] === 'cap')).toMatchObject({ held: '0.8', remaining: '0' });
    expect((await send('POST', '/v1/runs/long/extend', {})).json['error']).toMatchObject({ field: 'body' });
  });
});

it('decides every one of them the same again', async () => {
  const rows = await test.db.withTenant(owner.tenantId, (tx) => listDecisions(tx, { limit: 1_000 }, true));
  expect(rows.length).toBeGreaterThan(25);
  expect(new Set(rows.map(({ verdict }) => verdict))).toEqual(new Set(['allow', 'warn', 'degrade', 'deny']));
  for (const row of rows) expect([row.reason, replayDecision(row)]).toEqual([row.reason, { same: true, answer: row.answer, olderRule: null }]);
});
