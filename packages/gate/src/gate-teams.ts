/**
 * What the store knows of a team, kept true to the ledger: restored at a cut after a loss, its counters read when somebody asks for them, its open holds as their rows say. A decision that meets
 * a gap fills it and asks again, a few times; else the gate is `unavailable`, and nothing is allowed.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { DomainError } from '@outlay/kernel';
import { type CounterAsk, type Cut, type EventRow, readCut, readRowsOfRuns, readUsedAt } from '@outlay/ledger';
import type { Database } from '@outlay/platform';
import type { Policies } from '@outlay/plans';
import type { GateCredits } from './gate-credits';
import type { Begun, GateStore, OpenHold, Spend } from './gate-store';
import type { LedgerFeed } from './ledger-feed';
import { parseCounterKey } from './counter-key';
import type { Metric } from './decide';
import { listOpenHolds } from './store-holds';
import { within } from './within';

export interface GateTeamsOptions {
  readonly db: Database;
  readonly store: () => GateStore;
  readonly feed: () => LedgerFeed;
  readonly policies: Policies;
  readonly credits: GateCredits;
  readonly spendsOf: (tenantId: string, rows: readonly EventRow[]) => Promise<readonly Spend[]>;
  /** Rows of holds that are not committed yet are committed first. */
  readonly flushed: () => Promise<void>;
  /** Several processes decide on one store. */
  readonly isShared: boolean;
  readonly log: (sentence: string, error: unknown) => void;
  /** Told of the open holds that a restore read: their runs may have ended while nobody looked. */
  readonly onRestored?: (tenantId: string, runIds: readonly string[]) => void;
}

type Decided = Extract<Begun, { kind: 'decided' }>;

export interface GateTeams {
  /** Asks the store until it decides; for a restore that is under way it waits, and tries it again where it fails, but not for ever. Null as the store's own null. Errors: `unavailable`. */
  decide(tenantId: string, asks: ReadonlyMap<string, CounterAsk>, ask: () => Promise<Begun | null>): Promise<Decided | null>;
  /** The team is fed from here on, and its holds are known. */
  follow(tenantId: string): Promise<void>;
  close(): void;
}

const TRIES = 8;
/** So long a decision waits for its team to be restored: a little less than the SDK waits for a decision. The restore goes on behind. */
const PATIENCE_MS = 1_500;
const RETRY_MS = 50;
/** A policy that another process has not heard of yet, a hold whose row came late: looked at once more after this. */
const AGAIN_MS = 3_000;

