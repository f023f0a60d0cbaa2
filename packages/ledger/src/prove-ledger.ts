/** The trial balance of one tenant: laws 3, 4 and 8 on live data, in constant memory, naming the first bad row of each. */
import type { Database } from '@outlay/platform';
import type { PriceVersion } from '@outlay/pricing';
import type { EventRow } from './columns';
import { proveRow } from './prove-row';
import { EVENT_ROW_COLUMNS } from './store-events';
import { findImbalances } from './trial-balance';

export interface LedgerFault {
  readonly law: 3 | 4 | 8;
  /** The row, run or cell at fault, and what is wrong with it. */
  readonly message: string;
}

export interface LedgerProof {
  /** Rows that were read. */
  readonly rows: number;
  /** The first of each law; of law 3 the first of each table. Empty when the books are right. */
  readonly faults: readonly LedgerFault[];
}

export interface ProveLedgerOptions {
  /** The price row of an id, wherever it stands; null when there is none. */
  readonly versionById: (id: string) => PriceVersion | null;
  readonly rowsPerBatch?: number;
  readonly onProgress?: (rows: number) => void;
}

export async function proveLedger(db: Database, tenantId: string, options: ProveLedgerOptions): Promise<LedgerProof> {
  const sums = await db.withTenantSnapshot(tenantId, async (tx) => {
    // Years of a large tenant take longer than a request may.
    await tx.query('SET LOCAL statement_timeout = 0');
    return await findImbalances(tx);
  });
  const faults: LedgerFault[] = sums.map(({ table, where, measure, ledger, projection }) => ({
    law: 3, message: `${table}, ${where}: ${measure} is ${projection}, but its events sum to ${ledger}`,
  }));
  let rows = 0;
  for await (const batch of readBatches(db, tenantId, options.rowsPerBatch ?? 1_000)) {
    for (const row of batch) {
      for (const { law, message } of proveRow(row, row.price_version_id === null ? null : options.versionById(row.price_version_id))) {
        if (!faults.some((known) => known.law === law)) faults.push({ law, message: `event ${row.id}: ${message}` });
      }
    }
    rows += batch.length;
    options.onProgress?.(rows);
  }
  return { rows, faults };
}

/** Every row by id. A short transaction a batch: a proof of hours must hold nothing back. */
async function* readBatches(db: Database, tenantId: string, limit: number): AsyncGenerator<EventRow[]> {
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const { rows } = await db.withTenant(tenantId, (tx) =>
      tx.query<EventRow>(`SELECT ${EVENT_ROW_COLUMNS} FROM usage_events WHERE tenant_id = $1 AND id > $2 ORDER BY usage_events.id LIMIT $3`, [tenantId, after, limit]));
    if (rows.length > 0) yield rows;
    if (rows.length < limit) return;
    after = rows.at(-1)!.id;
  }
}
