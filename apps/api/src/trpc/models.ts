/** Models: what they cost, what their prices did, and what the same tokens would cost at another one. */
import { compareModels, listModelFigures } from '@outlay/insights';
import { overviewFilterSchema, toEventFilter } from '@outlay/ledger';
import { z } from 'zod';
import { valueOrInvalid } from '../http/value-or-invalid';
import { can, router } from './procedure';

const name = z.string().min(1).max(255);

export const modelsRouter = router({
  list: can('ledger.read').input(overviewFilterSchema).query(async ({ ctx, input }) => {
    const { range, ...span } = input;
    const nowMs = Date.now();
    const filter = valueOrInvalid(toEventFilter(span, { timeZone: ctx.team.timeZone, nowMs }));
    const { book } = await ctx.deps.prices.of(ctx.acting.tenantId);
    const { models, ...list } = await listModelFigures(ctx.deps.db, book, ctx.acting.tenantId, { ...filter, range }, nowMs);
    return { ...list, models: models.map(({ priceMoves, ...model }) => ({ ...model, priceMoves: priceMoves.map(({ atMs, ...move }) => ({ ...move, at: new Date(atMs).toISOString() })) })) };
  }),

  /** The tokens of one model in the range, at the standard price of another. Provider and model of the filter are the one that was used; without another model only its own prices. */
  whatIf: can('ledger.read').input(overviewFilterSchema.extend({ provider: z.string().max(255), model: name, otherProvider: name.optional(), otherModel: name.optional() })).query(async ({ ctx, input }) => {
    const { range, provider, model, otherProvider, otherModel, ...span } = input;
    const nowMs = Date.now();
    const filter = valueOrInvalid(toEventFilter(span, { timeZone: ctx.team.timeZone, nowMs }));
    const { book } = await ctx.deps.prices.of(ctx.acting.tenantId);
    return await compareModels(ctx.deps.db, book, ctx.acting.tenantId, { ...filter, range, own: { provider, model }, other: otherProvider && otherModel ? { provider: otherProvider, model: otherModel } : null }, nowMs);
  }),
});
