/** The SQL of re-pricing runs and of the settings of the quarantine. */
import type { Database } from '@outlay/platform';
import type { PoolClient } from 'pg';
import type { RepricingFilter, RepricingKind, RepricingPreview, RepricingRun, RepricingState } from './repricing-run';

const COLUMNS = `id, kind, state, filter, reason, cut, known_at AS "knownAt", starts_itself AS "startsItself", preview, cursor, seen, corrected,
  changed_meanwhile AS "changedMeanwhile", refused, before_pico::text AS "beforePico", after_pico::text AS "afterPico", error, created_by AS "createdBy",
  created_by_name AS "createdByName", created_at AS "createdAt", started_at AS "startedAt", finished_at AS "finishedAt", request_id AS "requestId", attempts`;

type DbRun = Omit<RepricingRun, 'seen' | 'corrected' | 'changedMeanwhile' | 'refused' | 'beforePico' | 'afterPico'>
  & Record<'seen' | 'corrected' | 'changedMeanwhile' | 'refused', bigint> & Record<'beforePico' | 'afterPico', string>;

function fromDbRun(row: DbRun): RepricingRun {
  return {
    ...row, seen: Number(row.seen), corrected: Number(row.corrected), changedMeanwhile: Number(row.changedMeanwhile), refused: Number(row.refused),
    beforePico: BigInt(row.beforePico), afterPico: BigInt(row.afterPico),
  };
}

export interface NewRun {
  readonly id: string;
  readonly kind: RepricingKind;
  readonly filter: RepricingFilter;
  readonly reason: string;
  readonly cut: string;
  readonly knownAt: Date;
  readonly startsItself: boolean;
  readonly createdBy: string | null;
  readonly createdByName: string;
  readonly requestId: string;
}

export async function insertRun(tx: PoolClient, tenantId: string, run: NewRun): Promise<void> {
  await tx.query(
    `INSERT INTO repricing_runs (tenant_id, id, kind, filter, reason, cut, known_at, starts_itself, created_by, created_by_name, request_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [tenantId, run.id, run.kind, JSON.stringify(run.filter), run.reason, run.cut, run.knownAt, run.startsItself, run.createdBy, run.createdByName, run.requestId]);
}

export async function readRepricingRun(tx: PoolClient, id: string): Promise<RepricingRun | null> {
  const { rows } = await tx.query<DbRun>(`SELECT ${COLUMNS} FROM repricing_runs WHERE id = $1::uuid`, [id]);
  return rows[0] === undefined ? null : fromDbRun(rows[0]);
}

/** The newest first. */
export async function readRepricingRuns(tx: PoolClient, limit: number): Promise<RepricingRun[]> {
  const { rows } = await tx.query<DbRun>(`SELECT ${COLUMNS} FROM repricing_runs ORDER BY id DESC LIMIT $1`, [limit]);
  return rows.map(fromDbRun);
}

/** Planned runs, and those that run. */
export async function readOpenRuns(tx: PoolClient): Promise<RepricingRun[]> {
  const { rows } = await tx.query<DbRun>(`SELECT ${COLUMNS} FROM repricing_runs WHERE state IN ('planned', 'running') ORDER BY id`);
  return rows.map(fromDbRun);
}

/** From `planned`, when nothing else of the team runs: else the unique index refuses (23505). False when it is not planned, or has no preview yet. */
export async function setRunning(tx: PoolClient, id: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `UPDATE repricing_runs SET state = 'running', started_at = now(), cursor = NULL, seen = 0 WHERE id = $1::uuid AND state = 'planned' AND preview IS NOT NULL`, [id]);
  return rowCount === 1;
}

/** Ends a run in one of these states. False when it is in none of them. */
export async function setEnded(tx: PoolClient, id: string, state: Extract<RepricingState, 'done' | 'failed' | 'cancelled'>, from: readonly RepricingState[], error: string | null = null): Promise<boolean> {
  const { rowCount } = await tx.query(
    `UPDATE repricing_runs SET state = $2, finished_at = now(), error = $3 WHERE id = $1::uuid AND state = ANY ($4)`, [id, state, error, from]);
  return rowCount === 1;
}

/** Takes the run for a while; null when somebody else has it, or it is over. */
export async function claimRun(tx: PoolClient, id: string, lease: string, leaseMs: number): Promise<RepricingRun | null> {
  const { rows } = await tx.query<DbRun>(
    `UPDATE repricing_runs SET lease = $2::uuid, lease_until = now() + $3 * interval '1 ms', attempts = attempts + 1
     WHERE id = $1::uuid AND state IN ('planned', 'running') AND (lease_until IS NULL OR lease_until < now()) RETURNING ${COLUMNS}`, [id, lease, leaseMs]);
  return rows[0] === undefined ? null : fromDbRun(rows[0]);
}

export async function releaseRun(tx: PoolClient, id: string, lease: string): Promise<void> {
  await tx.query('UPDATE repricing_runs SET lease = NULL, lease_until = NULL WHERE id = $1::uuid AND lease = $2::uuid', [id, lease]);
}

/** Keeps the lease while a preview is computed. False when it was lost, or the run was cancelled. */
export async function savePreviewProgress(tx: PoolClient, id: string, lease: string, leaseMs: number, seen: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    `UPDATE repricing_runs SET seen = $4, attempts = 0, lease_until = now() + $3 * interval '1 ms' WHERE id = $1::uuid AND lease = $2::uuid AND state = 'planned'`, [id, lease, leaseMs, seen]);
  return rowCount === 1;
}

export async function savePreview(tx: PoolClient, id: string, lease: string, preview: RepricingPreview): Promise<boolean> {
  const { rowCount } = await tx.query(
    `UPDATE repricing_runs SET preview = $3, seen = 0, attempts = 0 WHERE id = $1::uuid AND lease = $2::uuid AND state = 'planned'`, [id, lease, JSON.stringify(preview)]);
  return rowCount === 1;
}

/** What one batch of a run did. */
export interface BatchCounts {
  readonly seen: number;
  readonly corrected: number;
  readonly changedMeanwhile: number;
  readonly refused: number;
  readonly beforePico: bigint;
  readonly afterPico: bigint;
}

/** Counts a batch once: whoever lost the lease, or walks behind another, counts nothing and gets null. Else the state: a cancelled run still counts what it did. */
export async function saveProgress(tx: PoolClient, id: string, lease: string, leaseMs: number, from: string | null, cursor: string | null, counts: BatchCounts): Promise<RepricingState | null> {
  const { rows } = await tx.query<{ state: RepricingState }>(
    `UPDATE repricing_runs SET cursor = coalesce($5::uuid, cursor), seen = seen + $6, corrected = corrected + $7, changed_meanwhile = changed_meanwhile + $8, refused = refused + $9,
       before_pico = before_pico + $10::numeric, after_pico = after_pico + $11::numeric, attempts = 0, lease_until = now() + $3 * interval '1 ms'
     WHERE id = $1::uuid AND lease = $2::uuid AND state IN ('running', 'cancelled') AND cursor IS NOT DISTINCT FROM $4::uuid RETURNING state`,
    [id, lease, leaseMs, from, cursor, counts.seen, counts.corrected, counts.changedMeanwhile, counts.refused, String(counts.beforePico), String(counts.afterPico)]);
  return rows[0]?.state ?? null;
}

/** Runs of all teams that wait for a worker. */
export async function readDueRuns(db: Database): Promise<readonly { tenantId: string; id: string }[]> {
  const { rows } = await db.system.query<{ tenantId: string; id: string }>('SELECT tenant_id AS "tenantId", id FROM due_repricing_runs()');
  return rows;
}

export interface HealingSettings {
  /** Rows without price are priced again by themselves as soon as there is one. */
  readonly heals: boolean;
  readonly checkedMark: string;
  readonly checkedAt: Date | null;
}

export async function readHealingSettings(tx: PoolClient): Promise<HealingSettings> {
  const { rows } = await tx.query<HealingSettings>('SELECT heals, checked_mark AS "checkedMark", checked_at AS "checkedAt" FROM repricing_settings');
  return rows[0] ?? { heals: true, checkedMark: '', checkedAt: null };
}

/** Of two processes that find the same rows only one plans a run for them. Held until the transaction ends. */
export async function lockHealing(tx: PoolClient, tenantId: string): Promise<void> {
  await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('outlay.heal_quarantine ' || $1, 0))`, [tenantId]);
}

