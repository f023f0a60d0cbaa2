/** The checklist before going live: the running instance tried over HTTP in throw-away teams, the installation, and the team that asks. */
import { runPreflight } from '@outlay/insights';
import { DomainError } from '@outlay/kernel';
import { can, router } from './procedure';

/** A run makes and erases teams and keeps the api busy for seconds: one at a time in a process. */
const running = new WeakSet<object>();

export const preflightRouter = router({
  /** Errors: `rate_limited` while another one runs. */
  run: can('preflight.run').mutation(async ({ ctx }) => {
    const { deps, acting, team } = ctx;
    if (running.has(deps)) throw new DomainError('rate_limited', { message: 'The checks run already. Wait until they are done.', retryAfterSeconds: 10 });
    running.add(deps);
    try {
      const checks = await runPreflight({
        tenancy: ctx.tenancy, surroundings: deps.surroundings(), teams: [{ acting, name: team.name, timeZone: team.timeZone, demo: team.demo }],
      });
      return { at: new Date().toISOString(), checks };
    } finally {
      running.delete(deps);
    }
  }),
});
