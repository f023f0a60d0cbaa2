/** The database as the doctor sees it: version, roles and rights, migrations, row level security, clock, room for connections. */
import { DomainError } from '@outlay/kernel';
import {
  createPool, databaseName, findRowSecurityFaults, missingMigrations, missingRights, openDatabase, POSTGRES_MAJOR_MIN, provisioningSql, readMigrations,
} from '@outlay/platform';
import pg from 'pg';
import { MIGRATIONS_DIR } from '../places';
import { type Check, fail, ok, reasonOf, warn } from './check';

const SKEW_WARN_MS = 2_000;
/** Events more than five minutes in the future are rejected; well before that it is an operator's matter. */
const SKEW_FAIL_MS = 60_000;
/** What one process opens at most: pools, writer, jobs, listeners. */
const CONNECTIONS_MIN = 60;
const START = 'Start Outlay, or run "outlay migrate".';

export async function checkDatabase(url: string, how: string): Promise<Check[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000, application_name: 'outlay-doctor' });
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    return [fail('database', `${databaseName(url)} cannot be reached: ${reasonOf(error)}`, 'Check DATABASE_URL, that the server runs, and that it lets this machine in.')];
  }
  try {
    const checks = [await checkVersion(client, url, how)];
    if (checks[0]!.status === 'fail') return checks;
    checks.push(await checkClock(client), await checkConnections(client), await checkRights(client));
    if (checks.at(-1)!.status === 'fail') return checks;
    checks.push(await checkMigrations(url));
    if (checks.at(-1)!.status === 'fail') return checks;
    return [...checks, await checkRoles(url), await checkRowSecurity(url)];
  } finally {
    await client.end();
  }
}

async function checkVersion(client: pg.Client, url: string, how: string): Promise<Check> {
  const { rows: [row] } = await client.query<{ number: number; version: string }>(
    `select current_setting('server_version_num')::int as number, current_setting('server_version') as version`);
  const { number, version } = row!;
  if (number < POSTGRES_MAJOR_MIN * 10_000) {
    return fail('database', `${databaseName(url)} is PostgreSQL ${version}; Outlay needs ${POSTGRES_MAJOR_MIN} or newer`, 'Upgrade the server, or unset DATABASE_URL to use the embedded one.');
  }
  return ok('database', `PostgreSQL ${version} at ${databaseName(url)} (${how})`);
}

/** The middle of the round trip is compared, so that a slow network is not taken for a wrong clock. */
async function checkClock(client: pg.Client): Promise<Check> {
  const before = Date.now();
  const { rows: [row] } = await client.query<{ ms: string }>('select extract(epoch from clock_timestamp()) * 1000 as ms');
  const skewMs = Math.round((before + Date.now()) / 2 - Number(row!.ms));
  const words = skewMs === 0 ? 'this machine and the database agree' : `this machine is ${Math.abs(skewMs)} ms ${skewMs > 0 ? 'ahead of' : 'behind'} the database`;
  const advice = 'Let a time service (chrony, systemd-timesyncd) set the clock of both machines.';
  if (Math.abs(skewMs) >= SKEW_FAIL_MS) return fail('clock', words, advice);
  return Math.abs(skewMs) >= SKEW_WARN_MS ? warn('clock', words, advice) : ok('clock', words);
}

async function checkConnections(client: pg.Client): Promise<Check> {
  const { rows: [row] } = await client.query<{ max: number; used: number }>(
    `select current_setting('max_connections')::int as max, (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as used`);
  const { max, used } = row!;
  const words = `${used} of ${max} in use`;
  return max < CONNECTIONS_MIN ? warn('connections', `${words}; one process of Outlay opens up to ${CONNECTIONS_MIN}`, `Set max_connections of the server to ${CONNECTIONS_MIN} a process or more.`)
    : ok('connections', words);
}

async function checkRights(client: pg.Client): Promise<Check> {
  const missing = await missingRights(client);
  if (missing.length === 0) return ok('roles', 'every role is there, and the login may become those it works as');
  const { rows: [me] } = await client.query<{ login: string; database: string; maker: boolean }>(
    `select current_user as login, current_database() as database, rolsuper or rolcreaterole as maker from pg_roles where rolname = current_user`);
  const { login, database, maker } = me!;
  return fail('roles', missing.join('; '), maker ? START : `The login "${login}" may not make them. Let an administrator of this database run:\n${provisioningSql(login, database)}`);
}

async function checkMigrations(url: string): Promise<Check> {
  const pool = createPool(url, 'outlay_owner', { max: 1, statementTimeoutMs: 30_000 });
  try {
    const known = await readMigrations(MIGRATIONS_DIR);
    const missing = await missingMigrations(pool, known);
    return missing.length === 0 ? ok('migrations', `all ${known.length} applied, the last is ${known.at(-1)?.name}`)
      : fail('migrations', `${missing.length} of ${known.length} are missing: ${missing.join(', ')}`, START);
  } catch (error) {
    return fail('migrations', reasonOf(error), 'Do what the sentence says, then run "outlay doctor" again.');
  } finally {
    await pool.end();
  }
}

/** As the product opens it: it refuses to work as a superuser, an owner, or past row level security. */
async function checkRoles(url: string): Promise<Check> {
  try {
    const db = await openDatabase({ url });
    await db.close();
    return ok('rights', 'Outlay works as outlay_app, outlay_writer and outlay_system: no superuser, no owner, under row level security');
  } catch (error) {
    return fail('rights', error instanceof DomainError ? error.message : reasonOf(error), 'Take SUPERUSER, BYPASSRLS and membership in outlay_owner from that role.');
  }
}

async function checkRowSecurity(url: string): Promise<Check> {
  const pool = createPool(url, 'outlay_app', { max: 1, statementTimeoutMs: 30_000 });
  try {
    const faults = await findRowSecurityFaults(pool);
    return faults.length === 0 ? ok('row security', 'forced on every table of a team')
      : fail('row security', faults.join('\n'), 'Somebody changed the schema by hand. Undo it, or restore a backup; teams may see each other\'s rows until then.');
  } catch (error) {
    return fail('row security', reasonOf(error), START);
  } finally {
    await pool.end();
  }
}