export async function saveHeals(tx: PoolClient, tenantId: string, heals: boolean): Promise<void> {
  // The mark goes too, so that whoever switches healing on need not wait for the next new price.
  await tx.query(`INSERT INTO repricing_settings (tenant_id, heals) VALUES ($1, $2) ON CONFLICT (tenant_id) DO UPDATE SET heals = $2, checked_mark = ''`, [tenantId, heals]);
}

export async function saveChecked(tx: PoolClient, tenantId: string, mark: string): Promise<void> {
  await tx.query(
    'INSERT INTO repricing_settings (tenant_id, checked_mark, checked_at) VALUES ($1, $2, now()) ON CONFLICT (tenant_id) DO UPDATE SET checked_mark = $2, checked_at = now()', [tenantId, mark]);
}

/** Of each model, how many valid rows have no price, and at how much caps count them: from the rollups, where a priced row's ceiling is its cost. */
export async function readUnpricedModels(tx: PoolClient): Promise<readonly { provider: string; model: string; rows: number; ceilingPico: string }[]> {
  const { rows } = await tx.query<{ provider: string; model: string; rows: number; ceilingPico: string }>(
    `SELECT provider, model, sum(unpriced)::float8 AS rows, sum(ceiling_pico - cost_pico)::text AS "ceilingPico" FROM usage_rollup_day
     GROUP BY provider, model HAVING sum(unpriced) > 0 ORDER BY sum(ceiling_pico - cost_pico) DESC, provider, model`);
  return rows;
}

/** Every name under which calls were served, the dearest first. */
export async function readUsedModels(tx: PoolClient): Promise<{ provider: string; model: string }[]> {
  const { rows } = await tx.query<{ provider: string; model: string }>(
    `SELECT provider, model FROM usage_rollup_day WHERE provider <> '' AND model <> '' GROUP BY provider, model ORDER BY sum(ceiling_pico) DESC, provider, model`);
  return rows;
}
