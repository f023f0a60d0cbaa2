export { plantRow } from './plant-row';
export { startTestRedisCluster, type TestRedisCluster } from './redis-cluster';
export { startTestRedis, whyNoRedis, type TestRedis } from './redis-server';
export { createTenantFixture, type TenantFixture } from './tenant-fixture';
export { createEmptyDatabase, createTestDatabase, type TestDatabase } from './test-database';
export { startTraceCollector, type CollectedSpan, type TraceCollector } from './trace-collector';
export { until } from './until';
