/**
 * Fills a demo team with its history. Whoever fills holds a lease and says so as it goes on; after a crash the next one begins where every event before is
 * written. The same story gives the same ids, so what was written twice is met as a duplicate.
 */
import { DomainError, ERRORS } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import type { Database } from '@outlay/platform';
import type { PriceBooks } from '@outlay/pricing';
import { type Acting, claimDemoFill, DEMO_LEASE_MS, type DemoFill, findDemoOwner, releaseDemoFill, saveDemoProgress } from '@outlay/tenancy';
import { foldRollups } from '../fold-rollups';
import type { Sender } from '../record-usage';
import type { EntitlementsOf } from '../stamp-events';
import { createLedgerWriter } from '../writer';
import { CUSTOMERS } from './demo-cast';
import { makeScenario } from './demo-scenario';
import { placeStory } from './demo-story';
import { prepareDemoTeam } from './prepare-demo-team';
import { recordScenario, type RecordedScenario } from './record-scenario';

/** Tries without a single batch written. */
const ATTEMPTS_MAX = 5;
const SAY_EVERY_MS = 300;
/** Each statement of a fold searches the table from its beginning, and here all of it is to be folded. */
const CELLS_PER_FOLD = 25_000;

/** Plans and customers of the story, set up by whoever may know of them: the ledger knows none. */
export interface DemoPlans {
  /** What each event of the history is stamped with. */
  readonly entitlementsOf: EntitlementsOf;
  /** After the last event. */
  finish(): Promise<void>;
  close(): Promise<void>;
}

export type SetUpPlans = (given: { readonly acting: Acting; readonly timeZone: string; readonly startMs: number; readonly customers: readonly { readonly id: string; readonly segment: 'enterprise' | 'business' | 'starter' }[] }) => Promise<DemoPlans>;

/** The last chapter, told by whoever may know of bills and alerts. Safe to tell again after a crash. */
export type FinishDemo = (given: {
  readonly acting: Acting;
  /** Who made the team in the console; null for `outlay seed`. */
  readonly madeBy: string | null;
  readonly timeZone: string;
  readonly endMs: number;
  /** The customer who automates. */
  readonly outlier: string;
  /** Instants at which the days begin on which something changes. */
  readonly chapters: { readonly discountMs: number; readonly outlierMs: number; readonly contextSpikeMs: number };
  /** Aborted when the team is being removed, or the process stops. */
  readonly signal: AbortSignal;
}) => Promise<void>;

export interface FillDependencies {
  readonly db: Database;
  readonly prices: PriceBooks;
  /** Absent: a history without plans. */
  readonly setUpPlans?: SetUpPlans;
  /** Absent: a history without bills and alerts. */
  readonly finish?: FinishDemo | undefined;
  readonly now?: () => number;
  readonly leaseMs?: number;
  /** Aborted when the process stops taking work: the next one goes on. */
  readonly signal?: AbortSignal;
  readonly warn?: (sentence: string, error: unknown) => void;
  /** Told with each word of progress; the filling goes on when it resolves. */
  readonly onProgress?: (recorded: number) => void | Promise<void>;
}

/**
 * To its end, or until the team is removed or the process stops. Null when somebody else fills it, when it is full, or gone. Errors: `unavailable`, `overloaded`: it waits for the
 * next one; any other error ends it, and stands in its row.
 */
export async function fillDemoTeam(deps: FillDependencies, tenantId: string): Promise<RecordedScenario | null> {
  const { db, leaseMs = DEMO_LEASE_MS } = deps;
  const lease = newId();
  const fill = await claimDemoFill(db, tenantId, lease, leaseMs);
  if (fill === null) return null;
  try {
    if (fill.attempts > ATTEMPTS_MAX) throw new DomainError('internal', { message: `The history was begun ${ATTEMPTS_MAX} times and did not get on.` });
    const recorded = await tellStory(deps, fill, lease, leaseMs);
    await releaseDemoFill(db, tenantId, lease, recorded.complete ? 'done' : 'waiting');
    return recorded;
  } catch (error) {
    const ends = !(error instanceof DomainError && ERRORS[error.code].retryable);
    // A database that is away cannot be told; the lease ends by itself.
    await releaseDemoFill(db, tenantId, lease, ends ? 'failed' : 'waiting', ends ? 'The history could not be written to its end.' : null).catch(() => undefined);
    throw error;
  }
}

