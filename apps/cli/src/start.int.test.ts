/** `outlay start` with its embedded Postgres, as a newcomer runs it: a real process on a folder of its own. */
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { until } from '@outlay/platform/testing';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildCli, type CliProcess, isAlive, runCli, spawnCli, startCli, stopCli } from './testing/cli-process';

let parent: string;
let dataDir: string;
let running: CliProcess | undefined;

beforeAll(buildCli);

beforeEach(async () => {
  // 0700 and, in containers, ours as root: the folder in which Postgres' own start fails.
  parent = await mkdtemp(join(tmpdir(), 'outlay-start-'));
  await chmod(parent, 0o700);
  dataDir = join(parent, 'data');
});

afterEach(async () => {
  if (running) await stopCli(running, 'SIGTERM');
  running = undefined;
  await rm(parent, { recursive: true, force: true });
});

async function postmasterPid(): Promise<number> {
  return Number.parseInt(await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8'), 10);
}

describe('outlay start', { timeout: 120_000 }, () => {
  it('brings everything up, works beside doctor and migrate, and stops on Ctrl-C', async () => {
    const outlay = await startCli({ OUTLAY_DATA_DIR: dataDir, LOG_LEVEL: 'warn' });
    running = outlay;
    expect(outlay.text()).toContain(`Outlay runs: ${outlay.url}`);
    expect(outlay.text()).toContain('jobs in Postgres');
    expect(outlay.text()).toContain(`data in ${dataDir}`);
    expect(outlay.text()).toContain('Stop with Ctrl-C.');
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
    for (const path of ['/healthz', '/readyz', '/metrics']) expect((await fetch(outlay.url + path)).status).toBe(200);

    const doctor = await runCli(['doctor', '--json'], { OUTLAY_DATA_DIR: dataDir });
    const { ok, checks } = JSON.parse(doctor.stdout) as { ok: boolean; checks: { name: string; status: string; message: string }[] };
    expect([ok, doctor.code]).toEqual([true, 0]);
    expect(checks.filter(({ status }) => status === 'fail')).toEqual([]);
    expect(checks.map(({ name }) => name)).toEqual(['database', 'clock', 'connections', 'roles', 'migrations', 'rights', 'row security', 'redis', 'disk', 'master key', 'mail']);
    expect(checks[0]!.message).toContain('the running Outlay');
    expect(await runCli(['doctor', '--ledger'], { OUTLAY_DATA_DIR: dataDir })).toMatchObject({ code: 0, stdout: expect.stringContaining('the books are right') as string });
    expect(await runCli(['migrate'], { OUTLAY_DATA_DIR: dataDir })).toMatchObject({ code: 0, stdout: expect.stringContaining('is up to date.') as string });

    const second = await runCli(['start'], { OUTLAY_DATA_DIR: dataDir, PORT: '0' });
    expect(second).toMatchObject({ code: 1, stderr: expect.stringMatching(/^Another Outlay \(process \d+\) runs on the data folder .*\. Stop it, or set OUTLAY_DATA_DIR to another folder\.\n$/) as string });

    const postgres = await postmasterPid();
    // npm passes the terminal's Ctrl-C on a second time.
    outlay.child.kill('SIGINT');
    outlay.child.kill('SIGINT');
    const ended = await outlay.ended;
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toContain('Outlay has stopped.');
    expect(ended.stdout).not.toMatch(/"level":"(warn|error|fatal)"/);
    expect(isAlive(postgres)).toBe(false);
  });

  it('recovers after kill -9, also when its Postgres lived on', async () => {
    const first = await startCli({ OUTLAY_DATA_DIR: dataDir });
    const postgres = await postmasterPid();
    await stopCli(first, 'SIGKILL');
    expect(isAlive(postgres)).toBe(true);
    const doctor = await runCli(['doctor'], { OUTLAY_DATA_DIR: dataDir });
    expect(doctor.code).toBe(0);
    running = await startCli({ OUTLAY_DATA_DIR: dataDir });
    expect(await postmasterPid()).not.toBe(postgres);
  });

  it('starts its Postgres again when that dies, and is ready again', async () => {
    const outlay = await startCli({ OUTLAY_DATA_DIR: dataDir });
    running = outlay;
    const before = await postmasterPid();
    process.kill(before, 'SIGKILL');
    await outlay.waitFor(/The embedded PostgreSQL runs again\./);
    expect(await postmasterPid()).not.toBe(before);
    await until('readiness', () => fetch(`${outlay.url}/readyz`).then((answer) => answer.ok));
    expect(outlay.child.exitCode).toBeNull();
  });

  it('ends with one sentence when its Postgres cannot be started again', async () => {
    const outlay = await startCli({ OUTLAY_DATA_DIR: dataDir, LOG_LEVEL: 'silent' });
    await writeFile(join(dataDir, 'postgres', 'PG_VERSION'), '12\n');
    process.kill(await postmasterPid(), 'SIGKILL');
    const { code, stderr } = await outlay.ended;
    expect(stderr).toMatch(/^The embedded PostgreSQL in .* did not start: database files are incompatible with server\. See .*postgres\.log\.\n$/);
    expect(code).toBe(1);
  });

  it('stops at Ctrl-C in the middle of its start, and when its terminal is gone', async () => {
    const early = spawnCli(['start'], { OUTLAY_DATA_DIR: dataDir, PORT: '0' });
    await early.waitFor(/Making a new PostgreSQL cluster/);
    const { code, stdout } = await stopCli(early, 'SIGINT');
    expect([code, stdout.includes('Outlay runs')]).toEqual([0, false]);
    await expect(postmasterPid()).rejects.toThrow(/ENOENT/);
    const outlay = await startCli({ OUTLAY_DATA_DIR: dataDir });
    running = outlay;
    outlay.child.stdout!.destroy();
    outlay.child.stderr!.destroy();
    expect(await stopCli(outlay, 'SIGHUP')).toMatchObject({ code: 0 });
    await expect(postmasterPid()).rejects.toThrow(/ENOENT/);
  });

  it('ends at once on a second Ctrl-C, and the next start recovers', async () => {
    const outlay = await startCli({ OUTLAY_DATA_DIR: dataDir });
    // A request that never ends keeps the first Ctrl-C waiting.
    const slow = connect(Number(new URL(outlay.url).port), '127.0.0.1');
    await once(slow, 'connect');
    slow.write('POST /v1/usage HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{');
    slow.on('error', () => {});
    await until('the request to be under way', async () => (await (await fetch(`${outlay.url}/healthz`)).text()) !== '');
    const firstMs = Date.now();
    outlay.child.kill('SIGINT');
    await outlay.waitFor(/Ctrl-C again ends at once/);
    await until('a while between both', () => Date.now() - firstMs > 700);
    expect(outlay.child.exitCode).toBeNull();
    expect(await stopCli(outlay, 'SIGINT')).toMatchObject({ code: 130, stderr: expect.stringContaining('The next start recovers.') as string });
    slow.destroy();
    running = await startCli({ OUTLAY_DATA_DIR: dataDir });
  });
});

describe('one clear sentence', { timeout: 120_000 }, () => {
  it('for a taken port', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const { port } = squatter.address() as { port: number };
    const ended = await runCli(['start'], { OUTLAY_DATA_DIR: dataDir, PORT: String(port), LOG_LEVEL: 'warn' });
    squatter.close();
    expect(ended).toMatchObject({ code: 1, stderr: `Port ${port} is taken by another process. Stop it, or choose another port with PORT=4401.\n` });
    // What had started was stopped again.
    await expect(readFile(join(dataDir, 'postgres', 'postmaster.pid'))).rejects.toThrow(/ENOENT/);
  });

  it('for a foreign data folder', async () => {
    await writeFile(join(parent, 'thesis.doc'), 'x');
    expect(await runCli(['start'], { OUTLAY_DATA_DIR: parent, PORT: '0' })).toMatchObject({
      code: 1, stderr: `The data folder ${parent} is not empty and was not made by Outlay (it holds "thesis.doc"). Set OUTLAY_DATA_DIR to a new or empty folder.\n`,
    });
  });

  it('for every wrong setting at once', async () => {
    const ended = await runCli(['start'], { PORT: 'eighty', DATABASE_URL: 'mysql://x', REDIS_URL: 'nowhere', LOG_LEVEL: 'loud' });
    expect(ended.code).toBe(1);
    for (const name of ['PORT must be a number', 'DATABASE_URL must be a postgres:// URL', 'REDIS_URL must be a redis:// URL', 'LOG_LEVEL']) expect(ended.stderr).toContain(name);
  });

  it('for a part without a database of its own', async () => {
    expect(await runCli(['start', '--only', 'worker'], { OUTLAY_DATA_DIR: dataDir })).toMatchObject({ code: 1, stderr: expect.stringMatching(/^--only worker needs DATABASE_URL: .*\n$/) as string });
    expect(await runCli(['start', '--only', 'console'], {})).toMatchObject({ code: 1, stderr: expect.stringContaining('Allowed choices are api, worker') as string });
  });

  it('for a doctor where nothing is', async () => {
    const ended = await runCli(['doctor'], { OUTLAY_DATA_DIR: dataDir });
    expect(ended).toMatchObject({ code: 1, stdout: expect.stringContaining(`there is no data in ${dataDir} yet`) as string });
    await expect(stat(dataDir)).rejects.toThrow(/ENOENT/);
  });
});
