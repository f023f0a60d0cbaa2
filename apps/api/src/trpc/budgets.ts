/** What a month should cost. Amounts come as dollars and leave as pico-dollars. */
import { BUDGET_SCOPES, listBudgets, removeBudget, saveBudget } from '@outlay/insights';
import { auditedBy } from '@outlay/tenancy';
import { z } from 'zod';
import { can, router } from './procedure';

const id = z.uuid();
const text = z.string().max(2_000);

export const budgetsRouter = router({
  list: can('alerts.read').query(async ({ ctx }) => await listBudgets(ctx.deps.db, ctx.acting.tenantId)),

  save: can('budgets.manage').input(z.strictObject({ id: id.optional(), scope: z.enum(BUDGET_SCOPES), subject: text.nullable().optional(), monthUsd: text })).mutation(async ({ ctx, input }) =>
    await saveBudget(ctx.deps.db, auditedBy(ctx.acting), input)),

  remove: can('budgets.manage').input(z.strictObject({ id })).mutation(async ({ ctx, input }) => await removeBudget(ctx.deps.db, auditedBy(ctx.acting), input.id)),
});
