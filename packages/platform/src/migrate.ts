/** Brings a database up to this version's schema, and proves that migrations and Prisma schema say the same. */
import type { Pool } from 'pg';
import { DomainError } from '@outlay/kernel';
import { readMigrations, readSchemas, toMigrationList, type Migration } from './migrations';
import { createPool } from './pools';
import { withSchemaEngine, type EngineConnections } from './schema-engine';
import { unreachableDatabase } from './unreachable';

export interface MigrateOptions {
  /** A login that may become outlay_owner. */
  readonly url: string;
  readonly migrationsDir: string;
}

/**
 * Applies what is missing, each migration in one transaction with its own bookkeeping, so that a crash at any moment leaves
 * it done or not begun. Several starters wait for one another. Returns the names that were applied now.
 * Errors: `unavailable` when the database is unreachable, newer than this program, or a migration fails.
 */
export async function migrate({ url, migrationsDir }: MigrateOptions): Promise<string[]> {
  const migrations = await readMigrations(migrationsDir);
  // One connection: lock, transactions and engine share its session.
  const pool = createPool(url, 'outlay_owner', { max: 1, statementTimeoutMs: 0 });
  try {
    try {
      await pool.query(`select pg_advisory_lock(hashtextextended('outlay.migrate', 0))`);
    } catch (error) {
      throw unreachableDatabase(url, error);
    }
    const missing = await missingMigrations(pool, migrations);
    if (missing.length > 0) await applyAll(pool, migrationsDir, migrations, missing);
    return missing;
  } finally {
    // Ending the session frees the lock.
    await pool.end();
  }
}

/** The migrations that this database lacks. Errors: `unavailable` when it has others than this program knows. */
export async function missingMigrations(pool: Pool, migrations: readonly Migration[]): Promise<string[]> {
  const { rows: [table] } = await pool.query<{ exists: boolean }>(`select to_regclass('public._prisma_migrations') is not null as exists`);
  if (!table!.exists) return migrations.map(({ name }) => name);
  const { rows } = await pool.query<{ migration_name: string; checksum: string }>(
    'select migration_name, checksum from _prisma_migrations where finished_at is not null and rolled_back_at is null');
  const applied = new Map(rows.map((row) => [row.migration_name, row.checksum]));
  for (const { name, checksum } of migrations) {
    const known = applied.get(name);
    applied.delete(name);
    if (known !== undefined && known !== checksum) {
      throw new DomainError('unavailable', { message: `Migration ${name} was changed after this database had applied it. Restore the file, or use a new database.` });
    }
  }
  const [unknown] = applied.keys();
  if (unknown !== undefined) {
    throw new DomainError('unavailable', { message: `The database is newer than this Outlay: it has migration ${unknown}. Start the newer version, or restore a backup.` });
  }
  const done = new Set(rows.map((row) => row.migration_name));
  return migrations.map(({ name }) => name).filter((name) => !done.has(name));
}

async function applyAll(pool: Pool, migrationsDir: string, migrations: readonly Migration[], missing: readonly string[]): Promise<void> {
  const openShadow = (): Promise<Pool> => Promise.reject(new Error('applying migrations needs no shadow database'));
  for (const name of missing) {
    const upToHere = migrations.slice(0, migrations.findIndex((migration) => migration.name === name) + 1);
    await pool.query('BEGIN');
    try {
      await withSchemaEngine({ main: pool, openShadow }, (engine) =>
        engine.applyMigrations({ migrationsList: toMigrationList(migrationsDir, upToHere), filters: { externalTables: [], externalEnums: [] } }));
      await pool.query('COMMIT');
    } catch (error) {
      await pool.query('ROLLBACK');
      throw new DomainError('unavailable', { message: `Migration ${name} failed and was rolled back: ${error instanceof Error ? error.message : String(error)}`, cause: error });
    }
  }
}

/**
 * What would have to change to bring the migrated schema to prisma/schema, in words; empty when they agree. Says nothing of
 * what Prisma cannot express (policies, triggers, functions, partitions): that is `printSchema`'s part.
 */
export async function diffSchema(connections: EngineConnections, dirs: { schemaDir: string; migrationsDir: string }): Promise<string> {
  const migrations = await readMigrations(dirs.migrationsDir);
  const schemas = await readSchemas(dirs.schemaDir);
  return await withSchemaEngine(connections, async (engine) => {
    const { exitCode, stdout } = await engine.diff({
      from: { tag: 'migrations', ...toMigrationList(dirs.migrationsDir, migrations) },
      to: { tag: 'schemaDatamodel', ...schemas },
      script: false,
      exitCode: true,
      filters: { externalTables: [], externalEnums: [] },
    });
    return exitCode === 0 ? '' : (stdout ?? 'they differ');
  });
}
