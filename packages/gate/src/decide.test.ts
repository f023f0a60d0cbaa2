import { describe, expect, it } from 'vitest';
import { type BeginRequest, type Counter, decide, type GateState, type Limit } from './decide';
import { REASONS } from './reasons';

const NOW = 1_000_000;
const END = NOW + 5_000;
const state = (counters: Readonly<Record<string, Counter>> = {}): GateState => ({ counter: (key) => counters[key] ?? { used: 0, held: 0 }, rate: () => undefined });
const limit = (given: Partial<Limit> = {}): Limit => ({ id: 'cap', metric: 'cost', mode: 'hard', reason: 'hard_cap_reached', limit: 100, windows: [{ key: 'today', endMs: END }], ...given });
const request = (given: Partial<BeginRequest> = {}): BeginRequest => ({
  nowMs: NOW, environmentMatches: true, suspended: false, route: [{ model: 'big', allowed: true, cheaper: false }, { model: 'small', allowed: true, cheaper: true }], sizes: [], missingFeatures: [], rates: [], limits: [],
  reservation: { amounts: { cost: 10 }, bounded: true, most: {} }, ...given,
});
const told = (given: Partial<BeginRequest>, counters: Readonly<Record<string, Counter>> = {}) => {
  const { verdict, reason, by } = decide(state(counters), request(given));
  return [verdict, reason, by];
};

it('allows what nothing forbids, with the route in its order', () => {
  expect(decide(state(), request())).toMatchObject({ verdict: 'allow', reason: null, models: ['big', 'small'], holds: [] });
});

describe('a hard limit', () => {
  it('is reached exactly, and never passed', () => {
    expect(told({ limits: [limit()] }, { today: { used: 50, held: 40 } })).toEqual(['allow', null, null]);
    expect(told({ limits: [limit()] }, { today: { used: 50, held: 41 } })).toEqual(['deny', 'hard_cap_reached', 'cap']);
  });

  it('says how much stands in its way and when the window ends', () => {
    expect(decide(state({ today: { used: 99, held: 1 } }), request({ limits: [limit()] }))).toMatchObject({
      retryAfterMs: 5_000, limits: [{ id: 'cap', used: 99, held: 1, asked: 10, limit: 100, windowEndMs: END, passed: true, overshoot: 0 }],
    });
  });

  it('holds for tomorrow too, when the run may live past midnight', () => {
    const twoDays = limit({ windows: [{ key: 'today', endMs: END }, { key: 'tomorrow', endMs: END + 86_400_000 }] });
    expect(told({ limits: [twoDays] }, { tomorrow: { used: 0, held: 91 } })).toEqual(['deny', 'hard_cap_reached', 'cap']);
    expect(decide(state(), request({ limits: [twoDays] }))).toMatchObject({ holds: [{ key: 'today', amount: 10 }, { key: 'tomorrow', amount: 10 }] });
  });

  it('that is passed already, by ungated spend, stops also who asks for nothing of it', () => {
    const nothing = { amounts: { runs: 1 }, bounded: true, most: {} };
    expect(told({ limits: [limit()], reservation: nothing }, { today: { used: 101, held: 0 } })).toEqual(['deny', 'hard_cap_reached', 'cap']);
    expect(told({ limits: [limit()], reservation: nothing }, { today: { used: 100, held: 0 } })).toEqual(['allow', null, null]);
  });

  it('shows what an estimated hold may pass it by', () => {
    const estimated = decide(state({ today: { used: 60, held: 0 } }), request({ limits: [limit()], reservation: { amounts: { cost: 10 }, bounded: false, most: { cost: 75 } } }));
    expect(estimated).toMatchObject({ verdict: 'allow', limits: [{ overshoot: 35 }] });
  });
});

describe('a limit that is not hard', () => {
  it('warns, and the run begins', () => {
    expect(told({ limits: [limit({ mode: 'soft' })] }, { today: { used: 95, held: 0 } })).toEqual(['warn', 'soft_cap_reached', 'cap']);
  });

  it('leaves only the cheaper models, or all when there is none', () => {
    const full = state({ today: { used: 95, held: 0 } });
    expect(decide(full, request({ limits: [limit({ mode: 'degrade' })] }))).toMatchObject({ verdict: 'degrade', models: ['small'] });
    expect(decide(full, request({ limits: [limit({ mode: 'degrade' })], route: [{ model: 'big', allowed: true, cheaper: false }] }))).toMatchObject({ verdict: 'degrade', models: ['big'] });
  });
});

