/** How much waits in the quarantine, for a sign on every page: cheap, from the day cells. */
import { addDays, localDay } from '@outlay/kernel';
import type { Database } from '@outlay/platform';

export interface UnpricedCount {
  readonly rows: number;
  /** The last local day that has one, `2026-11-21`. */
  readonly lastDay: string;
}

/** Older rows are found by the quarantine itself; whether a sign stands on a page is not worth years of cells. */
const DAYS = 400;

/** Null when nothing waits. */
export async function countUnpriced(db: Database, tenantId: string, at: { readonly timeZone: string; readonly nowMs: number }): Promise<UnpricedCount | null> {
  const since = addDays(localDay(at.nowMs, at.timeZone), -DAYS);
  const { rows } = await db.withTenant(tenantId, (tx) => tx.query<{ rows: number; last_day: string | null }>(
    `SELECT coalesce(sum(d.unpriced), 0)::float8 AS rows, max(d.day)::text AS last_day
     FROM (SELECT day, sum(unpriced) AS unpriced FROM usage_rollup_day WHERE day >= $1::date GROUP BY day HAVING sum(unpriced) > 0) d`, [since]));
  const { rows: count, last_day: lastDay } = rows[0]!;
  return lastDay === null ? null : { rows: count, lastDay };
}
