/**
 * Drives a proof of the books: sums, pairs, seals, the past, then every row. What is done is saved as it goes, so that whoever takes it up after a crash
 * goes on behind it, at the same cut; a worker that lost its lease writes nothing any more.
 */
import { DomainError } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import type { Database } from '@outlay/platform';
import type { PriceVersion } from '@outlay/pricing';
import type { ArchiveSeal } from './archive-seal';
import { type CheckName, ROOM_CHECKS, type RoomCheck } from './balance-checks';
import { type Cut, formatCut, parseCut, readCut } from './cut';
import { createRowWalk, proveCorrections, provePast, proveRooms, proveSeals, proveSums, readBatches } from './prove-ledger';
import {
  type BalanceProgress, claimBalance, countRows, extendLease, readBalance, readDueBalances, readMemory, releaseLease, saveBalance, saveFailure, type StoredBalance, type StoredCheck,
} from './store-balances';
import { SUM_CHECKS } from './trial-balance';

export interface BalanceDependencies {
  readonly db: Database;
  /** The price row of an id; null when nobody has it. */
  readonly versionById: (id: string) => PriceVersion | null;
  /** Null: seals of archived totals are not checked, and the proof says so. */
  readonly seal: ArchiveSeal | null;
  /** Aborted when the process stops: the proof breaks off between two batches, and the next worker goes on. */
  readonly signal?: AbortSignal;
  /** Proofs of other rooms. */
  readonly rooms?: readonly RoomCheck[];
  readonly rowsPerBatch?: number;
  /** Who is silent so long is taken for dead. */
  readonly leaseMs?: number;
  /** Told after each batch of rows; the walk goes on when it resolves. */
  readonly onBatch?: (rowsRead: number) => Promise<void>;
}

const LEASE_MS = 60_000;
const SAVE_EVERY_MS = 1_000;
/** A proof that a worker took up so often without getting on is over. */
const ATTEMPTS_MAX = 5;

export interface DueBalance {
  readonly tenantId: string;
  readonly id: string;
}

/** Proofs of all teams that wait for a worker, and those whose worker is gone. */
export async function listDueBalances(db: Database): Promise<readonly DueBalance[]> {
  return await readDueBalances(db);
}

/** Takes the proof to its end; null when somebody else drives it, or it is over. Errors: whatever the database says; the proof stays, and the next round goes on. */
export async function advanceBalance(deps: BalanceDependencies, { tenantId, id }: DueBalance): Promise<StoredBalance | null> {
  const { db, leaseMs = LEASE_MS } = deps;
  const lease = newId();
  const claimed = await db.withTenant(tenantId, (tx) => claimBalance(tx, id, lease, leaseMs));
  if (claimed === null) return null;
  // One step may be a query of minutes: somebody must say meanwhile that this worker is alive.
  const lost = new AbortController();
  const pulse = setInterval(() => {
    db.withTenant(tenantId, (tx) => extendLease(tx, id, lease, leaseMs)).then((mine) => mine || lost.abort(), () => undefined);
  }, leaseMs / 3);
  try {
    if (claimed.attempts > ATTEMPTS_MAX) {
      await db.withTenant(tenantId, (tx) => saveFailure(tx, id, lease, `A worker took it up ${ATTEMPTS_MAX} times and did not get on. Its log says why; "outlay doctor --ledger" runs the same checks.`));
    } else {
      await prove(deps, { tenantId, id, lease, leaseMs, stopped: AbortSignal.any([lost.signal, ...(deps.signal ? [deps.signal] : [])]) }, claimed);
    }
    return await db.withTenant(tenantId, (tx) => readBalance(tx, id));
  } finally {
    clearInterval(pulse);
    await db.withTenant(tenantId, (tx) => releaseLease(tx, id, lease));
  }
}

interface Drive extends DueBalance {
  readonly lease: string;
  readonly leaseMs: number;
  readonly stopped: AbortSignal;
}

async function prove(deps: BalanceDependencies, { tenantId, id, lease, leaseMs, stopped }: Drive, claimed: StoredBalance): Promise<void> {
  const { db, seal, versionById, rooms = [], rowsPerBatch, onBatch } = deps;
  const cut = claimed.cut === null ? await db.withTenant(tenantId, readCut) : readCutText(claimed.cut);
  const rowsExpected = claimed.cut === null ? await countExpected(db, tenantId) : claimed.rowsExpected;
  let state: BalanceProgress = { cut: formatCut(cut), rowsExpected, rowsRead: claimed.rowsRead, cursor: claimed.cursor, checks: claimed.checks };
  const save = async (next: Partial<BalanceProgress>, end: 'running' | 'done' = 'running'): Promise<boolean> => {
    state = { ...state, ...next };
    return await db.withTenant(tenantId, (tx) => saveBalance(tx, id, lease, leaseMs, state, end)) && !stopped.aborted;
  };
  const before = (names: readonly CheckName[]): readonly StoredCheck[] => state.checks.filter(({ name }) => !names.includes(name));
  const sums = SUM_CHECKS.map(({ table }) => table);

  const steps: readonly (readonly [readonly CheckName[], () => Promise<readonly StoredCheck[]>])[] = [
    // Of one moment: what broke off in the middle begins again.
    [sums, () => proveSums(db, tenantId, (done) => save({ checks: [...before(sums), ...done] }))],
    [['archive'], async () => [await proveSeals(db, tenantId, seal)]],
    [['pairs'], async () => [await proveCorrections(db, tenantId)]],
    [['cut'], () => provePastOnce(db, tenantId, cut)],
    [ROOM_CHECKS, () => proveRooms(tenantId, rooms)],
  ];
  if (!await save({})) return;
  for (const [names, run] of steps) {
    if (names.every((name) => state.checks.some((check) => check.name === name))) continue;
    const checks = await run();
    if (!await save({ checks: [...before(names), ...checks] })) return;
  }

  const others = state.checks.filter(({ name }) => name !== 'prices' && name !== 'classes');
  const walk = createRowWalk(versionById, state.checks);
  let savedMs = performance.now();
  for await (const batch of readBatches(db, tenantId, cut, { after: state.cursor, rowsPerBatch })) {
    walk.prove(batch);
    state = { ...state, rowsRead: walk.rows, cursor: batch.at(-1)!.id, checks: [...others, ...walk.results(true)] };
    if (stopped.aborted || performance.now() - savedMs > SAVE_EVERY_MS || onBatch !== undefined) {
      if (!await save({})) return;
      savedMs = performance.now();
    }
    await onBatch?.(walk.rows);
  }
  await save({ rowsRead: walk.rows, checks: [...others, ...walk.results()] }, 'done');
}

/** A past that differs stays the one to compare with: the next proof must find it too. */
async function provePastOnce(db: Database, tenantId: string, cut: Cut): Promise<readonly StoredCheck[]> {
  const remembered = await db.withTenant(tenantId, readMemory);
  const { result, memory } = await provePast(db, tenantId, cut, remembered);
  return [{ ...result, memory: result.state === 'failed' && remembered !== null ? remembered : memory }];
}

async function countExpected(db: Database, tenantId: string): Promise<number> {
  return await db.withTenantSnapshot(tenantId, async (tx) => {
    await tx.query('SET LOCAL statement_timeout = 0');
    return await countRows(tx);
  });
}

function readCutText(text: string): Cut {
  const cut = parseCut(text);
  if (!cut.ok) throw new DomainError('internal', { message: cut.error.message });
  return cut.value;
}
