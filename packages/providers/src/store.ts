/** SQL of the connections and their syncs. What a provider said stands in store-bill.ts. */
import type { Database } from '@outlay/platform';
import type { PoolClient } from 'pg';
import type { ProviderKind } from './adapter';
import type { ConnectionState } from './plan-sync';

export interface StoredConnection {
  readonly id: string;
  readonly provider: ProviderKind;
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Sealed. */
  readonly credentials: string | null;
  readonly hint: string;
  readonly state: ConnectionState;
  /** By stream: where it goes on, and when it was last read. */
  readonly watermarks: Readonly<Record<string, { readonly at: string | null; readonly readMs: number }>>;
  readonly lastSuccessAt: Date | null;
  readonly lastAttemptAt: Date | null;
  readonly lastError: string | null;
  readonly failures: number;
  readonly nextSyncAt: Date;
  readonly createdBy: string;
  readonly createdAt: Date;
}

interface ConnectionRow {
  readonly id: string;
  readonly provider: ProviderKind;
  readonly name: string;
  readonly settings: Record<string, unknown>;
  readonly credentials: string | null;
  readonly credential_hint: string;
  readonly state: ConnectionState;
  readonly watermarks: StoredConnection['watermarks'];
  readonly last_success_at: Date | null;
  readonly last_attempt_at: Date | null;
  readonly last_error: string | null;
  readonly failures: number;
  readonly next_sync_at: Date;
  readonly created_by: string;
  readonly created_at: Date;
}

const COLUMNS = 'id, provider, name, settings, credentials, credential_hint, state, watermarks, last_success_at, last_attempt_at, last_error, failures, next_sync_at, created_by, created_at';

function toConnection(row: ConnectionRow): StoredConnection {
  return {
    id: row.id, provider: row.provider, name: row.name, settings: row.settings, credentials: row.credentials, hint: row.credential_hint, state: row.state, watermarks: row.watermarks,
    lastSuccessAt: row.last_success_at, lastAttemptAt: row.last_attempt_at, lastError: row.last_error, failures: row.failures, nextSyncAt: row.next_sync_at, createdBy: row.created_by, createdAt: row.created_at,
  };
}

export async function readConnections(tx: PoolClient): Promise<StoredConnection[]> {
  const { rows } = await tx.query<ConnectionRow>(`SELECT ${COLUMNS} FROM provider_connections WHERE removed_at IS NULL ORDER BY created_at, id`);
  return rows.map(toConnection);
}

export async function readConnection(tx: PoolClient, id: string): Promise<StoredConnection | null> {
  const { rows } = await tx.query<ConnectionRow>(`SELECT ${COLUMNS} FROM provider_connections WHERE id = $1 AND removed_at IS NULL`, [id]);
  return rows[0] ? toConnection(rows[0]) : null;
}

export interface NewConnection {
  readonly id: string;
  readonly provider: ProviderKind;
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly credentials: string | null;
  readonly hint: string;
  readonly createdBy: string;
}

export async function insertConnection(tx: PoolClient, tenantId: string, connection: NewConnection): Promise<void> {
  await tx.query(
    `INSERT INTO provider_connections (tenant_id, id, provider, name, settings, credentials, credential_hint, state, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting', $8)`,
    [tenantId, connection.id, connection.provider, connection.name, JSON.stringify(connection.settings), connection.credentials, connection.hint, connection.createdBy],
  );
}

export async function updateConnection(tx: PoolClient, id: string, change: { readonly name: string; readonly settings: Readonly<Record<string, unknown>>; readonly credentials: string | null; readonly hint: string }): Promise<void> {
  // What was changed is tried at once.
  await tx.query(
    `UPDATE provider_connections SET name = $2, settings = $3, credentials = $4, credential_hint = $5, state = CASE WHEN state = 'paused' THEN state ELSE 'waiting' END, failures = 0, last_error = NULL, next_sync_at = now() WHERE id = $1`,
    [id, change.name, JSON.stringify(change.settings), change.credentials, change.hint],
  );
}

export async function setConnectionState(tx: PoolClient, id: string, state: 'paused' | 'waiting'): Promise<boolean> {
  const { rowCount } = await tx.query('UPDATE provider_connections SET state = $2, failures = 0, next_sync_at = now() WHERE id = $1 AND removed_at IS NULL', [id, state]);
  return rowCount === 1;
}

/** The sealed credentials go with it; what the provider said stays, as the bill of the past. */
export async function removeConnection(tx: PoolClient, id: string): Promise<boolean> {
  const { rowCount } = await tx.query(`UPDATE provider_connections SET removed_at = now(), credentials = NULL, state = 'paused' WHERE id = $1 AND removed_at IS NULL`, [id]);
  return rowCount === 1;
}

