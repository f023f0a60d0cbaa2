/** Customers and their users: what each of them cost, what came of it, and who stands out. */
import { showLimit } from '@outlay/gate';
import { listSpenders } from '@outlay/insights';
import { overviewFilterSchema, RANK_SORTS, readOverview, toEventFilter } from '@outlay/ledger';
import { assignPlan, type DefinitionPatch, getCustomerPlan, liftRisk, previewOverride, previewOverrideCharge, resumeCustomer, saveCustomer, setOverride, suspendCustomer } from '@outlay/plans';
import { auditedBy } from '@outlay/tenancy';
import { z } from 'zod';
import { valueOrInvalid } from '../http/value-or-invalid';
import { can, router } from './procedure';

const PAGE = 50;
/** Nobody turns so many pages; a search finds the rest. */
const OFFSET_MAX = 100_000;

const page = {
  search: z.string().trim().min(1).max(255).refine((text) => !text.includes('\0'), 'it must not contain a NUL character').optional(),
  sort: z.enum(RANK_SORTS).default('cost'),
  descending: z.boolean().default(true),
  offset: z.int().min(0).max(OFFSET_MAX).default(0),
};

const listInput = overviewFilterSchema.extend(page);
type ListInput = z.infer<typeof listInput>;

function split({ search, sort, descending, offset, range, ...span }: ListInput) {
  return { page: { ...(search === undefined ? {} : { search }), sort, descending, offset, limit: PAGE }, range, span };
}

const anyCustomer = z.string().min(1).max(255).refine((text) => !text.includes('\0'), 'it must not contain a NUL character');
const text = z.string().max(2_000);
const override = z.strictObject({ scope: z.enum(['segment', 'customer']), subject: text, patch: z.record(z.string(), z.unknown()).transform((patch) => patch as DefinitionPatch).nullable() });

export const customersRouter = router({
  list: can('ledger.read').input(listInput).query(async ({ ctx, input }) => {
    const { page: asked, range, span } = split(input);
    const nowMs = Date.now();
    const filter = valueOrInvalid(toEventFilter(span, { timeZone: ctx.team.timeZone, nowMs }));
    return await listSpenders(ctx.deps.db, ctx.acting.tenantId, { ...filter, range, ranking: 'customer', page: asked }, nowMs);
  }),

  users: can('ledger.read').input(listInput).query(async ({ ctx, input }) => {
    const { page: asked, range, span } = split(input);
    const nowMs = Date.now();
    const filter = valueOrInvalid(toEventFilter(span, { timeZone: ctx.team.timeZone, nowMs }));
    return await listSpenders(ctx.deps.db, ctx.acting.tenantId, { ...filter, range, ranking: 'user', page: asked }, nowMs);
  }),

  /** One customer's figures; and why it stands out, if it does. */
  get: can('ledger.read').input(overviewFilterSchema.extend({ customerId: z.string().min(1).max(255) })).query(async ({ ctx, input }) => {
    const { range, ...span } = input;
    const nowMs = Date.now();
    const filter = valueOrInvalid(toEventFilter(span, { timeZone: ctx.team.timeZone, nowMs }));
    const { tenantId } = ctx.acting;
    const overview = await readOverview(ctx.deps.db, tenantId, { ...filter, range }, nowMs);
    const { customerId, ...everybody } = filter;
    const all = await listSpenders(ctx.deps.db, tenantId, { ...everybody, range, ranking: 'customer', about: input.customerId, page: { sort: 'cost', descending: true, offset: 0, limit: 1 } }, nowMs);
    return {
      ...overview, customerId: input.customerId, allCostPico: all.tooMany === null ? all.costPico : null, customers: all.tooMany === null ? all.count : null,
      outlier: all.outliers.find((outlier) => outlier.customerId === customerId) ?? null,
    };
  }),

  /** What holds for one customer now, what is to come, and how it came about. */
  plan: can('plans.read').input(z.strictObject({ customerId: anyCustomer })).query(({ ctx, input }) => getCustomerPlan(ctx.deps.db, ctx.acting.tenantId, input.customerId)),

  save: can('customers.manage').input(z.strictObject({ customerId: anyCustomer, name: text.optional(), segment: text.nullable().optional(), timeZone: text.nullable().optional(), anchorDay: text.optional() }))
    .mutation(({ ctx, input }) => saveCustomer(ctx.deps.db, auditedBy(ctx.acting), input, 'console')),

  assign: can('customers.manage').input(z.strictObject({ customerId: anyCustomer, planId: z.uuid(), versionId: z.uuid().optional(), when: text.default('now') }))
    .mutation(({ ctx, input: { planId: plan, ...input } }) => assignPlan(ctx.deps.db, auditedBy(ctx.acting), { ...input, plan })),

  setOverride: can('customers.manage').input(override.extend({ effectiveFrom: text.optional(), note: text.default('') }))
    .mutation(({ ctx, input }) => setOverride(ctx.deps.db, auditedBy(ctx.acting), input)),

  overrideDiff: can('plans.read').input(override).query(async ({ ctx, input }) => {
    const effects = await previewOverride(ctx.deps.db, ctx.acting.tenantId, input);
    const charge = effects.every(({ after }) => after === null) ? null : await previewOverrideCharge(ctx.deps.db, ctx.acting.tenantId, input, Date.now());
    return {
      changes: effects[0]?.changes ?? [], errors: effects[0]?.errors ?? [], plans: effects.map(({ planKey, before, changes, errors }) => ({ planKey, before, changes, errors })),
      preview: charge === null ? null : { days: charge.days, customers: charge.customers, currency: charge.currency, chargeNowPico: String(charge.chargeNow), chargeThenPico: String(charge.chargeThen) },
    };
  }),

  /** Every limit that a run of the customer would meet now, and its usage as the customer itself sees it. */
  limits: can('gate.read').input(z.strictObject({ customerId: anyCustomer })).query(async ({ ctx, input }) => {
    const { limits, usage } = await ctx.deps.gate.limits(ctx.acting.tenantId, input.customerId);
    const { customer_id: _id, allowances, credits, ...rest } = usage;
    return {
      ...rest, limits: limits.map(showLimit),
      allowances: allowances.map(({ window_start: windowStart, window_end: windowEnd, when_used_up: whenUsedUp, ...allowance }) => ({ ...allowance, windowStart, windowEnd, whenUsedUp })),
      credits: credits === null ? null : { remaining: credits.remaining, nextExpiry: credits.next_expiry },
    };
  }),

  suspend: can('customers.manage').input(z.strictObject({ customerId: anyCustomer, reason: text })).mutation(({ ctx, input }) => suspendCustomer(ctx.deps.db, auditedBy(ctx.acting), input.customerId, input.reason)),

  resume: can('customers.manage').input(z.strictObject({ customerId: anyCustomer })).mutation(({ ctx, input }) => resumeCustomer(ctx.deps.db, auditedBy(ctx.acting), input.customerId)),

  liftRisk: can('customers.manage').input(z.strictObject({ customerId: anyCustomer, hours: z.number() })).mutation(({ ctx, input }) => liftRisk(ctx.deps.db, auditedBy(ctx.acting), input.customerId, input.hours)),
});
