/** The world of `testing-world.ts` on a real Redis, and the script against the rule: the same requests, rates and models included, get the same answers from both stores. */
import { randomUUID } from 'node:crypto';
import { startTestRedis, type TestRedis, whyNoRedis } from '@outlay/platform/testing';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BeginRequest, METRICS } from './decide';
import type { Begun, GateStore } from './gate-store';
import { createMemoryStore } from './memory-store';
import { createRedisStore } from './redis-store';
import { play, steps } from './testing-world';

const INTERLEAVINGS = 2_000;
const CONVERSATIONS = 150;
const why = whyNoRedis();

describe.skipIf(why)(`the Redis store${why === undefined ? '' : `: ${why}`}`, () => {
  let server: TestRedis;
  let redis: Redis;
  beforeAll(async () => {
    server = await startTestRedis();
    redis = new Redis(server.url);
    redis.setMaxListeners(0);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.close();
  });

  it(`passes no hard limit, forgets no hold, keeps none for ever, counts each batch once: ${INTERLEAVINGS} interleavings`, { timeout: 300_000 }, async () => {
    await fc.assert(fc.asyncProperty(steps, async (list) => {
      await play(list, { store: createRedisStore({ redis, prefix: randomUUID() }), lose: async () => void await redis.flushall() }, 'team');
    }), { numRuns: INTERLEAVINGS });
    // Not a key of a counter but those of the last plays is left to see: nothing else is kept for ever.
    expect((await redis.keys('*:h:*')).length).toBe(0);
  });

  it(`answers as the memory store does: ${CONVERSATIONS} conversations`, { timeout: 120_000 }, async () => {
    await fc.assert(fc.asyncProperty(fc.array(call, { minLength: 10, maxLength: 40, size: 'max' }), async (calls) => {
      const stores = [createMemoryStore(), createRedisStore({ redis, prefix: randomUUID() })];
      const answers = await Promise.all(stores.map(async (store) => {
        await store.isRestored('team');
        await store.restore('team', new Map(), []);
        await store.set('team', new Map(), new Map(KEYS.map((key) => [key, 0])));
        await store.setUsed('team', new Map([['p:acme|credits|-', -100]]));
        const told: unknown[] = [];
        let batch = 0;
        for (const { what, run, request, amount } of calls) {
          if (what === 'apply') await store.apply('team', 0, ++batch, [{ runId: `r${run}`, metric: METRICS[run % 3]!, amount, keys: [KEYS[amount % KEYS.length]!] }]);
          else if (what === 'release') told.push(await store.release('team', `r${run}`));
          else if (what === 'expire') told.push((await store.expire(request.nowMs)).map(({ runId }) => runId).sort());
          else told.push(normal(await ask(store, what, run, request, amount)));
        }
        told.push([...await store.holds('team')].sort((a, b) => a.runId.localeCompare(b.runId)).map((hold) => ({ ...hold, reserves: [...hold.reserves].sort((a, b) => a.key.localeCompare(b.key)) })));
        return told;
      }));
      expect(answers[1]).toEqual(answers[0]);
    }), { numRuns: CONVERSATIONS });
  });
});

const T0 = 1_800_000_000_000;
const KEYS = ['c:acme|cost|d1', 'c:acme|cost|d2', 'm:big|cost|d1', 'a:acme:1|units|m1'];
const limit = fc.record({
  metric: fc.constantFrom(...METRICS), mode: fc.constantFrom('soft' as const, 'degrade' as const, 'hard' as const, 'hard' as const), limit: fc.integer({ min: 0, max: 120 }), keys: fc.subarray(KEYS), model: fc.option(fc.constantFrom('big', 'small', 'other')),
  reason: fc.constantFrom('hard_cap_reached' as const, 'risk_blocked' as const, 'quota_exhausted' as const, 'credits_exhausted' as const),
});
const rate = fc.oneof(
  fc.record({ kind: fc.constant('sliding_window' as const), id: fc.constant('w'), key: fc.constantFrom('r:1', 'r:2'), limit: fc.integer({ min: 0, max: 5 }), windowMs: fc.integer({ min: 1, max: 3_000 }) }),
  fc.record({ kind: fc.constant('token_bucket' as const), id: fc.constant('b'), key: fc.constantFrom('r:3', 'r:4'), limit: fc.integer({ min: 1, max: 5 }), burst: fc.integer({ min: 1, max: 4 }), windowMs: fc.integer({ min: 1, max: 3_000 }) }),
);
/** A counter has one metric: its limits share it. */
const METRIC_OF: Readonly<Record<string, (typeof METRICS)[number]>> = { [KEYS[3]!]: 'units' };
const request: fc.Arbitrary<BeginRequest> = fc.record({
  nowMs: fc.integer({ min: T0, max: T0 + 3_000 }), environmentMatches: fc.constantFrom(true, true, true, true, true, true, true, false), suspended: fc.constant(false),
  route: fc.array(fc.record({ model: fc.constantFrom('big', 'small', 'other'), allowed: fc.boolean(), cheaper: fc.boolean() }), { maxLength: 3 }),
  sizes: fc.constantFrom([], [], [{ name: 'files', asked: 3, limit: 3 }], [{ name: 'files', asked: 4, limit: 3 }]), missingFeatures: fc.constantFrom([], [], [], [], ['export']), rates: fc.uniqueArray(rate, { maxLength: 2, selector: ({ key }) => key }),
  limits: fc.array(limit, { maxLength: 5 }).map((list) => list.map(({ keys, model, metric, ...each }, i) => {
    const own = metric === 'credits' ? ['p:acme|credits|-'] : metric === 'runs' ? ['t:|runs|-'] : keys.filter((key) => (METRIC_OF[key] ?? 'cost') === metric);
    return { ...each, metric, id: `l${i}`, windows: own.map((key) => ({ key, endMs: null })), ...(model === null ? {} : { model }) };
  })),
  reservation: fc.record({ amounts: fc.record(Object.fromEntries(METRICS.map((metric) => [metric, fc.integer({ min: 0, max: 30 })])), { requiredKeys: [] }), bounded: fc.boolean(), most: fc.constant({}) }),
});
const call = fc.record({ what: fc.constantFrom('begin' as const, 'begin' as const, 'begin' as const, 'begin' as const, 'check' as const, 'extend' as const, 'apply' as const, 'release' as const, 'expire' as const), run: fc.nat(12), request, amount: fc.integer({ min: 0, max: 40 }) });

function ask(store: GateStore, what: 'begin' | 'check' | 'extend', run: number, asked: BeginRequest, lifeMs: number): Promise<Begun | null> {
  const of = { runId: `r${run}`, expiresMs: asked.nowMs + 200 + lifeMs * 20 };
  return what === 'check' ? store.check('team', asked) : store[what]('team', of, asked);
}

/** Redis keeps the counts of a window without the empty slots at its end. */
function normal(answer: Begun | null): unknown {
  return JSON.parse(JSON.stringify(answer, (_key, value: unknown) => {
    if (!Array.isArray(value) || !value.every((each) => typeof each === 'number')) return value;
    return value.slice(0, value.findLastIndex((each) => each !== 0) + 1);
  }));
}
