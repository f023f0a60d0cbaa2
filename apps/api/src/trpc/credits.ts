/** Prepaid credits of a customer: the statement, and giving some. */
import { creditText, giveCredits, giveCreditsSchema, readStatement } from '@outlay/plans';
import { auditedBy } from '@outlay/tenancy';
import { z } from 'zod';
import { can, router } from './procedure';

const customerId = z.string().min(1).max(255);

export const creditsRouter = router({
  /** The newest rows first, each with the balance after it. */
  statement: can('plans.read').input(z.strictObject({ customerId, cursor: z.string().max(100).optional(), direction: z.literal('forward').optional() })).query(async ({ ctx, input }) => {
    const { lots, rows, ...statement } = await readStatement(ctx.deps.db, ctx.acting.tenantId, input.customerId, { cursor: input.cursor });
    return {
      ...statement,
      lots: lots.map(({ remaining, expiresMs, createdMs, ...lot }) => ({ ...lot, remaining: creditText(remaining), expiresAt: isoOf(expiresMs), createdAt: isoOf(createdMs)! })),
      rows: rows.map(({ at, by, ...row }) => ({ ...row, at: at.toISOString(), by: by.replace(/ <[^<>]*>$/, '') })),
    };
  }),

  /** Idempotent by `key`. */
  grant: can('credits.manage').input(giveCreditsSchema).mutation(async ({ ctx, input }) => {
    const { balance, ...given } = await giveCredits(ctx.deps.db, auditedBy(ctx.acting), input);
    return { ...given, available: creditText(balance.available), overdraft: creditText(balance.overdraft) };
  }),
});

function isoOf(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString();
}
