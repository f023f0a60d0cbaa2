/** Everything about one row: its arithmetic, what it was made from, its corrections, and its run. */
import { DomainError } from '@outlay/kernel';
import { isUuid } from '@outlay/kernel/ids';
import type { Database } from '@outlay/platform';
import type { PriceVersion } from '@outlay/pricing';
import type { PoolClient } from 'pg';
import { explainRow, type RowExplanation } from './explain-row';
import { isValid, type ListedEvent } from './list-events';
import type { PriceUsageOf } from './price-event';
import { readChain, readEvent, readPage, readRevisions, readRun, readSnapshotBody, type RunRow, type StoredEvent } from './store-reads';

export interface EventDetail extends RowExplanation {
  readonly event: ListedEvent;
  readonly version: PriceVersion | null;
  /** As the provider sent it; null when the sender stated quantities or nothing. */
  readonly rawUsage: unknown;
  /** What the call was made under: the caller's entitlement and caps. */
  readonly snapshot: unknown;
  /** The other rows of the same event, by revision: its original, reversals and restatements. One of the whole chain is `valid`. */
  readonly corrections: readonly ListedEvent[];
  readonly run: RunDetail | null;
}

export interface RunDetail extends RunRow {
  /** Oldest first, at most `RUN_EVENTS_MAX`. */
  readonly events: readonly ListedEvent[];
  readonly moreEvents: boolean;
}

export interface DetailDependencies {
  readonly db: Database;
  readonly price: PriceUsageOf;
  /** The price row of an id, a tenant's own or a global one; null when there is none. */
  readonly versionById: (tenantId: string, id: string) => PriceVersion | null;
}

const RUN_EVENTS_MAX = 500;

/** `environment` is the only one that the reader may see; absent: all. Errors: `invalid_input` for what is no uuid, `not_found`. */
export async function getEvent(deps: DetailDependencies, tenantId: string, id: string, environment?: string): Promise<EventDetail> {
  if (!isUuid(id)) throw new DomainError('invalid_input', { field: 'id', message: 'The id of an event is a uuid.' });
  return await deps.db.withTenantSnapshot(tenantId, async (tx) => {
    const row = await readEvent(tx, id);
    if (!row) throw new DomainError('not_found', { message: 'There is no such event in this ledger.' });
    if (environment !== undefined && row.environment !== environment) throw new DomainError('not_found', { message: `There is no such event in "${environment}": a key reads its own environment only.` });
    const chain = await readChain(tx, row.corrects ?? row.id);
    const [event, ...corrections] = await judge(tx, [row, ...chain.filter((each) => each.id !== row.id)]);
    const version = row.price_version_id === null ? null : deps.versionById(tenantId, row.price_version_id);
    return {
      event: event!, corrections, version, ...explainRow(row, version, deps.price),
      rawUsage: row.raw_usage === null ? null : JSON.parse(row.raw_usage),
      snapshot: row.snapshot_hash === null ? null : await readSnapshotBody(tx, row.snapshot_hash),
      run: row.run_id === null ? null : await readRunDetail(tx, tenantId, row.run_id, environment),
    };
  });
}

/** A run is its environment's, but nothing stops a sender from naming it in another one. */
async function readRunDetail(tx: PoolClient, tenantId: string, runId: string, environment: string | undefined): Promise<RunDetail | null> {
  const run = await readRun(tx, runId);
  if (!run || (environment !== undefined && run.environment !== environment)) return null;
  const filter = { fromMs: run.first_at.getTime(), toMs: run.last_at.getTime() + 1, runId, environment };
  const rows = await readPage(tx, { tenantId, filter, order: 'oldest', limit: RUN_EVENTS_MAX + 1 });
  return { ...run, events: await judge(tx, rows.slice(0, RUN_EVENTS_MAX)), moreEvents: rows.length > RUN_EVENTS_MAX };
}

async function judge(tx: PoolClient, rows: readonly StoredEvent[]): Promise<ListedEvent[]> {
  const revisions = await readRevisions(tx, [...new Set(rows.map((row) => row.corrects ?? row.id))]);
  return rows.map((row) => ({ ...row, valid: isValid(row, revisions) }));
}
