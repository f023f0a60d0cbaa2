/** When a team moves to another time zone its days have other edges: the day rows are made again from the quarters of an hour. */
import { DomainError } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import { FOLDED_SLOT, LOCK_CELLS } from './fold-rollups';
import { MEASURES, ROLLUPS } from './measures';

const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Runs `run` while no writer group is under way and none can begin; they wait, so `run` must be short. A group takes its slot's row before it does
 * anything, so holding the table of slots against changes holds all of them, also those of writers that start now. `run` awaits what it is
 * given as the last thing before it commits: it throws when the lock was lost on the way. Errors: `unavailable` when a group does not end in 15 s.
 */
export async function withWritersStopped<T>(db: Database, run: (stillStopped: () => Promise<void>) => Promise<T>): Promise<T> {
  const client = await db.writer.connect();
  let broken: Error | undefined;
  try {
    await client.query(`BEGIN; SET LOCAL lock_timeout = '15s'; LOCK TABLE writer_slots IN SHARE ROW EXCLUSIVE MODE`).catch((error: { code?: string }) => {
      throw error.code === LOCK_NOT_AVAILABLE ? new DomainError('unavailable', { retryAfterSeconds: 5, cause: error }) : error;
    });
    const value = await run(async () => {
      await client.query('SELECT');
    });
    await client.query('COMMIT');
    return value;
  } catch (error) {
    await client.query('ROLLBACK').catch((rollbackError: Error) => {
      broken = rollbackError;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/**
 * Makes all day rows of the transaction's tenant again, in the zone that `tenants` names now. Call it in the transaction that changes the zone,
 * inside of `withWritersStopped`: then no screen ever sees days of the old zone under the new one.
 */
export async function rebuildDays(execute: (sql: string, values: readonly unknown[]) => Promise<unknown>, tenantId: string): Promise<void> {
  await execute(LOCK_CELLS, [tenantId]);
  const names = MEASURES.map(({ name }) => name).join(', ');
  for (const { table, dayTable, dimensions } of Object.values(ROLLUPS)) {
    const key = dimensions.map((dimension) => `r.${dimension}`).join(', ');
    await execute(`DELETE FROM ${dayTable} WHERE tenant_id = $1::uuid`, [tenantId]);
    await execute(`
      INSERT INTO ${dayTable} (tenant_id, day, ${dimensions.join(', ')}, slot, ${names})
      SELECT r.tenant_id, (r.bucket AT TIME ZONE t.time_zone)::date, ${key}, ${FOLDED_SLOT}, ${MEASURES.map(({ name, type }) => `sum(r.${name})::${type}`).join(', ')}
      FROM ${table} r JOIN tenants t ON t.id = r.tenant_id WHERE r.tenant_id = $1::uuid GROUP BY r.tenant_id, 2, ${key}`, [tenantId]);
  }
}
