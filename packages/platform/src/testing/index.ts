export { createTenantFixture, type TenantFixture } from './tenant-fixture';
export { createEmptyDatabase, createTestDatabase, type TestDatabase } from './test-database';
