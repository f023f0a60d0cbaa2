/**
 * The Postgres roles of the design, made once a cluster, and the rights they need on one database. Roles belong to the
 * whole cluster, so several starters may race: every step is idempotent and retried when another one was first.
 */
import { Client, DatabaseError, escapeIdentifier, escapeLiteral, type ClientBase } from 'pg';
import { DomainError } from '@outlay/kernel';
import { unreachableDatabase } from './unreachable';

/** What a connection acts as. Each pool starts with its role; nothing works as the login itself. */
export const ROLES = ['outlay_owner', 'outlay_app', 'outlay_writer', 'outlay_system', 'outlay_lookup', 'outlay_eraser'] as const;
export type Role = (typeof ROLES)[number];

/** The roles that a login of Outlay acts as. The other two only own functions. */
export const LOGIN_ROLES = ['outlay_app', 'outlay_writer', 'outlay_system', 'outlay_owner'] as const;

/** The login of embedded mode. With DATABASE_URL the URL's own login takes its place. */
export const EMBEDDED_LOGIN = 'outlay_login';
export const EMBEDDED_DATABASE = 'outlay';
export const POSTGRES_MAJOR_MIN = 15;

// The owner hands its look-up and erasure functions over to narrower roles, so it must be a member of these.
const OWNER_MEMBER_OF: readonly Role[] = ['outlay_lookup', 'outlay_eraser', 'outlay_system'];

/**
 * Embedded mode: makes the roles, the login `outlay_login` with this password, the database `outlay` (or `database`), and
 * its rights. Returns the URL for `migrate` and `openDatabase`.
 */
export async function provisionEmbedded(options: { adminUrl: string; loginPassword: string; database?: string }): Promise<string> {
  const { adminUrl, loginPassword, database = EMBEDDED_DATABASE } = options;
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  await withClient(adminUrl, async (client) => {
    await createRoles(client);
    await createLogin(client, loginPassword);
    const { rowCount } = await client.query('select from pg_database where datname = $1', [database]);
    if (rowCount === 0) {
      await tolerate(['42P04', '23505'], () => client.query(`create database ${escapeIdentifier(database)} owner outlay_owner`));
    }
  });
  await withClient(url.href, (client) => grantDatabase(client, database));
  url.username = EMBEDDED_LOGIN;
  url.password = encodeURIComponent(loginPassword);
  return url.href;
}

/**
 * External mode: brings the roles and rights about as far as the URL's login may, then proves that all are there. Errors:
 * `unavailable` with the missing right and the SQL that an administrator has to run.
 */
export async function provisionExternal(databaseUrl: string): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    await assertVersion(client);
    const missing = await missingRights(client);
    if (missing.length === 0) return;
    const { rows: [me] } = await client.query<{ login: string; database: string; maker: boolean }>(
      `select current_user as login, current_database() as database, rolsuper or rolcreaterole as maker from pg_roles where rolname = current_user`);
    if (me!.maker) {
      try {
        await createRoles(client);
        for (const role of LOGIN_ROLES) await grantRole(client, role, me!.login);
        await grantDatabase(client, me!.database);
      } catch (error) {
        if (!(error instanceof DatabaseError) || error.code !== '42501') throw error;
      }
    }
    const left = me!.maker ? await missingRights(client) : missing;
    if (left.length > 0) {
      throw new DomainError('unavailable', {
        message: `The database login "${me!.login}" may not set Outlay up: ${left.join('; ')}. Let an administrator of this database run:\n`
          + provisioningSql(me!.login, me!.database),
      });
    }
  });
}

/** What this connection's login still lacks, one phrase each; empty when Outlay can run. */
export async function missingRights(client: ClientBase): Promise<string[]> {
  const missing: string[] = [];
  const { rows: known } = await client.query<{ rolname: string }>('select rolname from pg_roles where rolname = any($1)', [ROLES]);
  const names = new Set(known.map((row) => row.rolname));
  for (const role of ROLES) if (!names.has(role)) missing.push(`role ${role} does not exist`);
  if (missing.length > 0) return missing;
  const right = await becomeRight(client);
  const { rows: members } = await client.query<{ member: string; role: string }>(
    `select current_user as member, role from unnest($1::text[]) role where not pg_has_role(current_user, role, $3)
     union all select 'outlay_owner', role from unnest($2::text[]) role where not pg_has_role('outlay_owner', role, $3)`,
    [LOGIN_ROLES, OWNER_MEMBER_OF, right]);
  for (const { member, role } of members) missing.push(`${member} may not become ${role}`);
  const { rows: [may] } = await client.query<{ connect: boolean; create: boolean; jobs: boolean; schema: boolean; bullmq: boolean }>(`
    select has_database_privilege('outlay_owner', current_database(), 'CREATE') as create,
      has_database_privilege('outlay_system', current_database(), 'CREATE') as jobs,
      has_schema_privilege('outlay_owner', 'public', 'CREATE WITH GRANT OPTION') as schema,
      exists (select from pg_namespace where nspname = 'bullmq' and nspowner = 'outlay_system'::regrole) as bullmq`);
  if (!may!.create) missing.push('outlay_owner lacks CREATE on the database');
  if (!may!.jobs) missing.push('outlay_system lacks CREATE on the database');
  if (!may!.schema) missing.push('outlay_owner lacks CREATE WITH GRANT OPTION on schema public');
  if (!may!.bullmq) missing.push('schema bullmq of outlay_system does not exist');
  return missing;
}

