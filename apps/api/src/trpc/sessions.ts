import { listSessions, revokeOtherSessions, revokeSession } from '@outlay/tenancy';
import { z } from 'zod';
import { router, signedIn } from './procedure';
import { DONE, done, instant } from './shapes';

const session = z.object({ id: z.string(), current: z.boolean(), createdAt: instant, lastSeenAt: instant, ip: z.string(), userAgent: z.string() });

export const sessionsRouter = router({
  list: signedIn.output(z.array(session)).query(({ ctx }) => listSessions(ctx.tenancy, ctx.person)),

  revoke: signedIn.input(z.object({ id: z.string().max(128) })).output(done).mutation(async ({ ctx, input }) => {
    await revokeSession(ctx.tenancy, ctx.person, input.id, ctx.origin.requestId);
    return DONE;
  }),

  revokeOthers: signedIn.output(z.object({ ended: z.number() })).mutation(async ({ ctx }) =>
    ({ ended: await revokeOtherSessions(ctx.tenancy, ctx.person, ctx.origin.requestId) })),
});
