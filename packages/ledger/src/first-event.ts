/** What the page waits for after somebody pasted the snippet. */
import type { Database } from '@outlay/platform';
import type { ListedEvent } from './list-events';
import { readFirstRecorded } from './store-reads';

/** The first row that the ledger took since an instant, by the insert's own clock; null while there is none. */
export async function readFirstEvent(db: Database, tenantId: string, sinceMs: number): Promise<ListedEvent | null> {
  const row = await db.withTenant(tenantId, (tx) => readFirstRecorded(tx, new Date(sinceMs)));
  return row && { ...row, valid: row.sign === 1 };
}
