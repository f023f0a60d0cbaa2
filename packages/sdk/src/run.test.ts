import OpenAI from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import { createOutlay, OutlayError, type OutlayOptions, type RunContext } from './index.js';
import { createFixture, type Fixture, nextTurn, until } from './testing/outlay-fixture.js';

let fixture: Fixture;
const start = async (options?: Partial<OutlayOptions>): Promise<Fixture> => (fixture = await createFixture({ models: ['alpha', 'beta'], ...options }));
afterEach(() => fixture.close());

const failWith = (status: number): Error => Object.assign(new Error('the provider said no'), { status });
const base = { customerId: 'c1', userId: 'u1', workflow: 'pdf_question', feature: 'rag' };

describe('the developer contract', () => {
  it('tags, caps, calls, logs: one call and one outcome with everything a bill needs', async () => {
    const { outlay, ledger } = await start();
    const planSnapshot = { plan: 'pro', active_price_id: 'price_123', limits: { questions: 500 } };
    const answer = await outlay.run({
      ...base,
      environment: 'production',
      entitlement: planSnapshot,
      caps: { maxContextTokens: 12_000, softDailyCost: 4.0 },
      action: async ({ model, attempt, record }) => {
        record({ kind: 'retrieval', quantity: 3, unit: 'query', cost: '0.0006' });
        record({ provider: 'openai', api: 'chat', usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } });
        return `${model} ${attempt}`;
      },
    });
    planSnapshot.plan = 'changed later';
    await outlay.flush();
    expect(answer).toBe('alpha 1');
    const [extra, call, outcome] = ledger.recorded();
    const labels = { run_id: expect.any(String), environment: 'production', customer_id: 'c1', user_id: 'u1', workflow: 'pdf_question', feature: 'rag', active_price_id: 'price_123', source: 'sdk' };
    const at = expect.stringMatching(/^\d{4}-.*Z$/);
    expect(extra).toEqual({ id: expect.any(String), occurred_at: at, ...labels, extras: [{ kind: 'retrieval', quantity: 3, unit: 'query', cost: '0.0006' }] });
    expect(call).toEqual({
      id: expect.any(String),
      occurred_at: at,
      ...labels,
      attempt: 1,
      attempt_kind: 'first',
      provider: 'openai',
      api: 'chat',
      model_requested: 'alpha',
      usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
    });
    expect(outcome).toEqual({
      kind: 'outcome',
      occurred_at: at,
      ...labels,
      outcome: 'usable',
      snapshot: { entitlement: { plan: 'pro', active_price_id: 'price_123', limits: { questions: 500 } }, caps: { maxContextTokens: 12_000, softDailyCost: 4 } },
    });
    expect(new Set(ledger.recorded().map((event) => event.run_id)).size).toBe(1);
  });

  it('rejects what could not be honoured, with the field, before the action runs', async () => {
    const { outlay } = await start();
    let ran = 0;
    const action = (): void => void (ran += 1);
    await expect(outlay.run({ ...base, action, caps: { maxContextTokens: -1 } })).rejects.toMatchObject({ code: 'invalid_option', field: 'caps.maxContextTokens' });
    await expect(outlay.run({ ...base, action, caps: { softDailyCost: 'four' } })).rejects.toMatchObject({ field: 'caps.softDailyCost' });
    await expect(outlay.run({ ...base, action, caps: { maxContextToken: 1 } as object })).rejects.toMatchObject({ field: 'caps.maxContextToken' });
    await expect(outlay.run({ ...base, action, units: -1 })).rejects.toMatchObject({ field: 'units' });
    expect(ran).toBe(0);
    expect(() => createOutlay({ apiKey: '', baseUrl: 'http://x' })).toThrow(OutlayError);
    expect(() => createOutlay({ apiKey: 'k', baseUrl: 'localhost:4400' })).toThrow('"baseUrl" must be the http(s) URL');
  });

  it('says which model is missing only when one is asked for', async () => {
    const { outlay } = await start({ models: [] });
    expect(await outlay.run({ ...base, action: () => 7 })).toBe(7);
    await expect(outlay.run({ ...base, action: ({ model }) => model })).rejects.toMatchObject({ code: 'no_model' });
  });
});

