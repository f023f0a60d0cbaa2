/** The SQL of proofs of the books: `trial_balances`. */
import type { Database } from '@outlay/platform';
import type { PoolClient } from 'pg';
import type { CheckResult } from './balance-checks';
import type { CutMemory } from './prove-cut';

type BalanceState = 'waiting' | 'running' | 'done' | 'failed';

/** As stored: what law 11 is to remember stands beside its own result. */
export type StoredCheck = CheckResult & { readonly memory?: CutMemory };

export interface StoredBalance {
  readonly id: string;
  readonly state: BalanceState;
  /** A person's label, or `outlay`. */
  readonly requestedBy: string;
  readonly requestedAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly rowsExpected: number;
  readonly rowsRead: number;
  readonly checks: readonly StoredCheck[];
  /** Why it could not be finished. */
  readonly failure: string | null;
  readonly cut: string | null;
  /** The last row that was proved. */
  readonly cursor: string | null;
  /** Times a worker took it up since it last got on. */
  readonly attempts: number;
}

const COLUMNS = `id, state, requested_by AS "requestedBy", requested_at AS "requestedAt", started_at AS "startedAt", finished_at AS "finishedAt",
  rows_expected::float8 AS "rowsExpected", rows_read::float8 AS "rowsRead", checks, failure, cut, cursor, attempts`;

/** False when one of the team is open already. */
export async function insertBalance(tx: PoolClient, tenantId: string, id: string, requestedBy: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `INSERT INTO trial_balances (tenant_id, id, state, requested_by) VALUES ($1, $2, 'waiting', $3)
     ON CONFLICT (tenant_id) WHERE state IN ('waiting', 'running') DO NOTHING`, [tenantId, id, requestedBy]);
  return rowCount === 1;
}

/** The newest first. */
export async function readBalances(tx: PoolClient, limit: number): Promise<StoredBalance[]> {
  return (await tx.query<StoredBalance>(`SELECT ${COLUMNS} FROM trial_balances ORDER BY id DESC LIMIT $1`, [limit])).rows;
}

export async function readBalance(tx: PoolClient, id: string): Promise<StoredBalance | null> {
  return (await tx.query<StoredBalance>(`SELECT ${COLUMNS} FROM trial_balances WHERE id = $1::uuid`, [id])).rows[0] ?? null;
}

/** What the newest finished proof saw. */
export async function readMemory(tx: PoolClient): Promise<CutMemory | null> {
  const { rows } = await tx.query<{ checks: StoredCheck[] }>(`SELECT checks FROM trial_balances WHERE state = 'done' ORDER BY id DESC LIMIT 1`);
  return rows[0]?.checks.find(({ name }) => name === 'cut')?.memory ?? null;
}

/** Takes the proof for a while; null when somebody else drives it, or it is over. */
export async function claimBalance(tx: PoolClient, id: string, lease: string, leaseMs: number): Promise<StoredBalance | null> {
  const { rows } = await tx.query<StoredBalance>(
    `UPDATE trial_balances SET state = 'running', lease = $2::uuid, leased_until = now() + $3 * interval '1 ms', attempts = attempts + 1, started_at = coalesce(started_at, now())
     WHERE id = $1::uuid AND state IN ('waiting', 'running') AND (leased_until IS NULL OR leased_until < now()) RETURNING ${COLUMNS}`, [id, lease, leaseMs]);
  return rows[0] ?? null;
}

/** False when it was lost. */
export async function extendLease(tx: PoolClient, id: string, lease: string, leaseMs: number): Promise<boolean> {
  const { rowCount } = await tx.query(`UPDATE trial_balances SET leased_until = now() + $3 * interval '1 ms' WHERE id = $1::uuid AND lease = $2::uuid AND state = 'running'`, [id, lease, leaseMs]);
  return rowCount === 1;
}

