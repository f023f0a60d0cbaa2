/** One run with every row of it, found by its id or by the name that its sender gave it. */
import { DomainError } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import { runIdsOf } from './event-conditions';
import { isValid, type ListedEvent } from './list-events';
import { readPage, readRevisions, readRun, type RunRow } from './store-reads';
import { DEFAULT_SETTINGS, readSettingsOf, type WorkflowSettings } from './store-workflows';

export interface RunPageDetail extends RunRow {
  readonly freshAt: string;
  /** Of the run's workflow; the defaults when nobody saved any, or it has none. */
  readonly settings: WorkflowSettings;
  /** Oldest first, corrections and what they took out included, at most `RUN_ROWS_MAX`. */
  readonly events: readonly ListedEvent[];
  readonly moreEvents: boolean;
}

const RUN_ROWS_MAX = 2_000;

/** `name` is the run's id, or what the sender called it. Errors: `not_found`. */
export async function getRun(db: Database, tenantId: string, name: string): Promise<RunPageDetail> {
  return await db.withTenantSnapshot(tenantId, async (tx) => {
    const { rows: [moment] } = await tx.query<{ at: Date }>('SELECT now() AS at');
    for (const runId of runIdsOf(tenantId, name)) {
      const run = await readRun(tx, runId);
      if (run === null) continue;
      const filter = { fromMs: run.first_at.getTime(), toMs: run.last_at.getTime() + 1, runId: run.run_id };
      const rows = await readPage(tx, { tenantId, filter, order: 'oldest', limit: RUN_ROWS_MAX + 1 });
      const shown = rows.slice(0, RUN_ROWS_MAX);
      const revisions = await readRevisions(tx, [...new Set(shown.map((row) => row.corrects ?? row.id))]);
      return {
        ...run, freshAt: moment!.at.toISOString(), settings: (run.workflow === '' ? null : await readSettingsOf(tx, run.workflow)) ?? DEFAULT_SETTINGS,
        events: shown.map((row) => ({ ...row, valid: isValid(row, revisions) })), moreEvents: rows.length > RUN_ROWS_MAX,
      };
    }
    throw new DomainError('not_found', { message: `No run of this team is called "${name.length > 80 ? `${name.slice(0, 80)}…` : name}", by its id or by its sender's name for it.` });
  });
}
