import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres';
import { processIdentity } from './process-identity';

let parent: string;
let dataDir: string;
let running: EmbeddedPostgres | undefined;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'outlay-pg-'));
  dataDir = join(parent, 'data');
});

afterEach(async () => {
  await running?.stop();
  running = undefined;
  await rm(parent, { recursive: true, force: true });
});

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/** A program within this package (in a folder that git ignores) that starts the server of its first argument, says where, and stays. */
async function bundleServer(): Promise<string> {
  const outfile = join(import.meta.dirname, '../generated', `server-${process.pid}.mjs`);
  await build({
    stdin: {
      contents: `
        import { startEmbeddedPostgres } from './embedded-postgres';
        const server = await startEmbeddedPostgres({ dataDir: process.argv[2] });
        console.log(JSON.stringify({ pid: server.pid, adminUrl: server.adminUrl }));
        process.once('SIGTERM', () => server.stop());`,
      resolveDir: import.meta.dirname, loader: 'ts',
    },
    outfile, bundle: true, platform: 'node', format: 'esm', external: ['embedded-postgres', 'pg'],
  });
  return outfile;
}

describe('embedded postgres', () => {
  it('makes a cluster in a 0700 folder, listens on loopback only, keeps rows and port over a clean restart', async () => {
    running = await startEmbeddedPostgres({ dataDir });
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
    expect((await stat(join(dataDir, 'postgres.json'))).mode & 0o777).toBe(0o600);
    const [row] = await query(running.adminUrl, `select current_setting('server_version_num')::int as version, current_setting('listen_addresses') as listen,
      current_setting('unix_socket_directories') as sockets, current_setting('synchronous_commit') as commit, current_setting('server_encoding') as encoding,
      lower('ÄÖ') as lower, current_setting('data_checksums') as checksums`);
    expect(row).toMatchObject({ listen: '127.0.0.1', sockets: '', commit: 'on', encoding: 'UTF8', lower: 'äö', checksums: 'on' });
    expect(row!.version).toBeGreaterThanOrEqual(180000);
    await query(running.adminUrl, 'create table kept as select 42 as answer');
    const { port } = running;
    await running.stop();
    running = await startEmbeddedPostgres({ dataDir });
    expect(running.port).toBe(port);
    expect(await query(running.adminUrl, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  it('refuses a wrong password', async () => {
    running = await startEmbeddedPostgres({ dataDir, durable: false });
    await expect(query(`postgres://postgres:wrong@127.0.0.1:${running.port}/postgres`, 'select 1')).rejects.toThrow(/password authentication failed/);
  });

  it('recovers after the postmaster was killed', async () => {
    const first = await startEmbeddedPostgres({ dataDir });
    await query(first.adminUrl, 'create table kept as select 42 as answer');
    process.kill(first.pid, 'SIGKILL');
    await first.exited;
    running = await startEmbeddedPostgres({ dataDir });
    expect(await query(running.adminUrl, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  it('stops the server that a killed parent left behind and starts anew', async () => {
    const place = await bundleServer();
    try {
      const child = spawn(process.execPath, [place, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
      const left = JSON.parse(chunk.toString()) as { pid: number; adminUrl: string };
      await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(`Another Outlay (process ${child.pid}) runs on the data folder`);
      await query(left.adminUrl, 'create table kept as select 42 as answer');
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect(processIdentity(left.pid)).toBeDefined();
      const sentences: string[] = [];
      running = await startEmbeddedPostgres({ dataDir, log: (sentence) => sentences.push(sentence) });
      expect(processIdentity(left.pid)).toBeUndefined();
      expect(sentences).toEqual([`Stopping the PostgreSQL (process ${left.pid}) that a killed Outlay left behind.`]);
      expect(await query(running.adminUrl, 'select answer from kept')).toEqual([{ answer: 42 }]);
    } finally {
      await rm(place, { force: true });
    }
  });

  it.runIf(process.getuid?.() === 0)('runs as an ordinary user too', async (context) => {
    const user = { uid: 65_534, gid: 65_534 };
    const place = await bundleServer();
    try {
      const readable = spawnSync(process.execPath, ['-e', `require('fs').accessSync(${JSON.stringify(place)})`], { ...user, cwd: '/' });
      context.skip(readable.status !== 0, 'an ordinary user may not read this checkout');
      await chown(parent, user.uid, user.gid);
      const child = spawn(process.execPath, [place, dataDir], { ...user, cwd: '/', stdio: ['ignore', 'pipe', 'inherit'] });
      const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
      const { adminUrl, pid } = JSON.parse(chunk.toString()) as { adminUrl: string; pid: number };
      expect(await query(adminUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
      expect((await stat(join(dataDir, 'postgres'))).uid).toBe(user.uid);
      child.kill('SIGTERM');
      expect(await once(child, 'exit')).toEqual([0, null]);
      expect(processIdentity(pid)).toBeUndefined();
    } finally {
      await rm(place, { force: true });
    }
  });

  it('starts although the stale pid file names a living stranger', async () => {
    const first = await startEmbeddedPostgres({ dataDir });
    process.kill(first.pid, 'SIGKILL');
    await first.exited;
    const stranger = spawn('sleep', ['60']);
    const pidFile = join(dataDir, 'postgres', 'postmaster.pid');
    await writeFile(pidFile, (await readFile(pidFile, 'utf8')).replace(/^\d+/, String(stranger.pid)));
    try {
      running = await startEmbeddedPostgres({ dataDir });
      expect(await query(running.adminUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
      expect(stranger.exitCode).toBeNull();
    } finally {
      stranger.kill();
    }
  });

  it('gives the folder to one of several starters', async () => {
    const starts = await Promise.allSettled(Array.from({ length: 4 }, () => startEmbeddedPostgres({ dataDir, durable: false })));
    const started = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
    const refused = starts.flatMap((start) => (start.status === 'rejected' ? [(start.reason as Error).message] : []));
    running = started[0];
    expect(started).toHaveLength(1);
    expect(refused.filter((message) => message.startsWith(`Another Outlay (process ${process.pid}) runs on the data folder`))).toHaveLength(3);
    expect(await query(running!.adminUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('writes no statement, value or error text into its log', async () => {
    running = await startEmbeddedPostgres({ dataDir, durable: false });
    const { adminUrl } = running;
    for (const sql of [`select 'CANARY'::uuid`, `select CANARY`, `do $$ begin raise exception 'CANARY'; end $$`, `do $$ begin raise warning 'CANARY'; end $$`]) {
      await query(adminUrl, sql).catch(() => {});
    }
    const log = await readFile(join(dataDir, 'postgres.log'), 'utf8');
    expect(log).toContain('ready to accept connections');
    expect(log).not.toContain('CANARY');
  });

  it('takes another port when its own is taken meanwhile', async () => {
    const first = await startEmbeddedPostgres({ dataDir, durable: false });
    const { port } = first;
    await first.stop();
    const squatter = createServer().listen(port, '127.0.0.1');
    try {
      running = await startEmbeddedPostgres({ dataDir, durable: false });
      expect(running.port).not.toBe(port);
    } finally {
      squatter.close();
    }
  });

  it('refuses a folder of somebody else with one sentence', async () => {
    await mkdir(dataDir);
    await writeFile(join(dataDir, 'thesis.doc'), 'x');
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(
      `The data folder ${dataDir} is not empty and was not made by Outlay (it holds "thesis.doc"). Set OUTLAY_DATA_DIR to a new or empty folder.`);
  });

  it('says why a cluster does not start, and gives the folder back', async () => {
    const first = await startEmbeddedPostgres({ dataDir, durable: false });
    await first.stop();
    const version = join(dataDir, 'postgres', 'PG_VERSION');
    const text = await readFile(version, 'utf8');
    await writeFile(version, '12\n');
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(/did not start: database files are incompatible with server\. See .*postgres\.log\.$/);
    await writeFile(version, text);
    running = await startEmbeddedPostgres({ dataDir, durable: false });
  });

  it('refuses a path that is a file', async () => {
    await writeFile(dataDir, 'x');
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(/cannot be used .* Set OUTLAY_DATA_DIR/);
  });
});