export async function releaseLease(tx: PoolClient, id: string, lease: string): Promise<void> {
  await tx.query('UPDATE trial_balances SET lease = NULL, leased_until = NULL WHERE id = $1::uuid AND lease = $2::uuid', [id, lease]);
}

export interface BalanceProgress {
  readonly cut: string;
  readonly rowsExpected: number;
  readonly rowsRead: number;
  readonly cursor: string | null;
  readonly checks: readonly StoredCheck[];
}

/** False when the lease was lost: then nothing is written. */
export async function saveBalance(tx: PoolClient, id: string, lease: string, leaseMs: number, progress: BalanceProgress, state: 'running' | 'done' = 'running'): Promise<boolean> {
  const { rowCount } = await tx.query(
    `UPDATE trial_balances SET state = $4, cut = $5, rows_expected = $6, rows_read = $7, cursor = $8::uuid, checks = $9, attempts = 0,
       leased_until = now() + $3 * interval '1 ms', finished_at = CASE WHEN $4 = 'done' THEN now() END
     WHERE id = $1::uuid AND lease = $2::uuid AND state = 'running'`,
    [id, lease, leaseMs, state, progress.cut, progress.rowsExpected, progress.rowsRead, progress.cursor, JSON.stringify(progress.checks)]);
  return rowCount === 1;
}

export async function saveFailure(tx: PoolClient, id: string, lease: string, failure: string): Promise<void> {
  await tx.query(`UPDATE trial_balances SET state = 'failed', failure = $3, finished_at = now() WHERE id = $1::uuid AND lease = $2::uuid`, [id, lease, failure]);
}

/** Proofs of all teams that wait for a worker, those whose worker is gone among them. */
export async function readDueBalances(db: Pick<Database, 'system'>): Promise<readonly { tenantId: string; id: string }[]> {
  const { rows } = await db.system.query<{ tenantId: string; id: string }>(
    `SELECT tenant_id AS "tenantId", id FROM trial_balances WHERE state IN ('waiting', 'running') AND (leased_until IS NULL OR leased_until < now()) ORDER BY id`);
  return rows;
}

/** Teams with any proof whose id is not before this one: ids carry their time. */
export async function readTeamsProvedSince(db: Pick<Database, 'system'>, id: string): Promise<ReadonlySet<string>> {
  const { rows } = await db.system.query<{ tenantId: string }>('SELECT DISTINCT tenant_id AS "tenantId" FROM trial_balances WHERE id >= $1::uuid', [id]);
  return new Set(rows.map(({ tenantId }) => tenantId));
}

/** By the rollups of days, which are few: calls and outcomes, neither corrections nor costs that are no calls. At least 1 where anything was recorded. */
export async function estimateRows(tx: PoolClient): Promise<number> {
  const { rows } = await tx.query<{ n: number }>('SELECT CASE WHEN count(*) = 0 THEN 0 ELSE greatest(1, sum(calls + outcomes_usable + outcomes_unusable)) END::float8 AS n FROM usage_rollup_day');
  return rows[0]!.n;
}

export async function countRows(tx: PoolClient): Promise<number> {
  const { rows } = await tx.query<{ n: number }>('SELECT count(*)::float8 AS n FROM usage_events');
  return rows[0]!.n;
}

/** Whether anything was recorded at or after this moment. */
export async function hasRowsSince(tx: PoolClient, at: Date): Promise<boolean> {
  const { rows } = await tx.query<{ any: boolean }>('SELECT EXISTS (SELECT FROM usage_events WHERE recorded_at >= $1) AS any', [at]);
  return rows[0]!.any;
}

/** Old proofs say nothing that the newer ones do not. */
export async function deleteOldBalances(tx: PoolClient, keep: number): Promise<void> {
  await tx.query(`DELETE FROM trial_balances WHERE state IN ('done', 'failed') AND id NOT IN (SELECT id FROM trial_balances ORDER BY id DESC LIMIT $1)`, [keep]);
}
