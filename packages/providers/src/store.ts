/** SQL of the connections and their syncs. What a provider said stands in store-bill.ts. */
import type { Database } from '@outlay/platform';
import type { PoolClient } from 'pg';
import type { ProviderKind } from './adapter';
import type { ConnectionState } from './plan-sync';

export interface StreamMark {
  /** Where it goes on; null until its first page is stored. */
  readonly at: string | null;
  /** When it was last read to its end, or failed for a reason of its own. */
  readonly readMs: number;
  /** When it was last read from as far back as its provider corrects. */
  readonly deepMs?: number;
  /** What is wrong with this stream alone, in words. */
  readonly error?: string | null;
}

export interface StoredConnection {
  readonly id: string;
  readonly provider: ProviderKind;
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Sealed. */
  readonly credentials: string | null;
  readonly hint: string;
  readonly state: ConnectionState;
  readonly watermarks: Readonly<Record<string, StreamMark>>;
  readonly lastSuccessAt: Date | null;
  readonly lastAttemptAt: Date | null;
  readonly lastError: string | null;
  readonly failures: number;
  readonly nextSyncAt: Date;
  /** Until when some worker has it. */
  readonly leasedUntil: Date | null;
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
  readonly leased_until: Date | null;
  readonly created_by: string;
  readonly created_at: Date;
}

const COLUMNS = 'id, provider, name, settings, credentials, credential_hint, state, watermarks, last_success_at, last_attempt_at, last_error, failures, next_sync_at, leased_until, created_by, created_at';

