/** Rows as writers committed them, by slot and batch: how whoever projects the ledger reads what other processes wrote. Exact: a batch is told whole, once it stands at or below a cut. */
import type { Database } from '@outlay/platform';
import type { EventRow } from './columns';
import { type Cut, readCut } from './cut';
import { EVENT_ROW_COLUMNS } from './store-events';
import type { Committed } from './writer';

/** Batches of a slot above `after`, up to and with `through`. */
export interface BatchRange {
  readonly slot: number;
  readonly after: bigint;
  readonly through: bigint;
}

/** A row is recorded within its writer's transaction, which never outlives a minute; twice that is the margin of every cut. */
const RECORDED_BEFORE_MS = 120_000;
/** A batch has at most 1,000 rows. */
const BATCHES_AT_ONCE = 100n;

type BatchRow = EventRow & { writer_slot: number; batch: bigint };

/** How far every slot has come. */
export function readHeads(db: Database): Promise<Cut> {
  return db.withoutTenant(readCut);
}

/**
 * Rows of these tenants in these ranges, batch by batch, in the order of each slot. `since`: no row of the ranges was committed before it. Batches without a row of theirs are left out.
 * Reads as the writer, the only role that sees several tenants at once.
 */
export async function* readBatches(db: Database, tenantIds: readonly string[], ranges: readonly BatchRange[], since: Date): AsyncGenerator<Committed, void> {
  if (tenantIds.length === 0) return;
  for (const { slot, after, through } of ranges) {
    for (let from = after; from < through; from += BATCHES_AT_ONCE) {
      const to = from + BATCHES_AT_ONCE < through ? from + BATCHES_AT_ONCE : through;
      const rows = await readRange(db, tenantIds, { slot, after: from, through: to }, since);
      for (let i = 0; i < rows.length;) {
        const { batch } = rows[i]!;
        let end = i;
        while (end < rows.length && rows[end]!.batch === batch) end++;
        yield { slot, batch, rows: rows.slice(i, end) };
        i = end;
      }
    }
  }
}

async function readRange(db: Database, tenantIds: readonly string[], { slot, after, through }: BatchRange, since: Date): Promise<BatchRow[]> {
  const client = await db.writer.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN READ ONLY');
    await client.query(`SELECT set_config('app.tenant_ids', $1, true)`, [`{${tenantIds.join(',')}}`]);
    const { rows } = await client.query<BatchRow>(
      `SELECT ${EVENT_ROW_COLUMNS}, writer_slot, batch FROM usage_events
       WHERE recorded_at >= $1 AND writer_slot = $2 AND batch > $3 AND batch <= $4 ORDER BY batch, tenant_id, id`,
      [new Date(since.getTime() - RECORDED_BEFORE_MS), slot, after, through]);
    await client.query('COMMIT');
    return rows;
  } catch (error) {
    await client.query('ROLLBACK').catch((rollbackError: Error) => { broken = rollbackError; });
    throw error;
  } finally {
    client.release(broken);
  }
}
