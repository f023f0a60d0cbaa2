import { judgeOverview, passedSoftCaps, readPlanUses } from '@outlay/insights';
import { overviewFilterSchema, readEndedRuns, readOverview, readOverviewCustomers, toEventFilter } from '@outlay/ledger';
import { listCaps } from '@outlay/plans';
import { z } from 'zod';
import { valueOrInvalid } from '../http/value-or-invalid';
import { can, router } from './procedure';

/** What the figures stand beside: the span of the same length just before (when absent), or nothing. */
const inputSchema = overviewFilterSchema.extend({ compare: z.enum(['previous', 'none']).optional() });

function parseInput({ range, compare, ...span }: z.infer<typeof inputSchema>, timeZone: string) {
  const nowMs = Date.now();
  const filter = valueOrInvalid(toEventFilter(span, { timeZone, nowMs }));
  // `range` stays: Overview snaps it to whole steps of the chart.
  return { nowMs, compare: compare ?? 'previous' as const, filter: { ...filter, range } };
}

export const overviewRouter = router({
  get: can('ledger.read').input(inputSchema).query(async ({ ctx, input }) => {
    const { nowMs, compare, filter } = parseInput(input, ctx.team.timeZone);
    const { db } = ctx.deps;
    const { tenantId } = ctx.acting;
    const [overview, ended, caps] = await Promise.all([readOverview(db, tenantId, filter, nowMs), readEndedRuns(db, tenantId, filter, nowMs), listCaps(db, tenantId, nowMs)]);
    const uses = await readPlanUses(db, tenantId, ended, nowMs);
    return judgeOverview(overview, { compare, plans: { ended, softCaps: passedSoftCaps(caps, nowMs), uses } });
  }),

  trendByCustomer: can('ledger.read').input(inputSchema).query(async ({ ctx, input }) => {
    const { nowMs, filter } = parseInput(input, ctx.team.timeZone);
    return { points: await readOverviewCustomers(ctx.deps.db, ctx.acting.tenantId, filter, nowMs) };
  }),
});
