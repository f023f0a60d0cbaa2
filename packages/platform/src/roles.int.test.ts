import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from './database';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres';
import { migrate } from './migrate';
import { LOGIN_ROLES, provisionEmbedded, provisionExternal, ROLES } from './roles';
import { MIGRATIONS_DIR } from './testing/places';

// Roles belong to the cluster, so provisioning is tested on clusters of its own.
let parent: string;
let server: EmbeddedPostgres;

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'outlay-roles-'));
});

afterAll(async () => {
  await rm(parent, { recursive: true, force: true });
});

async function admin(sql: string, database = 'postgres'): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: server.adminUrl.replace(/postgres$/, database) });
  await client.connect();
  try {
    const result = await client.query(sql);
    return Array.isArray(result) ? [] : result.rows;
  } finally {
    await client.end();
  }
}

async function expectRuns(url: string): Promise<void> {
  await migrate({ url, migrationsDir: MIGRATIONS_DIR });
  const db = await openDatabase({ url });
  const { rows } = await db.app.query('select current_user as role');
  expect(rows).toEqual([{ role: 'outlay_app' }]);
  await db.close();
}

describe('embedded', () => {
  beforeAll(async () => {
    server = await startEmbeddedPostgres({ dataDir: join(parent, 'embedded'), durable: false });
  });

  afterAll(() => server.stop());

  it('is safe when several starters race, and again later', async () => {
    const { adminUrl, loginPassword } = server;
    const starters = Array.from({ length: 8 }, (_, n) => provisionEmbedded({ adminUrl, loginPassword, database: `outlay_${n % 3}` }));
    const urls = await Promise.all(starters);
    expect(await provisionEmbedded({ adminUrl, loginPassword, database: 'outlay_0' })).toBe(urls[0]);
    await expectRuns(urls[0]!);
  });

  it('makes roles that can do nothing by themselves', async () => {
    const roles = await admin(`select rolname, rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication or rolcanlogin or rolinherit as may
      from pg_roles where rolname like 'outlay%' and rolname <> 'outlay_login' order by 1`);
    expect(roles).toEqual([...ROLES].sort().map((rolname) => ({ rolname, may: false })));
    const members = await admin(`select member::regrole::text || ' > ' || roleid::regrole as edge from pg_auth_members where member::regrole::text like 'outlay%' order by 1`);
    expect(members.map(({ edge }) => edge)).toEqual([
      ...[...LOGIN_ROLES].sort().map((role) => `outlay_login > ${role}`),
      'outlay_owner > outlay_eraser', 'outlay_owner > outlay_lookup', 'outlay_owner > outlay_system',
    ]);
  });
});

describe('external', () => {
  beforeAll(async () => {
    server = await startEmbeddedPostgres({ dataDir: join(parent, 'external'), durable: false });
    await admin(`create role plain login password 'p'; create role maker login createrole password 'p'; create role boss login superuser password 'p'`);
    for (const name of ['plain', 'maker', 'boss']) await admin(`create database of_${name} owner ${name}`);
  });

  afterAll(() => server.stop());

  const urlOf = (login: string, database = `of_${login}`): string => `postgres://${login}:p@127.0.0.1:${server.port}/${database}`;

  it('tells a login without rights what an administrator has to run, and that suffices', async () => {
    const error: unknown = await provisionExternal(urlOf('plain')).catch((reason: unknown) => reason);
    const { message } = error as Error;
    expect(message).toMatch(/^The database login "plain" may not set Outlay up: role outlay_owner does not exist; .* Let an administrator of this database run:\n/);
    expect(message).not.toContain(':p@');
    const sql = message.slice(message.indexOf('\n'));
    await admin(sql, 'of_plain');
    await provisionExternal(urlOf('plain'));
    await expectRuns(urlOf('plain'));
    await admin('drop database of_plain with (force)');
    await admin(`drop owned by ${ROLES.join(', ')}; drop role ${ROLES.join(', ')}`);
  });

  it('sets itself up with CREATEROLE on its own database, twice', async () => {
    await provisionExternal(urlOf('maker'));
    await provisionExternal(urlOf('maker'));
    await expectRuns(urlOf('maker'));
  });

  it('names what is missing when the roles exist but are not for this login', async () => {
    await admin(`create role stranger login password 'p'`);
    await expect(provisionExternal(urlOf('stranger', 'of_maker'))).rejects.toThrow(
      'The database login "stranger" may not set Outlay up: stranger may not become outlay_app; stranger may not become outlay_writer;');
  });

  it('works with a superuser, as the roles nevertheless', async () => {
    await provisionExternal(urlOf('boss'));
    await expectRuns(urlOf('boss'));
  });
});
