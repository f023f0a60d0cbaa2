import { randomUUID } from 'node:crypto';
import { startTestRedis, type TestRedis, whyNoRedis } from '@outlay/platform/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRedisStore } from './redis-store';
import { describeGateStore, requestOf, T0 } from './testing-conformance';

const why = whyNoRedis();

describe.skipIf(why)(`the Redis store${why === undefined ? '' : `: ${why}`}`, () => {
  let server: TestRedis;
  let redis: Redis;
  beforeAll(async () => {
    server = await startTestRedis();
    redis = new Redis(server.url);
    // Each test opens a store of its own on the one connection.
    redis.setMaxListeners(0);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.close();
  });
  it('ends the holds of a process that did not see that Redis was flushed', async () => {
    const prefix = randomUUID();
    const [one, other] = [createRedisStore({ redis, prefix }), createRedisStore({ redis, prefix })];
    const open = async (store: typeof one, runId: string, expiresMs: number): Promise<void> => {
      expect(await store.begin('team', { runId, expiresMs }, requestOf({ limits: [] }))).toMatchObject({ kind: 'decided' });
    };
    await one.restore('team', new Map(), [], await one.watch('team'));
    await open(one, 'before', T0 + 5_000);
    await redis.flushall();
    await other.restore('team', new Map(), [], await other.watch('team'));
    await open(one, 'after', T0 + 6_000);
    expect(await one.expire(T0 + 6_000)).toEqual([{ tenantId: 'team', runId: 'after' }]);
    await Promise.all([one.close(), other.close()]);
  });
  describeGateStore(() => ({ store: createRedisStore({ redis, prefix: randomUUID() }), lose: async () => void await redis.flushall() }));
});
