/** A gate that cannot be asked, and a key that may not. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createOutlay, type OutlayOptions } from './index.js';
import { denial, type GateReply } from './testing/fake-gate.js';
import { createFixture, type Fixture, until } from './testing/outlay-fixture.js';

let fixture: Fixture;
const start = async (options?: Partial<OutlayOptions>): Promise<Fixture> => (fixture = await createFixture({ models: ['alpha', 'beta', 'gamma'], ...options }));
afterEach(() => fixture.close());

const base = { customerId: 'c1', workflow: 'w' };
const call = { provider: 'openai', usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } };
const AWAY: readonly (readonly [string, GateReply])[] = [
  ['silent', 'hang'],
  ['unreachable', 'reset'],
  ['broken', { status: 500, body: { error: { code: 'internal', message: 'Something failed.' } } }],
  ['behind a proxy that refuses', { status: 403, body: '<html>' }],
  ['reloading', denial('gate_unavailable')],
];

describe.each(AWAY)('a gate that is %s', (_how, reply) => {
  // Nobody waits for one that is silent; one that answers has time, also on a busy machine.
  const patience = reply === 'hang' ? { gate: { timeoutMs: 40 } } : {};
  it('allow, the default: the run goes on, is recorded, and counts as ungated', async () => {
    const { outlay, gate, ledger, warnings } = await start(patience);
    gate.answer = () => reply;
    expect(await outlay.run({ ...base, action: ({ model, record, decision }) => (record(call), `${decision} ${model}`) })).toBe('ungated alpha');
    await outlay.flush();
    expect(warnings).toMatchObject([{ code: 'gate_unavailable', customerId: 'c1', workflow: 'w', message: expect.stringContaining('counts as ungated') }]);
    expect(ledger.recorded().map((event) => event.kind)).toEqual([undefined, 'outcome']);
    expect(outlay.stats()).toMatchObject({ ungated: 1, begun: 0, denied: 0 });
  });

  it('degrade: with the last model of the route', async () => {
    const { outlay, gate } = await start(patience);
    gate.answer = () => reply;
    expect(await outlay.run({ ...base, onGateUnavailable: 'degrade', action: ({ model, record }) => (record(call), model) })).toBe('gamma');
  });

  it('deny: a typed error, and what may have been held is let go', async () => {
    const { outlay, gate, ledger } = await start(patience);
    gate.answer = ({ verb }) => (verb === 'begin' ? reply : undefined);
    await expect(outlay.run({ ...base, onGateUnavailable: 'deny', action: () => 1 })).rejects.toMatchObject({ name: 'OutlayDenied', reason: 'gate_unavailable', status: 503, retryAfterSeconds: 5, nextStep: expect.any(String) });
    await until('it was let go', () => gate.asked('release').length === 1);
    await outlay.flush();
    expect(ledger.recorded()).toEqual([]);
  });
});

describe('the policy', () => {
  it('is what the server said of the workflow when it last could; the client\'s, and the run\'s own, win', async () => {
    const { outlay, gate } = await start();
    gate.policy = 'deny';
    const run = (options: object = {}): Promise<string> => outlay.run({ ...base, ...options, action: ({ model, record }) => (record(call), model) });
    await run();
    gate.answer = () => 'reset';
    await expect(run()).rejects.toMatchObject({ reason: 'gate_unavailable' });
    expect(await run({ workflow: 'other' })).toBe('alpha');
    expect(await run({ onGateUnavailable: 'degrade' })).toBe('gamma');
    gate.answer = () => undefined;
    expect(await run()).toBe('alpha');
  });

  it('of the client covers its wrapped calls; a wrong one is refused', async () => {
    expect(() => createOutlay({ apiKey: 'k', baseUrl: 'http://localhost:4400', onGateUnavailable: 'ignore' as never })).toThrow('onGateUnavailable');
    const { outlay, gate } = await start({ onGateUnavailable: 'deny' });
    gate.answer = () => 'reset';
    await expect(outlay.run({ ...base, action: () => 1 })).rejects.toMatchObject({ reason: 'gate_unavailable' });
    await expect(outlay.run({ ...base, onGateUnavailable: 'sometimes' as never, action: () => 1 })).rejects.toMatchObject({ code: 'invalid_option' });
  });

  it('degrades along the route that the server told before', async () => {
    const { outlay, gate } = await start({ models: [] });
    gate.answer = () => ({ status: 200, body: { models: ['dear', 'cheap'] } });
    const run = (): Promise<string> => outlay.run({ ...base, onGateUnavailable: 'degrade', action: ({ model, record }) => (record(call), model) });
    expect(await run()).toBe('dear');
    gate.answer = () => 'reset';
    expect(await run()).toBe('cheap');
  });
});

describe('a gate that is slow', () => {
  it('costs one run its patience, not every one; asked again, it is back', async () => {
    const { outlay, gate } = await start({ gate: { timeoutMs: 1_000 } });
    gate.answer = () => 'hang';
    const run = (): Promise<string> => outlay.run({ ...base, action: ({ record, decision }) => (record(call), decision) });
    expect(await run()).toBe('ungated');
    const startedMs = Date.now();
    expect(await Promise.all([run(), run(), run()])).toEqual(['ungated', 'ungated', 'ungated']);
    expect(Date.now() - startedMs).toBeLessThan(1_000);
    expect(gate.asked('begin').length).toBe(1);
    gate.answer = () => undefined;
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      vi.setSystemTime(Date.now() + 600);
      expect(await run()).toBe('allow');
      expect(await run()).toBe('allow');
    } finally {
      vi.useRealTimers();
    }
    expect(gate.asked('begin').length).toBe(3);
  });

  it('a kept-alive connection that broke is not a gate that is away: it is asked once more, under the same run id', async () => {
    const { outlay, gate, codes } = await start();
    let asked = 0;
    gate.answer = ({ verb }) => (verb === 'begin' && (asked += 1) === 1 ? 'reset' : undefined);
    expect(await outlay.run({ ...base, action: ({ record, decision }) => (record(call), decision) })).toBe('allow');
    expect(new Set(gate.asked('begin').map(({ runId }) => runId)).size).toBe(1);
    expect(codes()).toEqual([]);
  });
});

describe('without a gate', () => {
  it.each([
    ['a key that may not', { status: 403, body: { error: { code: 'ability_missing', message: 'This API key lacks the ability "gate".' } } }],
    ['an older Outlay', { status: 404, body: { error: { code: 'not_found', message: 'No such route.' } } }],
  ])('%s: recorded as ever, said once, and not asked again for each run', async (_who, reply) => {
    const { outlay, gate, ledger, codes } = await start();
    gate.answer = () => reply;
    for (let i = 0; i < 3; i++) expect(await outlay.run({ ...base, onGateUnavailable: 'deny', action: ({ model, record, decision }) => (record(call), `${decision} ${model}`) })).toBe('off alpha');
    await outlay.flush();
    expect(codes()).toEqual(['gate_off']);
    expect(ledger.outcomes().length).toBe(3);
    expect(gate.requests.length).toBe(1);
  });

  it('by option: no question is asked', async () => {
    const { outlay, gate, codes } = await start({ gate: false });
    await outlay.run({ ...base, action: ({ record }) => record(call) });
    await outlay.flush();
    expect(gate.requests).toEqual([]);
    expect(codes()).toEqual([]);
  });
});
