import { DomainError } from '@outlay/kernel';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { JobCatalogue } from './job-catalogue';
import { createJobs, type JobHandlers, type Jobs } from './jobs';
import { createTestDatabase, startTestRedis, until, whyNoRedis, type TestDatabase, type TestRedis } from './testing';

const CATALOGUE = {
  greet: { payload: z.object({ id: z.string() }), concurrency: 4, attempts: 3 },
  tick: { payload: z.object({}), everyMs: 100, concurrency: 1, attempts: 1 },
} as const satisfies JobCatalogue;

const noRedis = whyNoRedis();

describe.each([
  { backend: 'postgres' as const, why: undefined },
  { backend: 'redis' as const, why: noRedis },
])('jobs on $backend', ({ backend, why }) => {
  describe.skipIf(why !== undefined)(why ?? 'with a server', () => {
    let test: TestDatabase;
    let redis: TestRedis | undefined;
    const open: Jobs<typeof CATALOGUE>[] = [];

    beforeAll(async () => {
      test = await createTestDatabase();
      if (backend === 'redis') redis = await startTestRedis();
    });

    afterEach(async () => {
      await Promise.all(open.splice(0).map((jobs) => jobs.close()));
      const left = await openJobs();
      for (const queue of left.queues) {
        for (const { key } of await queue.getJobSchedulers()) await queue.removeJobScheduler(key);
        await queue.obliterate({ force: true });
      }
      await left.close();
      open.splice(0);
    });

    afterAll(async () => {
      await redis?.close();
      await test.close();
    });

    async function openJobs(): Promise<Jobs<typeof CATALOGUE>> {
      const jobs = await createJobs({ catalogue: CATALOGUE, databaseUrl: test.url, ...(redis === undefined ? {} : { redisUrl: redis.url }) });
      open.push(jobs);
      return jobs;
    }

    function handlers(greet: JobHandlers<typeof CATALOGUE>['greet'], tick: () => Promise<void> = () => Promise.resolve()): JobHandlers<typeof CATALOGUE> {
      return { greet, tick };
    }

    it('runs every job once, over two processes', async () => {
      const seen: string[] = [];
      const first = await openJobs();
      const second = await openJobs();
      expect(first.backend).toBe(backend);
      for (const jobs of [first, second]) jobs.startWorkers(handlers(({ id }) => { seen.push(id); return Promise.resolve(); }));
      const ids = Array.from({ length: 50 }, (_, n) => `job ${n}`);
      await Promise.all(ids.map((id, n) => (n % 2 === 0 ? first : second).add('greet', { id })));
      await until('50 jobs', () => seen.length >= 50);
      expect([...seen].sort()).toEqual([...ids].sort());
    });

    it('retries a failure, and gives up at once when it is permanent', async () => {
      const attempts: string[] = [];
      const jobs = await openJobs();
      jobs.startWorkers(handlers(({ id }, { attempt }) => {
        attempts.push(`${id} ${attempt}`);
        if (id === 'bad') throw new DomainError('not_found');
        if (attempt < 2) throw new Error('not yet');
        return Promise.resolve();
      }));
      await jobs.add('greet', { id: 'bad' });
      await jobs.add('greet', { id: 'good' });
      await until('the retry', () => attempts.includes('good 2'));
      await until('the failure', async () => (await jobs.counts()).greet.failed === 1);
      expect(attempts.sort()).toEqual(['bad 1', 'good 1', 'good 2']);
    });

    it('drops a second job with the same key while the first waits', async () => {
      const jobs = await openJobs();
      await jobs.add('greet', { id: 'a' }, { once: 'same' });
      await jobs.add('greet', { id: 'b' }, { once: 'same' });
      await jobs.add('greet', { id: 'c' }, { once: 'other' });
      expect((await jobs.counts()).greet.waiting).toBe(2);
    });

    it('delays', async () => {
      const jobs = await openJobs();
      await jobs.add('greet', { id: 'later' }, { delayMs: 60_000 });
      expect((await jobs.counts()).greet).toMatchObject({ waiting: 0, delayed: 1 });
    });

    it('ticks by itself, once for all processes, and no more when the catalogue drops it', async () => {
      let ticks = 0;
      const first = await openJobs();
      const second = await openJobs();
      await Promise.all([first.schedule(), second.schedule()]);
      expect(await first.queues[1]!.getJobSchedulersCount()).toBe(1);
      first.startWorkers(handlers(() => Promise.resolve(), () => { ticks++; return Promise.resolve(); }));
      await until('three ticks', () => ticks >= 3);
      const { everyMs: _every, ...still } = CATALOGUE.tick;
      const later = await createJobs({ catalogue: { ...CATALOGUE, tick: still }, databaseUrl: test.url, ...(redis === undefined ? {} : { redisUrl: redis.url }) });
      await later.schedule();
      expect(await later.queues[1]!.getJobSchedulersCount()).toBe(0);
      await later.close();
    });

    it('waits for running jobs when it closes, and leaves the rest to the next process', async () => {
      const jobs = await openJobs();
      let begun = 0;
      let done = 0;
      let openGate!: () => void;
      const gate = new Promise<void>((resolve) => { openGate = resolve; });
      jobs.startWorkers(handlers(async () => {
        begun++;
        await gate;
        done++;
      }));
      for (let n = 0; n < 6; n++) await jobs.add('greet', { id: String(n) });
      await until('four running', () => begun === 4);
      const closing = jobs.close();
      openGate();
      await closing;
      open.splice(0);
      expect(done).toBe(begun);
      const next = await openJobs();
      next.startWorkers(handlers(() => { done++; return Promise.resolve(); }));
      await until('the rest', () => done === 6);
    });

    it('refuses a payload that is not the catalogue\'s', async () => {
      const jobs = await openJobs();
      await expect(jobs.add('greet', {} as { id: string })).rejects.toThrow(/^The payload of job greet is not the catalogue's/);
    });
  });
});

describe('jobs on postgres only', () => {
  let test: TestDatabase;
  let jobs: Jobs<typeof CATALOGUE>;

  beforeAll(async () => {
    test = await createTestDatabase();
    jobs = await createJobs({ catalogue: CATALOGUE, databaseUrl: test.url });
  });

  afterAll(async () => {
    await jobs.close();
    await test.close();
  });

  it('goes on after all its connections were cut', async () => {
    const seen: string[] = [];
    jobs.startWorkers({ greet: ({ id }) => { seen.push(id); return Promise.resolve(); }, tick: () => Promise.resolve() });
    await jobs.add('greet', { id: 'before' });
    await until('the first', () => seen.includes('before'));
    const admin = new Client({ connectionString: test.adminUrl });
    await admin.connect();
    const { rowCount } = await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`);
    await admin.end();
    expect(rowCount).toBeGreaterThan(0);
    await until('an add that succeeds', () => jobs.add('greet', { id: 'after' }).then(() => true, () => false));
    await until('the second', () => seen.includes('after'));
  });

  it('keeps its tables away from the app role', async () => {
    await expect(test.db.app.query('select * from bullmq.job')).rejects.toThrow(/permission denied for schema bullmq/);
  });
});

it('says which Redis does not answer', async () => {
  await expect(createJobs({ catalogue: CATALOGUE, databaseUrl: '', redisUrl: 'redis://:topsecret@127.0.0.1:1' }))
    .rejects.toThrow(/^Redis at 127.0.0.1:1 cannot be reached: .*ECONNREFUSED.*Check REDIS_URL/);
});
