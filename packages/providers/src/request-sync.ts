/** "Sync now": the sync stands in the list from the click on, and a worker takes it over at once. */
import { newId } from '@outlay/kernel/ids';
import { DomainError } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import { audit } from '@outlay/tenancy';
import { type By, findConnection } from './change-connection';
import { insertSync, readRunningSyncs, readSyncs, saveSync } from './store';

/** A provider is not asked more often because somebody is impatient. */
const AGAIN_MS = 5_000;

/** `isNew` false: one runs already, or has just run. Errors: `not_found`, `conflict` for a connection that is not asked. */
export async function requestSync(db: Database, by: By, connectionId: string, nowMs = Date.now()): Promise<{ readonly syncId: string; readonly isNew: boolean }> {
  return await db.withTenant(by.tenantId, async (tx) => {
    const connection = await findConnection(tx, connectionId);
    if (connection.provider === 'import') throw new DomainError('conflict', { message: 'An import has nobody to ask: bring a newer file.' });
    if (connection.state === 'paused') throw new DomainError('conflict', { message: 'The connection is paused: resume it first.' });
    const running = (await readRunningSyncs(tx)).get(connectionId);
    if (running !== undefined && ((connection.leasedUntil?.getTime() ?? 0) > nowMs || nowMs - running.startedAt.getTime() < AGAIN_MS)) return { syncId: running.id, isNew: false };
    const [last] = await readSyncs(tx, connectionId, 1);
    if (last !== undefined && last.cause === 'person' && nowMs - last.startedAt.getTime() < AGAIN_MS) return { syncId: last.id, isNew: false };
    const syncId = newId();
    await insertSync(tx, by.tenantId, { id: syncId, connectionId, cause: 'person' });
    await saveSync(tx, syncId, { state: 'running', pages: 0, rowsRead: 0, rowsChanged: 0, progress: 'Waiting for a worker.', error: null });
    await audit(tx, { ...by, action: 'provider.sync_asked', subjectType: 'provider_connection', subjectId: connectionId });
    return { syncId, isNew: true };
  });
}
