/** Outlay on a database (and Redis) of its operator's: several processes, and one sentence for each thing that is missing. */
import { randomBytes } from 'node:crypto';
import { createEmptyDatabase, startTestRedis, until, whyNoRedis } from '@outlay/platform/testing';
import { Client } from 'pg';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildCli, type CliProcess, runCli, spawnCli, startCli, stopCli } from './testing/cli-process';
import { startOldPostgres } from './testing/old-postgres';

const OUTLAY_MASTER_KEY = randomBytes(32).toString('base64');
const noRedis = whyNoRedis();

let database: Awaited<ReturnType<typeof createEmptyDatabase>>;
let running: CliProcess[] = [];

beforeAll(buildCli);

beforeEach(async () => {
  database = await createEmptyDatabase();
});

afterEach(async () => {
  await Promise.all(running.map((process) => stopCli(process)));
  running = [];
  await database.close();
});

/** As in the compose file: the login that made the server is a superuser. Outlay itself works as its own roles. */
const operatorUrl = (): string => database.adminUrl;

async function start(env: Readonly<Record<string, string>>, args: readonly string[] = []): Promise<CliProcess & { readonly url: string }> {
  const process = await startCli({ DATABASE_URL: operatorUrl(), OUTLAY_MASTER_KEY, ...env }, args);
  running.push(process);
  return process;
}

async function asAdmin(sql: string): Promise<void> {
  const client = new Client({ connectionString: database.adminUrl });
  await client.connect();
  await client.query(sql);
  await client.end();
}

describe('outlay start with DATABASE_URL', { timeout: 120_000 }, () => {
  it('makes the schema in an empty database, and lets the next process take over when the first one stops', async () => {
    const first = await start({});
    expect(first.text()).toContain(new URL(operatorUrl()).pathname);
    expect(first.text()).not.toContain(new URL(operatorUrl()).password);
    // A restart of the database, as this process sees it: every connection goes, the one that holds the lock too.
    await asAdmin(`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`);
    await first.waitFor(/The connection that makes this process the only one was lost/);
    await until('readiness', () => fetch(`${first.url}/readyz`).then((answer) => answer.ok, () => false));
    const second = spawnCli(['start'], { PORT: '0', DATABASE_URL: operatorUrl(), OUTLAY_MASTER_KEY });
    running.push(second);
    await second.waitFor(/Another Outlay serves from this database; this one waits/);
    expect(await stopCli(first)).toMatchObject({ code: 0 });
    await second.waitFor(/^ {2}api, console /m);
    running = [second];
  });

  it.skipIf(noRedis !== undefined)(`runs api and worker as processes of their own on Redis${noRedis === undefined ? '' : ` (${noRedis})`}`, async () => {
    const redis = await startTestRedis();
    try {
      // Both bring the empty database up at once.
      const [api, worker] = await Promise.all([start({ REDIS_URL: redis.url }, ['--only', 'api']), start({ REDIS_URL: redis.url }, ['--only', 'worker'])]);
      const another = await start({ REDIS_URL: redis.url }, ['--only', 'api']);
      expect(worker.text()).toContain('jobs in Redis');
      expect(await (await fetch(`${worker.url}/metrics`)).text()).toContain('outlay_jobs{kind="fold-rollups",state="failed"} 0');
      expect((await fetch(`${worker.url}/v1/usage`)).status).toBe(404);
      for (const { url } of [api, another]) expect((await fetch(`${url}/readyz`)).status).toBe(200);
      const doctor = await runCli(['doctor', '--json'], { DATABASE_URL: operatorUrl(), REDIS_URL: redis.url, OUTLAY_MASTER_KEY });
      const { checks } = JSON.parse(doctor.stdout) as { checks: { name: string; status: string }[] };
      expect(checks.filter(({ status }) => status !== 'ok').map(({ name }) => name)).toEqual(['mail']);
      expect(doctor.code).toBe(0);
      const ends = await Promise.all([api, worker, another].map((process) => stopCli(process)));
      expect(ends.map(({ code }) => code)).toEqual([0, 0, 0]);
      running = [];
    } finally {
      await redis.close();
    }
  });
});

