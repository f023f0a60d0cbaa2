/** Law 1 in the database itself: what was acknowledged stands there once, and the books agree. */
import { findImbalances, type Imbalance } from '@outlay/ledger';
import type { Database } from '@outlay/platform';

export interface Proof {
  readonly missing: readonly string[];
  readonly twice: readonly string[];
  readonly rows: number;
  readonly imbalances: readonly Imbalance[];
}

export async function proveAcknowledged(db: Database, tenantId: string, acknowledged: ReadonlySet<string>): Promise<Proof> {
  return await db.withTenantSnapshot(tenantId, async (tx) => {
    const { rows } = await tx.query<{ id: string; times: bigint }>('select id, count(*) as times from usage_events group by id');
    const times = new Map(rows.map((row) => [row.id, row.times]));
    return {
      missing: [...acknowledged].filter((id) => !times.has(id)),
      twice: rows.filter((row) => row.times > 1n).map((row) => row.id),
      rows: rows.length,
      imbalances: await findImbalances(tx),
    };
  });
}
