/** Summaries by mail: everybody for their own address. */
import { DIGEST_KINDS, listMyDigests, subscribeDigest, unsubscribeDigest } from '@outlay/insights';
import { auditedBy } from '@outlay/tenancy';
import { z } from 'zod';
import { can, router } from './procedure';

const kind = z.enum(DIGEST_KINDS);

export const digestsRouter = router({
  mine: can('alerts.read').query(async ({ ctx }) => await listMyDigests(ctx.deps.db, ctx.acting.tenantId, ctx.acting.email)),

  subscribe: can('alerts.read').input(z.strictObject({ kind })).mutation(async ({ ctx, input }) => await subscribeDigest(ctx.deps.db, auditedBy(ctx.acting), ctx.acting.email, input.kind)),

  unsubscribe: can('alerts.read').input(z.strictObject({ kind })).mutation(async ({ ctx, input }) => await unsubscribeDigest(ctx.deps.db, auditedBy(ctx.acting), ctx.acting.email, input.kind)),
});
