import { afterEach, describe, expect, it } from 'vitest';
import { createFixture, type Fixture } from './testing/outlay-fixture.js';
import type { OutlayOptions, OutlayWarning } from './types.js';

let fixture: Fixture;
const start = async (options?: Partial<OutlayOptions>): Promise<Fixture> => (fixture = await createFixture({ models: ['alpha', 'beta'], ...options }));
afterEach(() => fixture.close());
const base = { customerId: 'c1', workflow: 'w' };

describe('maxContextTokens', () => {
  it('stops a call whose size is known before it is made; the run is unusable and says why', async () => {
    const { outlay, ledger } = await start();
    let ran = false;
    const running = outlay.run({ ...base, caps: { maxContextTokens: 100 }, inputTokens: 101, action: () => void (ran = true) });
    await expect(running).rejects.toMatchObject({ code: 'context_too_large', message: expect.stringContaining('101 tokens; caps.maxContextTokens allows 100') });
    await outlay.flush();
    expect(ran).toBe(false);
    expect(ledger.recorded()).toMatchObject([{ kind: 'outcome', outcome: 'unusable', error_class: 'context_too_large', snapshot: { caps: { maxContextTokens: 100 } } }]);
  });

  it('asks for the size again for each model', async () => {
    const { outlay } = await start();
    const asked: unknown[] = [];
    const inputTokens = ({ model }: { model: string | undefined }): Promise<number> => (asked.push(model), Promise.resolve(model === 'beta' ? 101 : 100));
    const action = (): Promise<never> => Promise.reject(Object.assign(new Error('x'), { status: 404 }));
    await expect(outlay.run({ ...base, caps: { maxContextTokens: 100 }, inputTokens, action })).rejects.toMatchObject({ code: 'context_too_large' });
    expect(asked).toEqual(['alpha', 'beta']);
  });

  it('warns with the provider\'s count when nobody knew the size', async () => {
    const { outlay, warnings } = await start();
    const usage = { input_tokens: 60, cache_read_input_tokens: 30, cache_creation_input_tokens: 11, output_tokens: 1 };
    await outlay.run({ ...base, caps: { maxContextTokens: 100 }, action: ({ record }) => record({ provider: 'anthropic', usage }) });
    await outlay.run({ ...base, caps: { maxContextTokens: 101 }, action: ({ record }) => record({ provider: 'anthropic', usage }) });
    expect(warnings).toMatchObject([{ code: 'context_too_large', message: expect.stringContaining('101 input tokens'), customerId: 'c1' }]);
  });

  it('counts what is recorded by class, and by the names of other providers', async () => {
    const { outlay, warnings } = await start();
    const counted = [
      { provider: 'x', quantities: { input_uncached: 90, cache_read: 11, output_text: 500 } },
      { provider: 'google', usage: { promptTokenCount: 101 } },
      { provider: 'openai', usage: { inputTokens: 101 } },
    ];
    for (const usage of counted) await outlay.run({ ...base, caps: { maxContextTokens: 100 }, action: ({ record }) => record(usage) });
    expect(warnings.map((warning) => warning.code)).toEqual(['context_too_large', 'context_too_large', 'context_too_large']);
  });

  it('is never ignored silently: a call without a size, or none that anybody saw, is said', async () => {
    const { outlay, codes } = await start();
    const caps = { maxContextTokens: 100 };
    await outlay.run({ ...base, caps, action: ({ record }) => record({ provider: 'x' }) });
    expect(codes()).toEqual(['context_unchecked']);
    await outlay.run({ ...base, caps, action: ({ model }) => model });
    expect(codes()).toEqual(['context_unchecked', 'context_unchecked', 'no_usage_recorded']);
    await outlay.run({ ...base, caps, inputTokens: 5, action: ({ record }) => record({ provider: 'x' }) });
    await outlay.run({ ...base, caps, action: () => 'no call, nothing to check' });
    expect(codes().length).toBe(3);
  });

  it('refuses a count that is none', async () => {
    const { outlay } = await start();
    await expect(outlay.run({ ...base, inputTokens: Number.NaN, action: () => 1 })).rejects.toMatchObject({ code: 'invalid_option', field: 'inputTokens' });
  });
});

