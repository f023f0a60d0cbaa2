/**
 * Holds without a row. Where rows are written behind Redis, a process that is killed between its answer and its row leaves a hold that only Redis knows: its run may have spent all that it was
 * allowed to, and may still tell. When its time is over it leaves an estimate as any other run does, for whom its counters say that it is for; then it is freed.
 */
import { idTimeMs, isKeyId } from '@outlay/kernel/ids';
import { estimateOf, readRunFacts } from '@outlay/ledger';
import { labelsIn } from './find-run';
import type { GateContext } from './gate-context';
import { STORE_GRACE_MS } from './gate-teams';
import { findHolds } from './store-holds';

/** A row that is on its way comes sooner than this. */
const ROW_COMES_MS = 5_000;

/** Answers how many were ended. Called more often than the store's grace is long, so that the store never frees one first. */
export async function expireLost(gate: GateContext, tenantId: string): Promise<number> {
  const nowMs = gate.now();
  const due = await gate.store().holds(tenantId, nowMs + STORE_GRACE_MS - ROW_COMES_MS);
  if (due.length === 0) return 0;
  const runIds = due.map(({ runId }) => runId);
  const { rows, facts } = await gate.db.withTenant(tenantId, async (tx) => ({ rows: await findHolds(tx, runIds), facts: await readRunFacts(tx, runIds) }));
  const known = new Set(rows.map(({ runId }) => runId));
  const lost = due.filter(({ runId }) => !known.has(runId));
  const silent = lost.flatMap((hold) => {
    const fact = facts.get(hold.runId);
    const cost = Math.max(0, ...hold.reserves.filter(({ metric }) => metric === 'cost').map(({ amount }) => amount));
    if (cost === 0 || (fact !== undefined && (fact.calls > 0 || fact.outcome !== null))) return [];
    const { environment = 'production', customerId = null, userId = null, workflow = null, feature = null } = labelsIn(hold);
    // When it began only its id can say; a hold that counts in a window began in it or before.
    const begunMs = isKeyId(hold.runId) ? nowMs : Math.min(idTimeMs(hold.runId), nowMs);
    return [estimateOf({
      tenantId, runId: hold.runId, runRef: null, environment, apiKeyId: null, customerId, userId, workflow, feature, begunAt: new Date(begunMs), reservedPico: BigInt(cost) * 1_000n,
      snapshotHash: null, planVersionId: null,
    })];
  });
  if (silent.length > 0) await gate.writer.submit(silent);
  await gate.feed.settled();
  await gate.feed.catchUp();
  for (const { runId } of lost) await gate.store().release(tenantId, runId);
  return lost.length;
}