/** The SQL that an administrator runs once for a login without CREATEROLE. */
export function provisioningSql(login: string, database: string): string {
  return [
    ...ROLES.map((role) => `CREATE ROLE ${role} NOLOGIN NOINHERIT;`),
    ...OWNER_MEMBER_OF.map((role) => `GRANT ${role} TO outlay_owner;`),
    `ALTER ROLE ${escapeIdentifier(login)} NOINHERIT;`,
    ...LOGIN_ROLES.map((role) => `GRANT ${role} TO ${escapeIdentifier(login)};`),
    `GRANT CREATE ON DATABASE ${escapeIdentifier(database)} TO outlay_owner, outlay_system;`,
    `-- connected to ${database}:`,
    'GRANT CREATE, USAGE ON SCHEMA public TO outlay_owner WITH GRANT OPTION;',
    'CREATE SCHEMA IF NOT EXISTS bullmq AUTHORIZATION outlay_system;',
  ].join('\n');
}

/** Makes the roles that are missing. Needs a superuser or CREATEROLE. */
async function createRoles(client: ClientBase): Promise<void> {
  await assertVersion(client);
  const { rows } = await client.query<{ rolname: string }>('select rolname from pg_roles where rolname = any($1)', [ROLES]);
  const known = new Set(rows.map((row) => row.rolname));
  for (const role of ROLES) {
    // NOINHERIT also between our roles: the owner must not read through the policies of eraser or look-up.
    if (!known.has(role)) await tolerate(['42710', '23505'], () => client.query(`create role ${role} nologin noinherit`));
  }
  for (const role of OWNER_MEMBER_OF) await grantRole(client, role, 'outlay_owner');
}

async function createLogin(client: ClientBase, password: string): Promise<void> {
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [EMBEDDED_LOGIN]);
  if (rowCount === 0) await tolerate(['42710', '23505'], () => client.query(`create role ${EMBEDDED_LOGIN} login noinherit`));
  await tolerate([], () => client.query(`alter role ${EMBEDDED_LOGIN} login noinherit password ${escapeLiteral(password)}`));
  for (const role of LOGIN_ROLES) await grantRole(client, role, EMBEDDED_LOGIN);
}

async function grantRole(client: ClientBase, role: Role, member: string): Promise<void> {
  const { rows: [row] } = await client.query<{ member: boolean }>('select pg_has_role($1, $2, $3) as member', [member, role, await becomeRight(client)]);
  if (row!.member) return;
  await tolerate([], () => client.query(`grant ${role} to ${escapeIdentifier(member)}`));
}

/** The right to SET ROLE: since Postgres 16 a membership may come without it (a creator with CREATEROLE gets only ADMIN). */
async function becomeRight(client: ClientBase): Promise<'SET' | 'MEMBER'> {
  const { rows: [row] } = await client.query<{ modern: boolean }>(`select current_setting('server_version_num')::int >= 160000 as modern`);
  return row!.modern ? 'SET' : 'MEMBER';
}

/** The rights of the roles on the connected database. Needs its owner or a superuser. */
async function grantDatabase(client: ClientBase, database: string): Promise<void> {
  const name = escapeIdentifier(database);
  await tolerate([], () => client.query(`grant create on database ${name} to outlay_owner, outlay_system`));
  await tolerate([], () => client.query('grant create, usage on schema public to outlay_owner with grant option'));
  await tolerate(['42P06', '23505'], () => client.query('create schema if not exists bullmq authorization outlay_system'));
}

/**
 * Runs a statement that another starter may run at the same moment: errors that say "it is there already" are fine, and
 * a row of the catalogue that changed under us is tried again.
 */
async function tolerate(codes: readonly string[], run: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await run();
      return;
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      if (codes.includes(error.code ?? '')) return;
      const raced = error.code === 'XX000' && /tuple concurrently|concurrently (updated|deleted)/.test(error.message);
      if (!raced || attempt >= 20) throw error;
    }
  }
}

async function assertVersion(client: ClientBase): Promise<void> {
  const { rows: [row] } = await client.query<{ number: number; version: string }>(
    `select current_setting('server_version_num')::int as number, current_setting('server_version') as version`);
  if (row!.number < POSTGRES_MAJOR_MIN * 10_000) {
    throw new DomainError('unavailable', { message: `The database is PostgreSQL ${row!.version}; Outlay needs ${POSTGRES_MAJOR_MIN} or newer.` });
  }
}

async function withClient<T>(url: string, run: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000, application_name: 'outlay-provision' });
  // A connection lost while idle reports here; the next query fails and says so.
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    throw unreachableDatabase(url, error);
  }
  try {
    return await run(client);
  } finally {
    await client.end();
  }
}
