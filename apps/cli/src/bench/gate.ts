/**
 * `npm run bench -- gate`: goals B1 to B4 and B6 to B8. Both stores and the whole way over HTTP, beside a bare EVALSHA, a rate limiter of npm, and a bare HTTP echo in the same run. What is
 * begun has three caps and allowances, credits, open runs, a rate and a route.
 */
import { createLeasedStore, createMemoryStore, createRedisStore, type GateStore } from '@outlay/gate';
import { Ratelimit } from '@upstash/ratelimit';
import { Redis } from 'ioredis';
import { type BenchRedis, startBenchRedis } from './bench-redis';
import { measureHttp } from './gate-http';
import { COUNTERS_A_TENANT, LIFE_MS, makeRequest, ready, spendOf } from './gate-requests';
import type { BenchReport, Goal } from './goals';
import { quantile, runRounds, type Side } from './rounds';

export interface GateBenchOptions {
  readonly migrationsDir: string;
  readonly mainFile: string;
  /** Begins a side and a round, 64 at a time; a tenth of them one by one. */
  readonly events: number;
  readonly rounds: number;
  /** Tenants of the large Redis of goal B7. */
  readonly tenants: number;
  readonly progress: (text: string) => void;
}

const TENANTS = 200;
const AT_ONCE = 64;
/** Runs that one group of the ledger's writer settles. */
const RUNS_A_BATCH = 20;

export async function benchGate(options: GateBenchOptions): Promise<BenchReport> {
  const figures: Record<string, number> = {};
  const goals: Goal[] = [];
  const redis = await startBenchRedis();
  try {
    await measureStores(options, redis, goals, figures);
    await measureTenants(options, redis, goals, figures);
    await redis.client.flushall();
    await measureHttp(options, redis, goals, figures);
  } finally {
    await redis.close();
  }
  return { bench: 'gate', goals: goals.sort((a, b) => a.id.localeCompare(b.id)), figures };
}

/** One by one, then many at once: p50 of the first, rate of the second. */
async function measure(count: number, redis: BenchRedis, once: (n: number) => Promise<unknown>): Promise<Record<string, number>> {
  const waits: number[] = [];
  const alone = Math.max(200, Math.round(count / 10));
  for (let n = 0; n < alone; n++) {
    const started = performance.now();
    await once(n);
    waits.push((performance.now() - started) * 1_000);
  }
  await redis.scriptMicros();
  const { seconds, waits: together } = await manyAtOnce(count, (n) => once(alone + n));
  return { 'p50 µs': quantile(waits, 0.5), 'p99 µs': quantile(waits, 0.99), 'ops/s': count / seconds, 'p50 µs of 64 at once': quantile(together, 0.5) * 1_000, 'µs in Redis': await redis.scriptMicros() };
}

async function manyAtOnce(count: number, once: (n: number) => Promise<unknown>): Promise<{ seconds: number; waits: number[] }> {
  let next = 0;
  const waits: number[] = [];
  const started = performance.now();
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (next < count) {
      const n = next++;
      const sent = performance.now();
      await once(n);
      waits.push(performance.now() - sent);
    }
  }));
  return { seconds: (performance.now() - started) / 1_000, waits };
}

async function begin(store: GateStore, tenantId: string, runId: string, withRate = true): Promise<void> {
  const nowMs = Date.now();
  const answer = await store.begin(tenantId, { runId, expiresMs: nowMs + LIFE_MS }, makeRequest(nowMs, withRate));
  if (answer.kind !== 'decided' || answer.decision.verdict !== 'allow') throw new Error(`A begin was not allowed: ${JSON.stringify(answer)}`);
}

