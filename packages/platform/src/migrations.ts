/** The migration folders, as text and as the schema engine wants them. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '@outlay/kernel/ids';
import type { MigrationList, SchemasContainer } from '@prisma/schema-engine-wasm';

export interface Migration {
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file in hex, as Prisma stores it. */
  readonly checksum: string;
}

/** All migrations, oldest first. */
export async function readMigrations(migrationsDir: string): Promise<Migration[]> {
  const entries = await readdir(migrationsDir, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort();
  return await Promise.all(names.map(async (name) => {
    const sql = await readFile(join(migrationsDir, name, 'migration.sql'), 'utf8');
    return { name, sql, checksum: sha256(sql) };
  }));
}

export function toMigrationList(migrationsDir: string, migrations: readonly Migration[]): MigrationList {
  return {
    baseDir: migrationsDir,
    lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
    shadowDbInitScript: '',
    migrationDirectories: migrations.map(({ name, sql }) => ({ path: name, migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: sql } } })),
  };
}

/** All `*.prisma` files of a folder. */
export async function readSchemas(schemaDir: string): Promise<SchemasContainer> {
  const names = (await readdir(schemaDir)).filter((name) => name.endsWith('.prisma')).sort();
  return {
    files: await Promise.all(names.map(async (name) => {
      const path = join(schemaDir, name);
      return { path, content: await readFile(path, 'utf8') };
    })),
  };
}
