/**
 * Settles outcomes of the ledger in credits. What a run has burned is made equal to what the valid state of its outcome burns, whatever was booked before: so it may be told twice,
 * late, at once by several processes, and after corrections of outcome, units, workflow or customer.
 */
import { addRational, compareRational, type Rational, ZERO } from '@outlay/kernel';
import { deriveId } from '@outlay/kernel/ids';
import { readOutcomesOf, type RunOutcome } from '@outlay/ledger';
import type { Database } from '@outlay/platform';
import type { PoolClient } from 'pg';
import { type CreditBook, openCreditBook } from './credit-book';
import type { CreditEntry } from './credit-lots';
import { bookCredits, countPostings, lockCustomers, readAccounts, readBurned, writeBooks } from './store-credits';
import { type BurnRule, burnRuleOf, weighOutcome } from './weigh-outcome';

export interface BurnDependencies {
  readonly db: Database;
  /** The plan's rule for a customer at a moment: for rows that were recorded before their customer was known. Absent: such rows burn nothing. */
  readonly ruleAt?: (tenantId: string, customerId: string, atMs: number) => Promise<BurnRule | null>;
  readonly now?: () => number;
  /** A history that is told afterwards books when things occurred. */
  readonly bookedAt?: 'now' | 'occurred';
}

export interface Burned {
  /** By run: what it burned this time. Below zero when it got credits back; absent when nothing had to be booked. */
  readonly byRun: ReadonlyMap<string, Rational>;
  /** Of the customers whose balance changed, afterwards. */
  readonly balances: ReadonlyMap<string, CreditBalance>;
}

export interface CreditBalance {
  /** What can be burned now. */
  readonly available: Rational;
  /** Zero or below. */
  readonly overdraft: Rational;
}

const NOTHING: Burned = { byRun: new Map(), balances: new Map() };
const RUNS_PER_TRANSACTION = 500;
export const BY_OUTLAY = 'outlay';

/** Right after a commit, and by the worker that catches up. Runs without an outcome burn nothing yet. Errors: those of the database; then nothing of the chunk is booked. */
export async function burnOutcomes(deps: BurnDependencies, tenantId: string, runIds: readonly string[]): Promise<Burned> {
  const byRun = new Map<string, Rational>();
  const balances = new Map<string, CreditBalance>();
  const unique = [...new Set(runIds)];
  for (let i = 0; i < unique.length; i += RUNS_PER_TRANSACTION) {
    const burned = await burnChunk(deps, tenantId, unique.slice(i, i + RUNS_PER_TRANSACTION));
    for (const [runId, amount] of burned.byRun) byRun.set(runId, amount);
    for (const [customerId, balance] of burned.balances) balances.set(customerId, balance);
  }
  return { byRun, balances };
}

async function burnChunk({ db, ruleAt, now = Date.now, bookedAt = 'now' }: BurnDependencies, tenantId: string, runIds: readonly string[]): Promise<Burned> {
  // A look without a lock: most runs have nothing to book.
  const first = await db.withTenant(tenantId, (tx) => findOpen(tx, tenantId, runIds, ruleAt));
  if (first.length === 0) return NOTHING;
  let customers = customersOf(first);
  for (;;) {
    const burned = await bookCredits(db, tenantId, async (tx): Promise<Burned | readonly string[]> => {
      await lockCustomers(tx, tenantId, customers);
      const open = await findOpen(tx, tenantId, first.map(({ outcome }) => outcome.runId), ruleAt);
      const needed = customersOf(open);
      // A correction moved a run to another customer meanwhile: nothing is booked without that customer's lock.
      if (needed.some((id) => !customers.includes(id))) return [...customers, ...needed];
      if (open.length === 0) return NOTHING;
      return await book(tx, tenantId, open, needed, now(), bookedAt);
    });
    if (!Array.isArray(burned)) return burned as Burned;
    customers = burned;
  }
}

/** A run, and what it burned instead of what it should have. */
export interface WrongBurn {
  readonly runId: string;
  readonly due: Rational;
  readonly burned: Rational;
}

/** Those of these runs whose booked credits are not those of their outcome, by the snapshots alone: a row without one says nothing. */
export async function findWrongBurns(tx: PoolClient, tenantId: string, runIds: readonly string[]): Promise<WrongBurn[]> {
  return (await findOpen(tx, tenantId, runIds, null)).map(({ outcome, due, burned }) => ({ runId: outcome.runId, due, burned: [...burned.values()].map(burnedOf).reduce(addRational, ZERO) }));
}

