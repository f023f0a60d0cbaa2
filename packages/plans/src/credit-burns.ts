/** How fast prepaid credits are used: what can be burned now, and what was burned each local day. For forecasts of when they are used up. */
import { addDays, localDay, type Rational, ZERO } from '@outlay/kernel';
import type { PoolClient } from 'pg';
import { balanceOf } from './credit-lots';
import { readAccounts } from './store-credits';

export interface CreditBurns {
  readonly customerId: string;
  readonly available: Rational;
  /** Credits a day, the oldest first, today last: burns less what was given back; a day without any is 0. */
  readonly days: readonly number[];
}

/** Customers who burned something in these days, the heaviest first. Run in a snapshot. */
export async function readCreditBurns(
  tx: PoolClient, tenantId: string, ask: { readonly customerId?: string | undefined; readonly daysBefore: number; readonly timeZone: string; readonly limit: number }, nowMs: number,
): Promise<CreditBurns[]> {
  const today = localDay(nowMs, ask.timeZone);
  const first = addDays(today, -ask.daysBefore);
  const { rows } = await tx.query<{ customer_id: string; days: Record<string, string> }>(
    `WITH daily AS (
       SELECT p.customer_id, (p.at AT TIME ZONE $3)::date AS day, sum(e.amount) AS burned
       FROM credit_postings p JOIN credit_entries e ON e.tenant_id = p.tenant_id AND e.posting_id = p.id
       WHERE p.tenant_id = $1 AND p.kind IN ('burn', 'return') AND e.account = 'burned' AND (p.at AT TIME ZONE $3)::date >= $2::date AND ($4::text IS NULL OR p.customer_id = $4)
       GROUP BY 1, 2)
     SELECT customer_id, json_object_agg(day, burned::text) AS days FROM daily GROUP BY customer_id ORDER BY sum(burned) DESC, customer_id LIMIT $5`,
    [tenantId, first, ask.timeZone, ask.customerId ?? null, ask.limit]);
  const accounts = await readAccounts(tx, tenantId, rows.map((row) => row.customer_id));
  return rows.map((row) => ({
    customerId: row.customer_id, available: availableOf(accounts.get(row.customer_id)!, nowMs),
    days: Array.from({ length: ask.daysBefore + 1 }, (_, i) => Math.max(Number(row.days[addDays(first, i)] ?? 0), 0)),
  }));
}

function availableOf({ lots, overdraft }: { readonly lots: Parameters<typeof balanceOf>[0]; readonly overdraft: Rational }, nowMs: number): Rational {
  // Who owes has nothing, whatever the lots of a moment later say.
  return overdraft.num < 0n ? ZERO : balanceOf(lots, nowMs);
}
