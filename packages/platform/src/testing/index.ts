export { startTestRedis, whyNoRedis, type TestRedis } from './redis-server';
export { createTenantFixture, type TenantFixture } from './tenant-fixture';
export { createEmptyDatabase, createTestDatabase, type TestDatabase } from './test-database';
export { until } from './until';
