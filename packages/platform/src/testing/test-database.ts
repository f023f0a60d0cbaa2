import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { inject } from 'vitest';
import { openDatabase, type Database } from '../database';
import { EMBEDDED_LOGIN } from '../roles';
import { TEMPLATE } from './places';

export interface TestDatabase {
  readonly db: Database;
  /** The product's own login: may become outlay_app, _writer, _system and _owner, is nothing by itself. */
  readonly url: string;
  /** A superuser's, to look at what no role may see. Never act through it. */
  readonly adminUrl: string;
  close(): Promise<void>;
}

/** A fresh database, cloned from the migrated template in some 50 ms. One a test file; `close` in afterAll. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const database = await createEmptyDatabase(TEMPLATE);
  const db = await openDatabase({ url: database.url });
  return {
    ...database,
    db,
    close: async () => {
      await db.close();
      await database.close();
    },
  };
}

/** A database without Outlay's tables (or a clone of `template`), owned by outlay_owner. */
export async function createEmptyDatabase(template = 'template1'): Promise<Omit<TestDatabase, 'db'>> {
  const { adminUrl, loginPassword } = inject('postgres');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await asAdmin(adminUrl, `create database ${name} template ${template} owner outlay_owner`);
  // Rights on a database are not cloned with it; provisioning grants this one.
  await asAdmin(adminUrl, `grant create on database ${name} to outlay_system`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  const databaseAdminUrl = url.href;
  url.username = EMBEDDED_LOGIN;
  url.password = loginPassword;
  return {
    url: url.href,
    adminUrl: databaseAdminUrl,
    // Forced, so that a connection that a failed test forgot does not keep the database.
    close: () => asAdmin(adminUrl, `drop database ${name} with (force)`),
  };
}

async function asAdmin(adminUrl: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
