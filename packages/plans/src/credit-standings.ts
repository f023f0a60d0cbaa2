/** What customers have left of the credits that they were given: for whoever warns before they are gone. */
import { parseDecimal, type Rational, ZERO } from '@outlay/kernel';
import type { PoolClient } from 'pg';

export interface CreditStanding {
  readonly customerId: string;
  /** Left in lots that have not expired, less what is owed; never below zero. */
  readonly left: Rational;
  /** What those lots held when they were given. */
  readonly given: Rational;
}

/** Customers with a lot that has not expired and from which something was burned; the emptiest first. */
export async function readCreditStandings(tx: PoolClient, tenantId: string, nowMs: number, limit = 1_000): Promise<CreditStanding[]> {
  const { rows } = await tx.query<{ customer_id: string; left: string; given: string }>(
    `WITH live AS (SELECT customer_id, id, remaining FROM credit_lots WHERE tenant_id = $1 AND (expires_at IS NULL OR expires_at > $2)),
     given AS (SELECT e.lot_id, sum(e.amount) AS amount FROM credit_entries e JOIN credit_postings p ON p.tenant_id = e.tenant_id AND p.id = e.posting_id
       WHERE e.tenant_id = $1 AND e.lot_id IN (SELECT id FROM live) AND e.amount > 0 AND p.kind <> 'return' GROUP BY e.lot_id)
     SELECT l.customer_id, greatest(sum(l.remaining) + coalesce(min(o.balance), 0), 0)::text AS left, sum(g.amount)::text AS given
     FROM live l JOIN given g ON g.lot_id = l.id LEFT JOIN credit_overdrafts o ON o.tenant_id = $1 AND o.customer_id = l.customer_id
     GROUP BY l.customer_id HAVING sum(l.remaining) < sum(g.amount) ORDER BY sum(l.remaining) / nullif(sum(g.amount), 0), l.customer_id LIMIT $3`, [tenantId, new Date(nowMs), limit]);
  return rows.map((row) => ({ customerId: row.customer_id, left: parseDecimal(row.left) ?? ZERO, given: parseDecimal(row.given) ?? ZERO }));
}
