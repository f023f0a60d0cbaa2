import { overviewFilterSchema, readOverview, toEventFilter } from '@outlay/ledger';
import { valueOrInvalid } from '../http/value-or-invalid';
import { can, router } from './procedure';

export const overviewRouter = router({
  get: can('ledger.read').input(overviewFilterSchema).query(({ ctx, input }) => {
    const nowMs = Date.now();
    // `range` stays: Overview snaps it to whole steps of the chart.
    const { range, ...span } = input;
    const filter = valueOrInvalid(toEventFilter(span, { timeZone: ctx.team.timeZone, nowMs }));
    return readOverview(ctx.deps.db, ctx.acting.tenantId, { ...filter, range }, nowMs);
  }),
});