describe('one clear sentence', { timeout: 120_000 }, () => {
  it('for a missing and for a malformed master key', async () => {
    expect(await runCli(['start'], { DATABASE_URL: database.url, PORT: '0' })).toMatchObject({
      code: 1, stderr: 'OUTLAY_MASTER_KEY is missing: with DATABASE_URL Outlay keeps no key of its own. Make one with: openssl rand -base64 32\n',
    });
    expect(await runCli(['start'], { DATABASE_URL: database.url, PORT: '0', OUTLAY_MASTER_KEY: 'short' })).toMatchObject({
      code: 1, stderr: 'OUTLAY_MASTER_KEY must be 32 bytes as base64 or hex. Make one with: openssl rand -base64 32\n',
    });
  });

  it('for a database that does not answer', async () => {
    const url = new URL(database.url);
    url.port = '9';
    const ended = await runCli(['start'], { DATABASE_URL: url.href, PORT: '0', OUTLAY_MASTER_KEY });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/^The database at 127\.0\.0\.1:9\/test_\w+ cannot be reached: .*ECONNREFUSED.* Check DATABASE_URL and that it runs\.\n$/);
    const doctor = await runCli(['doctor'], { DATABASE_URL: url.href, OUTLAY_MASTER_KEY });
    expect(doctor).toMatchObject({ code: 1, stdout: expect.stringMatching(/^fail +database +127\.0\.0\.1:9/) as string });
  });

  it('for a Redis that does not answer', async () => {
    const ended = await runCli(['start'], { DATABASE_URL: operatorUrl(), REDIS_URL: 'redis://127.0.0.1:9', PORT: '0', OUTLAY_MASTER_KEY, LOG_LEVEL: 'silent' });
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/^Redis at 127\.0\.0\.1:9 cannot be reached: .*\n$/) as string });
  });

  it('for a login that may not set Outlay up, with the SQL for an administrator', async () => {
    const login = `poor_${randomBytes(4).toString('hex')}`;
    await asAdmin(`create role ${login} login noinherit password 'poor'`);
    try {
      const url = new URL(database.url);
      url.username = login;
      url.password = 'poor';
      const ended = await runCli(['start'], { DATABASE_URL: url.href, PORT: '0', OUTLAY_MASTER_KEY });
      expect(ended.code).toBe(1);
      expect(ended.stderr).toContain(`The database login "${login}" may not set Outlay up: ${login} may not become outlay_app`);
      expect(ended.stderr).toContain(`GRANT outlay_app TO "${login}";`);
      const doctor = await runCli(['doctor', '--json'], { DATABASE_URL: url.href, OUTLAY_MASTER_KEY });
      const { checks } = JSON.parse(doctor.stdout) as { checks: { name: string; status: string; advice?: string }[] };
      expect(checks.find(({ name }) => name === 'roles')).toMatchObject({ status: 'fail', advice: expect.stringContaining('CREATE ROLE outlay_app') as string });
      expect(doctor.code).toBe(1);
    } finally {
      await asAdmin(`drop role ${login}`);
    }
  });

  it('for a Postgres that is too old', async () => {
    const old = await startOldPostgres(140_012, '14.12');
    const ended = await runCli(['start'], { DATABASE_URL: old.url, PORT: '0', OUTLAY_MASTER_KEY });
    const doctor = await runCli(['doctor'], { DATABASE_URL: old.url, OUTLAY_MASTER_KEY });
    old.close();
    expect(ended).toMatchObject({ code: 1, stderr: 'The database is PostgreSQL 14.12; Outlay needs 15 or newer.\n' });
    expect(doctor).toMatchObject({ code: 1, stdout: expect.stringContaining('is PostgreSQL 14.12; Outlay needs 15 or newer') as string });
  });
});