export function createGateTeams({ db, store, feed, policies, credits, spendsOf, flushed, isShared, log, onRestored }: GateTeamsOptions): GateTeams {
  const restoring = new Map<string, Promise<void>>();
  const reading = new Map<string, Promise<void>>();
  const later = new Set<NodeJS.Timeout>();

  async function restore(tenantId: string): Promise<void> {
    await flushed();
    for (let loss = await store().watch(tenantId); loss !== null; loss = await store().watch(tenantId)) {
      const { cut, holds } = await readHolds(tenantId);
      if (!(await store().restore(tenantId, slotsOf(cut), holds, loss))) continue;
      // So that who joins later need not read the ledger from its beginning.
      await store().attend([tenantId], cut.takenAt.getTime());
      onRestored?.(tenantId, holds.map(({ runId }) => runId));
      return afterAWhile(() => addLateHolds(tenantId, new Set(holds.map(({ runId }) => runId))));
    }
  }

  /** Another process had begun them before the loss, and their rows were on the way. */
  async function addLateHolds(tenantId: string, known: ReadonlySet<string>): Promise<void> {
    const { cut, holds } = await readHolds(tenantId);
    const open = new Set((await store().holds(tenantId)).map(({ runId }) => runId));
    const late = holds.filter(({ runId }) => !known.has(runId) && !open.has(runId));
    if (late.length > 0) await store().restore(tenantId, slotsOf(cut), late);
    // A run that ended between the reading of its row and the restore came back to life.
    const still = new Set(holds.map(({ runId }) => runId));
    for (const runId of known) if (open.has(runId) && !still.has(runId)) await store().release(tenantId, runId);
  }

  async function readHolds(tenantId: string): Promise<{ cut: Cut; holds: OpenHold[] }> {
    const { cut, rows, open } = await db.withTenantSnapshot(tenantId, async (tx) => {
      const at = await readCut(tx);
      const found = await listOpenHolds(tx);
      return { cut: at, open: found, rows: await readRowsOfRuns(tx, found.map(({ runId }) => runId), at) };
    });
    const spent = new Map<string, Partial<Record<Metric, number>>>();
    for (const { runId, metric, amount } of await spendsOf(tenantId, rows)) {
      if (runId === null) continue;
      const sums = spent.get(runId) ?? {};
      sums[metric] = (sums[metric] ?? 0) + amount;
      spent.set(runId, sums);
    }
    return { cut, holds: open.map(({ runId, expiresMs, reserves }) => ({ runId, expiresMs: expiresMs + STORE_GRACE_MS, reserves, spent: spent.get(runId) ?? {} })) };
  }

  /** Each key is read by one at a time; whoever needs it meanwhile waits for the same. */
  async function load(tenantId: string, keys: readonly string[], asks: ReadonlyMap<string, CounterAsk>): Promise<void> {
    const waiting: Promise<void>[] = [];
    const mine: string[] = [];
    for (const key of keys) {
      const under = reading.get(`${tenantId} ${key}`);
      if (under === undefined) mine.push(key);
      else waiting.push(under);
    }
    if (mine.length > 0) {
      const done = readKeys(tenantId, mine, asks).finally(() => mine.forEach((key) => reading.delete(`${tenantId} ${key}`)));
      for (const key of mine) reading.set(`${tenantId} ${key}`, done);
      waiting.push(done);
    }
    await Promise.all(waiting);
  }

  async function readKeys(tenantId: string, keys: readonly string[], asks: ReadonlyMap<string, CounterAsk>): Promise<void> {
    const customers = keys.flatMap((key) => {
      const parsed = parseCounterKey(key);
      return parsed?.kind === 'credits' ? [parsed.customerId] : [];
    });
    for (const customerId of customers) await credits.refresh(tenantId, customerId);
    const wanted = keys.flatMap((key) => asks.get(key) ?? []);
    if (wanted.length === 0) return;
    await setFromLedger(tenantId, wanted);
    // Rows that a process counted which had not heard of a new cap yet are in the ledger all the same.
    if (isShared) afterAWhile(() => setFromLedger(tenantId, wanted));
  }

  async function setFromLedger(tenantId: string, wanted: readonly CounterAsk[]): Promise<void> {
    const { timeZone } = await policies.tenant(tenantId);
    const { cut, used } = await db.withTenantSnapshot(tenantId, (tx) => readUsedAt(tx, tenantId, wanted, timeZone));
    await store().set(tenantId, slotsOf(cut), used);
  }

  function afterAWhile(work: () => Promise<void>): void {
    const timer = setTimeout(() => {
      later.delete(timer);
      work().catch((error: unknown) => log('The gate could not look at a counter once more.', error));
    }, AGAIN_MS);
    timer.unref();
    later.add(timer);
  }

  const restoreOnce = (tenantId: string): Promise<void> => {
    const under = restoring.get(tenantId) ?? restore(tenantId).finally(() => restoring.delete(tenantId));
    restoring.set(tenantId, under);
    return under;
  };

  /** A restore that failed is tried again while there is time; one that takes longer goes on, for whoever asks next. */
  async function restoredBy(deadlineMs: number, work: () => Promise<void>): Promise<void> {
    for (;;) {
      const leftMs = deadlineMs - performance.now();
      try {
        if (leftMs > 0 && await within(work(), leftMs)) return;
      } catch (error) {
        if (performance.now() + RETRY_MS >= deadlineMs) throw error;
        await delay(RETRY_MS);
        continue;
      }
      throw new DomainError('unavailable', { message: 'The gate is reading what this team\'s open runs hold. Ask again in a second.', retryAfterSeconds: 1 });
    }
  }

  const teams: GateTeams = {
    follow: (tenantId) => {
      if (feed().follows(tenantId)) return Promise.resolve();
      return feed().follow(tenantId, async () => {
        if (await store().isRestored(tenantId)) return await store().fedTo(tenantId);
        await restoreOnce(tenantId);
        return null;
      });
    },
    decide: async (tenantId, asks, ask) => {
      const deadlineMs = performance.now() + PATIENCE_MS;
      if (!feed().follows(tenantId)) await restoredBy(deadlineMs, () => teams.follow(tenantId));
      for (let attempt = 0; attempt < TRIES; attempt++) {
        const begun = await ask();
        if (begun === null || begun.kind === 'decided') return begun;
        if (begun.kind === 'lost') await restoredBy(deadlineMs, () => restoreOnce(tenantId));
        else await load(tenantId, begun.keys, asks);
      }
      throw new DomainError('unavailable', { message: 'The gate cannot read its counters at the moment.', retryAfterSeconds: 1 });
    },
    close: () => {
      for (const timer of later) clearTimeout(timer);
    },
  };
  return teams;
}

/**
 * The store ends a hold by itself only this much later: before it is freed, whoever begun it and never reported must leave its estimate. It is the net below the expiry loop, for a hold
 * whose row was never written.
 */
export const STORE_GRACE_MS = 30_000;

function slotsOf(cut: Cut): Map<number, number> {
  return new Map([...cut.batches].map(([slot, batch]) => [slot, Number(batch)]));
}