interface OpenRun {
  readonly outcome: RunOutcome;
  /** What the valid state burns. */
  readonly due: Rational;
  /** What was booked so far, by customer: entries summed by account. */
  readonly burned: ReadonlyMap<string, readonly CreditEntry[]>;
}

/** Runs whose booked credits are not what they should be. Without `ruleAt`, only those whose row has a rule or belongs to nobody. */
async function findOpen(tx: PoolClient, tenantId: string, runIds: readonly string[], ruleAt: BurnDependencies['ruleAt'] | null): Promise<OpenRun[]> {
  const outcomes = await readOutcomesOf(tx, tenantId, runIds);
  if (outcomes.size === 0) return [];
  const burned = await readBurned(tx, tenantId, [...outcomes.keys()]);
  const open: OpenRun[] = [];
  for (const outcome of [...outcomes.values()].sort((a, b) => a.occurredAt.getTime() - b.occurredAt.getTime() || (a.runId < b.runId ? -1 : 1))) {
    const { customerId, runId, occurredAt, planVersionId, snapshot } = outcome;
    // Only the server names a plan version: without one, what the snapshot says may be the caller's own.
    const isRated = customerId === null || planVersionId !== null;
    if (!isRated && ruleAt === null) continue;
    const rule = isRated ? burnRuleOf(snapshot) : (await ruleAt?.(tenantId, customerId!, occurredAt.getTime())) ?? null;
    const due = customerId === null ? ZERO : weighOutcome(outcome, rule);
    const booked = burned.get(runId) ?? new Map<string, readonly CreditEntry[]>();
    const isRight = [...booked].every(([id, entries]) => id === customerId || burnedOf(entries).num === 0n) && compareRational(burnedOf(booked.get(customerId ?? '') ?? []), due) === 0;
    if (!isRight) open.push({ outcome, due, burned: booked });
  }
  return open;
}

function burnedOf(entries: readonly CreditEntry[]): Rational {
  return entries.reduce((sum, { account, amount }) => (account === 'burned' ? addRational(sum, amount) : sum), ZERO);
}

function customersOf(open: readonly OpenRun[]): string[] {
  return [...new Set(open.flatMap(({ outcome: { customerId }, burned }) => [...(customerId === null ? [] : [customerId]), ...burned.keys()]))];
}

/** All that a run burned comes back, then what it should burn is burned: each correction stands in the statement as what it did. */
async function book(tx: PoolClient, tenantId: string, open: readonly OpenRun[], customers: readonly string[], nowMs: number, bookedAt: 'now' | 'occurred'): Promise<Burned> {
  const alsoLots = open.flatMap(({ burned }) => [...burned.values()].flat().flatMap(({ account }) => (account.startsWith('lot:') ? [account.slice('lot:'.length)] : [])));
  // Part of the id: two processes that would book the same change at once make the same id, and one is refused.
  const counts = await countPostings(tx, tenantId, open.map(({ outcome }) => outcome.runId));
  const accounts = await readAccounts(tx, tenantId, customers, alsoLots);
  const books = new Map<string, CreditBook>([...accounts].map(([id, { lots, overdraft }]) => [id, openCreditBook(lots, overdraft)]));
  const byRun = new Map<string, Rational>();
  for (const { outcome, due, burned } of open) {
    const { runId, revision, customerId, workflow, units, occurredAt, outcome: ended } = outcome;
    const turn = `${revision} ${counts.get(runId) ?? 0}`;
    const atMs = bookedAt === 'now' ? nowMs : occurredAt.getTime();
    let change = due;
    for (const [id, entries] of burned) {
      const before = burnedOf(entries);
      if (before.num === 0n) continue;
      change = addRational(change, { num: -before.num, den: before.den });
      books.get(id)!.giveBack(runId, entries, { id: deriveId(runId, `credits back ${id}`, turn), atMs, by: BY_OUTLAY, note: id === customerId ? `The outcome was corrected: ${ended}, ${units} × ${nameOf(workflow)}.` : 'The outcome belongs to another customer.' });
    }
    if (due.num > 0n) books.get(customerId!)!.burn({ runId, occurredMs: occurredAt.getTime() }, due, { id: deriveId(runId, `credits ${customerId}`, turn), atMs, by: BY_OUTLAY, note: `${units} × ${nameOf(workflow)}` });
    byRun.set(runId, change);
  }
  await writeBooks(tx, tenantId, books);
  return { byRun, balances: new Map([...books].map(([id, each]) => [id, { available: each.available(nowMs), overdraft: each.overdraft }])) };
}

function nameOf(workflow: string | null): string {
  return workflow ?? 'no workflow';
}