describe('attempts', () => {
  it('retries, falls back, and records each attempt as its own call', async () => {
    const { outlay, ledger } = await start();
    const seen: unknown[] = [];
    const answer = await outlay.run({
      ...base,
      action: ({ model, attempt, attemptKind }) => {
        seen.push([model, attempt, attemptKind]);
        if (model === 'alpha') throw failWith(503);
        return 'ok';
      },
    });
    await outlay.flush();
    expect(answer).toBe('ok');
    expect(seen).toEqual([['alpha', 1, 'first'], ['alpha', 2, 'retry'], ['beta', 3, 'fallback']]);
    expect(ledger.calls().map((event) => [event['attempt'], event['attempt_kind'], event['model_requested'], event['status'], event['error_class']])).toEqual([
      [1, 'first', 'alpha', 'failed', 'http_503'],
      [2, 'retry', 'alpha', 'failed', 'http_503'],
    ]);
    expect(ledger.outcomes()).toMatchObject([{ outcome: 'usable' }]);
  });

  it('gives up with the last error, and the outcome says unusable and why', async () => {
    const { outlay, ledger } = await start();
    const error = failWith(500);
    await expect(outlay.run({ ...base, action: ({ model }) => Promise.reject(model && error) })).rejects.toBe(error);
    await outlay.flush();
    expect(ledger.calls().length).toBe(4);
    expect(ledger.outcomes()).toMatchObject([{ outcome: 'unusable', error_class: 'http_500' }]);
  });

  it('does not repeat what will not change', async () => {
    const { outlay, ledger } = await start();
    await expect(outlay.run({ ...base, action: ({ model }) => Promise.reject(model && failWith(400)) })).rejects.toThrow('the provider said no');
    await outlay.flush();
    expect(ledger.calls().length).toBe(1);
  });

  it('leaves the decision to the policy when it has one; a broken one ends the run with the first error', async () => {
    const { outlay } = await start();
    const models: string[] = [];
    await outlay.run({ ...base, retry: { decide: () => 'fallback' }, action: ({ model }) => (models.push(model), model === 'beta' ? 1 : Promise.reject(failWith(400))) });
    expect(models).toEqual(['alpha', 'beta']);
    const broken = (): never => {
      throw new Error('in decide');
    };
    await expect(outlay.run({ ...base, retry: { decide: broken }, action: () => Promise.reject(failWith(503)) })).rejects.toThrow('the provider said no');
  });

  it('times out an attempt, tells it, and goes on', async () => {
    const { outlay, ledger } = await start();
    const signals: AbortSignal[] = [];
    const answer = await outlay.run({
      ...base,
      timeoutMs: 20,
      retry: { attemptsPerModel: 1 },
      action: ({ model, signal }) => {
        signals.push(signal);
        return model === 'alpha' ? new Promise<string>(() => undefined) : 'late but here';
      },
    });
    await outlay.flush();
    expect(answer).toBe('late but here');
    expect(signals.map((signal) => signal.aborted)).toEqual([true, false]);
    expect(ledger.calls()).toMatchObject([{ status: 'unknown', error_class: 'attempt_timeout' }]);
  });

  it('an aborted run is not retried, and lets go of the caller\'s signal', async () => {
    const { outlay, ledger } = await start();
    const controller = new AbortController();
    let started = false;
    const running = outlay.run({
      ...base,
      signal: controller.signal,
      action: ({ model, signal }) => {
        started = true;
        return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(model && signal.reason)));
      },
    });
    await until('the action runs', () => started);
    controller.abort();
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    await outlay.flush();
    expect(ledger.calls()).toMatchObject([{ status: 'aborted' }]);
    expect(ledger.outcomes()).toMatchObject([{ outcome: 'unusable' }]);
  });
});

