/** The quarantine and re-pricing runs: look, plan, start, cancel. */
import {
  cancelRepricing, findServedNames, getHealing, getRepricing, labelQueryShape, listQuarantine, listRepricings, planRepricing, type RepricingRun, setHealing, startRepricing, toEventFilter,
} from '@outlay/ledger';
import { z } from 'zod';
import { valueOrInvalid } from '../http/value-or-invalid';
import { can, router } from './procedure';
import { byId, DONE, done } from './shapes';

const { from, to, environment, workflow, customerId, provider, model } = labelQueryShape;
const rows = z.strictObject({
  from, to, environment, workflow, customerId, provider, model, costBasis: z.enum(['priced', 'unpriced', 'estimated', 'provider_reported']).optional(),
  /** Whatever this model of the price book prices, under all names by which it is served. */
  bookModel: z.strictObject({ provider: z.string().max(255), model: z.string().max(255) }).optional(),
});

export const repricingRouter = router({
  quarantine: can('ledger.read').query(async ({ ctx }) => {
    const { price } = await ctx.deps.prices.of(ctx.acting.tenantId);
    return await listQuarantine(ctx.deps.db, ctx.acting.tenantId, price);
  }),

  list: can('ledger.read').query(async ({ ctx }) => (await listRepricings(ctx.deps.db, ctx.acting.tenantId)).map(toRun)),

  get: can('ledger.read').input(byId).query(async ({ ctx, input }) => toRun(await getRepricing(ctx.deps.db, ctx.acting.tenantId, input.id))),

  /** Fixes rows and prices; a worker then computes the preview. */
  plan: can('ledger.correct').input(z.strictObject({ filter: rows, reason: z.string().max(1_000) })).mutation(async ({ ctx, input }) => {
    const { bookModel, ...labels } = input.filter;
    const filter = valueOrInvalid(toEventFilter(labels, { timeZone: ctx.team.timeZone, nowMs: Date.now() }));
    // Prices that were recorded through another process count too: a run is planned by all that is known.
    await ctx.deps.prices.refresh(ctx.acting.tenantId);
    const { book } = await ctx.deps.prices.of(ctx.acting.tenantId);
    const served = bookModel === undefined ? {} : { served: await findServedNames(ctx.deps.db, ctx.acting.tenantId, book, bookModel) };
    const run = await planRepricing(ctx.deps.db, ctx.acting, book, { filter: { ...filter, ...served }, reason: input.reason });
    ctx.deps.onWork('reprice-rows', ctx.acting.tenantId);
    return toRun(run);
  }),

  start: can('ledger.correct').input(byId).mutation(async ({ ctx, input }) => {
    const run = await startRepricing(ctx.deps.db, ctx.acting, input.id);
    ctx.deps.onWork('reprice-rows', ctx.acting.tenantId);
    return toRun(run);
  }),

  cancel: can('ledger.correct').input(byId).mutation(async ({ ctx, input }) => toRun(await cancelRepricing(ctx.deps.db, ctx.acting, input.id))),

  healing: can('ledger.read').query(async ({ ctx }) => {
    const { heals, checkedAt } = await getHealing(ctx.deps.db, ctx.acting.tenantId);
    return { heals, checkedAt: checkedAt?.toISOString() ?? null };
  }),

  setHealing: can('ledger.correct').input(z.strictObject({ heals: z.boolean() })).output(done).mutation(async ({ ctx, input }) => {
    await setHealing(ctx.deps.db, ctx.acting, input.heals);
    ctx.deps.onWork('heal-quarantine', ctx.acting.tenantId);
    return DONE;
  }),
});

function toRun(run: RepricingRun) {
  const { id, kind, state, reason, startsItself, preview, seen, corrected, changedMeanwhile, refused, error, createdByName, filter } = run;
  const { fromMs, toMs, ...labels } = filter;
  const iso = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());
  return {
    id, kind, state, reason, startsItself, preview, seen, corrected, changedMeanwhile, refused, error,
    filter: { ...labels, from: iso(fromMs), to: iso(toMs) },
    beforePico: String(run.beforePico), afterPico: String(run.afterPico), createdBy: createdByName.replace(/ <[^<>]*>$/, ''),
    createdAt: run.createdAt.toISOString(), startedAt: run.startedAt?.toISOString() ?? null, finishedAt: run.finishedAt?.toISOString() ?? null, requestId: run.requestId,
  };
}