describe('softDailyCost', () => {
  const run = async (limit: number | string, today: Record<string, string>, customerId: string | undefined = 'c1'): Promise<readonly OutlayWarning[]> => {
    const { outlay, ledger, warnings, close } = await start();
    ledger.today = today;
    await outlay.run({ workflow: 'w', customerId, caps: { softDailyCost: limit }, action: ({ record }) => record({ provider: 'x' }) });
    await outlay.flush();
    const kept = [...warnings];
    expect(ledger.requests.every((request) => request.today)).toBe(true);
    await close();
    return kept;
  };

  it('warns once, from the total that comes with the batch, compared exactly', async () => {
    expect(await run(4, { c1: '4.00' })).toEqual([
      expect.objectContaining({ code: 'soft_cap_reached', customerId: 'c1', workflow: 'w', todayUsd: '4.00', limitUsd: '4', message: expect.stringContaining('$4.00 today') }),
    ]);
    expect(await run('4.00', { c1: '3.999999999999' })).toEqual([]);
    expect(await run('0.30', { c1: '0.300000000001' })).toMatchObject([{ code: 'soft_cap_reached' }]);
    expect(await run(0.3, { c1: '0.299999999999' })).toEqual([]);
  });

  it('is never ignored silently: without a total, without a customer, or when events are lost', async () => {
    expect(await run(4, {})).toMatchObject([{ code: 'soft_cap_unchecked', message: expect.stringContaining('did not answer') }]);
    const { outlay, warnings } = await start({ delivery: { maxQueueEvents: 0 } });
    await outlay.run({ workflow: 'w', caps: { softDailyCost: 1 }, action: () => 1 });
    expect(warnings[0]).toMatchObject({ code: 'soft_cap_unchecked', message: expect.stringContaining('no customerId') });
    await outlay.run({ ...base, caps: { softDailyCost: 1 }, action: () => 1 });
    expect(warnings.map((warning) => warning.code)).toEqual(['soft_cap_unchecked', 'event_dropped', 'event_dropped', 'soft_cap_unchecked']);
  });

  it('also tells the run\'s own onWarning, and other runs do not ask', async () => {
    const { outlay, ledger, warnings } = await start();
    ledger.today = { c1: '9' };
    const own: OutlayWarning[] = [];
    await outlay.run({ ...base, caps: { softDailyCost: 1 }, onWarning: (warning) => own.push(warning), action: () => 1 });
    await outlay.flush();
    await outlay.run({ ...base, action: () => 1 });
    await outlay.flush();
    expect(own).toEqual(warnings);
    expect(own.length).toBe(1);
    expect(ledger.requests.map((request) => request.today)).toEqual([true, false]);
  });
});

describe('entitlement', () => {
  it('larger than 8 kB, or no JSON, is left out with its reason; the price and the caps stay', async () => {
    const { outlay, ledger, warnings } = await start();
    const circular: Record<string, unknown> = { priceId: 'p1' };
    circular['self'] = circular;
    await outlay.run({ ...base, entitlement: { priceId: 'p0', text: 'x'.repeat(9_000) }, caps: { maxContextTokens: 5 }, action: () => 1 });
    await outlay.run({ ...base, entitlement: circular, action: () => 1 });
    await outlay.run({ ...base, entitlement: 'gold', action: () => 1 });
    await outlay.flush();
    expect(ledger.outcomes().map((event) => [event['active_price_id'], event['snapshot']])).toEqual([
      ['p0', { caps: { maxContextTokens: 5 }, entitlement_omitted: 'too_large' }],
      ['p1', { entitlement_omitted: 'not_json' }],
      [undefined, { entitlement: 'gold' }],
    ]);
    expect(warnings.map((warning) => warning.code)).toEqual(['entitlement_omitted', 'entitlement_omitted']);
  });
});
