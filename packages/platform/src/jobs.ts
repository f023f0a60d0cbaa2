/** Background jobs on BullMQ: on Redis with a Redis URL, else in schema `bullmq` of the database. One queue a kind of job. */
import { createPostgresBackend, Queue, runMigrations, UnrecoverableError, Worker, type ConnectionOptions, type QueueOptions, type WorkerOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import { Pool } from 'pg';
import { DomainError, ERRORS } from '@outlay/kernel';
import type { z } from 'zod';
import type { JobCatalogue } from './job-catalogue';
import { connectionConfig, endPool, trackConnections } from './pools';
import { openRedis } from './redis';
import { unreachableDatabase } from './unreachable';

export interface JobsOptions<C extends JobCatalogue> {
  readonly catalogue: C;
  readonly redisUrl?: string;
  /** Used when there is no Redis: a login that may become outlay_system. */
  readonly databaseUrl: string;
  /** Told about broken connections and failed jobs; never with a payload. */
  readonly log?: (sentence: string, error: Error) => void;
  /** Keeps several installations on one Redis apart. */
  readonly redisPrefix?: string;
}

type Payload<C extends JobCatalogue, N extends keyof C> = z.infer<C[N]['payload']>;

export interface JobContext {
  readonly jobId: string;
  /** 1 for the first try. */
  readonly attempt: number;
}

/** One handler a kind of job: calls one use case. A `DomainError` that is not retryable fails the job for good. */
export type JobHandlers<C extends JobCatalogue> = { readonly [N in keyof C]: (payload: Payload<C, N>, context: JobContext) => Promise<void> };

export interface AddOptions {
  readonly delayMs?: number;
  /** While a job with this key waits or runs, a further one is dropped. */
  readonly once?: string;
}

export interface Jobs<C extends JobCatalogue> {
  readonly backend: 'redis' | 'postgres';
  /** Errors: `invalid_input` when the payload is not the catalogue's. */
  add<N extends keyof C & string>(name: N, payload: Payload<C, N>, options?: AddOptions): Promise<void>;
  /** Sets the intervals of the catalogue, and removes those that it no longer has. Safe from every process at once. */
  schedule(): Promise<void>;
  startWorkers(handlers: JobHandlers<C>): void;
  /** Waiting, delayed, active and failed jobs a kind. */
  counts(): Promise<Record<keyof C & string, { waiting: number; delayed: number; active: number; failed: number }>>;
  /** For a board; `bull-board` reads both backends. */
  readonly queues: readonly Queue[];
  /** Takes no further job, waits for the running ones, then closes. */
  close(): Promise<void>;
}

const DAY_S = 86_400;
const LOCK_MS = 60_000;
/** After a lost connection; a worker that waits so long cannot be closed meanwhile. */
const RETRY_MS = 1_000;

/** Opens the queues. Errors: `unavailable` when Redis or the database cannot be reached. */
export async function createJobs<C extends JobCatalogue>(options: JobsOptions<C>): Promise<Jobs<C>> {
  const { catalogue, log } = options;
  const names = Object.keys(catalogue) as (keyof C & string)[];
  const backend = options.redisUrl === undefined ? await openPostgres(options, names.length) : await openRedisBackend(options, options.redisUrl);
  const onError = (error: Error): void => log?.('The job queue lost its connection; it is made again.', error);
  const queues = new Map<string, Queue>();
  for (const name of names) {
    const { attempts } = catalogue[name]!;
    const queue = backend.openQueue(name, {
      defaultJobOptions: {
        attempts,
        backoff: { type: 'exponential', delay: 1_000, jitter: 0.5 },
        removeOnComplete: { age: DAY_S, count: 200 },
        removeOnFail: { age: 14 * DAY_S, count: 2_000 },
        stackTraceLimit: 10,
      },
    });
    queue.on('error', onError);
    queues.set(name, queue);
  }
  const workers: Worker[] = [];

  return {
    backend: backend.kind,
    queues: [...queues.values()],
    add: async (name, payload, { delayMs, once } = {}) => {
      const parsed = catalogue[name]!.payload.safeParse(payload);
      if (!parsed.success) {
        throw new DomainError('invalid_input', { field: name, message: `The payload of job ${name} is not the catalogue's: ${parsed.error.issues[0]?.message}.` });
      }
      await queues.get(name)!.add(name, parsed.data, { ...(delayMs === undefined ? {} : { delay: delayMs }), ...(once === undefined ? {} : { deduplication: { id: once } }) });
    },
    schedule: async () => {
      for (const [name, queue] of queues) {
        const { everyMs } = catalogue[name]!;
        for (const scheduler of await queue.getJobSchedulers()) {
          if (everyMs === undefined || scheduler.key !== name) await queue.removeJobScheduler(scheduler.key);
        }
        if (everyMs !== undefined) await queue.upsertJobScheduler(name, { every: everyMs }, { name, data: {} });
      }
    },
    startWorkers: (handlers) => {
      for (const name of names) {
        const { payload: schema, concurrency } = catalogue[name]!;
        const worker = backend.openWorker(name, async (job) => {
          const parsed = schema.safeParse(job.data);
          if (!parsed.success) throw new UnrecoverableError(`the payload is not the catalogue's: ${parsed.error.issues[0]?.message}`);
          try {
            await handlers[name]!(parsed.data as Payload<C, typeof name>, { jobId: job.id ?? '', attempt: job.attemptsMade + 1 });
          } catch (error) {
            if (isPermanent(error)) throw Object.assign(new UnrecoverableError(error.message), { cause: error });
            throw error;
          }
        }, { concurrency, lockDuration: LOCK_MS, maxStalledCount: 3, runRetryDelay: RETRY_MS });
        worker.on('error', onError);
        worker.on('failed', (job, error) => log?.(`Job ${name} ${job?.id ?? ''} failed at attempt ${job?.attemptsMade ?? 0}.`, error));
        workers.push(worker);
      }
    },
    counts: async () => {
      const entries = await Promise.all([...queues].map(async ([name, queue]) => {
        const { wait = 0, prioritized = 0, delayed = 0, active = 0, failed = 0 } = await queue.getJobCounts('wait', 'prioritized', 'delayed', 'active', 'failed');
        return [name, { waiting: wait + prioritized, delayed, active, failed }] as const;
      }));
      return Object.fromEntries(entries) as Awaited<ReturnType<Jobs<C>['counts']>>;
    },
    close: async () => {
      await Promise.all(workers.map((worker) => worker.close()));
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      await backend.close();
    },
  };
}

function isPermanent(error: unknown): error is DomainError {
  return error instanceof DomainError && !ERRORS[error.code].retryable;
}

type Process = (job: { id?: string; data: unknown; attemptsMade: number }) => Promise<void>;

interface Backend {
  readonly kind: 'redis' | 'postgres';
  openQueue(name: string, options: Omit<QueueOptions, 'connection'>): Queue;
  openWorker(name: string, process: Process, options: Omit<WorkerOptions, 'connection'>): Worker;
  close(): Promise<void>;
}

async function openRedisBackend(options: JobsOptions<JobCatalogue>, redisUrl: string): Promise<Backend> {
  const redis: Redis = await openRedis(redisUrl, options.log === undefined ? {} : { log: options.log });
  const connection = redis as unknown as ConnectionOptions;
  // One hash tag for all queues, so that the same keys work on Redis Cluster.
  const prefix = `{${options.redisPrefix ?? 'outlay'}}`;
  return {
    kind: 'redis',
    openQueue: (name, queueOptions) => new Queue(name, { ...queueOptions, connection, prefix }),
    openWorker: (name, process, workerOptions) => new Worker(name, process, { ...workerOptions, connection, prefix }),
    close: async () => {
      await redis.quit();
    },
  };
}

async function openPostgres(options: JobsOptions<JobCatalogue>, kinds: number): Promise<Backend> {
  const { types: _ownTypes, ...config } = connectionConfig(options.databaseUrl, 'outlay_system', 60_000, 'bullmq');
  // Every worker keeps one connection that listens.
  const pool = new Pool({ ...config, max: kinds + 6, idleTimeoutMillis: 30_000 });
  // Each queue and each worker listens to the pool that they share.
  pool.setMaxListeners(2 * kinds + 10);
  pool.on('error', (error) => options.log?.('A job queue connection broke while idle.', error));
  trackConnections(pool);
  try {
    const client = await pool.connect();
    try {
      await runMigrations(client, 'bullmq');
    } finally {
      client.release();
    }
  } catch (error) {
    await pool.end();
    throw unreachableDatabase(options.databaseUrl, error);
  }
  return {
    kind: 'postgres',
    openQueue: (name, queueOptions) => new Queue(name, { ...queueOptions, connection: pool }, createPostgresBackend) as unknown as Queue,
    openWorker: (name, process, workerOptions) => new Worker(name, process, { ...workerOptions, connection: pool }, createPostgresBackend) as unknown as Worker,
    close: () => endPool(pool),
  };
}
