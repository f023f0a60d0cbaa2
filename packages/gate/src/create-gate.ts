/** The gate: its parts wired together, its loops, and its use cases bound to them. One a process. */
import { DomainError } from '@outlay/kernel';
import type { Committed, EntitlementsOf, EventRow, LedgerWriter, Sender } from '@outlay/ledger';
import type { Database } from '@outlay/platform';
import { type BurnRule, type Policies } from '@outlay/plans';
import type { PriceBooks } from '@outlay/pricing';
import { type BeginAnswer, beginRun, checkRun } from './begin-run';
import { type CustomerEntitlements, type CustomerUsage, readCustomerLimits, readEntitlements, readUsage } from './customer-usage';
import { expireLost } from './expire-lost';
import { createLateTruths, expireRuns, withdrawSuperseded } from './expire-runs';
import { extendRun, releaseRun } from './extend-run';
import { type FinishAnswer, finishRun } from './finish-run';
import { type GateContext, openKey, type OpenRun } from './gate-context';
import { createGateCredits } from './gate-credits';
import { createGateFacts, type FactReaders } from './gate-facts';
import type { GateStore, Spend } from './gate-store';
import { createGateTeams } from './gate-teams';
import { createJournal, type GateConnection } from './journal';
import { createLedgerFeed } from './ledger-feed';
import type { Asker } from './read-begin';
import { rowSpends } from './row-spends';
import { createOutcomeWatch } from './settle-outcomes';
import type { Told, ToldLimit } from './tell-decision';

export interface GateOptions {
  readonly db: Database;
  /** Makes the store: again, and empty, after the right to decide was lost. */
  readonly createStore: () => GateStore;
  /** Several processes decide on one store. */
  readonly isShared: boolean;
  readonly policies: Policies;
  readonly prices: PriceBooks;
  readonly writer: LedgerWriter;
  readonly entitlementsOf: EntitlementsOf;
  readonly readers: FactReaders;
  /** On which holds and decisions are written; it carries the right to decide. */
  readonly connection: GateConnection;
  readonly log: (sentence: string, error: unknown) => void;
  readonly now?: () => number;
}

export interface Gate {
  begin(asker: Asker, body: unknown, requestId: string): Promise<BeginAnswer>;
  check(asker: Asker, body: unknown): Promise<Told>;
  extend(asker: Asker, runName: string, body: unknown, requestId: string): Promise<Told>;
  finish(sender: Sender, runName: string, body: unknown): Promise<FinishAnswer>;
  /** `runId` as the ledger has it. */
  release(tenantId: string, runId: string, reason: 'released' | 'freed'): Promise<boolean>;
  entitlements(tenantId: string, customerId: string): Promise<CustomerEntitlements>;
  usage(tenantId: string, customerId: string): Promise<CustomerUsage>;
  limits(tenantId: string, customerId: string): Promise<{ limits: ToldLimit[]; usage: CustomerUsage }>;
  /** What the ledger's writer of this process committed. */
  onCommitted(committed: Committed): void;
  /** Ends what is due now; the loop does it every half second, and frees holds of runs whose outcome was recorded without a finish. */
  expire(): Promise<number>;
  readonly openRuns: number;
  readonly behind: number;
  close(): Promise<void>;
}

const EXPIRE_MS = 500;
const LOST_MS = 10_000;
/** Rows that no feed of this process saw. */
const WITHDRAW_ALL_MS = 600_000;

