/**
 * A run that was allowed to spend, whose hold expired, and of which no call was ever reported: nobody knows whether it spent. An `estimated` row keeps what it had reserved visible to
 * caps, and to nothing else: its cost is 0 (no screen, charge or invoice counts it), its ceiling, which is what caps count, is what the run had reserved. It is a further part of its run
 * and no call. Once the truth comes (a call, an outcome), a correction takes it out: reversal and restatement to 0, as every correction.
 */
import { canonicalJson } from '@outlay/kernel';
import { deriveId, idTimeMs, isKeyId, sha256 } from '@outlay/kernel/ids';
import type { PoolClient } from 'pg';
import type { EventRow } from './columns';
import { prepareEvent } from './prepare-event';
import { loadHistory, validState } from './store-events';
import type { WriteUnit } from './writer';

/** The run as it was begun. */
export interface ExpiredRun {
  readonly tenantId: string;
  readonly runId: string;
  readonly runRef: string | null;
  readonly environment: string;
  readonly apiKeyId: string | null;
  readonly customerId: string | null;
  readonly userId: string | null;
  readonly workflow: string | null;
  readonly feature: string | null;
  readonly begunAt: Date;
  readonly reservedPico: bigint;
  readonly snapshotHash: string | null;
  readonly planVersionId: string | null;
}

const ID_DISTANCE_MAX_MS = 35 * 86_400_000;

function estimateIdOf(runId: string): string {
  return deriveId(runId, 'estimate', 0);
}

/** Nothing was counted, so nothing is priced. */
function noPrice(): never {
  throw new Error('an estimate has no price');
}

/** Its id is the run's, so that however often it is written it stands once. It belongs to the window in which the run began. */
export function estimateOf(run: ExpiredRun): WriteUnit {
  const { tenantId, runId, begunAt } = run;
  // A run id may be older than the run; its row must not hide from queries that look for it by time.
  const occurredMs = isKeyId(runId) ? begunAt.getTime() : Math.min(begunAt.getTime(), idTimeMs(runId) + ID_DISTANCE_MAX_MS);
  const made = prepareEvent(
    { idempotency_key: `estimate-${runId}`, occurred_at: new Date(occurredMs).toISOString(), run_id: runId, status: 'unknown', source: 'api' },
    { tenantId, apiKeyId: run.apiKeyId, environment: run.environment, nowMs: occurredMs, lateWindowDays: 1, price: noPrice },
  );
  if (!made.ok) throw new Error(made.error.message);
  const row: EventRow = {
    ...made.value.rows[0]!,
    id: estimateIdOf(runId), part: 1, source: 'gate', run_id: runId, run_ref: run.runRef, customer_id: run.customerId, user_id: run.userId, workflow: run.workflow, feature: run.feature,
    cost_basis: 'estimated', cost_pico: 0n, ceiling_pico: run.reservedPico, snapshot_hash: run.snapshotHash, plan_version_id: run.planVersionId,
    input_hash: sha256(canonicalJson({ estimate: runId, reserved_pico: String(run.reservedPico) })),
  };
  return { rows: [row] };
}

/** The pair that takes a run's estimate out again; null when there is none, or it is out already. Inside `withTenant`. */
export async function withdrawEstimate(tx: PoolClient, runId: string): Promise<WriteUnit | null> {
  const state = validState(await loadHistory(tx, estimateIdOf(runId)));
  if (!state || state.cost_basis !== 'estimated' || state.ceiling_pico === 0n) return null;
  const originalId = estimateIdOf(runId);
  const revision = state.revision + 1;
  const both = { corrects: originalId, revision, input_hash: sha256(canonicalJson({ withdrawn: originalId, revision })), source: 'gate', late: false };
  return {
    rows: [
      { ...state, ...both, id: deriveId(originalId, 'reversal', revision), kind: 'reversal', sign: -1, ceiling_pico: -state.ceiling_pico },
      { ...state, ...both, id: deriveId(originalId, 'restatement', revision), kind: 'restatement', sign: 1, ceiling_pico: 0n },
    ],
  };
}

/** Of these runs, the ones whose estimate still counts although a call or an outcome was reported since. Inside `withTenant`. */
export async function findSuperseded(tx: PoolClient, runIds: readonly string[]): Promise<string[]> {
  const { rows } = await tx.query<{ run_id: string }>(
    `SELECT r.run_id FROM runs r WHERE r.run_id = ANY ($1::uuid[]) AND (r.calls > 0 OR r.outcome IS NOT NULL)
       AND EXISTS (SELECT FROM usage_events e WHERE e.run_id = r.run_id AND e.cost_basis = 'estimated' AND e.source = 'gate' GROUP BY e.run_id HAVING sum(e.ceiling_pico) > 0)`, [runIds]);
  return rows.map((row) => row.run_id);
}
