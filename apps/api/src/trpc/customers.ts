/** Customers and their users: what each of them cost, what came of it, and who stands out. */
import { listSpenders } from '@outlay/insights';
import { overviewFilterSchema, RANK_SORTS, readOverview, toEventFilter } from '@outlay/ledger';
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
});