async function measureStores({ events, rounds, progress }: GateBenchOptions, redis: BenchRedis, goals: Goal[], figures: Record<string, number>): Promise<void> {
  const { client } = redis;
  const memory = createMemoryStore();
  const store = createRedisStore({ redis: client, timeoutMs: 10_000 });
  const leased = createLeasedStore(createRedisStore({ redis: client, prefix: 'leased', timeoutMs: 10_000 }), { spareMs: LIFE_MS });
  for (let i = 0; i < TENANTS; i++) await Promise.all([ready(memory, `t${i}`), ready(store, `t${i}`)]);
  await ready(leased, 'hot');
  const sha = String(await client.script('LOAD', 'return 1'));
  const limiter = await createLimiter(client);
  let run = 0;
  const fresh = (each: GateStore, prepare: () => Promise<void>, once: (n: number) => Promise<unknown>): Side['run'] => async () => {
    await prepare();
    const read = await measure(events, redis, once);
    // Each round begins with no open hold, as after an hour.
    await each.expire(Date.now() + 2 * LIFE_MS);
    return read;
  };
  const nothing = (): Promise<void> => Promise.resolve();
  const sides: Side[] = [
    { name: 'bare EVALSHA', run: () => measure(events, redis, () => client.evalsha(sha, 1, 'bare')) },
    { name: '@upstash tokenBucket', run: () => measure(events, redis, async (n) => {
      if (!(await limiter.limit(`t${n % TENANTS}`)).success) throw new Error('The rate limiter refused.');
    }) },
    { name: 'begin in Redis', run: fresh(store, nothing, (n) => begin(store, `t${n % TENANTS}`, `r${run++}`)) },
    { name: 'begin in memory', run: fresh(memory, nothing, (n) => begin(memory, `t${n % TENANTS}`, `r${run++}`)) },
    { name: 'begin from a lease', run: fresh(leased, async () => {
      for (let n = 0; n < 2_000; n++) await begin(leased, 'hot', `w${run++}`, false);
    }, () => begin(leased, 'hot', `r${run++}`, false)) },
    { name: 'settle', run: async () => {
      const batches = Math.ceil(events / 10 / RUNS_A_BATCH);
      let [applied, released] = [0, 0];
      for (let batch = 0; batch < batches; batch++) {
        const [tenantId, from] = [`t${batch % TENANTS}`, run];
        const ids = Array.from({ length: RUNS_A_BATCH }, () => `r${run++}`);
        await Promise.all(ids.map((id) => begin(store, tenantId, id)));
        await redis.scriptMicros();
        await store.apply(tenantId, 1, from + 1, ids.flatMap(spendOf));
        applied += await redis.scriptMicros(true);
        await Promise.all(ids.map((id) => store.release(tenantId, id)));
        released += await redis.scriptMicros(true);
      }
      return { 'µs in Redis a run': (applied + released) / batches / RUNS_A_BATCH };
    } },
  ];
  const measured = await runRounds(sides, rounds, progress);
  for (const [name, { figures: read }] of measured) for (const [figure, { median, min, max }] of Object.entries(read)) {
    if (Number.isNaN(median)) continue;
    figures[`${name}, ${figure}`] = median;
    if (figure === 'ops/s') figures[`${name}, ${figure} spread %`] = ((max - min) / median) * 100;
  }
  await leased.close();
  const of = (name: string, figure: string): number => measured.get(name)!.figures[figure]!.median;
  const [bare, redisBegin, limit, lease] = ['bare EVALSHA', 'begin in Redis', '@upstash tokenBucket', 'begin from a lease'];
  goals.push(
    { id: 'B1', what: 'p50 of a begin in Redis, one by one / of a bare EVALSHA', value: of(redisBegin, 'p50 µs') / of(bare, 'p50 µs'), goal: 1.2, better: 'lower' },
    { id: 'B2', what: 'begins a second, 64 at once / bare EVALSHAs', value: of(redisBegin, 'ops/s') / of(bare, 'ops/s'), goal: 0.5, better: 'higher' },
    { id: 'B2b', what: 'microseconds of a begin inside Redis, 200 tenants', value: of(redisBegin, 'µs in Redis'), goal: 12, better: 'lower' },
    { id: 'B3', what: 'p50 of a begin / of the token bucket of @upstash, which only limits rates', value: of(redisBegin, 'p50 µs') / of(limit, 'p50 µs'), goal: 1.1, better: 'lower' },
    { id: 'B3b', what: 'begins a second, 64 at once / of that', value: of(redisBegin, 'ops/s') / of(limit, 'ops/s'), goal: 0.95, better: 'higher' },
    { id: 'B6', what: 'microseconds of a begin from a lease, p50', value: of(lease, 'p50 µs'), goal: 5, better: 'lower' },
    { id: 'B6b', what: 'that / p50 of a bare EVALSHA', value: of(lease, 'p50 µs') / of(bare, 'p50 µs'), goal: 0.05, better: 'lower' },
    { id: 'B7', what: 'a run settled (its part of a batch, its release) / a begin, inside Redis', value: of('settle', 'µs in Redis a run') / of(redisBegin, 'µs in Redis'), goal: 0.8, better: 'lower' },
  );
}

