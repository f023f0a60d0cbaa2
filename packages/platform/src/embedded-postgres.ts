/**
 * PostgreSQL 18 from npm, as a child of this process, on 127.0.0.1 and nowhere else. Everything stands in the data
 * folder: `postgres/` (the cluster), `postgres.json` (password, port), `postgres.log`, `owner.json` (who runs it).
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { z } from 'zod';
import { DomainError } from '@outlay/kernel';
import { readDataFile, writeDataFile } from './data-file';
import { openDataFolder } from './data-folder';
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries';
import { isPostgresOf, processIdentity } from './process-identity';

export interface EmbeddedPostgresOptions {
  readonly dataDir: string;
  /** False only in tests: no fsync, so that a crash of the machine may lose the cluster. */
  readonly durable?: boolean;
  /** Told, in words, about every step that takes time or repairs something. */
  readonly log?: (sentence: string) => void;
}

export interface EmbeddedPostgres {
  readonly port: number;
  /** Superuser, database `postgres`. */
  readonly adminUrl: string;
  /** The password that `provision` gives to `outlay_login`; stays the same over restarts. */
  readonly loginPassword: string;
  /** The postmaster's process id. */
  readonly pid: number;
  /** Resolves when the server is gone, whoever stopped it. */
  readonly exited: Promise<void>;
  /** Fast shutdown: open transactions are rolled back, everything committed is on disk. */
  stop(): Promise<void>;
}

const SUPERUSER = 'postgres';
const SECRETS_FILE = 'postgres.json';
const READY_TIMEOUT_MS = 300_000;
const STOP_TIMEOUT_MS = 60_000;
const LOG_BYTES_MAX = 10 * 1024 * 1024;

const Secrets = z.object({ superuserPassword: z.string().min(16), loginPassword: z.string().min(16), port: z.number().int() });
type Secrets = z.infer<typeof Secrets>;

interface Folder {
  readonly cluster: string;
  readonly secrets: string;
  readonly log: string;
}

/**
 * Starts the cluster of `dataDir`, making it on first use and recovering it after a crash. A server that a killed
 * Outlay left behind is stopped first. Errors: `unavailable` with one sentence.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { dataDir, durable = true, log = () => {} } = options;
  const binaries = findPostgresBinaries();
  const { release } = await openDataFolder(dataDir);
  const folder: Folder = {
    cluster: join(dataDir, 'postgres'),
    secrets: join(dataDir, SECRETS_FILE),
    log: join(dataDir, 'postgres.log'),
  };
  try {
    const secrets = (await readSecrets(dataDir)) ?? (await makeSecrets(folder));
    if (!existsSync(folder.cluster)) {
      log('Making a new PostgreSQL cluster.');
      await initCluster(binaries, folder, secrets, durable);
    }
    await clearLeftovers(folder, log);
    await rotateLog(folder.log);
    return await startOnSomePort(binaries, folder, secrets, durable, release);
  } catch (error) {
    await release();
    throw error;
  }
}

async function startOnSomePort(binaries: PostgresBinaries, folder: Folder, known: Secrets, durable: boolean, release: () => Promise<void>): Promise<EmbeddedPostgres> {
  let secrets = known;
  for (let attempt = 1; ; attempt++) {
    const port = await choosePort(secrets.port);
    if (port !== secrets.port) {
      secrets = { ...secrets, port };
      await writeDataFile(folder.secrets, JSON.stringify(secrets));
    }
    const started = await startServer(binaries, folder, port, durable);
    if (started.ready) return await serve(started.child, secrets, release);
    // Backends of a killed postmaster need a moment to notice; a port may be taken between the look and the bind.
    const passing = /still in use|could not bind|Address already in use/i.test(started.reason);
    if (!passing || attempt >= 40) {
      throw new DomainError('unavailable', {
        message: `The embedded PostgreSQL in ${folder.cluster} did not start: ${lastFatal(started.reason)} See ${folder.log}.`,
      });
    }
    await delay(250);
  }
}

/** The passwords and the port of a data folder; undefined when it has none yet. */
export async function readSecrets(dataDir: string): Promise<Secrets | undefined> {
  const text = await readDataFile(join(dataDir, SECRETS_FILE));
  return text === undefined ? undefined : Secrets.parse(JSON.parse(text));
}

