/** What the job runs: every connection that is due, some at a time, or the one that a person asked for. The database says which; a message that is lost costs a minute. */
import { listDueConnections } from './store';
import { syncConnection, type SyncCause, type SyncDependencies, type SyncReport } from './sync-connection';

/** One slow provider must not keep the others waiting, and many teams must not open a connection each at once. */
const AT_ONCE = 8;

export interface SyncAsk {
  readonly tenantId: string;
  readonly connectionId: string;
  readonly syncId?: string | undefined;
}

export async function syncDue(deps: SyncDependencies, asked: SyncAsk | null, onReport: (tenantId: string, report: SyncReport) => void): Promise<void> {
  const run = async (tenantId: string, connectionId: string, cause: SyncCause): Promise<void> => {
    try {
      const report = await syncConnection(deps, tenantId, connectionId, cause);
      if (report !== null) onReport(tenantId, report);
    } catch (error) {
      deps.log('A provider connection could not be synced; the next round tries again.', error);
    }
  };
  if (asked !== null) return await run(asked.tenantId, asked.connectionId, { cause: 'person', syncId: asked.syncId });
  const due = [...await listDueConnections(deps.db)];
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, due.length) }, async () => {
    for (let next = due.shift(); next !== undefined && deps.signal?.aborted !== true; next = due.shift()) await run(next.tenantId, next.id, { cause: 'schedule' });
  }));
}
