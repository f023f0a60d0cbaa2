/** A Redis for a bench: in memory only, on loopback, on the first core where the system can pin. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { DomainError } from '@outlay/kernel';
import { Redis } from 'ioredis';

export interface BenchRedis {
  readonly url: string;
  readonly client: Redis;
  /** What an EVALSHA has taken inside Redis since the last call, in microseconds: the mean, or all of them together; NaN without one. */
  scriptMicros(inAll?: boolean): Promise<number>;
  usedBytes(): Promise<number>;
  close(): Promise<void>;
}

export async function startBenchRedis(): Promise<BenchRedis> {
  if (spawnSync('redis-server', ['--version']).status !== 0) throw new DomainError('unavailable', { message: 'This bench needs redis-server.' });
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  const canPin = process.platform === 'linux' && availableParallelism() > 1 && spawnSync('taskset', ['-V']).status === 0;
  const command = [...(canPin ? ['taskset', '-c', '0'] : []), 'redis-server', '--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', tmpdir()];
  const child: ChildProcess = spawn(command[0]!, command.slice(1), { stdio: 'ignore' });
  const exited = once(child, 'exit');
  const url = `redis://127.0.0.1:${port}`;
  const client = new Redis(url, { retryStrategy: (attempt) => (attempt < 50 ? 100 : null), maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  for (let tries = 0; client.status !== 'ready' && tries < 100; tries++) await delay(50);
  return {
    url, client,
    scriptMicros: async (inAll = false) => {
      const [, calls, micros] = /cmdstat_evalsha:calls=(\d+),usec=(\d+)/.exec(await client.info('commandstats')) ?? [];
      await client.call('CONFIG', 'RESETSTAT');
      return Number(micros ?? Number.NaN) / (inAll ? 1 : Number(calls));
    },
    usedBytes: async () => Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]),
    close: async () => {
      client.disconnect();
      child.kill('SIGTERM');
      await exited;
    },
  };
}