function toConnection(row: ConnectionRow): StoredConnection {
  return {
    id: row.id, provider: row.provider, name: row.name, settings: row.settings, credentials: row.credentials, hint: row.credential_hint, state: row.state, watermarks: row.watermarks,
    lastSuccessAt: row.last_success_at, lastAttemptAt: row.last_attempt_at, lastError: row.last_error, failures: row.failures, nextSyncAt: row.next_sync_at, leasedUntil: row.leased_until, createdBy: row.created_by, createdAt: row.created_at,
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

/** Files are brought by people: an import is never due by itself. */
export async function insertConnection(tx: PoolClient, tenantId: string, connection: NewConnection): Promise<void> {
  await tx.query(
    `INSERT INTO provider_connections (tenant_id, id, provider, name, settings, credentials, credential_hint, state, created_by, next_sync_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting', $8, CASE WHEN $3 = 'import' THEN timestamptz '9999-01-01' ELSE now() END)`,
    [tenantId, connection.id, connection.provider, connection.name, JSON.stringify(connection.settings), connection.credentials, connection.hint, connection.createdBy],
  );
}

/** Locks the row: of two files at once, the second finds what the first one said. */
export async function beginImport(tx: PoolClient, id: string): Promise<void> {
  await tx.query(`UPDATE provider_connections SET state = 'healthy', failures = 0, last_error = NULL, last_attempt_at = now(), last_success_at = now() WHERE id = $1`, [id]);
}

// Whatever a person changes ends the lease: a sync that runs by what was true before stores nothing more and decides nothing about the connection.

/** What was changed is tried at once. */
export async function updateConnection(tx: PoolClient, id: string, change: { readonly name: string; readonly settings: Readonly<Record<string, unknown>>; readonly credentials: string | null; readonly hint: string }): Promise<void> {
  await tx.query(
    `UPDATE provider_connections SET name = $2, settings = $3, credentials = $4, credential_hint = $5, state = CASE WHEN state = 'paused' THEN state ELSE 'waiting' END, failures = 0, last_error = NULL,
       next_sync_at = CASE WHEN provider = 'import' THEN next_sync_at ELSE now() END, leased_until = NULL WHERE id = $1`,
    [id, change.name, JSON.stringify(change.settings), change.credentials, change.hint],
  );
}

export async function setConnectionState(tx: PoolClient, id: string, state: 'paused' | 'waiting'): Promise<void> {
  await tx.query(`UPDATE provider_connections SET state = $2, failures = 0, next_sync_at = CASE WHEN provider = 'import' THEN next_sync_at ELSE now() END, leased_until = NULL WHERE id = $1 AND removed_at IS NULL`, [id, state]);
}

/** The sealed credentials go with it; what the provider said stays, as the bill of the past. */
export async function removeConnection(tx: PoolClient, id: string): Promise<void> {
  await tx.query(`UPDATE provider_connections SET removed_at = now(), credentials = NULL, state = 'paused', leased_until = NULL WHERE id = $1 AND removed_at IS NULL`, [id]);
}

/** Due connections of all teams whose lease is free. */
export async function listDueConnections(db: Pick<Database, 'system'>): Promise<readonly { readonly tenantId: string; readonly id: string }[]> {
  const { rows } = await db.system.query<{ tenant_id: string; id: string }>(
    `SELECT tenant_id, id FROM provider_connections WHERE removed_at IS NULL AND state <> 'paused' AND next_sync_at <= now() AND (leased_until IS NULL OR leased_until < now()) ORDER BY next_sync_at LIMIT 500`);
  return rows.map(({ tenant_id: tenantId, id }) => ({ tenantId, id }));
}

/** Teams with a connection that is polled. */
export async function listConnectedTenants(db: Pick<Database, 'system'>): Promise<Set<string>> {
  const { rows } = await db.system.query<{ tenant_id: string }>(`SELECT DISTINCT tenant_id::text FROM provider_connections WHERE removed_at IS NULL AND state <> 'paused'`);
  return new Set(rows.map(({ tenant_id: tenantId }) => tenantId));
}

/** One worker at a time: null when somebody else has it, or it is not due any more. `force`: a person asks now. */
export async function claimConnection(tx: PoolClient, id: string, leaseMs: number, force: boolean): Promise<StoredConnection | null> {
  const { rows } = await tx.query<ConnectionRow>(
    `UPDATE provider_connections SET leased_until = clock_timestamp() + make_interval(secs => $2 / 1000.0), last_attempt_at = now()
     WHERE id = $1 AND removed_at IS NULL AND provider <> 'import' AND (state <> 'paused' OR $3) AND (leased_until IS NULL OR leased_until < now()) AND (next_sync_at <= now() OR $3) RETURNING ${COLUMNS}`,
    [id, leaseMs, force],
  );
  return rows[0] ? toConnection(rows[0]) : null;
}

/**
 * The first statement of every transaction of a sync: keeps the row locked until its commit, so that whoever comes after sees the page or nothing of it. Null when the lease is not `mine`
 * any more: it ran out and another worker has it, or a person changed the connection.
 */
export async function keepLease(tx: PoolClient, id: string, mine: Date, leaseMs: number): Promise<Date | null> {
  const { rows } = await tx.query<{ leased_until: Date }>(
    'UPDATE provider_connections SET leased_until = clock_timestamp() + make_interval(secs => $3 / 1000.0) WHERE id = $1 AND leased_until = $2 AND removed_at IS NULL RETURNING leased_until',
    [id, mine, leaseMs]);
  return rows[0]?.leased_until ?? null;
}

/** With the rows of the page, in their transaction: whoever goes on after a crash goes on behind what is stored. */
export async function saveMark(tx: PoolClient, id: string, stream: string, mark: StreamMark): Promise<void> {
  await tx.query('UPDATE provider_connections SET watermarks = watermarks || jsonb_build_object($2::text, $3::jsonb) WHERE id = $1', [id, stream, JSON.stringify(mark)]);
}

/** `succeeded`: everything that was due was read. */
export async function saveSyncEnd(tx: PoolClient, id: string, end: { readonly state: ConnectionState; readonly failures: number; readonly waitMs: number; readonly error: string | null; readonly succeeded: boolean }): Promise<void> {
  await tx.query(
    `UPDATE provider_connections SET state = CASE WHEN state = 'paused' THEN state ELSE $2 END, failures = $3, last_error = $5, leased_until = NULL, next_sync_at = now() + make_interval(secs => $4 / 1000.0),
       last_success_at = CASE WHEN $6 THEN now() ELSE last_success_at END WHERE id = $1`,
    [id, end.state, end.failures, end.waitMs, end.error, end.succeeded],
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

/** Asked for by a person: it shows as running from the click on, and the worker takes it over. */
export async function insertSync(tx: PoolClient, tenantId: string, sync: { readonly id: string; readonly connectionId: string; readonly cause: StoredSync['cause'] }): Promise<void> {
  // One that a dead worker left open is over.
  await tx.query(`UPDATE provider_syncs SET state = 'failed', finished_at = now(), error = 'The worker stopped in the middle of it; the next sync went on behind its last page.' WHERE connection_id = $1 AND state = 'running' AND id <> $2`, [sync.connectionId, sync.id]);
  await tx.query(`INSERT INTO provider_syncs (tenant_id, id, connection_id, cause, state) VALUES ($1, $2, $3, $4, 'running') ON CONFLICT (tenant_id, id) DO NOTHING`, [tenantId, sync.id, sync.connectionId, sync.cause]);
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

/** The running one of each connection. */
export async function readRunningSyncs(tx: PoolClient): Promise<Map<string, Pick<StoredSync, 'id' | 'pages' | 'rowsRead' | 'progress' | 'startedAt'>>> {
  const { rows } = await tx.query<{ id: string; connection_id: string; started_at: Date; pages: number; rows_read: number; progress: string }>(
    `SELECT DISTINCT ON (connection_id) id, connection_id, started_at, pages, rows_read, progress FROM provider_syncs WHERE state = 'running' ORDER BY connection_id, started_at DESC`);
  return new Map(rows.map((row) => [row.connection_id, { id: row.id, pages: row.pages, rowsRead: row.rows_read, progress: row.progress, startedAt: row.started_at }]));
}

/** Of a worker that stops, or lost its lease: only what nobody took over yet is given back and closed. */
export async function giveBack(tx: PoolClient, at: { readonly connectionId: string; readonly syncId: string; readonly lease: Date | null; readonly words: string }): Promise<void> {
  if (at.lease !== null) await tx.query('UPDATE provider_connections SET leased_until = NULL, next_sync_at = now() WHERE id = $1 AND leased_until = $2', [at.connectionId, at.lease]);
  await tx.query(`UPDATE provider_syncs SET state = 'failed', finished_at = now(), progress = '', error = $2 WHERE id = $1 AND state = 'running'`, [at.syncId, at.words]);
}
