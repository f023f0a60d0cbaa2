/** A team's data as a whole: its deletion. The export is a download, beside `/v1`. */
import { cancelTeamErasure, readTeamErasure, requestTeamErasure } from '@outlay/tenancy';
import { z } from 'zod';
import { can, router } from './procedure';
import { DONE, done, instant } from './shapes';

const erasure = z.object({ requestedAt: instant, requestedBy: z.string(), eraseAfter: instant });

export const dataRouter = router({
  /** Every member sees it, on every page. */
  erasure: can('members.read').output(erasure.nullable()).query(({ ctx }) => readTeamErasure(ctx.tenancy, ctx.acting)),

  requestErasure: can('team.erase').input(z.strictObject({ name: z.string().max(200) })).output(erasure).mutation(({ ctx, input }) => requestTeamErasure(ctx.tenancy, ctx.acting, input.name)),

  cancelErasure: can('team.erase').output(done).mutation(async ({ ctx }) => {
    await cancelTeamErasure(ctx.tenancy, ctx.acting);
    return DONE;
  }),
});
