import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../../..');
export const MIGRATIONS_DIR = join(ROOT, 'prisma/migrations');
export const SCHEMA_DIR = join(ROOT, 'prisma/schema');
export const SCHEMA_SQL = join(ROOT, 'prisma/schema.sql');
export const GENERATE = join(ROOT, 'packages/platform/generate.mjs');
export const TEMPLATE = 'outlay_template';
