/** What the page waits for after somebody pasted the snippet. */
import type { Database } from '@outlay/platform';
import type { ListedEvent } from './list-events';
import { readFirstRecorded } from './store-reads';

/** The first call that the ledger took since an instant, by the insert's own clock; null while there is none. A run's outcome, sent beside it, is not what people wait for. */
export async function readFirstEvent(db: Database, tenantId: string, sinceMs: number): Promise<ListedEvent | null> {
  const row = await db.withTenant(tenantId, (tx) => readFirstRecorded(tx, new Date(sinceMs)));
  return row && { ...row, valid: row.sign === 1 };
}