export async function createGate(options: GateOptions): Promise<Gate> {
  const { db, createStore, isShared, policies, prices, writer, entitlementsOf, connection, log, now = Date.now } = options;
  let store = createStore();
  let { epoch } = connection;
  const open = new Map<string, OpenRun>();
  const seenTeams = new Set<string>();

  const spendsOf = async (tenantId: string, rows: readonly EventRow[]): Promise<Spend[]> => {
    await policies.warm(tenantId, [...new Set(rows.flatMap((row) => (row.customer_id === null || row.customer_id === '' ? [] : [row.customer_id])))]);
    const tenant = await policies.tenant(tenantId);
    const spends: Spend[] = [];
    const outcomes: string[] = [];
    for (const row of rows) {
      const customer = row.customer_id === null || row.customer_id === '' ? null : await policies.customer(tenantId, row.customer_id, now());
      spends.push(...rowSpends(row, tenant, customer));
      if (row.subject === 'outcome' && row.run_id !== null && (customer?.entitlement?.definition.credits ?? null) !== null) outcomes.push(row.run_id);
    }
    // An outcome that came without a finish burns all the same; a finish books it itself, and the same is booked once.
    if (outcomes.length > 0) credits.burn(tenantId, outcomes).catch((error: unknown) => log('Credits were not burned at once; the worker catches up.', error));
    return spends;
  };
  const ruleAt = async (tenantId: string, customerId: string, atMs: number): Promise<BurnRule | null> => (await policies.customer(tenantId, customerId, atMs)).entitlement?.definition ?? null;

  const journal = createJournal(connection, log);
  const credits = await createGateCredits({ db, store: () => store, ruleAt, log, now });
  const outcomes = createOutcomeWatch();
  const truths = createLateTruths((tenantId, runId) => open.has(openKey(tenantId, runId)));
  const sawRows = (tenantId: string, rows: readonly EventRow[]): void => {
    outcomes.sawRows(tenantId, rows);
    truths.sawRows(tenantId, rows);
  };
  const feed = await createLedgerFeed({ db, store: () => store, spendsOf, onApplied: sawRows, log });
  const teams = createGateTeams({ db, store: () => store, feed: () => feed, policies, credits, spendsOf, flushed: () => journal.flushed(), isShared, log, onRestored: outcomes.sawRuns });
  const context: GateContext = {
    db, store: () => store, feed, teams, credits, facts: createGateFacts(options.readers), policies, prices, writer, journal, connection, open, isShared, entitlementsOf, now, log,
    end: async (entry) => {
      if (isShared) await journal.append(entry);
      else await journal.write(entry);
    },
  };

  /** Decides only while it may: without the lock somebody else may have decided, and what is in memory is worth nothing. */
  async function may<T>(tenantId: string, work: () => Promise<T>): Promise<T> {
    if (!isShared && (await connection.client()) === null) throw new DomainError('unavailable', { message: 'This process has lost its right to decide and waits to get it back.', retryAfterSeconds: 1 });
    if (connection.epoch !== epoch) {
      ({ epoch } = connection);
      store = createStore();
      open.clear();
      feed.reset();
    }
    seenTeams.add(tenantId);
    return await work();
  }

  let expiring: Promise<number> | null = null;
  const expire = (): Promise<number> => (expiring ??= expireRuns(context).finally(() => { expiring = null; }));
  let settling: Promise<number> | null = null;
  const settle = (): Promise<number> => (settling ??= outcomes.settle(context).finally(() => { settling = null; }));
  let withdrawing: Promise<number> | null = null;
  const withdraw = (): Promise<number> => (withdrawing ??= truths.withdraw(context).finally(() => { withdrawing = null; }));
  const loops = [
    setInterval(() => {
      void expire().catch((error: unknown) => log('Holds that are due could not be ended; they are tried again.', error));
      void withdraw().catch((error: unknown) => log('An estimate could not be taken out; it is tried again.', error));
      void settle().catch((error: unknown) => log('Holds of runs whose outcome is recorded could not be freed; they are tried again.', error));
    }, EXPIRE_MS),
    setInterval(() => {
      if (isShared) for (const tenantId of seenTeams) expireLost(context, tenantId).catch((error: unknown) => log('Holds without a row could not be ended; they are tried again.', error));
    }, LOST_MS),
    setInterval(() => {
      for (const tenantId of seenTeams) withdrawSuperseded(context, tenantId).catch((error: unknown) => log('An estimate could not be taken out; it is tried again.', error));
    }, WITHDRAW_ALL_MS),
  ];
  for (const timer of loops) timer.unref();

  return {
    begin: (asker, body, requestId) => may(asker.tenantId, () => beginRun(context, asker, body, requestId)),
    check: (asker, body) => may(asker.tenantId, () => checkRun(context, asker, body)),
    extend: (asker, runName, body, requestId) => may(asker.tenantId, () => extendRun(context, asker, runName, body, requestId)),
    finish: (sender, runName, body) => may(sender.tenantId, () => finishRun(context, sender, runName, body)),
    release: (tenantId, runId, reason) => may(tenantId, () => releaseRun(context, tenantId, runId, reason)),
    entitlements: (tenantId, customerId) => readEntitlements(context, tenantId, customerId),
    usage: (tenantId, customerId) => may(tenantId, () => readUsage(context, tenantId, customerId)),
    limits: (tenantId, customerId) => may(tenantId, () => readCustomerLimits(context, tenantId, customerId)),
    onCommitted: (committed) => feed.onCommitted(committed),
    expire,
    get openRuns() {
      return open.size;
    },
    get behind() {
      return journal.behind;
    },
    close: async () => {
      loops.forEach(clearInterval);
      teams.close();
      await Promise.all([expiring, settling, withdrawing].map((each) => each?.catch(() => 0)));
      await feed.close();
      await journal.close();
      await credits.close();
      await store.close();
    },
  };
}
