/** What the gate holds and what it decided. */
import { showDecisionDetail, showDecisions, showHolds } from '@outlay/gate';
import { runOf } from '@outlay/ledger';
import { audit, auditedBy } from '@outlay/tenancy';
import { z } from 'zod';
import { can, router } from './procedure';

const label = z.string().max(255).refine((text) => !text.includes('\0'), 'it must not contain a NUL character');
const PAGE = 50;

export const gateRouter = router({
  /** Open ones, the longest open first. */
  holds: can('gate.read').input(z.strictObject({ customerId: label.optional(), workflow: label.optional() })).query(({ ctx, input }) => showHolds(ctx.deps.db, ctx.acting.tenantId, input)),

  /** Ends an open run, so that what it still holds is free. False: it held nothing any more. */
  freeHold: can('gate.manage').input(z.strictObject({ runId: z.uuid() })).mutation(async ({ ctx, input }) => {
    const { tenantId } = ctx.acting;
    const freed = await ctx.deps.gate.release(tenantId, input.runId, 'freed');
    if (freed) await ctx.deps.db.withTenant(tenantId, (tx) => audit(tx, { ...auditedBy(ctx.acting), action: 'hold.freed', subjectType: 'run', subjectId: input.runId }));
    return { freed };
  }),

  /** The newest first; `verdict` "stopped" is all but allow. */
  decisions: can('gate.read').input(z.strictObject({
    verdict: z.enum(['allow', 'warn', 'degrade', 'deny', 'stopped']).optional(), reason: label.optional(), customerId: label.optional(), workflow: label.optional(), requestId: label.optional(), runId: label.optional(),
    cursor: z.uuid().optional(), direction: z.literal('forward').optional(),
  })).query(({ ctx, input: { cursor, direction: _direction, runId, ...filter } }) => showDecisions(ctx.deps.db, ctx.acting.tenantId, {
    ...filter, runId: runId === undefined ? undefined : runOf(ctx.acting.tenantId, runId).id, before: cursor, limit: PAGE,
  })),

  /** One of them, with all that the rule looked at, decided once more. */
  decision: can('gate.read').input(z.strictObject({ id: z.uuid() })).query(({ ctx, input }) => showDecisionDetail(ctx.deps.db, ctx.acting.tenantId, input.id)),
});