/** Due connections of all teams whose lease is free. */
export async function listDueConnections(db: Pick<Database, 'system'>): Promise<readonly { readonly tenantId: string; readonly id: string }[]> {
  const { rows } = await db.system.query<{ tenant_id: string; id: string }>(
    `SELECT tenant_id, id FROM provider_connections WHERE removed_at IS NULL AND state <> 'paused' AND next_sync_at <= now() AND (leased_until IS NULL OR leased_until < now()) ORDER BY next_sync_at LIMIT 500`);
  return rows.map(({ tenant_id: tenantId, id }) => ({ tenantId, id }));
}

/** One worker at a time: null when somebody else has it, or it is not due any more. `force`: a person asks now. */
export async function claimConnection(tx: PoolClient, id: string, leaseMs: number, force: boolean): Promise<StoredConnection | null> {
  const { rows } = await tx.query<ConnectionRow>(
    `UPDATE provider_connections SET leased_until = now() + make_interval(secs => $2 / 1000.0), last_attempt_at = now()
     WHERE id = $1 AND removed_at IS NULL AND (state <> 'paused' OR $3) AND (leased_until IS NULL OR leased_until < now()) AND (next_sync_at <= now() OR $3) RETURNING ${COLUMNS}`,
    [id, leaseMs, force],
  );
  return rows[0] ? toConnection(rows[0]) : null;
}

export async function extendLease(tx: PoolClient, id: string, leaseMs: number): Promise<void> {
  await tx.query('UPDATE provider_connections SET leased_until = now() + make_interval(secs => $2 / 1000.0) WHERE id = $1', [id, leaseMs]);
}

/** With the rows of the page, in their transaction: whoever goes on after a crash goes on behind what is stored. */
export async function saveWatermark(tx: PoolClient, id: string, stream: string, at: string | null, readMs: number): Promise<void> {
  await tx.query('UPDATE provider_connections SET watermarks = watermarks || jsonb_build_object($2::text, jsonb_build_object(\'at\', $3::text, \'readMs\', $4::bigint)) WHERE id = $1', [id, stream, at, readMs]);
}

export async function saveSyncEnd(tx: PoolClient, id: string, end: { readonly state: ConnectionState; readonly failures: number; readonly waitMs: number; readonly error: string | null }): Promise<void> {
  await tx.query(
    `UPDATE provider_connections SET state = CASE WHEN state = 'paused' THEN state ELSE $2 END, failures = $3, last_error = $5, leased_until = NULL, next_sync_at = now() + make_interval(secs => $4 / 1000.0),
       last_success_at = CASE WHEN $5::text IS NULL THEN now() ELSE last_success_at END WHERE id = $1`,
    [id, end.state, end.failures, end.waitMs, end.error],
  );
}

export interface StoredSync {
  readonly id: string;
  readonly connectionId: string;
  readonly cause: 'schedule' | 'person' | 'import';
  readonly state: 'running' | 'done' | 'failed';
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  readonly pages: number;
  readonly rowsRead: number;
  readonly rowsChanged: number;
  readonly progress: string;
  readonly error: string | null;
}

export async function insertSync(tx: PoolClient, tenantId: string, sync: { readonly id: string; readonly connectionId: string; readonly cause: StoredSync['cause'] }): Promise<void> {
  // One that a dead worker left open is over.
  await tx.query(`UPDATE provider_syncs SET state = 'failed', finished_at = now(), error = 'The worker stopped in the middle of it; the next sync went on behind its last page.' WHERE connection_id = $1 AND state = 'running'`, [sync.connectionId]);
  await tx.query(`INSERT INTO provider_syncs (tenant_id, id, connection_id, cause, state) VALUES ($1, $2, $3, $4, 'running')`, [tenantId, sync.id, sync.connectionId, sync.cause]);
}

export async function saveSync(tx: PoolClient, id: string, { state, pages, rowsRead, rowsChanged, progress, error }: Pick<StoredSync, 'state' | 'pages' | 'rowsRead' | 'rowsChanged' | 'progress' | 'error'>): Promise<void> {
  await tx.query(
    `UPDATE provider_syncs SET state = $2, pages = $3, rows_read = $4, rows_changed = $5, progress = $6, error = $7, finished_at = CASE WHEN $2 = 'running' THEN NULL ELSE now() END WHERE id = $1`,
    [id, state, pages, rowsRead, rowsChanged, progress, error],
  );
}

export async function readSyncs(tx: PoolClient, connectionId: string, limit: number): Promise<StoredSync[]> {
  const { rows } = await tx.query<{ id: string; connection_id: string; cause: StoredSync['cause']; state: StoredSync['state']; started_at: Date; finished_at: Date | null; pages: number; rows_read: number; rows_changed: number; progress: string; error: string | null }>(
    'SELECT id, connection_id, cause, state, started_at, finished_at, pages, rows_read, rows_changed, progress, error FROM provider_syncs WHERE connection_id = $1 ORDER BY started_at DESC, id DESC LIMIT $2', [connectionId, limit]);
  return rows.map((row) => ({
    id: row.id, connectionId: row.connection_id, cause: row.cause, state: row.state, startedAt: row.started_at, finishedAt: row.finished_at, pages: row.pages, rowsRead: row.rows_read, rowsChanged: row.rows_changed,
    progress: row.progress, error: row.error,
  }));
}