async function tellStory(deps: FillDependencies, fill: DemoFill, lease: string, leaseMs: number): Promise<RecordedScenario> {
  const { db, prices, now = Date.now, onProgress } = deps;
  const { tenantId, seed, events, timeZone, lateWindowDays } = fill;
  const endMs = fill.endsAt.getTime();
  const story = placeStory(endMs, timeZone);
  const owner = await ownerOf(db, tenantId);
  await prepareDemoTeam({ db, global: prices.global }, owner, story, new Date(now()));
  const plans = await deps.setUpPlans?.({ acting: owner, timeZone, startMs: story.startMs(0), customers: CUSTOMERS });
  await prices.refresh(tenantId);
  const { price } = await prices.of(tenantId);
  const sender = (environment: string): Sender => ({ tenantId, keyId: null, environment, timeZone, lateWindowDays });
  // Slots of its own: what comes in from outside never waits behind made-up data.
  const writer = await createLedgerWriter(db, { connections: 2, log: deps.warn });
  try {
    let saidMs = performance.now();
    const recorded = await recordScenario({ db, writer, price, now, ...(plans === undefined ? {} : { entitlementsOf: plans.entitlementsOf }) }, {
      senders: { production: sender('production'), staging: sender('staging') }, events: makeScenario({ seed, endMs, events, timeZone }), from: fill,
      mayGoOn: async (progress) => {
        if (deps.signal?.aborted) return false;
        if (performance.now() - saidMs < SAY_EVERY_MS) return true;
        const isOurs = await saveDemoProgress(db, tenantId, lease, progress, leaseMs);
        saidMs = performance.now();
        if (isOurs) await onProgress?.(progress.recorded);
        return isOurs;
      },
    });
    if (!(await saveDemoProgress(db, tenantId, lease, recorded, leaseMs))) return { ...recorded, complete: false };
    await foldRollups(db, tenantId, { nowMs: now(), rowsPerStatement: CELLS_PER_FOLD });
    if (!recorded.complete) return recorded;
    return await whileHeld(deps, { tenantId, lease, leaseMs, recorded }, async (signal) => {
      await plans?.finish();
      const chapters = { discountMs: story.startMs(story.discountFrom), outlierMs: story.startMs(story.outlierFrom), contextSpikeMs: story.startMs(story.contextSpike.from) };
      await deps.finish?.({ acting: owner, madeBy: fill.madeBy, timeZone, endMs, outlier: CUSTOMERS[0]!.id, chapters, signal });
    });
  } finally {
    await plans?.close();
    await writer.close();
  }
}

interface Held {
  readonly tenantId: string;
  readonly lease: string;
  readonly leaseMs: number;
  readonly recorded: RecordedScenario;
}

/** The last chapter writes no batch, so nothing else says that somebody is at it. Not complete when the lease was lost, or the process stops. */
async function whileHeld({ db, signal: stopping }: FillDependencies, { tenantId, lease, leaseMs, recorded }: Held, run: (signal: AbortSignal) => Promise<void>): Promise<RecordedScenario> {
  const lost = new AbortController();
  const signal = stopping === undefined ? lost.signal : AbortSignal.any([lost.signal, stopping]);
  const timer = setInterval(() => {
    // A database that is away says nothing of the lease: the next word does.
    saveDemoProgress(db, tenantId, lease, recorded, leaseMs).then((isOurs) => { if (!isOurs) lost.abort(); }, () => undefined);
  }, leaseMs / 4);
  try {
    await run(signal);
  } finally {
    clearInterval(timer);
  }
  return { ...recorded, complete: !signal.aborted };
}

/** What is set up before the history is set up by its owner. Errors: `not_found` when the team is being removed. */
async function ownerOf(db: Database, tenantId: string): Promise<Acting> {
  const owner = await findDemoOwner(db, tenantId);
  if (owner === null) throw new DomainError('not_found', { message: 'The team is being removed.' });
  return { ...owner, tenantId, role: 'owner', requestId: tenantId };
}