/** @upstash/ratelimit speaks HTTP to its own Redis; here it calls a local one through ioredis. Its scripts begin with a line that Redis 7 does not take from elsewhere. */
async function createLimiter(client: Redis): Promise<Ratelimit> {
  const shas = new Map<string, string>();
  const local = {
    evalsha: async (hash: string, keys: string[], args: unknown[]): Promise<unknown> => {
      const sha = shas.get(hash);
      if (sha === undefined) throw new Error('NOSCRIPT');
      return client.evalsha(sha, keys.length, ...keys, ...(args as string[]));
    },
    eval: async (script: string, keys: string[], args: unknown[]): Promise<unknown> => {
      const plain = script.replace(/^#!.*\n/, '');
      shas.set('only', String(await client.script('LOAD', plain)));
      return client.eval(plain, keys.length, ...keys, ...(args as string[]));
    },
  };
  const byOne = { ...local, evalsha: (_hash: string, keys: string[], args: unknown[]) => local.evalsha('only', keys, args) };
  const limiter = new Ratelimit({ redis: byOne as unknown as ConstructorParameters<typeof Ratelimit>[0]['redis'], limiter: Ratelimit.tokenBucket(1_000_000, '1 s', 1_000_000), ephemeralCache: false, analytics: false, timeout: 0 });
  await limiter.limit('warm');
  return limiter;
}

/** The same begin with few teams and with very many, and what their counters take. */
async function measureTenants({ events, rounds, tenants, progress }: GateBenchOptions, redis: BenchRedis, goals: Goal[], figures: Record<string, number>): Promise<void> {
  await redis.client.flushall();
  const store = createRedisStore({ redis: redis.client, timeoutMs: 30_000 });
  const before = await redis.usedBytes();
  progress(`${tenants} tenants`);
  await manyAtOnce(tenants, (n) => ready(store, `t${n}`));
  const bytes = await redis.usedBytes() - before;
  figures['bytes of a live counter, its share of the team included'] = bytes / (tenants * COUNTERS_A_TENANT);
  figures['MB of 1M live counters'] = bytes / (tenants * COUNTERS_A_TENANT);
  let run = 0;
  const side = (name: string, count: number): Side => ({
    name,
    run: async () => {
      const step = Math.max(Math.floor(count / 7), 1);
      const read = await measure(events, redis, (n) => begin(store, `t${(n * step + (n % 7)) % count}`, `r${run++}`));
      await store.expire(Date.now() + 2 * LIFE_MS);
      return read;
    },
  });
  const fewer = Math.min(TENANTS, Math.ceil(tenants / 2));
  const [few, many] = [`begin among ${fewer} tenants`, `begin among ${tenants} tenants`];
  const measured = await runRounds([side(few, fewer), side(many, tenants)], rounds, progress);
  for (const [name, { figures: read }] of measured) for (const figure of ['ops/s', 'µs in Redis']) figures[`${name}, ${figure}`] = read[figure]!.median;
  goals.push({ id: 'B7b', what: `a begin inside Redis among ${tenants.toLocaleString('en-US')} tenants / among ${fewer}`, value: measured.get(many)!.figures['µs in Redis']!.median / measured.get(few)!.figures['µs in Redis']!.median, goal: 2, better: 'lower' });
}
