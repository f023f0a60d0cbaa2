/** The same suite on a real cluster of three: every key that a script touches must be on its node. */
import { randomUUID } from 'node:crypto';
import { startTestRedisCluster, type TestRedisCluster, whyNoRedis } from '@outlay/platform/testing';
import { Cluster } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRedisStore } from './redis-store';
import { describeGateStore, requestOf, T0 } from './testing-conformance';

const why = whyNoRedis();

describe.skipIf(why)(`the Redis store on a cluster${why === undefined ? '' : `: ${why}`}`, () => {
  let servers: TestRedisCluster;
  let redis: Cluster;
  beforeAll(async () => {
    servers = await startTestRedisCluster();
    redis = new Cluster([...servers.nodes]);
    redis.setMaxListeners(0);
  });
  afterAll(async () => {
    redis.disconnect();
    await servers.close();
  });
  describeGateStore(() => ({ store: createRedisStore({ redis, prefix: randomUUID() }), lose: async () => void await Promise.all(redis.nodes('master').map((node) => node.flushall())) }));

  it('spreads teams over its nodes, each team on one', async () => {
    const store = createRedisStore({ redis, prefix: 'spread' });
    for (let i = 0; i < 30; i++) {
      await store.isRestored(`team-${i}`);
      await store.restore(`team-${i}`, new Map(), []);
      await store.set(`team-${i}`, new Map(), new Map([['c:acme|cost|d1', 0]]));
      await store.begin(`team-${i}`, { runId: 'r', expiresMs: T0 + 1 }, requestOf());
    }
    const keys = await Promise.all(redis.nodes('master').map((node) => node.keys('spread:{*')));
    const teams = keys.map((list) => new Set(list.map((key) => key.slice(0, key.indexOf('}')))));
    expect(teams.every(({ size }) => size > 0)).toBe(true);
    expect(teams.reduce((sum, { size }) => sum + size, 0)).toBe(30);
    expect(await store.expire(T0 + 1)).toHaveLength(30);
  });
});
