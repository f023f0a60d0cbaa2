/**
 * From the ledger to the gate's counters: batches of this process's writers as they are committed, those of others (worker, imports, other apis, dead processes) by looking at how far each slot
 * has come. One chain of steps: each slot's batches are applied in order, and a slot whose numbers have a hole is read from the ledger before it goes on. The store counts each batch once,
 * so that two processes may tell the same.
 */
import { type BatchRange, type Committed, type Cut, type EventRow, readBatches, readHeads } from '@outlay/ledger';
import type { Database } from '@outlay/platform';
import type { GateStore, Spend } from './gate-store';
import { groupBy } from './group-by';

export interface FeedOptions {
  readonly db: Database;
  /** The one of this moment: a process that lost its lock begins with an empty one. */
  readonly store: () => GateStore;
  /** What rows of a team count in. */
  readonly spendsOf: (tenantId: string, rows: readonly EventRow[]) => Promise<readonly Spend[]>;
  /** Rows of a team are counted. Never throws, never waits. */
  readonly onApplied?: (tenantId: string, rows: readonly EventRow[]) => void;
  readonly log: (sentence: string, error: unknown) => void;
}

export interface LedgerFeed {
  /** What this process's writer committed. Never throws, never waits. */
  onCommitted(committed: Committed): void;
  /** Everything that this process committed before now is counted. */
  settled(): Promise<void>;
  /** Everything that anybody committed before now is counted, for the teams of this process. */
  catchUp(): Promise<void>;
  /** Begins to feed a team. `prepare` runs in the chain, so that no batch is applied meanwhile; it answers from where on the team's rows are still to be told, null when the store begins anew. */
  follow(tenantId: string, prepare: () => Promise<{ readonly cut: ReadonlyMap<number, number>; readonly attendedMs: number | null } | null>): Promise<void>;
  follows(tenantId: string): boolean;
  /** Forgets every team: whoever asks next begins anew. */
  reset(): void;
  close(): Promise<void>;
}

const TICK_MS = 500;
/** Batches that wait while the store is away: above it they are dropped here and read from the ledger later. */
const WAITING_MAX = 2_000;
const RETRY_MS = 200;

export async function createLedgerFeed({ db, store, spendsOf, onApplied, log }: FeedOptions): Promise<LedgerFeed> {
  const teams = new Set<string>();
  /** Up to here a slot's batches were looked at; no row above was committed before `sinceMs`. */
  const seen = new Map<number, bigint>();
  let sinceMs = 0;
  let chain: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let dropped = false;
  let closing = false;
  /** Heads at the tick before: what stood there then and has not been told since is somebody else's, or was lost. */
  let before: Cut | null = null;
  let ticking = false;

  function step<T>(work: () => Promise<T>): Promise<T> {
    const done = chain.then(work);
    chain = done.catch(() => undefined);
    return done;
  }

  /** Until it succeeds: a batch that were left out would be missing for ever. */
  async function insist(work: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        await work();
        return;
      } catch (error) {
        if (closing) return;
        log('The gate could not count what the ledger recorded; it tries again.', error);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  async function applyRows(slot: number, batch: bigint, rows: readonly EventRow[], only?: string): Promise<void> {
    for (const [tenantId, own] of groupBy(rows, (row) => row.tenant_id)) {
      if (only === undefined ? !teams.has(tenantId) : tenantId !== only) continue;
      await insist(async () => await store().apply(tenantId, slot, Number(batch), await spendsOf(tenantId, own)));
      onApplied?.(tenantId, own);
    }
  }

  /** Reads what lies between what was looked at and `through`. */
  async function fill(ranges: readonly BatchRange[]): Promise<void> {
    const open = ranges.filter(({ after, through }) => through > after);
    if (open.length === 0) return;
    await insist(async () => {
      for await (const { slot, batch, rows } of readBatches(db, [...teams], open.map((range) => ({ ...range, after: seen.get(range.slot) ?? range.after })), new Date(sinceMs))) {
        await applyRows(slot, batch, rows);
        seen.set(slot, batch);
      }
    });
    for (const { slot, through } of open) seen.set(slot, through);
  }

  const rangesTo = (heads: Cut): BatchRange[] => [...heads.batches].map(([slot, through]) => ({ slot, after: seen.get(slot) ?? 0n, through }));

  async function takeBatch({ slot, batch, rows }: Committed): Promise<void> {
    const last = seen.get(slot) ?? 0n;
    if (batch <= last) return;
    if (batch > last + 1n) await fill([{ slot, after: last, through: batch - 1n }]);
    await applyRows(slot, batch, rows);
    seen.set(slot, batch);
  }

  async function tick(): Promise<void> {
    if (ticking || closing) return;
    ticking = true;
    try {
      const heads = await readHeads(db);
      const due = before;
      before = heads;
      if (due === null) return;
      await step(async () => {
        await fill(rangesTo(due));
        // Whatever has not been looked at was committed after these heads were read.
        sinceMs = Math.max(sinceMs, due.takenAt.getTime());
        dropped = false;
        if (teams.size > 0) await store().attend([...teams], due.takenAt.getTime());
      });
    } catch (error) {
      log('The gate could not look at what others recorded; it tries again.', error);
    } finally {
      ticking = false;
    }
  }

  let catching: Promise<void> | null = null;
  const catchUp = (): Promise<void> => (catching ??= Promise.resolve().then(async () => {
    // Whoever asks from now on may have committed after these heads were read.
    const reading = readHeads(db);
    catching = null;
    const heads = await reading;
    await step(() => fill(rangesTo(heads)));
  }));
  const start = await readHeads(db);
  sinceMs = start.takenAt.getTime();
  for (const [slot, batch] of start.batches) seen.set(slot, batch);
  const timer = setInterval(() => void tick(), TICK_MS);
  timer.unref();

  return {
    onCommitted: (committed) => {
      if (waiting >= WAITING_MAX) dropped = true;
      if (closing || waiting >= WAITING_MAX) return;
      waiting += 1;
      void step(() => takeBatch(committed)).catch((error: unknown) => log('A batch of the ledger was not counted; it is read again.', error)).finally(() => { waiting -= 1; });
    },
    settled: () => (dropped ? catchUp() : step(() => Promise.resolve())),
    catchUp,
    follow: (tenantId, prepare) => step(async () => {
      if (teams.has(tenantId)) return;
      const from = await prepare();
      if (from !== null) {
        const heads = await readHeads(db);
        const ranges = [...heads.batches].map(([slot, through]) => ({ slot, after: BigInt(from.cut.get(slot) ?? 0), through }));
        const since = new Date(from.attendedMs ?? 0);
        for await (const { slot, batch, rows } of readBatches(db, [tenantId], ranges.filter(({ after, through }) => through > after), since)) await applyRows(slot, batch, rows, tenantId);
      }
      teams.add(tenantId);
    }),
    follows: (tenantId) => teams.has(tenantId),
    reset: () => teams.clear(),
    close: async () => {
      closing = true;
      clearInterval(timer);
      await chain;
    },
  };
}