describe('usable', () => {
  const outcomeOf = async (options: Partial<Parameters<Fixture['outlay']['run']>[0]>): Promise<unknown> => {
    const { outlay, ledger, close } = await start();
    await outlay.run({ ...base, action: () => 'text', ...options });
    await outlay.flush();
    const [outcome] = ledger.outcomes();
    await close();
    return outcome && [outcome['outcome'], outcome['units']];
  };

  it('is what came back, unless somebody says otherwise', async () => {
    expect(await outcomeOf({})).toEqual(['usable', undefined]);
    expect(await outcomeOf({ action: () => undefined })).toEqual(['usable', undefined]);
    expect(await outcomeOf({ units: '2.5' })).toEqual(['usable', '2.5']);
    expect(await outcomeOf({ action: () => ({ usable: false, units: 3 }) })).toEqual(['unusable', undefined]);
    expect(await outcomeOf({ action: () => ({ usable: true, units: 3 }), units: 9 })).toEqual(['usable', 3]);
    expect(await outcomeOf({ action: () => ({ usable: 'yes' }) })).toEqual(['usable', undefined]);
    expect(await outcomeOf({ usable: (value) => value === 'other' })).toEqual(['unusable', undefined]);
    expect(await outcomeOf({ usable: async () => ({ usable: true, units: '4' }) })).toEqual(['usable', '4']);
  });

  it('stays unknown when the callback fails: no outcome is guessed', async () => {
    expect(
      await outcomeOf({
        usable: () => {
          throw new Error('judge is down');
        },
      }),
    ).toBeUndefined();
    expect(fixture.codes()).toEqual(['usable_failed']);
    expect(await outcomeOf({ usable: () => 'yes' as unknown as boolean })).toBeUndefined();
  });

  it('does not make the caller wait for the judge', async () => {
    const { outlay, ledger } = await start();
    let judged = (_usable: boolean): void => undefined;
    const verdict = new Promise<boolean>((resolve) => (judged = resolve));
    expect(await outlay.run({ ...base, action: () => 'text', usable: () => verdict })).toBe('text');
    judged(false);
    await outlay.flush();
    expect(ledger.outcomes()).toMatchObject([{ outcome: 'unusable' }]);
  });

  it('retries an unusable result only if the policy says so', async () => {
    const { outlay, ledger } = await start();
    let n = 0;
    const options = { ...base, action: ({ model }: RunContext) => ({ model, usable: (n += 1) === 3 }) };
    expect(await outlay.run({ ...options, retry: { retryUnusable: true } })).toEqual({ model: 'beta', usable: true });
    n = 10;
    expect((await outlay.run({ ...options, retry: { retryUnusable: true, attemptsPerModel: 1, fallback: false } })).usable).toBe(false);
    await outlay.flush();
    expect(ledger.outcomes().map((event) => event['outcome'])).toEqual(['usable', 'unusable']);
    expect(outlay.stats().openRuns).toBe(0);
  });
});

