import { randomUUID } from 'node:crypto';
import { startTestRedis, type TestRedis, whyNoRedis } from '@outlay/platform/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe } from 'vitest';
import { createRedisStore } from './redis-store';
import { describeGateStore } from './testing-conformance';

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
  describeGateStore(() => ({ store: createRedisStore({ redis, prefix: randomUUID() }), lose: async () => void await redis.flushall() }));
});
