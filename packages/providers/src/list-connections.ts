/** Connections as the console shows them: where each stands, in words, and never a key. */
import type { Database } from '@outlay/platform';
import type { ProviderKind } from './adapter';
import type { ConnectionState } from './plan-sync';
import { readConnections, readRunningSyncs, readSyncs, type StoredConnection, type StoredSync } from './store';
import { findConnection } from './change-connection';

export interface ListedConnection {
  readonly id: string;
  readonly provider: ProviderKind;
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** The last characters of the key. */
  readonly hint: string;
  readonly state: ConnectionState;
  readonly lastSuccessAt: Date | null;
  readonly lastAttemptAt: Date | null;
  /** How far what is stored is behind now; null while nothing is, and for imports. */
  readonly lagMinutes: number | null;
  /** Null while it is paused, and for imports. */
  readonly nextSyncAt: Date | null;
  readonly lastError: string | null;
  readonly failures: number;
  /** The running sync; null while none runs. */
  readonly progress: { readonly syncId: string; readonly pages: number; readonly rowsRead: number; readonly words: string; readonly startedAt: Date } | null;
  readonly createdBy: string;
  readonly createdAt: Date;
}

const SYNCS_SHOWN = 50;

export async function listConnections(db: Database, tenantId: string, nowMs = Date.now()): Promise<ListedConnection[]> {
  return await db.withTenantSnapshot(tenantId, async (tx) => {
    const running = await readRunningSyncs(tx);
    return (await readConnections(tx)).map((connection) => {
      const sync = running.get(connection.id);
      // Rows of a dead worker say "running" until the next sync closes them; the lease knows better, and a click has none yet.
      const isAlive = sync !== undefined && ((connection.leasedUntil?.getTime() ?? 0) > nowMs || nowMs - sync.startedAt.getTime() < 60_000);
      return {
        id: connection.id, provider: connection.provider, name: connection.name, settings: connection.settings, hint: connection.hint, state: connection.state,
        lastSuccessAt: connection.lastSuccessAt, lastAttemptAt: connection.lastAttemptAt, lagMinutes: lagMinutes(connection, nowMs),
        nextSyncAt: connection.provider === 'import' || connection.state === 'paused' ? null : connection.nextSyncAt, lastError: connection.lastError, failures: connection.failures,
        progress: isAlive ? { syncId: sync.id, pages: sync.pages, rowsRead: sync.rowsRead, words: sync.progress, startedAt: sync.startedAt } : null, createdBy: connection.createdBy, createdAt: connection.createdAt,
      };
    });
  });
}

/** The newest first. Errors: `not_found`. */
export async function listSyncs(db: Database, tenantId: string, connectionId: string): Promise<StoredSync[]> {
  return await db.withTenantSnapshot(tenantId, async (tx) => {
    await findConnection(tx, connectionId);
    return await readSyncs(tx, connectionId, SYNCS_SHOWN);
  });
}

/** Pure: by the stream that is furthest ahead, as that is the one that people watch. */
function lagMinutes({ provider, watermarks }: Pick<StoredConnection, 'provider' | 'watermarks'>, nowMs: number): number | null {
  if (provider === 'import') return null;
  const until = Object.values(watermarks).map(({ at }) => Date.parse(at ?? '')).filter((at) => !Number.isNaN(at));
  return until.length === 0 ? null : Math.max(Math.floor((nowMs - Math.max(...until)) / 60_000), 0);
}
