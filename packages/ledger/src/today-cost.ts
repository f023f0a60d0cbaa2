/** Today's cost by customer, in the tenant's zone: what a soft daily cap is compared with. */
import { addDays, dayStartMs, formatPico, localDay } from '@outlay/kernel';
import type { Database } from '@outlay/platform';

/** Exact decimal USD by customer id; a customer without spend today is '0'. Reads the rollup: as fresh as the last commit. */
export async function readTodayCosts(
  db: Database, tenant: { readonly tenantId: string; readonly timeZone: string }, customerIds: readonly string[], nowMs: number,
): Promise<Record<string, string>> {
  const costs: Record<string, string> = Object.fromEntries(customerIds.map((customerId) => [customerId, '0']));
  if (customerIds.length === 0) return costs;
  const today = localDay(nowMs, tenant.timeZone);
  const from = new Date(dayStartMs(today, tenant.timeZone));
  const to = new Date(dayStartMs(addDays(today, 1), tenant.timeZone));
  const { rows } = await db.withTenant(tenant.tenantId, (tx) => tx.query<{ customer_id: string; cost_pico: string }>(
    `SELECT customer_id, sum(cost_pico)::text AS cost_pico FROM customer_rollup
     WHERE customer_id = ANY ($1) AND bucket >= $2 AND bucket < $3 GROUP BY customer_id`, [customerIds, from, to]));
  for (const row of rows) costs[row.customer_id] = formatPico(BigInt(row.cost_pico));
  return costs;
}
