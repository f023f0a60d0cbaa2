import { readFirstEvent } from '@outlay/ledger';
import { roleCan } from '@outlay/tenancy';
import { z } from 'zod';
import { watchActivity } from '../live/watch-activity';
import { toEventLine } from './event-shape';
import { can, router } from './procedure';
import { isoTime } from './shapes';

const GAP_MS = 250;
const CHECK_MS = 15_000;

export const liveRouter = router({
  /** Says when events of the team were committed. Ends when the server drains, the session ends or the person leaves the team. */
  activity: can('ledger.read').subscription(async function* ({ ctx, signal }) {
    const { tenantId } = ctx.acting;
    const { activity, draining } = ctx.deps;
    const mayGoOn = async (): Promise<boolean> => {
      const identity = await ctx.identityNow();
      return identity?.memberships.some((membership) => membership.tenantId === tenantId && roleCan(membership.role, 'ledger.read')) ?? false;
    };
    const ends = AbortSignal.any([draining, ...(signal ? [signal] : [])]);
    for await (const accepted of watchActivity(activity, tenantId, { gapMs: GAP_MS, checkMs: CHECK_MS, mayGoOn, signal: ends })) {
      yield { at: new Date().toISOString(), accepted };
    }
  }),

  /** The first event that came in since a moment; null while none has. */
  firstEvent: can('ledger.read').input(z.object({ since: isoTime })).query(async ({ ctx, input }) => {
    const event = await readFirstEvent(ctx.deps.db, ctx.acting.tenantId, input.since.getTime());
    return event && toEventLine(event);
  }),
});
