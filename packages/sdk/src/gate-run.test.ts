/** `run` behind a gate: begin, action, finish. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { DenialReason, OutlayOptions, OutlayWarning } from './index.js';
import { createOutlay, OutlayDenied, OutlayError } from './index.js';
import { denial, STATUS_BY_REASON, wireLimit } from './testing/fake-gate.js';
import { createFixture, type Fixture, until } from './testing/outlay-fixture.js';

let fixture: Fixture;
const start = async (options?: Partial<OutlayOptions>): Promise<Fixture> => (fixture = await createFixture({ models: ['alpha', 'beta', 'gamma'], ...options }));
afterEach(async () => {
  expect(fixture.gate.tooEarly).toEqual([]);
  await fixture.close();
});

const base = { customerId: 'c1', userId: 'u1', workflow: 'pdf_question', feature: 'rag' };
const call = { provider: 'openai', api: 'chat', usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } };
const failWith = (status: number): Error => Object.assign(new Error('the provider said no'), { status });

describe('begin', () => {
  it('tells the gate everything that is known of the run, before the action', async () => {
    const { outlay, gate } = await start();
    const at: unknown[] = [];
    gate.answer = ({ verb }) => void at.push(verb);
    await outlay.run({
      ...base, runId: 'job-1', tags: { tier: 'a' }, promptVersion: 'p1', entitlement: { plan: 'pro', active_price_id: 'price_1' }, features: ['rag'], tools: ['search'], units: '2', inputTokens: 120,
      maxOutputTokens: 400, maxCalls: 2, quantities: { files: 3 }, estimatedCost: '0.05', caps: { maxContextTokens: 12_000, softDailyCost: 4.0, hardDailyCost: '5', maxRunCost: 0.5 },
      action: ({ record }) => (at.push('action'), record(call)),
    });
    expect(at).toEqual(['begin', 'action']);
    expect(gate.asked('begin')[0]!.body).toEqual({
      run_id: 'job-1', customer_id: 'c1', user_id: 'u1', workflow: 'pdf_question', feature: 'rag', tags: { tier: 'a' }, prompt_version: 'p1', models: ['alpha', 'beta', 'gamma'], features: ['rag'],
      tools: ['search'], units: '2', input_tokens: 120, max_output_tokens: 400, max_calls: 2, quantities: { files: 3 }, estimate_usd: '0.05', expires_in_seconds: 600,
      caps: { max_context_tokens: 12_000, soft_daily_cost_usd: 4, hard_daily_cost_usd: '5', max_run_cost_usd: 0.5 },
      entitlement: { plan: 'pro', active_price_id: 'price_1' }, active_price_id: 'price_1',
    });
  });

  it('its models are those to use, in its order; the action sees decision, limits, hold and refused tools', async () => {
    const { outlay, gate } = await start();
    const limit = wireLimit({ passed: false });
    gate.answer = () => ({ status: 200, body: { models: ['gamma', 'alpha'], limits: [limit], refused_tools: ['search'] } });
    const seen: unknown[] = [];
    await outlay.run({
      ...base,
      tools: ['search', 'ocr'],
      action: ({ model, decision, limits, hold, refusedTools, record }) => {
        seen.push(model, decision, limits.map(({ id, windowEnd, ungatedUsd }) => [id, windowEnd, ungatedUsd]), hold?.bounded, refusedTools);
        record(call);
        if (model === 'gamma') throw failWith(404);
      },
    });
    expect(seen).toEqual(['gamma', 'allow', [['cap_1', '2026-11-22T00:00:00.000Z', null]], false, ['search'], 'alpha', 'allow', [['cap_1', '2026-11-22T00:00:00.000Z', null]], false, ['search']]);
  });

  it('the route of the console serves who names no models', async () => {
    const { outlay, gate } = await start({ models: [] });
    gate.answer = () => ({ status: 200, body: { models: ['from-console'] } });
    expect(await outlay.run({ ...base, action: ({ model, record }) => (record(call), model) })).toBe('from-console');
    expect(gate.asked('begin')[0]!.body).not.toHaveProperty('models');
  });

  it('a retryable error goes on along the route that the gate allowed', async () => {
    const { outlay, gate, ledger } = await start();
    gate.answer = () => ({ status: 200, body: { models: ['beta', 'gamma'] } });
    const answer = await outlay.run({ ...base, action: ({ model }) => (model === 'gamma' ? 'here' : Promise.reject(failWith(503))) });
    await outlay.flush();
    expect(answer).toBe('here');
    expect(ledger.calls().map((event) => [event['model_requested'], event['attempt_kind']])).toEqual([['beta', 'first'], ['beta', 'retry']]);
    expect(gate.asked('begin').length).toBe(1);
  });

  it('degrade: the cheaper models, and a warning with the limit behind it', async () => {
    const { outlay, gate, warnings } = await start();
    const own: OutlayWarning[] = [];
    gate.answer = () => ({
      status: 200,
      body: {
        decision: 'degrade', reason: 'soft_cap_reached', message: 'A soft cap is passed.', next_step: 'Look at it.', models: ['gamma'], limits: [wireLimit({ mode: 'degrade' })],
        warnings: [{ limit_id: 'cap_1', message: 'Daily cost of c1 is passed.' }],
      },
    });
    expect(await outlay.run({ ...base, onWarning: (warning) => own.push(warning), action: ({ model, record, decision }) => (record(call), `${decision} ${model}`) })).toBe('degrade gamma');
    expect(warnings).toMatchObject([
      { code: 'soft_cap_reached', message: 'Daily cost of c1 is passed.', customerId: 'c1', decision: 'degrade', nextStep: 'Look at it.', limit: { id: 'cap_1', used: '3.9', held: '0.05', limit: '4', windowEnd: '2026-11-22T00:00:00.000Z' } },
    ]);
    expect(own).toEqual(warnings);
  });

  it('the caller\'s own soft cap warns once, whether gate or ledger sees it first', async () => {
    const { outlay, gate, ledger, warnings } = await start();
    ledger.today = { c1: '9' };
    const inline = (passed: boolean) => ({ status: 200, body: { limits: [wireLimit({ id: 'inline', kind: 'inline', mode: 'soft', passed })], ...(passed ? { decision: 'warn', warnings: [{ limit_id: 'inline', message: 'passed' }] } : {}) } });
    gate.answer = () => inline(true);
    await outlay.run({ ...base, caps: { softDailyCost: 4 }, action: ({ record }) => record(call) });
    await outlay.flush();
    expect(warnings).toMatchObject([{ code: 'soft_cap_reached', decision: 'warn' }]);
    gate.answer = () => inline(false);
    await outlay.run({ ...base, caps: { softDailyCost: 4 }, action: ({ record }) => record(call) });
    await outlay.flush();
    expect(warnings.slice(1)).toMatchObject([{ code: 'soft_cap_reached', todayUsd: '9' }]);
  });
});

describe('denied', () => {
  it.each(Object.entries(STATUS_BY_REASON).filter(([reason]) => reason !== 'gate_unavailable') as [DenialReason, number][])('%s: a typed error with all that is known; the action never runs and nothing is recorded', async (reason, status) => {
    const { outlay, gate, ledger } = await start();
    gate.answer = () => denial(reason);
    let ran = false;
    const error = await outlay.run({ ...base, action: () => void (ran = true) }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OutlayDenied);
    expect(error).toBeInstanceOf(OutlayError);
    expect(error).toMatchObject({
      name: 'OutlayDenied', code: reason, reason, status, message: `Stopped: ${reason}.`, nextStep: 'Do something about it.', by: 'cap_1', requestId: 'req_denied',
      limits: [{ id: 'cap_1', used: '3.9', limit: '4', windowStart: '2026-11-21T00:00:00.000Z' }], retryAfterSeconds: reason === 'rate_limited' ? 7 : undefined,
    });
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      code: reason, message: `Stopped: ${reason}.`, next_step: 'Do something about it.', upgrade: (error as OutlayDenied).upgrade, request_id: 'req_denied', retry_after_seconds: reason === 'rate_limited' ? 7 : null,
    });
    await outlay.flush();
    expect(ran).toBe(false);
    expect(ledger.recorded()).toEqual([]);
    expect(outlay.stats()).toMatchObject({ denied: 1, begun: 0, openRuns: 0 });
  });

  it('inside another run it ends that one too, without another attempt, and says why', async () => {
    const { outlay, gate, ledger } = await start();
    gate.answer = ({ body }) => (body['workflow'] === 'inner' ? denial('quota_exhausted') : undefined);
    await expect(outlay.run({ ...base, action: () => outlay.run({ workflow: 'inner', action: () => 1 }) })).rejects.toMatchObject({ reason: 'quota_exhausted' });
    await outlay.flush();
    expect(ledger.recorded()).toMatchObject([{ kind: 'outcome', workflow: 'pdf_question', outcome: 'unusable', error_class: 'quota_exhausted' }]);
  });

  it('a key that is refused denies; what the gate cannot read is the caller\'s mistake, with the field', async () => {
    const { outlay, gate } = await start();
    gate.answer = () => ({ status: 401, body: { error: { code: 'key_invalid', message: 'This API key is not known.', request_id: 'req_9' } } });
    await expect(outlay.run({ ...base, action: () => 1 })).rejects.toMatchObject({ reason: 'key_revoked', status: 401, message: 'This API key is not known.', requestId: 'req_9' });
    gate.answer = () => ({ status: 400, body: { error: { code: 'invalid_input', message: 'customer_id is too long.', field: 'customer_id' } } });
    await expect(outlay.run({ ...base, action: () => 1 })).rejects.toMatchObject({ code: 'invalid_option', field: 'customer_id', message: 'customer_id is too long.' });
    gate.answer = () => ({ status: 409, body: { error: { code: 'conflict', message: 'Run "job-1" was finished.' } } });
    await expect(outlay.run({ ...base, runId: 'job-1', action: () => 1 })).rejects.toMatchObject({ code: 'run_conflict', message: 'Run "job-1" was finished.' });
    expect(outlay.stats().openRuns).toBe(0);
  });
});

describe('finish', () => {
  it('comes after the ledger has the run\'s calls and outcome, and says the same outcome', async () => {
    const { outlay, gate, ledger } = await start();
    await outlay.run({ ...base, runId: 'job-1', units: 3, entitlement: { plan: 'pro' }, action: ({ record }) => record(call) });
    expect(gate.holds.size).toBe(1);
    expect(await outlay.flush()).toEqual({ delivered: true, pending: 0 });
    const { kind: _kind, run_id: _run, ...outcome } = ledger.outcomes()[0]!;
    expect([...gate.finished]).toEqual([['job-1', outcome]]);
    expect(outcome).toMatchObject({ outcome: 'usable', units: 3, snapshot: { entitlement: { plan: 'pro' } } });
    expect(gate.holds.size).toBe(0);
  });

  it('waits for the end of a stream, and its hold with it', async () => {
    const { outlay, gate } = await start();
    const stream = await outlay.run({
      ...base,
      action: async function* ({ record }) {
        yield 'a';
        record(call);
        yield 'b';
      },
    });
    for await (const _word of stream) expect(gate.holds.size).toBe(1);
    await outlay.flush();
    expect(gate.holds.size).toBe(0);
    expect(gate.finished.size).toBe(1);
  });

  it('is not lost with a ledger that is away: the outcome waits, and the hold is freed when it has arrived', async () => {
    const { outlay, gate, ledger } = await start();
    ledger.answer = () => ({ status: 503 });
    await outlay.run({ ...base, action: ({ record }) => record(call) });
    expect(await outlay.flush({ timeoutMs: 30 })).toMatchObject({ delivered: false });
    expect([gate.finished.size, gate.holds.size]).toEqual([0, 1]);
    ledger.answer = () => undefined;
    await outlay.flush();
    expect([gate.finished.size, gate.holds.size]).toEqual([1, 0]);
  });

  it('is said again when the gate did not hear it', async () => {
    const { outlay, gate } = await start();
    let heard = 0;
    gate.answer = ({ verb }) => (verb === 'finish' && (heard += 1) <= 2 ? 'reset' : undefined);
    await outlay.run({ ...base, action: ({ record }) => record(call) });
    await until('the run is settled', () => gate.finished.size === 1);
    expect(heard).toBe(3);
  });

  it('a run that failed before any call, or was left, is released at once', async () => {
    const { outlay, gate, ledger } = await start({ delivery: { flushIntervalMs: 60_000 } });
    await expect(outlay.run({ ...base, action: () => Promise.reject(new Error('no such file')) })).rejects.toThrow('no such file');
    await until('it was released', () => gate.released.length === 1);
    const controller = new AbortController();
    gate.answer = ({ verb }) => (verb === 'begin' ? 'hang' : undefined);
    const running = outlay.run({ ...base, signal: controller.signal, action: () => 1 });
    await until('the gate was asked', () => gate.asked('begin').length === 2);
    controller.abort();
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    await until('that was released too', () => gate.asked('release').length === 2);
    await outlay.flush();
    expect(ledger.recorded()).toMatchObject([{ kind: 'outcome', outcome: 'unusable' }]);
    expect(gate.finished.size).toBe(0);
  });

  it('without an outcome, because usable() failed, what was held is free all the same', async () => {
    const { outlay, gate } = await start();
    await outlay.run({ ...base, usable: () => 'yes' as unknown as boolean, action: ({ record }) => record(call) });
    await until('it was released', () => gate.released.length === 1);
  });
});

describe('a long run', () => {
  it('renews what it holds as long as it or its stream lives, and not longer', async () => {
    const { outlay, gate } = await start({ gate: { holdSeconds: 0.05 } });
    const stream = await outlay.run({
      ...base,
      action: async function* () {
        await until('it was renewed', () => gate.asked('extend').length >= 1);
        yield 'a';
        await until('it was renewed again', () => gate.asked('extend').length >= 3);
        yield 'b';
      },
    });
    for await (const _word of stream) continue;
    await outlay.flush();
    const renewals = gate.asked('extend');
    expect(renewals[0]).toMatchObject({ body: { seconds: 0.05 } });
    await new Promise((resolve) => setImmediate(resolve));
    expect(gate.asked('extend').length).toBe(renewals.length);
  });

  it('goes on when it may not, and says so', async () => {
    const { outlay, gate, codes } = await start({ gate: { holdSeconds: 0.05 } });
    gate.answer = ({ verb }) => (verb === 'extend' ? denial('hard_cap_reached') : undefined);
    await outlay.run({ ...base, action: async ({ record }) => (await until('it was said', () => codes().includes('hold_not_extended')), record(call)) });
    expect(codes()).toEqual(['hold_not_extended']);
    expect(gate.asked('extend').length).toBe(1);
  });
});

describe('what a process left that is gone', () => {
  it('is settled by the next one, when the outcome that waited on disk has arrived', async () => {
    const spoolDir = mkdtempSync(join(tmpdir(), 'outlay-gate-'));
    try {
      const { outlay, gate, ledger } = await start({ delivery: { spoolDir, flushIntervalMs: 60_000 } });
      ledger.answer = () => ({ status: 503 });
      await outlay.run({ ...base, runId: 'left-behind', action: ({ record }) => record(call) });
      await outlay.shutdown({ timeoutMs: 50 });
      expect([...gate.holds.keys()]).toEqual(['left-behind']);
      ledger.answer = () => undefined;
      const next = createOutlay({ apiKey: 'ol_test_key', baseUrl: ledger.url, delivery: { spoolDir } });
      await next.flush();
      expect([gate.holds.size, [...gate.finished.keys()]]).toEqual([0, ['left-behind']]);
      await next.shutdown();
    } finally {
      rmSync(spoolDir, { recursive: true });
    }
  });

  it('many outcomes of one batch are settled a few at a time', async () => {
    const { outlay, gate } = await start({ delivery: { flushIntervalMs: 60_000 } });
    await Promise.all(Array.from({ length: 60 }, () => outlay.run({ ...base, action: ({ record }) => record(call) })));
    await outlay.flush();
    await until('all are settled', () => gate.finished.size === 60);
    expect(gate.mostAtOnce).toBeLessThanOrEqual(8);
  });
});