async function makeSecrets(folder: Folder): Promise<Secrets> {
  if (existsSync(folder.cluster)) {
    throw new DomainError('unavailable', {
      message: `The file ${folder.secrets} with the PostgreSQL password is gone. Restore it from a backup of the data folder.`,
    });
  }
  const secrets = { superuserPassword: newPassword(), loginPassword: newPassword(), port: 0 };
  await writeDataFile(folder.secrets, JSON.stringify(secrets));
  return secrets;
}

function newPassword(): string {
  return randomBytes(24).toString('base64url');
}

/** Into a folder of another name first: a crash within initdb must not leave half a cluster that looks like one. */
async function initCluster(binaries: PostgresBinaries, folder: Folder, secrets: Secrets, durable: boolean): Promise<void> {
  const unfinished = `${folder.cluster}.new`;
  const passwordFile = `${folder.cluster}.password`;
  await rm(unfinished, { recursive: true, force: true });
  await writeFile(passwordFile, secrets.superuserPassword, { mode: 0o600 });
  try {
    const [command, ...words] = binaries.initdb;
    // Codepoint order and UTF-8 case rules that no libc upgrade can change under an index.
    const child = spawn(command!, [
      ...words, '-D', unfinished, `--username=${SUPERUSER}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8',
      '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', ...(durable ? [] : ['--no-sync']),
    ], { stdio: ['ignore', 'pipe', 'pipe'], env: serverEnv() });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => { output += chunk.toString(); });
    child.stderr.on('data', (chunk: Buffer) => { output += chunk.toString(); });
    const code = await exitCode(child);
    if (code !== 0) {
      throw new DomainError('unavailable', { message: `A new PostgreSQL cluster could not be made in ${folder.cluster}: ${output.trim().split('\n').at(-1)}` });
    }
    await rename(unfinished, folder.cluster);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/** Stops a server that a killed Outlay left behind, and defuses a pid file whose number now means another process. */
async function clearLeftovers(folder: Folder, log: (sentence: string) => void): Promise<void> {
  const pidFile = join(folder.cluster, 'postmaster.pid');
  const text = await readDataFile(pidFile);
  if (text === undefined) return;
  const pid = Number.parseInt(text, 10);
  if (!isPostgresOf(pid, folder.cluster)) {
    if (!(pid > 0) || processIdentity(pid) === undefined) return;
    // Postgres would take the stranger for its older self. It takes its own parent's number (ours) for stale, and
    // still checks the shared memory named in the file, which deleting the file would skip.
    await writeFile(pidFile, text.replace(/^-?\d+/, String(process.pid)));
    return;
  }
  log(`Stopping the PostgreSQL (process ${pid}) that a killed Outlay left behind.`);
  for (const [signal, waitMs] of [['SIGINT', STOP_TIMEOUT_MS], ['SIGQUIT', 10_000], ['SIGKILL', 5_000]] as const) {
    process.kill(pid, signal);
    const deadline = Date.now() + waitMs;
    while (Date.now() < deadline) {
      if (processIdentity(pid) === undefined) return;
      await delay(25);
    }
  }
  throw new DomainError('unavailable', { message: `An older PostgreSQL (process ${pid}) of this data folder does not stop. End it, then start again.` });
}

async function rotateLog(path: string): Promise<void> {
  const size = await stat(path).then((file) => file.size, () => 0);
  if (size > LOG_BYTES_MAX) await rename(path, `${path}.1`);
}

async function choosePort(wanted: number): Promise<number> {
  if (wanted !== 0 && await canListen(wanted)) return wanted;
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function canListen(port: number): Promise<boolean> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

function serverSettings(port: number, durable: boolean): Record<string, string> {
  return {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    // Two processes of thirty each, one that takes over from a dead one, and whoever looks in with psql.
    max_connections: '150',
    // Sized for two cores and a few GB that we share with our own processes.
    shared_buffers: durable ? '256MB' : '128MB',
    effective_cache_size: '1GB',
    work_mem: '16MB',
    maintenance_work_mem: '128MB',
    random_page_cost: '1.1',
    jit: 'off',
    // The ledger has a partition a month: a query over years locks them all.
    max_locks_per_transaction: '256',
    // An accepted event is durable (law 1).
    synchronous_commit: durable ? 'on' : 'off',
    fsync: durable ? 'on' : 'off',
    full_page_writes: durable ? 'on' : 'off',
    max_wal_size: '2GB',
    checkpoint_timeout: '15min',
    wal_compression: 'on',
    TimeZone: 'UTC',
    log_timezone: 'UTC',
    // No statement, parameter or row value reaches the log (law 9): not even the text of an error, which may quote one.
    // Who asked logs the error. `log` stands between `error` and `fatal`.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    log_parameter_max_length: '0',
    log_checkpoints: 'off',
  };
}

function serverEnv(): NodeJS.ProcessEnv {
  // Nothing of our own environment: it may carry secrets, and PG* variables would change what the binaries do.
  return { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };
}

type Started = { readonly ready: true; readonly child: ChildProcess } | { readonly ready: false; readonly reason: string };

async function startServer(binaries: PostgresBinaries, folder: Folder, port: number, durable: boolean): Promise<Started> {
  const log = await open(folder.log, 'a', 0o600);
  const { size: logStart } = await log.stat();
  const [command, ...words] = binaries.postgres;
  const settings = Object.entries(serverSettings(port, durable)).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  // A process group of its own: Ctrl-C reaches us alone, and we stop Postgres after the last writer.
  const child = spawn(command!, [...words, '-D', folder.cluster, ...settings], {
    stdio: ['ignore', log.fd, log.fd], detached: true, env: serverEnv(), windowsHide: true,
  });
  // Before anything is awaited: a server that refuses at once would be gone unseen.
  const gone = exitCode(child);
  await log.close();
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const status = await readDataFile(join(folder.cluster, 'postmaster.pid'));
    const lines = status?.split('\n') ?? [];
    if (Number(lines[0]) === child.pid && lines[7]?.trim() === 'ready') return { ready: true, child };
    if (await Promise.race([gone.then(() => true), delay(15, false)])) break;
  }
  child.kill('SIGQUIT');
  await gone;
  const reason = (await readFile(folder.log)).subarray(logStart).toString('utf8');
  return { ready: false, reason: reason === '' ? 'the program ended without a word.' : reason };
}

/** Resolves with the exit code; 1 when the program could not be run at all. */
async function exitCode(child: ChildProcess): Promise<number> {
  return await new Promise((resolve) => {
    child.once('error', () => resolve(1));
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

function lastFatal(reason: string): string {
  const lines = reason.trim().split('\n');
  return (lines.findLast((line) => /FATAL|PANIC/.test(line)) ?? lines.at(-1) ?? '').replace(/^.*?(FATAL|PANIC):\s*/, '').replace(/\.?$/, '.');
}

async function serve(child: ChildProcess, secrets: Secrets, release: () => Promise<void>): Promise<EmbeddedPostgres> {
  const adminUrl = `postgres://${SUPERUSER}:${secrets.superuserPassword}@127.0.0.1:${secrets.port}/postgres`;
  const gone = child.exitCode !== null || child.signalCode !== null ? Promise.resolve(0) : exitCode(child);
  const exited = gone.then(release);
  // The last resort when our process ends without stop(): a fast shutdown that we cannot wait for.
  const stopAtExit = (): void => { child.kill('SIGINT'); };
  process.once('exit', stopAtExit);
  void exited.then(() => process.off('exit', stopAtExit));
  const client = new Client({ connectionString: adminUrl });
  // A server that dies in this very moment is found by `exited`.
  client.on('error', () => {});
  await client.connect();
  await client.end();
  return {
    port: secrets.port,
    adminUrl,
    loginPassword: secrets.loginPassword,
    pid: child.pid!,
    exited,
    stop: async () => {
      child.kill('SIGINT');
      const impatient = setTimeout(() => child.kill('SIGQUIT'), STOP_TIMEOUT_MS);
      await exited;
      clearTimeout(impatient);
    },
  };
}
