/**
 * Each writer slot adds to cells of its own, so that writers never wait for each other. Once a bucket is closed its cells are folded into
 * slot -1, which no writer owns: screens then read one row where there were several. A late event opens a cell of its slot again,
 * and the next round folds that too.
 */
import { BUCKET_MS, localDay } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import type { PoolClient } from 'pg';
import { MEASURES, ROLLUPS } from './measures';

export const FOLDED_SLOT = -1;
/** Advisory lock that folding and the rebuild of day rows share: both rewrite the same cells of a tenant. Says "fold" in ASCII. */
const FOLD_LOCK = 0x666f6c64;

const ROWS_PER_STATEMENT = 2_000;
/** Most events arrive within this time; a bucket that is folded earlier is only opened again. */
const SETTLING_MS = BUCKET_MS;

export interface FoldOptions {
  readonly nowMs: number;
  /** Only buckets since then; absent: all. A frequent round looks back a few days, a rare one at everything. */
  readonly sinceMs?: number;
  readonly rowsPerStatement?: number;
}

/** Folds every tenant, one after the other. Answers how many cells went into another. `onError` is told of a tenant that failed; the others go on. */
export async function foldEveryTenant(db: Database, options: FoldOptions, onError: (tenantId: string, error: unknown) => void): Promise<number> {
  const { rows } = await db.system.query<{ id: string }>('SELECT id::text AS id FROM tenants ORDER BY id');
  let folded = 0;
  for (const { id } of rows) {
    try {
      folded += await foldRollups(db, id, options);
    } catch (error) {
      onError(id, error);
    }
  }
  return folded;
}

/** Folds one tenant's closed cells. May run at any time, any number of times, beside writers; a second round at once does nothing. */
export async function foldRollups(db: Database, tenantId: string, options: FoldOptions): Promise<number> {
  const limit = options.rowsPerStatement ?? ROWS_PER_STATEMENT;
  const closedMs = options.nowMs - SETTLING_MS;
  let total = 0;
  for (const { kind, table, time } of TABLES) {
    for (;;) {
      const folded = await db.withTenant(tenantId, async (tx) => {
        if (!(await tryLockCells(tx, tenantId))) return 0;
        const bounds = time === 'bucket'
          ? [options.sinceMs === undefined ? null : new Date(options.sinceMs), new Date(closedMs - BUCKET_MS)]
          : await dayBounds(tx, options.sinceMs, closedMs);
        const { rows } = await tx.query<{ folded: number }>(foldStatement(table, time, ROLLUPS[kind].dimensions), [...bounds, limit]);
        return rows[0]!.folded;
      });
      total += folded;
      if (folded < limit) break;
    }
  }
  return total;
}

const TABLES = (['usage', 'customer'] as const).flatMap((kind) => [
  { kind, table: ROLLUPS[kind].table, time: 'bucket' as const }, { kind, table: ROLLUPS[kind].dayTable, time: 'day' as const },
]);

async function dayBounds(tx: PoolClient, sinceMs: number | undefined, closedMs: number): Promise<(string | null)[]> {
  const { rows } = await tx.query<{ time_zone: string }>('SELECT time_zone FROM tenants');
  const timeZone = rows[0]?.time_zone ?? 'UTC';
  return [sinceMs === undefined ? null : localDay(sinceMs, timeZone), previousDay(localDay(closedMs, timeZone))];
}

function previousDay(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
}

/** False when another fold or rebuild of this tenant is under way. Held until the transaction ends. */
async function tryLockCells(tx: PoolClient, tenantId: string): Promise<boolean> {
  const { rows } = await tx.query<{ locked: boolean }>('SELECT pg_try_advisory_xact_lock($1, hashtext($2)) AS locked', [FOLD_LOCK, tenantId]);
  return rows[0]!.locked;
}

/** The statement that waits for the lock instead; for the rebuild. $1 is the tenant id. */
export const LOCK_CELLS = `SELECT pg_advisory_xact_lock(${FOLD_LOCK}, hashtext($1))`;

/**
 * $1 since (or null), $2 last closed bucket or day, $3 rows at most. One statement, so that nobody ever sees a cell twice or not at all. What is picked is deleted by where it stands: found again
 * by its key, statistics that know of no unfolded rows make the planner compare each row with each.
 * Cells that a writer holds at this moment are left for the next round: the fold waits for nobody, so it is in no deadlock.
 */
export function foldStatement(table: string, time: 'bucket' | 'day', dimensions: readonly string[]): string {
  const key = ['tenant_id', time, ...dimensions];
  const names = MEASURES.map(({ name }) => name);
  const type = time === 'bucket' ? 'timestamptz' : 'date';
  const unique = table.startsWith('usage') ? [...key, 'slot'] : ['tenant_id', 'customer_id', time, 'workflow', 'plan_version_id', 'slot'];
  return `
    WITH picked AS (
      SELECT ctid FROM ${table}
      WHERE slot >= 0 AND ${time} <= $2::${type} AND ($1::${type} IS NULL OR ${time} >= $1::${type})
      LIMIT $3 FOR UPDATE SKIP LOCKED
    ), gone AS (
      DELETE FROM ${table} r WHERE r.ctid = ANY (ARRAY(SELECT ctid FROM picked))
      RETURNING r.*
    ), folded AS (
      INSERT INTO ${table} AS r (${key.join(', ')}, slot, ${names.join(', ')})
      SELECT ${key.join(', ')}, ${FOLDED_SLOT}, ${MEASURES.map(({ name, type: sumType }) => `sum(${name})::${sumType}`).join(', ')} FROM gone GROUP BY ${key.join(', ')}
      ON CONFLICT (${unique.join(', ')}) DO UPDATE SET ${names.map((name) => `${name} = r.${name} + excluded.${name}`).join(', ')}
    )
    SELECT count(*)::int AS folded FROM gone`;
}
