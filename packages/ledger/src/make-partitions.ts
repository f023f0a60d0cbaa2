/** The ledger's partitions of the months to come. A missing one is made on demand too; made ahead, no insert has to wait for it. */
import type { Database } from '@outlay/platform';

const MONTHS_AHEAD = 2;

/** Makes the partitions of this month and the next two; answers how many were missing. */
export async function makePartitions(db: Pick<Database, 'system'>, nowMs: number): Promise<number> {
  let made = 0;
  for (const at of monthsFrom(nowMs)) {
    // A transaction each: attaching takes a lock that must not be held longer than one table needs.
    const { rows } = await db.system.query<{ made: boolean }>('SELECT ensure_usage_partition($1) AS made', [at]);
    if (rows[0]?.made) made += 1;
  }
  return made;
}

/** The first instant of this month and of the following ones, in UTC. */
function monthsFrom(nowMs: number): Date[] {
  const now = new Date(nowMs);
  return Array.from({ length: MONTHS_AHEAD + 1 }, (_, n) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + n, n === 0 ? now.getUTCDate() : 1)));
}