it('checks in its order: the first that fails decides', () => {
  const full = { today: { used: 101, held: 0 } };
  const wrong: Partial<BeginRequest>[] = [
    { environmentMatches: false }, { suspended: true }, { route: [{ model: 'big', allowed: false, cheaper: false }] }, { sizes: [{ name: 'files', asked: 3, limit: 2 }] }, { missingFeatures: ['export'] },
    { rates: [{ kind: 'sliding_window', id: 'per_minute', key: 'k', limit: 0, windowMs: 60_000 }] },
    { limits: [limit({ id: 'lots', reason: 'credits_exhausted' }), limit({ id: 'actions', reason: 'quota_exhausted' }), limit({ id: 'risk', reason: 'risk_blocked' }), limit()] },
    { limits: [limit({ id: 'lots', reason: 'credits_exhausted' }), limit({ id: 'actions', reason: 'quota_exhausted' }), limit({ id: 'risk', reason: 'risk_blocked' })] },
    { limits: [limit({ id: 'lots', reason: 'credits_exhausted' }), limit({ id: 'actions', reason: 'quota_exhausted' })] },
    { limits: [limit({ id: 'lots', reason: 'credits_exhausted' }), limit({ mode: 'soft' })] },
    { limits: [limit({ mode: 'soft' })] },
  ];
  expect(wrong.map((_, i) => told(Object.assign({}, ...wrong.slice(i).reverse()) as Partial<BeginRequest>, full).slice(1))).toEqual([
    ['environment_mismatch', null], ['customer_suspended', null], ['model_not_allowed', 'big'], ['context_too_large', 'files'], ['feature_not_in_plan', 'export'], ['rate_limited', 'per_minute'],
    ['hard_cap_reached', 'cap'], ['risk_blocked', 'risk'], ['quota_exhausted', 'actions'], ['credits_exhausted', 'lots'], ['soft_cap_reached', 'cap'],
  ]);
});

it('counts a counter once, also when two limits look at it', () => {
  expect(decide(state(), request({ limits: [limit(), limit({ id: 'other', mode: 'soft', limit: 50 })] }))).toMatchObject({ holds: [{ key: 'today', metric: 'cost', amount: 10 }] });
});

it('takes nothing from a rate when something else denies', () => {
  const denied = decide(state({ today: { used: 200, held: 0 } }), request({ limits: [limit()], rates: [{ kind: 'sliding_window', id: 'r', key: 'k', limit: 5, windowMs: 1_000 }] }));
  expect('rates' in denied).toBe(false);
});

it('has a sentence and a next step for each reason', () => {
  for (const { sentence, nextStep } of Object.values(REASONS)) expect([sentence, nextStep].every((text) => /^[A-Z].*\.$/.test(text))).toBe(true);
});

describe('a hard limit of one model', () => {
  const ofBig = limit({ model: 'big', windows: [{ key: 'big', endMs: END }] });
  const ofSmall = limit({ id: 'small', model: 'small', windows: [{ key: 'small', endMs: END }] });
  const full = { used: 95, held: 0 };

  it('leaves that model out, and holds nothing for it', () => {
    expect(decide(state({ big: full }), request({ limits: [ofBig, ofSmall] }))).toMatchObject({ verdict: 'warn', by: 'cap', models: ['small'], holds: [{ key: 'small' }] });
    expect(decide(state(), request({ limits: [ofBig] }))).toMatchObject({ verdict: 'allow', models: ['big', 'small'], holds: [{ key: 'big' }] });
  });

  it('denies when no model is left', () => {
    expect(told({ limits: [ofBig, ofSmall] }, { big: full, small: full })).toEqual(['deny', 'hard_cap_reached', 'cap']);
  });
});

it('has limits of the run alone, without a counter', () => {
  expect(told({ limits: [limit({ limit: 10, windows: [] })] })).toEqual(['allow', null, null]);
  expect(told({ limits: [limit({ limit: 9, windows: [] })] })).toEqual(['deny', 'hard_cap_reached', 'cap']);
});
