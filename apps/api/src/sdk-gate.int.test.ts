/** The SDK at the real gate: real server, real Postgres, a model provider that knows what it served. */
import { type Fake, startFakeOpenAI } from '@outlay/fakes';
import { newId } from '@outlay/kernel/ids';
import { createOutlay, OutlayDenied, type OutlayOptions, type OutlayWarning, type RunContext } from '@outlay/sdk';
import { createKey, type KeyAbility, revokeKey } from '@outlay/tenancy';
import { createOwner, type TestPerson } from '@outlay/tenancy/testing';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from './testing/test-api';

let test: TestApi;
let fake: Fake;
let owner: TestPerson;
let key: string;
const open: { shutdown(): Promise<unknown> }[] = [];

beforeAll(async () => {
  test = await startTestApi();
  fake = await startFakeOpenAI();
  owner = await createOwner(test.api.deps.tenancy);
  key = await makeKey(['gate', 'ingest', 'read']);
});

afterEach(async () => {
  for (const one of open.splice(0)) await one.shutdown();
});

afterAll(async () => {
  await fake?.close();
  await test?.close();
});

async function makeKey(abilities: KeyAbility[]): Promise<string> {
  return (await createKey(test.api.deps.tenancy, await owner.acting(), { name: 'app', environment: 'production', abilities })).secret;
}

function start(options: Partial<OutlayOptions> = {}) {
  const warnings: OutlayWarning[] = [];
  const outlay = createOutlay({
    apiKey: key, baseUrl: test.url, models: ['gpt-5', 'gpt-5-mini'], retry: { baseDelayMs: 0 }, onWarning: (warning) => warnings.push(warning), ...options,
    delivery: { baseDelayMs: 10, spoolDir: false, ...options.delivery },
  });
  open.push(outlay);
  return { outlay, warnings, openai: outlay.wrapOpenAI(new OpenAI({ apiKey: 'sk-test', baseURL: fake.baseURL, maxRetries: 0 })) };
}

async function capOf(customerId: string, usd: number, mode: 'hard' | 'soft' | 'degrade' = 'hard'): Promise<string> {
  const id = newId();
  await query(`INSERT INTO caps (tenant_id, id, name, scope, subject, metric, window_kind, mode, limit_amount, source, created_by) VALUES ($1, $2, 'Daily cost', 'customer', $3, 'cost', 'day', $4, $5, 'person', 'ada')`,
    owner.tenantId, id, customerId, mode, String(BigInt(Math.round(usd * 1e6)) * 1_000_000n));
  test.api.deps.policies.forget(owner.tenantId);
  return id;
}

async function workflow(name: string, route: readonly object[], onGateUnavailable: string): Promise<void> {
  await query(`INSERT INTO workflows (tenant_id, name, route, on_gate_unavailable) VALUES ($1, $2, $3, $4)`, owner.tenantId, name, JSON.stringify(route), onGateUnavailable);
  test.api.deps.policies.forget(owner.tenantId);
}

async function query(sql: string, ...values: unknown[]): Promise<readonly Record<string, unknown>[]> {
  return (await test.db.withTenant(owner.tenantId, (tx) => tx.query(sql, values))).rows as Record<string, unknown>[];
}

