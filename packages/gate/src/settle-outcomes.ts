/**
 * Runs that end without a finish: their outcome came with POST /v1/usage, or while nobody of this process looked. Their holds are settled as a finish does it, a moment later, so that a finish
 * that is under way has ended its own. Whoever comes second changes nothing; what is missed here ends by its expiry.
 */
import { type EventRow, readRunFacts } from '@outlay/ledger';
import { type GateContext, openKey } from './gate-context';
import { parseCounterKey } from './counter-key';
import { findOpenHolds, type KnownHolds, type OpenRunHold } from './find-open-holds';
import { groupBy } from './group-by';

export interface OutcomeWatch {
  /** Rows that are counted now. */
  sawRows(tenantId: string, rows: readonly EventRow[]): void;
  /** Open runs that may have an outcome. */
  sawRuns(tenantId: string, runIds: readonly string[]): void;
  /** Frees what is to be freed by now; answers how many holds. What failed is tried again with the next call. */
  settle(gate: GateContext): Promise<number>;
}

/** A finish settles within this. */
const FIRST_LOOK_MS = 500;
/** Written behind Redis, the row of a hold may come after the outcome of its run. */
const LAST_LOOK_MS = 5_000;
/** Above it the oldest are left to their expiry. */
const WAITING_MAX = 20_000;

interface Waiting {
  readonly tenantId: string;
  readonly runId: string;
  readonly sinceMs: number;
  dueMs: number;
}

export function createOutcomeWatch(clock: () => number = () => performance.now()): OutcomeWatch {
  const waiting = new Map<string, Waiting>();

  const sawRuns = (tenantId: string, runIds: readonly string[]): void => {
    const sinceMs = clock();
    for (const runId of runIds) waiting.set(openKey(tenantId, runId), { tenantId, runId, sinceMs, dueMs: sinceMs + FIRST_LOOK_MS });
    for (const key of waiting.keys()) {
      if (waiting.size <= WAITING_MAX) break;
      waiting.delete(key);
    }
  };

  return {
    sawRuns,
    sawRows: (tenantId, rows) => sawRuns(tenantId, rows.flatMap((row) => (row.subject === 'outcome' && row.kind !== 'reversal' && row.run_id !== null ? [row.run_id] : []))),
    settle: async (gate) => {
      const nowMs = clock();
      const due = [...waiting].filter(([, { dueMs }]) => dueMs <= nowMs);
      let freed = 0;
      for (const [tenantId, entries] of groupBy(due, ([, each]) => each.tenantId)) {
        const { known, open } = await readEnded(gate, tenantId, entries.map(([, { runId }]) => runId));
        if (open.length > 0) await settleRuns(gate, tenantId, open);
        freed += open.length;
        for (const [key, each] of entries) {
          // An outcome that came again meanwhile is looked at again.
          if (waiting.get(key) !== each) continue;
          if (gate.isShared && !known.has(each.runId) && nowMs < each.sinceMs + LAST_LOOK_MS) each.dueMs = each.sinceMs + LAST_LOOK_MS;
          else waiting.delete(key);
        }
      }
      return freed;
    },
  };
}

/** Open holds of those of the runs that have an outcome. */
async function readEnded(gate: GateContext, tenantId: string, runIds: readonly string[]): Promise<KnownHolds> {
  return await gate.db.withTenant(tenantId, async (tx) => {
    const { known, open } = await findOpenHolds(tx, runIds);
    const facts = await readRunFacts(tx, open.map(({ runId }) => runId));
    return { known, open: open.filter(({ runId }) => (facts.get(runId)?.outcome ?? null) !== null) };
  });
}

/** What the runs used is counted and burned, then what they held is free. */
async function settleRuns(gate: GateContext, tenantId: string, holds: readonly OpenRunHold[]): Promise<void> {
  await gate.teams.follow(tenantId);
  await gate.feed.settled();
  // Their calls may have been recorded by another process.
  await gate.feed.catchUp();
  const prepaid = holds.filter(({ reserves }) => reserves.some(({ key }) => parseCounterKey(key)?.kind === 'credits'));
  if (prepaid.length > 0) {
    await gate.credits.burn(tenantId, prepaid.map(({ runId }) => runId));
    for (const customerId of new Set(prepaid.map((hold) => hold.customerId))) await gate.credits.refresh(tenantId, customerId);
  }
  for (const { runId } of holds) {
    await gate.store().release(tenantId, runId);
    gate.open.delete(openKey(tenantId, runId));
    await gate.end({ tenantId, end: { runId, reason: 'finished', atMs: gate.now() } });
  }
}
