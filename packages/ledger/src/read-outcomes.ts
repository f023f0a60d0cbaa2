/**
 * Outcomes as somebody settles them: the valid state of a run's outcome after its corrections, and which runs have outcome rows above a mark. Facts only; what an
 * outcome burns or costs is not decided here.
 */
import { deriveId } from '@outlay/kernel/ids';
import type { PoolClient } from 'pg';
import { type Cut, rowsAtOrBelow } from './cut';
import { createParams } from './event-conditions';

export interface RunOutcome {
  readonly runId: string;
  /** Counts corrections: 0 is the original. */
  readonly revision: number;
  readonly occurredAt: Date;
  readonly customerId: string | null;
  readonly workflow: string | null;
  readonly outcome: 'usable' | 'unusable';
  /** A decimal. */
  readonly units: string;
  readonly planVersionId: string | null;
  /** The body of the snapshot that the row names; null when it names none. */
  readonly snapshot: Readonly<Record<string, unknown>> | null;
}

/** The valid state of each run's outcome, by run; a run without one is absent. At most some thousand runs at once. */
export async function readOutcomesOf(tx: PoolClient, tenantId: string, runIds: readonly string[]): Promise<Map<string, RunOutcome>> {
  if (runIds.length === 0) return new Map();
  const ids = runIds.map((runId) => deriveId(runId, 'outcome', 0));
  const { rows } = await tx.query<Omit<RunOutcome, 'snapshot'> & { readonly hash: string | null }>(
    `SELECT DISTINCT ON (e.run_id) e.run_id AS "runId", e.revision, e.occurred_at AS "occurredAt", e.customer_id AS "customerId", e.workflow, e.outcome, coalesce(e.units, 0)::text AS units,
       e.plan_version_id AS "planVersionId", encode(e.snapshot_hash, 'hex') AS hash
     FROM (
       SELECT * FROM usage_events WHERE tenant_id = $1 AND id = ANY ($2::uuid[])
       UNION ALL
       SELECT * FROM usage_events WHERE tenant_id = $1 AND corrects = ANY ($2::uuid[]) AND sign = 1
     ) e WHERE e.subject = 'outcome' ORDER BY e.run_id, e.revision DESC`, [tenantId, ids]);
  // Many rows name the same few snapshots: each is read once.
  const hashes = [...new Set(rows.flatMap(({ hash }) => hash ?? []))];
  const { rows: bodies } = await tx.query<{ hash: string; body: Record<string, unknown> }>(
    `SELECT encode(hash, 'hex') AS hash, body FROM snapshots WHERE tenant_id = $1 AND hash IN (SELECT decode(h, 'hex') FROM unnest($2::text[]) AS h)`, [tenantId, hashes]);
  const bodyOf = new Map(bodies.map(({ hash, body }) => [hash, body]));
  return new Map(rows.map(({ hash, ...row }) => [row.runId, { ...row, snapshot: bodyOf.get(hash ?? '') ?? null }]));
}

export interface OutcomesAfter {
  /** Batch by slot up to which everything was seen. Empty: nothing was. */
  readonly batches: ReadonlyMap<number, bigint>;
  /** Rows above the mark were recorded at or after this instant; it only narrows the search. */
  readonly recordedFrom: Date;
}

/** Rows above a cut were recorded two minutes before it was taken, or later. */
const RECORDED_BEFORE_MS = 120_000;

/**
 * Runs with outcome rows, corrections included, above the mark and at or below the cut (null: all that is there). Each once, in the order of ids from `afterRun` on. `planVersions`: of originals
 * only those of these versions, or of none.
 */
export async function readRunsWithOutcomes(
  tx: PoolClient, tenantId: string, mark: OutcomesAfter, cut: Cut | null, options: { readonly afterRun: string; readonly limit: number; readonly planVersions?: readonly string[] | null },
): Promise<string[]> {
  const params = createParams();
  const where = [
    `e.tenant_id = ${params.add(tenantId)}::uuid`, `e.subject = 'outcome'`, 'e.run_id IS NOT NULL',
    `e.recorded_at >= ${params.add(new Date(mark.recordedFrom.getTime() - RECORDED_BEFORE_MS))}::timestamptz`,
    ...(cut === null ? [] : [rowsAtOrBelow(cut, params)]), `NOT (${rowsAtOrBelow({ takenAt: mark.recordedFrom, batches: mark.batches }, params)})`,
    `e.run_id > ${params.add(options.afterRun)}::uuid`,
    ...(options.planVersions ? [`(e.plan_version_id IS NULL OR e.plan_version_id = ANY (${params.add(options.planVersions)}::uuid[]) OR e.corrects IS NOT NULL)`] : []),
  ];
  const { rows } = await tx.query<{ run_id: string }>(
    `SELECT DISTINCT e.run_id FROM usage_events e WHERE ${where.join(' AND ')} ORDER BY e.run_id LIMIT ${params.add(options.limit)}`, params.values);
  return rows.map((row) => row.run_id);
}