describe('labels', () => {
  it('come from the client, the surrounding run and the run itself, the nearest wins', async () => {
    const { outlay, ledger } = await start({ environment: 'staging', tags: { region: 'eu', tier: 'a' }, appVersion: '1.2' });
    await outlay.run({
      ...base,
      tags: { tier: 'b' },
      action: () => outlay.run({ workflow: 'inner', action: () => void outlay.track({ provider: 'openai', feature: 'tracked' }) }),
    });
    await outlay.flush();
    const [tracked, inner, outer] = ledger.recorded();
    expect(tracked).toMatchObject({ customer_id: 'c1', workflow: 'inner', feature: 'tracked', environment: 'staging', tags: { region: 'eu', tier: 'b' }, app_version: '1.2' });
    expect(inner).toMatchObject({ kind: 'outcome', workflow: 'inner', run_id: tracked!.run_id });
    expect(outer).toMatchObject({ kind: 'outcome', workflow: 'pdf_question' });
    expect(outer!.run_id).not.toBe(inner!.run_id);
  });

  it('withUsage joins the surrounding run with more labels, and is a run where there is none', async () => {
    const { outlay, ledger } = await start();
    await outlay.run({ ...base, action: ({ record }) => outlay.withUsage((inner) => (record({ provider: 'a' }), inner.record({ provider: 'b' }), outlay.track({ provider: 'c' })), { feature: 'tools' }) });
    expect(await outlay.withUsage(async ({ record }) => (record({ provider: 'd' }), 5), { customerId: 'c2', workflow: 'email' })).toBe(5);
    await outlay.flush();
    expect(ledger.recorded().map((event) => [event['provider'] ?? event.kind, event['feature'], event['workflow']])).toEqual([
      ['a', 'rag', 'pdf_question'],
      ['b', 'tools', 'pdf_question'],
      ['c', 'tools', 'pdf_question'],
      ['outcome', 'rag', 'pdf_question'],
      ['d', undefined, 'email'],
      ['outcome', undefined, 'email'],
    ]);
    expect(new Set(ledger.recorded().map((event) => event.run_id)).size).toBe(2);
  });

  it('of a wrapper win over the client\'s, and a run\'s over both', async () => {
    const { outlay, ledger } = await start({ feature: 'client', userId: 'client' });
    const client = outlay.wrapOpenAI(new OpenAI({ apiKey: 'sk-test', baseURL: 'http://127.0.0.1:1/v1', maxRetries: 0 }), { feature: 'wrapper', workflow: 'wrapper' });
    await outlay.run({ workflow: 'run', retry: { maxAttempts: 1 }, action: () => client.embeddings.create({ model: 'm', input: 'x' }) }).catch(() => undefined);
    await outlay.flush();
    expect(ledger.recorded()).toMatchObject([
      { user_id: 'client', feature: 'wrapper', workflow: 'run' },
      { kind: 'outcome', user_id: 'client', feature: 'client', workflow: 'run' },
    ]);
  });

  it('of concurrent runs never mix', async () => {
    const { outlay, ledger } = await start();
    await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        outlay.run({
          workflow: `w${i}`,
          action: async () => {
            for (let turn = (i * 7) % 10; turn > 0; turn--) await nextTurn();
            outlay.track({ provider: `p${i}` });
          },
        }),
      ),
    );
    await outlay.flush();
    const calls = ledger.calls();
    expect(calls.length).toBe(50);
    expect(calls.every((event) => event['workflow'] === String(event['provider']).replace('p', 'w'))).toBe(true);
  });
});

describe('what is not recorded is said', () => {
  it('a run that took a model and recorded no call warns, once a workflow', async () => {
    const { outlay, codes } = await start();
    for (let i = 0; i < 3; i++) await outlay.run({ ...base, action: ({ model }) => model });
    await outlay.run({ ...base, action: () => 'no model taken' });
    expect(codes()).toEqual(['no_usage_recorded']);
    expect(outlay.stats().runsWithoutUsage).toBe(3);
  });

  it('a record that makes no sense warns with the reason and does not fail the action', async () => {
    const { outlay, warnings } = await start();
    await outlay.run({ ...base, action: ({ record }) => record({ kind: 'ocr', quantity: Number.NaN, unit: 'page' }) });
    const wrong = [{ usage: {} }, null, 'ocr', { kind: 'ocr', unit: 'page' }, { provider: 'openai', extras: [{ kind: 'ocr', quantity: 1, unit: '' }] }];
    for (const entry of wrong) await outlay.run({ ...base, action: ({ record }) => record(entry as never) });
    expect(warnings.map((warning) => warning.message)).toEqual(
      ['"quantity"', '"provider" is missing', 'it takes an object', 'it takes an object', '"quantity"', '"unit"'].map((part) => expect.stringContaining(part) as string),
    );
    expect(outlay.stats().invalid).toBe(6);
  });

  it('where the async context is lost, the context that action got still records', async () => {
    const none = class {
      run<R>(_store: unknown, fn: () => R): R {
        return fn();
      }
      getStore(): undefined {
        return undefined;
      }
    };
    const { outlay, ledger } = await start({ AsyncLocalStorage: none });
    await outlay.run({ ...base, action: ({ record }) => record({ provider: 'x' }) });
    await outlay.flush();
    expect(ledger.calls()).toMatchObject([{ provider: 'x', workflow: 'pdf_question' }]);
  });
});
