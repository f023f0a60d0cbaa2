/** Spend over time. Money leaves as pico-dollars in a text. */
import { readSpendPage } from '@outlay/insights';
import { overviewFilterSchema, SPEND_DIMENSIONS, type SpendDimension, toEventFilter } from '@outlay/ledger';
import { z } from 'zod';
import { valueOrInvalid } from '../http/value-or-invalid';
import { can, router } from './procedure';

const inputSchema = overviewFilterSchema.extend({
  groupBy: z.enum(Object.keys(SPEND_DIMENSIONS) as [SpendDimension, ...SpendDimension[]]).optional(),
  /** Absent: what suits the span. */
  width: z.enum(['15m', 'hour', 'day']).optional(),
});

export const spendRouter = router({
  /** Errors: `invalid_input` for a span of more steps than a chart can show. */
  series: can('ledger.read').input(inputSchema).query(async ({ ctx, input: { range, groupBy, width, ...span } }) => {
    const nowMs = Date.now();
    const { fromMs, toMs, ...labels } = valueOrInvalid(toEventFilter(span, { timeZone: ctx.team.timeZone, nowMs }));
    return await readSpendPage(ctx.deps.db, ctx.acting.tenantId, {
      labels, groupBy: groupBy ?? null, ...(width === undefined ? {} : { width }), ...(range === undefined ? {} : { range }), ...(fromMs === undefined ? {} : { fromMs }), ...(toMs === undefined ? {} : { toMs }),
    }, nowMs);
  }),
});
