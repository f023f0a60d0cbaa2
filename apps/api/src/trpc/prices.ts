/** The price book for people, and a team's negotiated prices. */
import { DomainError } from '@outlay/kernel';
import { compareImports, listImports, listModels, modelPrices, type PriceVersion } from '@outlay/pricing';
import { approveTenantPrice, declineTenantPrice, listWaitingPrices, planTenantPrice, recordTenantPrice, type NegotiatedPrice, type PricePlan } from '@outlay/pricing/negotiate';
import { z } from 'zod';
import type { ApiDeps } from '../deps';
import { isoOrNull } from '../rest/describe-price-version';
import { can, router } from './procedure';
import { byId, DONE, done, id, isoTime } from './shapes';

const PAGE = 60;
const IMPORTS_MAX = 100;
const DIFFERENCES_MAX = 300;
const name = z.string().max(255);
/** What is wrong with a price says pricing, by field and in a sentence; here only its form. */
const rate = z.strictObject({ class: z.string().max(64), price: z.string().max(40), per: z.number() });
const place = { provider: name, model: name, tier: name.optional(), region: name.optional(), effectiveFrom: isoTime.nullable(), source: name };
const negotiated = z.strictObject({ ...place, brackets: z.array(z.strictObject({ contextFrom: z.number(), rates: z.array(rate).max(100) })).min(1, 'State at least one bracket.').max(20) });
const ended = z.strictObject(place);

type Changing = { readonly deps: ApiDeps; readonly acting: Parameters<typeof recordTenantPrice>[1] };

export const pricesRouter = router({
  list: can('prices.read').input(z.strictObject({ search: name.optional(), negotiated: z.boolean().optional(), cursor: z.int().min(0).optional(), direction: z.literal('forward').optional() }))
    .query(async ({ ctx, input: { cursor = 0, direction: _direction, ...filter } }) => {
      const { book } = await ctx.deps.prices.of(ctx.acting.tenantId);
      const models = listModels(book, filter, Date.now());
      return { total: models.length, rows: models.slice(cursor, cursor + PAGE), nextCursor: models.length > cursor + PAGE ? cursor + PAGE : null };
    }),

  get: can('prices.read').input(z.strictObject({ provider: name, model: name })).query(async ({ ctx, input }) => {
    const { book } = await ctx.deps.prices.of(ctx.acting.tenantId);
    const prices = modelPrices(book, input.provider, input.model, Date.now());
    if (prices === null) throw new DomainError('not_found', { message: `The price book has no model "${input.model}" of "${input.provider}".` });
    return {
      ...prices,
      current: prices.current.map((current) => ({ ...current, rows: current.rows.map(toRow) })),
      history: prices.history.map(({ row, negotiated: own }) => ({ ...toRow(row), negotiated: own })),
    };
  }),

  /** When the list prices became known: one entry an import, the newest first. */
  imports: can('prices.read').query(({ ctx }) => listImports(ctx.deps.prices.global.versions).slice(0, IMPORTS_MAX)
    .map(({ knownAt, ...rest }) => ({ ...rest, knownAt: new Date(knownAt).toISOString() }))),

  /** What became known after `from`, up to and with `to`, and differs from what was known before. */
  diff: can('prices.read').input(z.strictObject({ from: isoTime.nullable(), to: isoTime })).query(({ ctx, input: { from, to } }) => {
    if (from !== null && from >= to) throw new DomainError('invalid_input', { field: 'from', message: 'The first version must be older than the second.' });
    const found = compareImports(ctx.deps.prices.global.versions, { fromMs: from?.getTime() ?? -Infinity, toMs: to.getTime() });
    const count = (kind: string): number => found.filter((each) => each.kind === kind).length;
    return {
      changed: count('changed'), added: count('added'), withdrawn: count('withdrawn'),
      differences: found.slice(0, DIFFERENCES_MAX).map((each) => ({ ...each, effectiveFrom: isoOrNull(each.effectiveFrom), before: each.before.map(toRow), after: each.after.map(toRow) })),
    };
  }),

  waiting: can('prices.read').query(async ({ ctx }) => (await listWaitingPrices(ctx.deps.db, ctx.acting)).map((proposal) => ({
    ...proposal, proposedAt: proposal.proposedAt.toISOString(), price: { ...proposal.price, effectiveFrom: proposal.price.effectiveFrom?.toISOString() ?? null },
  }))),

  /** What recording it would do, without doing it. */
  plan: can('prices.manage').input(negotiated).mutation(async ({ ctx, input }) => toPlan(await planTenantPrice(pricing(ctx.deps), ctx.acting.tenantId, input, new Date()))),

  record: can('prices.manage').input(negotiated).mutation(({ ctx, input }) => change(ctx, input)),

  /** Ends a negotiated price: the global one holds again. */
  withdraw: can('prices.manage').input(ended).mutation(({ ctx, input }) => change(ctx, { ...input, brackets: [] })),

  approve: can('prices.manage').input(z.strictObject({ id, factor: z.string().max(40), confirmation: name.optional() })).mutation(async ({ ctx, input }) => {
    const plan = await approveTenantPrice(pricing(ctx.deps), ctx.acting, input, new Date());
    await takeEffect(ctx);
    return toPlan(plan);
  }),

  decline: can('prices.manage').input(byId).output(done).mutation(async ({ ctx, input }) => {
    await declineTenantPrice(ctx.deps.db, ctx.acting, input.id, new Date());
    return DONE;
  }),
});

function pricing({ db, prices }: ApiDeps) {
  return { db, global: prices.global };
}

async function change(ctx: Changing, price: NegotiatedPrice) {
  const verdict = await recordTenantPrice(pricing(ctx.deps), ctx.acting, price, new Date());
  if (verdict.state === 'waiting') return { state: verdict.state, proposalId: verdict.proposalId, plan: toPlan(verdict.plan) };
  await takeEffect(ctx);
  return { state: verdict.state, proposalId: null, plan: toPlan(verdict.plan) };
}

/** The price stands in the book; a book that cannot be read now is read within seconds. */
async function takeEffect({ deps, acting }: Changing): Promise<void> {
  await deps.prices.refresh(acting.tenantId).catch((error: unknown) => deps.log.warn({ err: error, tenantId: acting.tenantId }, 'A recorded price holds here only after the next look at the price book.'));
  deps.onWork('heal-quarantine', acting.tenantId);
}

function toPlan({ versions, held, distance, holdsNow }: PricePlan) {
  return { versions: versions.map(toRow), held: held.map(toRow), distance, holdsNow: holdsNow && toRow(holdsNow) };
}

function toRow(row: PriceVersion) {
  const { id: rowId, version, tier, region, contextFrom, withdrawn, source, sourceVersion, rates, match } = row;
  const hours = match.utcFrom === undefined || match.utcTo === undefined ? null : { from: match.utcFrom, to: match.utcTo };
  return { id: rowId, version, tier, region, contextFrom, hours, withdrawn, source, sourceVersion, rates, effectiveFrom: isoOrNull(row.effectiveFrom), knownFrom: isoOrNull(row.knownFrom) };
}
