/** The product's side of the ingest bench: its api as a process of its own, and a client that keeps a fixed number of requests in flight. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import { systemPath } from '../env';

export interface BenchServer {
  readonly url: string;
  /** CPU seconds that the process has used so far; NaN where the system does not tell. */
  cpuSeconds(): number;
  /** Resident megabytes (10^6) of the process now; NaN where the system does not tell. */
  memoryMb(): number;
  close(): Promise<void>;
}

/** Starts `outlay start --only api` as `npm start` and the image do, on a free port, on the first core where the system can pin. */
export async function startBenchServer(mainFile: string, databaseUrl: string, dataDir: string, env: Readonly<Record<string, string>> = {}): Promise<BenchServer> {
  const port = await freePort();
  const canPin = process.platform === 'linux' && availableParallelism() > 1 && spawnSync('taskset', ['-V']).status === 0;
  const command = [...(canPin ? ['taskset', '-c', '0'] : []), process.execPath, '--max-semi-space-size=64', mainFile, 'start', '--only', 'api'];
  const child: ChildProcess = spawn(command[0]!, command.slice(1), {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { PATH: systemPath, PORT: String(port), DATABASE_URL: databaseUrl, OUTLAY_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'), OUTLAY_DATA_DIR: dataDir, LOG_LEVEL: 'warn', ...env },
  });
  const url = `http://127.0.0.1:${port}`;
  await waitUntilReady(url, child);
  return {
    url,
    cpuSeconds: () => {
      try {
        const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
        return (Number(fields[11]) + Number(fields[12])) / 100;
      } catch {
        return Number.NaN;
      }
    },
    memoryMb: () => {
      try {
        return (Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) * 1_024) / 1e6;
      } catch {
        return Number.NaN;
      }
    },
    close: async () => {
      if (child.exitCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function waitUntilReady(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`The api stopped with code ${child.exitCode}.`);
    const ready = await fetch(`${url}/readyz`).then((response) => response.ok, () => false);
    if (ready) return;
    await delay(100);
  }
  throw new Error('The api was not ready within a minute.');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

export interface LoadAnswer {
  readonly seconds: number;
  readonly waitsMs: readonly number[];
  /** Verdicts by name over all events. */
  readonly verdicts: Readonly<Record<string, number>>;
}

/** Posts the bodies, `inFlight` at a time. Any status but 200 is an error: a bench that loses requests measures nothing. */
export async function postBodies(url: string, apiKey: string, bodies: readonly string[], inFlight: number): Promise<LoadAnswer> {
  const pool = new Pool(url, { connections: inFlight, pipelining: 1 });
  const waitsMs: number[] = [];
  const answers: string[] = [];
  let next = 0;
  const started = performance.now();
  const sender = async (): Promise<void> => {
    while (next < bodies.length) {
      const body = bodies[next++]!;
      const sent = performance.now();
      const response = await pool.request({ path: '/v1/usage', method: 'POST', headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' }, body });
      const text = await response.body.text();
      if (response.statusCode !== 200) throw new Error(`POST /v1/usage answered ${response.statusCode}: ${text.slice(0, 300)}`);
      waitsMs.push(performance.now() - sent);
      answers.push(text);
    }
  };
  await Promise.all(Array.from({ length: Math.min(inFlight, bodies.length) }, sender));
  const seconds = (performance.now() - started) / 1000;
  await pool.close();
  const verdicts: Record<string, number> = {};
  for (const text of answers) {
    for (const { verdict } of (JSON.parse(text) as { results: { verdict: string }[] }).results) verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
  }
  return { seconds, waitsMs, verdicts };
}
