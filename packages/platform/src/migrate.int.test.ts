import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { diffSchema, migrate } from './migrate';
import { createPool } from './pools';
import { printSchema } from './schema-sql';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from './testing';
import { MIGRATIONS_DIR, SCHEMA_DIR, SCHEMA_SQL } from './testing/places';

let database: Omit<TestDatabase, 'db'>;
let dir: string;

beforeEach(async () => {
  database = await createEmptyDatabase();
  dir = await mkdtemp(join(tmpdir(), 'outlay-migrations-'));
});

afterEach(async () => {
  await database.close();
  await rm(dir, { recursive: true, force: true });
});

async function writeMigration(name: string, sql: string): Promise<void> {
  await mkdir(join(dir, name), { recursive: true });
  await writeFile(join(dir, name, 'migration.sql'), sql);
}

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: database.adminUrl });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('migrate', () => {
  it('applies functions with semicolons, as the owner, once, in order', async () => {
    await writeMigration('20260101000000_one', `create table one (id int); create function two() returns int language plpgsql as $$ begin return 1; return 2; end $$;`);
    await writeMigration('20260201000000_two', `insert into one values (two());`);
    expect(await migrate({ url: database.url, migrationsDir: dir })).toEqual(['20260101000000_one', '20260201000000_two']);
    expect(await migrate({ url: database.url, migrationsDir: dir })).toEqual([]);
    expect(await query('select id from one')).toEqual([{ id: 1 }]);
    expect(await query(`select tableowner from pg_tables where tablename in ('one', '_prisma_migrations')`)).toEqual([{ tableowner: 'outlay_owner' }, { tableowner: 'outlay_owner' }]);
    const rows = await query('select migration_name, applied_steps_count, finished_at is not null as finished from _prisma_migrations order by 1');
    expect(rows).toEqual([
      { migration_name: '20260101000000_one', applied_steps_count: 1, finished: true },
      { migration_name: '20260201000000_two', applied_steps_count: 1, finished: true },
    ]);
  });

  it('lets several starters wait for one another', async () => {
    await writeMigration('20260101000000_one', 'create table one (id int); insert into one values (1);');
    const applied = await Promise.all([1, 2, 3, 4].map(() => migrate({ url: database.url, migrationsDir: dir })));
    expect(applied.flat()).toEqual(['20260101000000_one']);
    expect(await query('select id from one')).toEqual([{ id: 1 }]);
  });

  it('rolls a failing migration back whole, says why, and continues when it is repaired', async () => {
    await writeMigration('20260101000000_one', 'create table one (id int);');
    await writeMigration('20260201000000_two', 'create table two (id int); insert into missing values (1);');
    await expect(migrate({ url: database.url, migrationsDir: dir })).rejects.toThrow(/^Migration 20260201000000_two failed and was rolled back: relation "missing" does not exist$/);
    expect(await query(`select tablename from pg_tables where schemaname = 'public' and tablename <> '_prisma_migrations'`)).toEqual([{ tablename: 'one' }]);
    await writeMigration('20260201000000_two', 'create table two (id int);');
    expect(await migrate({ url: database.url, migrationsDir: dir })).toEqual(['20260201000000_two']);
  });

  it('refuses a database that is newer, and a migration that was edited', async () => {
    await writeMigration('20260101000000_one', 'create table one (id int);');
    await writeMigration('20260201000000_two', 'create table two (id int);');
    await migrate({ url: database.url, migrationsDir: dir });
    await rm(join(dir, '20260201000000_two'), { recursive: true });
    await expect(migrate({ url: database.url, migrationsDir: dir })).rejects.toThrow('The database is newer than this Outlay: it has migration 20260201000000_two.');
    await writeMigration('20260201000000_two', 'create table three (id int);');
    await expect(migrate({ url: database.url, migrationsDir: dir })).rejects.toThrow('Migration 20260201000000_two was changed after this database had applied it.');
  });
});

describe('the schema', () => {
  let test: TestDatabase;

  beforeAll(async () => {
    test = await createTestDatabase();
  });

  afterAll(async () => {
    await test.close();
  });

  async function diff(schemaDir: string): Promise<string> {
    const main = createPool(test.url, 'outlay_owner', { max: 2, statementTimeoutMs: 0 });
    const opened: { close(): Promise<void> }[] = [{ close: () => main.end() }];
    try {
      return await diffSchema({
        main,
        openShadow: async () => {
          const shadow = await createEmptyDatabase();
          const pool = createPool(shadow.url, 'outlay_owner', { max: 2, statementTimeoutMs: 0 });
          opened.push({ close: () => pool.end() }, shadow);
          return pool;
        },
      }, { schemaDir, migrationsDir: MIGRATIONS_DIR });
    } finally {
      for (const item of opened) await item.close();
    }
  }

  it('is the same in prisma/schema and after the migrations', async () => {
    expect(await diff(SCHEMA_DIR)).toBe('');
  });

  it('differs when a column is missing', async () => {
    await cp(SCHEMA_DIR, dir, { recursive: true });
    const file = join(dir, 'tenancy.prisma');
    await writeFile(file, (await readFile(file, 'utf8')).replace(/^.*late_window_days.*$/m, ''));
    expect(await diff(dir)).toMatch(/late_window_days/);
  });

  it('is printed in prisma/schema.sql', async () => {
    await expect(await printSchema(test.db.system)).toMatchFileSnapshot(SCHEMA_SQL);
  });

  it('prints the same for another database of the cluster, whoever asks, with more partitions', async () => {
    await test.db.app.query(`select ensure_usage_partition(now() + interval '4 months')`);
    const other = await createTestDatabase();
    try {
      expect(await printSchema(test.db.app)).toBe(await printSchema(other.db.writer));
    } finally {
      await other.close();
    }
  });

  it('has no role that a test could hide behind', () => {
    expect(new URL(inject('postgres').adminUrl).username).not.toBe(new URL(test.url).username);
  });
});
