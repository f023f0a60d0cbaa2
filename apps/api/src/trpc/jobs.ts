/** The work behind the pages, for admins: queues, what failed, and to try it again. A team's own jobs and those of nobody; of others only how many there are. */
import { DomainError } from '@outlay/kernel';
import { z } from 'zod';
import { can, router } from './procedure';
import { DONE, done } from './shapes';

/** What each kind does, as the page says it. */
const WORDS: Readonly<Record<string, string>> = {
  'deliver-mail': 'Sends letters.',
  'fold-rollups': 'Folds closed quarters of an hour, so that sums stay small.',
  'ensure-partitions': 'Makes the ledger’s partitions of the months to come.',
  'sweep-expired': 'Removes expired sessions, links and letters, and erases teams whose time has come.',
  'reprice-rows': 'Takes re-pricing runs to their preview or their end.',
  'heal-quarantine': 'Prices rows that had no price and have one by now.',
  'prove-ledger': 'Proves the books of a team.',
  'plan-proofs': 'Asks for one proof a night.',
  'fill-cap-scopes': 'Adds what was recorded before a cap to its counter.',
  'tend-credits': 'Grants, burns and expires credits.',
  'seed-demo': 'Writes the history of demo teams.',
  'make-forecasts': 'Stores where each month will end.',
  'sync-providers': 'Asks providers for use and bill.',
  'watch-spend': 'Looks for spikes.',
  'evaluate-alerts': 'Evaluates the other alert rules.',
  'deliver-messages': 'Sends alerts to channels.',
  'send-digests': 'Sends the morning’s and the week’s summary.',
  'reconcile-bills': 'Compares ledger and bill.',
};

export const jobsRouter = router({
  /** `queues` is empty where no worker shares this process's queues; `backend` is then null. */
  list: can('jobs.read').query(async ({ ctx }) => {
    const { board } = ctx.deps;
    if (board === null) return { backend: null, queues: [] };
    const queues = await board.list(ctx.acting.tenantId);
    const iso = (at: Date | null): string | null => at?.toISOString() ?? null;
    return {
      backend: board.backend,
      queues: queues.map(({ lastDoneAt, nextAt, failures, ...queue }) => ({
        ...queue, words: WORDS[queue.name] ?? '', lastDoneAt: iso(lastDoneAt), nextAt: iso(nextAt), failures: failures.map(({ failedAt, ...failure }) => ({ ...failure, failedAt: iso(failedAt) })),
      })),
    };
  }),

  /** Errors: `not_found`. */
  retry: can('jobs.manage').input(z.strictObject({ queue: z.string().max(100), id: z.string().min(1).max(200) })).output(done).mutation(async ({ ctx, input }) => {
    if (ctx.deps.board === null) throw new DomainError('not_found', { field: 'queue', message: 'No queue is open in this process.' });
    await ctx.deps.board.retry(ctx.acting.tenantId, input.queue, input.id);
    return DONE;
  }),
});
