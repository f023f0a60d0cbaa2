/**
 * The end of runs that never ended. A hold lives until its row says so; then
 *
 * - of a run that reported calls or its outcome, the hold is freed: what it spent is counted;
 * - of a run that never reported anything, an `estimated` row takes the hold's place first, in caps on cost only: it may have spent all that it was allowed to. It is not charged, burns no
 *   allowance, and is taken out by a correction as soon as the truth comes, with a finish or a call, or when somebody corrects it.
 *
 * Every process looks; whoever comes second changes nothing.
 */
import { estimateOf, type EventRow, findSuperseded, readRunFacts, withdrawEstimate } from '@outlay/ledger';
import { type GateContext, openKey } from './gate-context';
import { STORE_GRACE_MS } from './gate-teams';
import { groupBy } from './group-by';
import { type BriefHold, findExpired, findHolds, listDueHolds, listExpiredRuns } from './store-holds';

const DUE_MAX = 500;
const ENDS_AT_ONCE = 100;
/** Then others have their turn. */
const LONGEST_MS = 5_000;
/** How long after its end the truth of a run is still looked for; a finish brings it at any time. */
const SUPERSEDED_MS = 7 * 86_400_000;

/** Ends what is due; answers how many. */
export async function expireRuns(gate: GateContext): Promise<number> {
  const nowMs = gate.now();
  const startedMs = performance.now();
  let ended = 0;
  for (let more = true; more && performance.now() - startedMs < LONGEST_MS;) {
    const due = await listDueHolds(gate.db.system, nowMs, DUE_MAX);
    for (const [tenantId, runs] of groupBy(due, (each) => each.tenantId)) await expireOf(gate, tenantId, runs.map(({ runId }) => runId), nowMs);
    ended += due.length;
    // Where rows are written behind, those that were ended just now would be found again.
    more = due.length === DUE_MAX;
    if (more) await gate.journal.flushed();
  }
  // The net below: holds without a row.
  await gate.store().expire(nowMs);
  // Runs that another process ended.
  for (const [key, { row }] of gate.open) if (row.expiresMs < nowMs - STORE_GRACE_MS) gate.open.delete(key);
  return ended;
}

async function expireOf(gate: GateContext, tenantId: string, runIds: readonly string[], nowMs: number): Promise<void> {
  await gate.teams.follow(tenantId);
  const { holds, facts } = await gate.db.withTenant(tenantId, async (tx) => ({ holds: await findHolds(tx, runIds), facts: await readRunFacts(tx, runIds) }));
  // Extended, or ended, since it was listed.
  const ended = holds.filter(({ endedMs, expiresMs }) => endedMs === null && expiresMs <= nowMs);
  const silent = ended.filter(({ runId, amounts }) => {
    const fact = facts.get(runId);
    return (amounts.cost ?? 0) > 0 && (fact === undefined || (fact.calls === 0 && fact.outcome === null));
  });
  if (silent.length > 0) await gate.writer.submit(silent.map((hold) => estimateOf(expiredRunOf(hold))));
  // The truth of some may have come while their estimate was being written.
  await withdrawOf(gate, tenantId, silent.map(({ runId }) => runId));
  await gate.feed.settled();
  // Calls that another process recorded, and estimates that another process wrote.
  await gate.feed.catchUp();
  for (let i = 0; i < ended.length; i += ENDS_AT_ONCE) {
    await Promise.all(ended.slice(i, i + ENDS_AT_ONCE).map(async ({ runId }) => {
      await gate.store().release(tenantId, runId);
      gate.open.delete(openKey(tenantId, runId));
      await gate.end({ tenantId, end: { runId, reason: (facts.get(runId)?.outcome ?? null) === null ? 'expired' : 'finished', atMs: nowMs } });
    }));
  }
}

function expiredRunOf(hold: BriefHold): Parameters<typeof estimateOf>[0] {
  return {
    tenantId: hold.tenantId, runId: hold.runId, runRef: hold.runRef, environment: hold.environment, apiKeyId: hold.apiKeyId, customerId: hold.customerId === '' ? null : hold.customerId,
    userId: hold.userId, workflow: hold.workflow === '' ? null : hold.workflow, feature: hold.feature, begunAt: new Date(hold.begunMs), reservedPico: BigInt(hold.amounts.cost ?? 0) * 1_000n,
    snapshotHash: hold.snapshotHash, planVersionId: hold.planVersionId,
  };
}

/** Takes out the estimates of a team whose runs were told of since by anything but a finish: all that expired in a week. Answers how many. */
export async function withdrawSuperseded(gate: GateContext, tenantId: string): Promise<number> {
  const expired = await gate.db.withTenant(tenantId, (tx) => listExpiredRuns(tx, new Date(gate.now() - SUPERSEDED_MS)));
  return await withdrawOf(gate, tenantId, expired);
}

/** Which runs were told of lately: those of them that have expired may have left an estimate. */
export interface LateTruths {
  /** Rows that are counted now. */
  sawRows(tenantId: string, rows: readonly EventRow[]): void;
  /** Takes out the estimates of these runs; answers how many. What failed is tried again with the next call. */
  withdraw(gate: GateContext): Promise<number>;
}

/** Above it they wait for the look at all that expired. */
const TOLD_MAX = 20_000;

export function createLateTruths(isOpen: (tenantId: string, runId: string) => boolean): LateTruths {
  let told = new Map<string, Set<string>>();
  let size = 0;
  const note = (tenantId: string, runId: string): void => {
    if (size >= TOLD_MAX) return;
    const runs = told.get(tenantId) ?? new Set();
    if (!runs.has(runId)) size += 1;
    told.set(tenantId, runs.add(runId));
  };
  return {
    sawRows: (tenantId, rows) => {
      for (const { run_id: runId, kind, cost_basis: basis } of rows) if (runId !== null && kind !== 'reversal' && basis !== 'estimated' && !isOpen(tenantId, runId)) note(tenantId, runId);
    },
    withdraw: async (gate) => {
      const taken = told;
      [told, size] = [new Map(), 0];
      let withdrawn = 0;
      try {
        for (const [tenantId, runs] of taken) {
          const expired = await gate.db.withTenant(tenantId, (tx) => findExpired(tx, [...runs], gate.now()));
          withdrawn += await withdrawOf(gate, tenantId, expired);
          taken.delete(tenantId);
        }
      } finally {
        for (const [tenantId, runs] of taken) for (const runId of runs) note(tenantId, runId);
      }
      return withdrawn;
    },
  };
}

async function withdrawOf(gate: GateContext, tenantId: string, runIds: readonly string[]): Promise<number> {
  if (runIds.length === 0) return 0;
  const units = await gate.db.withTenant(tenantId, async (tx) => {
    const found = [];
    for (const runId of await findSuperseded(tx, runIds)) found.push(await withdrawEstimate(tx, runId));
    return found.filter((unit) => unit !== null);
  });
  if (units.length > 0) await gate.writer.submit(units);
  return units.length;
}
