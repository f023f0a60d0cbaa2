export { openDataFolder } from './data-folder';
export { openDatabase, type Database, type DatabaseOptions, type DatabaseUrls } from './database';
export { startEmbeddedPostgres, type EmbeddedPostgres, type EmbeddedPostgresOptions } from './embedded-postgres';
export { diffSchema, migrate, missingMigrations, type MigrateOptions } from './migrate';
export { readMigrations } from './migrations';
export { connectionConfig, createPool } from './pools';
export { EMBEDDED_DATABASE, EMBEDDED_LOGIN, missingRights, POSTGRES_MAJOR_MIN, provisionEmbedded, provisionExternal, provisioningSql, ROLES, type Role } from './roles';
export { databaseName, unreachableDatabase } from './unreachable';
export { Prisma, PrismaClient } from '../generated/client';
