/** Begins over HTTP, beside the same framework that echoes or runs one bare script, each a process of its own on the first core. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { newId } from '@outlay/kernel/ids';
import { Pool } from 'undici';
import { systemPath } from '../env';
import { startBenchCluster } from './bench-database';
import type { BenchRedis } from './bench-redis';
import type { Goal } from './goals';
import { startBenchServer } from './http-load';
import { quantile, runRounds, type Side } from './rounds';

interface HttpOptions {
  readonly migrationsDir: string;
  readonly mainFile: string;
  readonly events: number;
  readonly rounds: number;
  readonly progress: (text: string) => void;
}

const IN_FLIGHT = 32;
const CUSTOMERS = 50;
const OPEN_LOOP_SECONDS = 3;

/** Fastify with two routes: an echo, and one that asks Redis once. */
const PLAIN_SERVER = `
import Fastify from 'fastify';
import { Redis } from 'ioredis';
const app = Fastify();
const redis = new Redis(process.argv[1]);
const sha = await redis.script('LOAD', 'return 1');
app.post('/echo', (request) => request.body);
app.post('/evalsha', async (request) => ({ ...request.body, answer: await redis.evalsha(sha, 1, 'bare') }));
console.log(await app.listen({ port: 0, host: '127.0.0.1' }));
`;

export async function measureHttp({ migrationsDir, mainFile, events, rounds, progress }: HttpOptions, redis: BenchRedis, goals: Goal[], figures: Record<string, number>): Promise<void> {
  const cluster = await startBenchCluster(migrationsDir);
  const plain = await startPlainServer(mainFile, redis.url);
  try {
    const bench = await cluster.create('bench_gate');
    await bench.db.withTenant(bench.tenantId, async (tx) => {
      for (const [i, [scope, metric, window, mode]] of ([['tenant', 'cost', 'month', 'soft'], ['customer', 'cost', 'day', 'hard'], ['customer', 'units', 'month', 'hard']] as const).entries()) {
        await tx.query(
          `INSERT INTO caps (tenant_id, id, name, scope, metric, window_kind, mode, limit_amount, source, created_by)
           VALUES ($1, gen_random_uuid(), $2, $3, $4, $5, $6, 1000000000000000000, 'person', 'bench')`, [bench.tenantId, `cap ${i}`, scope, metric, window, mode]);
      }
    });
    const server = await startBenchServer(mainFile, bench.url, cluster.folder, { REDIS_URL: redis.url });
    try {
      const count = Math.max(500, Math.round(events / 4));
      let run = 0;
      const body = (): string => JSON.stringify({ run_id: newId(), customer_id: `customer-${run++ % CUSTOMERS}`, workflow: 'answer', models: ['gpt-4o-mini'], input_tokens: 900, max_output_tokens: 300, max_calls: 1, expires_in_seconds: 30 });
      const headers = { authorization: `Bearer ${bench.apiKey}` };
      const sides: Side[] = [
        { name: 'HTTP echo', run: () => load(plain.url, '/echo', count, body, {}) },
        { name: 'HTTP + bare EVALSHA', run: () => load(plain.url, '/evalsha', count, body, {}) },
        { name: 'HTTP begin', run: async () => {
          const cpu = server.cpuSeconds();
          const read = await load(server.url, '/v1/runs', count, body, headers);
          return { ...read, 'CPU µs': ((server.cpuSeconds() - cpu) * 1e6) / count };
        } },
      ];
      const measured = await runRounds(sides, rounds, progress);
      for (const [name, { figures: read }] of measured) for (const [figure, { median }] of Object.entries(read)) figures[`${name}, ${figure}`] = median;
      const rate = (name: string): number => measured.get(name)!.figures['rps']!.median;
      goals.push({ id: 'B4', what: 'HTTP begins a second / of the same framework with a bare EVALSHA', value: rate('HTTP begin') / rate('HTTP + bare EVALSHA'), goal: 0.7, better: 'higher' });
      // Requests come at their times, whether those before are answered or not.
      const half = rate('HTTP begin') / 2;
      const open = await runRounds([
        { name: 'echo, open loop', run: () => openLoop(plain.url, '/echo', half, body, {}) },
        { name: 'begin, open loop', run: () => openLoop(server.url, '/v1/runs', half, body, headers) },
      ], rounds, progress);
      for (const [name, { figures: read }] of open) for (const [figure, { median }] of Object.entries(read)) figures[`${name} at half the rate, ${figure}`] = median;
      const p99 = (name: string): number => open.get(name)!.figures['p99 ms']!.median;
      goals.push({ id: 'B8', what: 'milliseconds that a begin adds to an echo at half its most, p99', value: p99('begin, open loop') - p99('echo, open loop'), goal: 2, better: 'lower' });
    } finally {
      await server.close();
    }
  } finally {
    await plain.close();
    await cluster.close();
  }
}

async function post(pool: Pool, path: string, body: string, headers: Record<string, string>): Promise<void> {
  const answer = await pool.request({ path, method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(`POST ${path} answered ${answer.statusCode}: ${text.slice(0, 300)}`);
}

async function load(url: string, path: string, count: number, body: () => string, headers: Record<string, string>): Promise<Record<string, number>> {
  const pool = new Pool(url, { connections: IN_FLIGHT, pipelining: 1 });
  const waits: number[] = [];
  let next = 0;
  const started = performance.now();
  await Promise.all(Array.from({ length: IN_FLIGHT }, async () => {
    while (next < count) {
      next += 1;
      const sent = performance.now();
      await post(pool, path, body(), headers);
      waits.push(performance.now() - sent);
    }
  }));
  const seconds = (performance.now() - started) / 1_000;
  await pool.close();
  return { rps: count / seconds, 'p50 ms': quantile(waits, 0.5), 'p99 ms': quantile(waits, 0.99) };
}

async function openLoop(url: string, path: string, rate: number, body: () => string, headers: Record<string, string>): Promise<Record<string, number>> {
  const pool = new Pool(url, { connections: 256, pipelining: 1 });
  const waits: number[] = [];
  const under: Promise<void>[] = [];
  const total = Math.max(100, Math.round(rate * OPEN_LOOP_SECONDS));
  const started = performance.now();
  for (let sent = 0; sent < total;) {
    const due = Math.min(total, Math.floor(((performance.now() - started) / 1_000) * rate) + 1);
    for (; sent < due; sent++) {
      // Counted from when it was due: a client that is late must not hide a wait.
      const at = started + (sent / rate) * 1_000;
      under.push(post(pool, path, body(), headers).then(() => void waits.push(performance.now() - at)));
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(under);
  await pool.close();
  return { 'p50 ms': quantile(waits, 0.5), 'p99 ms': quantile(waits, 0.99) };
}

async function startPlainServer(mainFile: string, redisUrl: string): Promise<{ url: string; close(): Promise<void> }> {
  const canPin = process.platform === 'linux' && availableParallelism() > 1 && spawnSync('taskset', ['-V']).status === 0;
  const command = [...(canPin ? ['taskset', '-c', '0'] : []), process.execPath, '--max-semi-space-size=64', '--input-type=module', '-e', PLAIN_SERVER, redisUrl];
  const child: ChildProcess = spawn(command[0]!, command.slice(1), { stdio: ['ignore', 'pipe', 'inherit'], cwd: dirname(mainFile), env: { PATH: systemPath } });
  const exited = once(child, 'exit');
  const [line] = await Promise.race([once(child.stdout!, 'data'), exited.then(() => Promise.reject(new Error('The plain server stopped.')))]) as [Buffer];
  return {
    url: String(line).trim(),
    close: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
