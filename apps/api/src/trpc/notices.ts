import { listNotices } from '@outlay/insights';
import { markNoticesRead } from '@outlay/tenancy';
import { inTeam, router } from './procedure';
import { DONE, done } from './shapes';

export const noticesRouter = router({
  /** What the person's role may see, the newest first. */
  list: inTeam.query(async ({ ctx }) => {
    const notices = await listNotices(ctx.tenancy, ctx.acting, ctx.team);
    return notices.map(({ id, severity, title, sentence, link, at, unread }) => ({ id, severity, title, sentence, link, at: at.toISOString(), unread }));
  }),

  markRead: inTeam.output(done).mutation(async ({ ctx }) => {
    await markNoticesRead(ctx.tenancy, ctx.acting);
    return DONE;
  }),
});