async function read(path: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${test.url}${path}`, { headers: { authorization: `Bearer ${key}` } });
  return (await response.json()) as Record<string, unknown>;
}

const holdsOf = (customerId: string) => query('SELECT end_reason FROM holds WHERE customer_id = $1 ORDER BY begun_at', customerId);
const messages = [{ role: 'user' as const, content: 'When does the notice period end?' }];
/** A call that costs so many dollars. */
const costing = (usd: string) => ({ record }: RunContext): void => record({ kind: 'search', quantity: 1, unit: 'query', cost: usd });

describe('the developer contract', () => {
  it('a streamed answer begins, is recorded, and is settled with its outcome', async () => {
    const { outlay, openai, warnings } = start();
    const cap = await capOf('acme', 4, 'soft');
    const [customerId, userId, planSnapshot, question] = ['acme', 'u1', { plan: 'pro', active_price_id: 'price_1' }, 'When does it end?'];
    let limits: RunContext['limits'] = [];
    const aiUsage = outlay;
    const streamAnswer = ({ model }: { model: string }) => openai.chat.completions.create({ model, messages: [{ role: 'user', content: question }], stream: true });
    const stream = await aiUsage.run({
      customerId,
      userId,
      workflow: 'pdf_question',
      feature: 'rag',
      environment: 'production',
      entitlement: planSnapshot,
      caps: {
        maxContextTokens: 12000,
        softDailyCost: 4.0,
      },
      action: async ({ model, limits: told }) => {
        limits = told;
        return streamAnswer({ model });
      },
    });
    for await (const _chunk of stream) expect((await holdsOf('acme')).map((hold) => hold['end_reason'])).toEqual([null]);
    expect(await outlay.flush()).toEqual({ delivered: true, pending: 0 });
    expect(limits.map(({ id, kind, passed }) => [kind === 'cap' ? id : kind, passed])).toEqual(expect.arrayContaining([[cap, false], ['inline', false]]));
    expect((await holdsOf('acme')).map((hold) => hold['end_reason'])).toEqual(['finished']);
    const { data } = (await read('/v1/usage?customer_id=acme')) as { data: { kind: string; outcome?: string; run_id: string }[] };
    expect(data.map(({ kind }) => kind).sort()).toEqual(['outcome', 'usage']);
    expect(new Set(data.map(({ run_id: runId }) => runId)).size).toBe(1);
    expect(warnings).toEqual([]);
  });

  it('the next run sees what the one before has cost, and nothing held', async () => {
    const { outlay } = start();
    await capOf('meter', 10);
    await outlay.run({ customerId: 'meter', workflow: 'w', estimatedCost: '0.5', action: costing('0.25') });
    await outlay.flush();
    const limits = await outlay.run({ customerId: 'meter', workflow: 'w', action: (run) => (costing('0.01')(run), run.limits) });
    expect(limits.find(({ kind }) => kind === 'cap')).toMatchObject({ used: '0.25', held: '0', limit: '10', mode: 'hard', window: 'day', passed: false });
  });
});

describe('denied', () => {
  it('before any call, with reason, limit and correlation id, under which the console finds the decision', async () => {
    const { outlay } = start();
    const cap = await capOf('broke', 0.2);
    await outlay.run({ customerId: 'broke', workflow: 'w', estimatedCost: '0.05', action: costing('0.2') });
    await outlay.flush();
    let ran = false;
    const error = (await outlay.run({ customerId: 'broke', workflow: 'w', action: () => void (ran = true) }).catch((thrown: unknown) => thrown)) as OutlayDenied;
    expect(error).toBeInstanceOf(OutlayDenied);
    expect(error).toMatchObject({ reason: 'hard_cap_reached', status: 402, upgrade: false, by: cap, message: expect.stringMatching(/^Hard cap "Daily cost" \(customer broke\): \$0\.20 used .* of \$0\.20 today/), nextStep: expect.stringContaining('raise the cap') });
    expect(error.limits.find(({ id }) => id === cap)).toMatchObject({ used: '0.2', limit: '0.2', passed: true });
    expect(ran).toBe(false);
    const { data } = (await read(`/v1/decisions?request_id=${error.requestId}`)) as { data: { decision: string; reason: string }[] };
    expect(data).toMatchObject([{ decision: 'deny', reason: 'hard_cap_reached', by: cap }]);
    // The cap is raised in the console: from the next run on it holds, without a new deployment.
    await query(`UPDATE caps SET limit_amount = 5000000000000 WHERE id = $1`, cap);
    test.api.deps.policies.forget(owner.tenantId);
    expect(await outlay.run({ customerId: 'broke', workflow: 'w', action: (run) => (costing('0.01')(run), run.decision) })).toBe('allow');
  });

  it('a wrapped call outside a run too; in parallel no more go through than the cap pays for', async () => {
    const { outlay, openai } = start({ customerId: 'parallel', workflow: 'chat' });
    await capOf('parallel', 0.01);
    const before = fake.served.length;
    const asked = await Promise.allSettled(Array.from({ length: 30 }, () => openai.chat.completions.create({ model: 'gpt-5', messages, max_completion_tokens: 200 })));
    await outlay.flush();
    const denied = asked.filter((one) => one.status === 'rejected').map((one) => (one as PromiseRejectedResult).reason as unknown);
    expect(denied.length).toBeGreaterThan(0);
    expect(denied.every((error) => error instanceof OutlayDenied && error.reason === 'hard_cap_reached')).toBe(true);
    expect(fake.served.length - before).toBe(asked.length - denied.length);
    const [spent] = await query(`SELECT sum(cost_pico)::text AS pico FROM usage_events WHERE customer_id = 'parallel'`);
    expect(BigInt(String(spent!['pico']))).toBeLessThanOrEqual(10_000_000_000n);
    expect((await holdsOf('parallel')).every((hold) => hold['end_reason'] === 'finished')).toBe(true);
  });

  it('by the caller\'s own cap when that is stricter than the server\'s', async () => {
    const { outlay } = start();
    await capOf('own', 100);
    const run = (caps: object): Promise<unknown> => outlay.run({ customerId: 'own', workflow: 'w', estimatedCost: '0.5', caps, action: costing('0.01') });
    await expect(run({ hardDailyCost: '0.4' })).rejects.toMatchObject({ reason: 'hard_cap_reached', limits: expect.arrayContaining([expect.objectContaining({ kind: 'inline', limit: '0.4', passed: true })]) });
    await expect(outlay.run({ customerId: 'own', workflow: 'w', caps: { maxContextTokens: 10 }, inputBytes: 4_000, action: () => 1 })).rejects.toMatchObject({ reason: 'context_too_large', status: 413 });
    await run({ hardDailyCost: '0.6' });
  });

  it('for a key that was revoked', async () => {
    const acting = await owner.acting();
    const { id, secret } = await createKey(test.api.deps.tenancy, acting, { name: 'gone', environment: 'production', abilities: ['gate', 'ingest'] });
    const { outlay } = start({ apiKey: secret });
    expect(await outlay.run({ workflow: 'w', action: ({ decision }) => decision })).toBe('allow');
    await outlay.flush();
    await revokeKey(test.api.deps.tenancy, acting, id);
    await expect(outlay.run({ workflow: 'w', action: () => 1 })).rejects.toMatchObject({ name: 'OutlayDenied', reason: 'key_revoked', status: 401 });
  });
});

describe('the route', () => {
  it('of the console decides the order; a degrade cap takes the cheaper model and says so; an error falls back along it', async () => {
    await workflow('routed', [{ model: 'gpt-5', cheaper: false }, { model: 'gpt-5-mini', cheaper: true }, { model: 'gpt-5-nano', cheaper: true }], 'deny');
    const { outlay, warnings } = start({ models: ['gpt-5-nano', 'gpt-5-mini', 'gpt-5'] });
    const run = (customerId: string, action: (run: RunContext) => unknown): Promise<unknown> => outlay.run({ customerId, workflow: 'routed', action });
    expect(await run('plain', (context) => (costing('0.01')(context), context.model))).toBe('gpt-5');
    expect(await run('plain', ({ model }) => (model === 'gpt-5-nano' ? model : Promise.reject(Object.assign(new Error('busy'), { status: 503 }))))).toBe('gpt-5-nano');
    const cap = await capOf('frugal', 0.2, 'degrade');
    await run('frugal', costing('0.3'));
    await outlay.flush();
    warnings.length = 0;
    expect(await run('frugal', (context) => (costing('0.01')(context), [context.decision, context.model]))).toEqual(['degrade', 'gpt-5-mini']);
    expect(warnings).toMatchObject([{ code: 'soft_cap_reached', decision: 'degrade', customerId: 'frugal', workflow: 'routed', limit: { id: cap, used: '0.3', limit: '0.2', mode: 'degrade' } }]);
  });
});

describe('a gate that is away', () => {
  it('goes by what it last said of the workflow; the usage is kept, and all is well when it is back', async () => {
    await workflow('strict', [], 'deny');
    await workflow('lenient', [], 'allow');
    let away = false;
    const flaky: typeof fetch = (input, init) => (away ? Promise.reject(new TypeError('fetch failed')) : fetch(input, init));
    const { outlay, warnings } = start({ fetch: flaky });
    const run = (name: string): Promise<unknown> => outlay.run({ customerId: `c-${name}`, workflow: name, action: (context) => (costing('0.01')(context), context.decision) });
    expect([await run('strict'), await run('lenient')]).toEqual(['allow', 'allow']);
    await outlay.flush();
    away = true;
    await expect(run('strict')).rejects.toMatchObject({ reason: 'gate_unavailable', status: 503 });
    expect(await run('lenient')).toBe('ungated');
    expect(await outlay.flush({ timeoutMs: 50 })).toMatchObject({ delivered: false });
    expect(warnings.map(({ code }) => code)).toEqual(expect.arrayContaining(['gate_unavailable', 'delivery_failing']));
    away = false;
    expect([await run('strict'), await run('lenient')]).toEqual(['allow', 'allow']);
    expect(await outlay.flush()).toEqual({ delivered: true, pending: 0 });
    const [lenient] = await query(`SELECT sum(cost_pico)::text AS pico, count(*) FILTER (WHERE kind = 'outcome')::int AS outcomes FROM usage_events WHERE customer_id = 'c-lenient'`);
    expect(lenient).toEqual({ pico: '30000000000', outcomes: 3 });
    expect((await holdsOf('c-lenient')).map((hold) => hold['end_reason'])).toEqual(['finished', 'finished']);
  });

  it('a key that may only ingest records as ever, and is told once', async () => {
    const { outlay, warnings } = start({ apiKey: await makeKey(['ingest']) });
    expect(await outlay.run({ customerId: 'old', workflow: 'w', action: (context) => (costing('0.01')(context), context.decision) })).toBe('off');
    await outlay.flush();
    expect(warnings.map(({ code }) => code)).toEqual(['gate_off']);
    expect((await query(`SELECT kind FROM usage_events WHERE customer_id = 'old' ORDER BY kind`)).map((row) => row['kind'])).toEqual(['outcome', 'usage']);
  });
});

describe('holds', () => {
  it('of a run that failed before any call are free at once; of a long run live on', async () => {
    const { outlay } = start();
    await expect(outlay.run({ customerId: 'early', workflow: 'w', action: () => Promise.reject(new Error('no such file')) })).rejects.toThrow('no such file');
    await outlay.flush();
    expect((await holdsOf('early')).map((hold) => hold['end_reason'])).toEqual(['released']);
    let extended = (): void => undefined;
    const renewed = new Promise<void>((resolve) => (extended = resolve));
    const telling: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      if (String(input).endsWith('/extend')) extended();
      return response;
    };
    const renewing = start({ gate: { holdSeconds: 10 }, fetch: telling }).outlay;
    const lives = async (): Promise<number> => Date.parse(String((await query(`SELECT expires_at FROM holds WHERE customer_id = 'long'`))[0]!['expires_at']));
    await renewing.run({
      customerId: 'long', workflow: 'w',
      action: async (context) => {
        costing('0.01')(context);
        const first = await lives();
        await renewed;
        expect(await lives()).toBeGreaterThan(first);
      },
    });
    await renewing.flush();
    expect((await holdsOf('long')).map((hold) => hold['end_reason'])).toEqual(['finished']);
  });
});
