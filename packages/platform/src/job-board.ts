/** Looks at the queues: how many jobs wait, what failed and why, when each kind runs next; and lets a failed one run again. A team sees its own jobs and those of nobody. */
import type { Queue } from 'bullmq';
import { DomainError } from '@outlay/kernel';
import type { JobCatalogue } from './job-catalogue';
import type { Jobs } from './jobs';

export interface FailedJob {
  readonly queue: string;
  readonly id: string;
  readonly failedAt: Date | null;
  readonly attempts: number;
  /** One line. */
  readonly reason: string;
  /** Of no team: a round over all of them. */
  readonly ofAll: boolean;
}

export interface QueueState {
  readonly name: string;
  readonly everyMs: number | null;
  readonly waiting: number;
  readonly delayed: number;
  readonly active: number;
  /** Of everybody. */
  readonly failed: number;
  /** Of those kept: a day's, the last two hundred. */
  readonly lastDoneAt: Date | null;
  readonly lastTookMs: number | null;
  readonly nextAt: Date | null;
  /** Those the asker may see, the newest first. */
  readonly failures: readonly FailedJob[];
}

export interface JobBoard {
  readonly backend: 'redis' | 'postgres';
  list(tenantId: string): Promise<QueueState[]>;
  /** Errors: `not_found` for a job that is not there, did not fail, or is another team's. */
  retry(tenantId: string, queue: string, id: string): Promise<void>;
}

const FAILURES_SHOWN = 50;
/** Enough to find this team's among them. */
const FAILURES_READ = 500;
const REASON_MAX = 300;

interface Kept {
  readonly id?: string;
  readonly data: unknown;
  readonly failedReason?: string;
  readonly finishedOn?: number;
  readonly processedOn?: number;
  readonly attemptsMade: number;
}

export function createJobBoard<C extends JobCatalogue>(jobs: Pick<Jobs<C>, 'queues' | 'backend'>, catalogue: C): JobBoard {
  return {
    backend: jobs.backend,
    list: async (tenantId) => await Promise.all(jobs.queues.map(async (queue) => await look(queue, catalogue[queue.name]?.everyMs ?? null, tenantId))),
    retry: async (tenantId, name, id) => {
      const job = await jobs.queues.find((queue) => queue.name === name)?.getJob(id);
      if (job === undefined || !isVisible(job.data, tenantId) || !(await job.isFailed())) {
        throw new DomainError('not_found', { field: 'id', message: 'There is no such failed job. It may have run again, or have been removed after its time.' });
      }
      await job.retry('failed');
    },
  };
}

async function look(queue: Queue, everyMs: number | null, tenantId: string): Promise<QueueState> {
  const [{ wait = 0, prioritized = 0, delayed = 0, active = 0, failed = 0 }, lost, [done], schedulers] = await Promise.all([
    queue.getJobCounts('wait', 'prioritized', 'delayed', 'active', 'failed'), queue.getFailed(0, FAILURES_READ - 1), queue.getCompleted(0, 0), queue.getJobSchedulers(),
  ]) as [Record<string, number>, Kept[], Kept[], { next?: number }[]];
  const next = schedulers.map((each) => each.next).filter((at): at is number => at !== undefined);
  return {
    name: queue.name, everyMs, waiting: wait + prioritized, delayed, active, failed,
    lastDoneAt: toDate(done?.finishedOn), lastTookMs: done?.finishedOn === undefined || done.processedOn === undefined ? null : done.finishedOn - done.processedOn,
    nextAt: next.length === 0 ? null : new Date(Math.min(...next)),
    failures: lost.filter(({ data }) => isVisible(data, tenantId)).slice(0, FAILURES_SHOWN).map(({ id = '', data, failedReason = '', finishedOn, attemptsMade }) => ({
      queue: queue.name, id, failedAt: toDate(finishedOn), attempts: attemptsMade, reason: failedReason.split('\n')[0]!.slice(0, REASON_MAX), ofAll: tenantOf(data) === undefined,
    })),
  };
}

function tenantOf(data: unknown): unknown {
  return (data as { tenantId?: unknown } | null)?.tenantId;
}

function isVisible(data: unknown, tenantId: string): boolean {
  const of = tenantOf(data);
  return of === undefined || of === tenantId;
}

function toDate(ms: number | undefined): Date | null {
  return ms === undefined ? null : new Date(ms);
}
