/**
 * Prepaid credits as lots. Pure: lots and an event -> double-entry rows. What remains of a lot is a projection of its rows, and only they change it. Credits
 * that no lot covers go to the overdraft account: what happened is never dropped.
 */
import { addRational, compareRational, type Rational, ZERO } from '@outlay/kernel';

export interface CreditLot {
  readonly id: string;
  /** Lower burns first: a promotion before what was paid for. */
  readonly priority: number;
  /** Null: never. From this instant on it burns no more. */
  readonly expiresMs: number | null;
  readonly createdMs: number;
  readonly remaining: Rational;
}

/** Where credits stand. Amounts of one event sum to zero over the accounts. */
export type CreditAccount = `lot:${string}` | 'granted' | 'burned' | 'expired' | 'overdraft';

export interface CreditEntry {
  readonly account: CreditAccount;
  /** Signed: credits that come to the account, or leave it. */
  readonly amount: Rational;
}

/** The order in which lots burn: priority, then what expires first, then what came first. */
export function burnOrder(lots: readonly CreditLot[], atMs: number): CreditLot[] {
  return lots.filter((lot) => lot.remaining.num > 0n && lot.createdMs <= atMs && (lot.expiresMs === null || lot.expiresMs > atMs)).sort((a, b) =>
    a.priority - b.priority || (a.expiresMs ?? Infinity) - (b.expiresMs ?? Infinity) || a.createdMs - b.createdMs || (a.id < b.id ? -1 : 1));
}

/** What a customer can burn now. */
export function balanceOf(lots: readonly CreditLot[], atMs: number): Rational {
  return burnOrder(lots, atMs).reduce((sum, { remaining }) => addRational(sum, remaining), ZERO);
}

/** A grant, top-up or promotion becomes a lot. */
export function grantCredits(lotId: string, amount: Rational): CreditEntry[] {
  assertPositive(amount);
  return [{ account: 'granted', amount: negate(amount) }, { account: `lot:${lotId}`, amount }];
}

/** Burns what a run used. The overdraft is settled by the next grant: `settleOverdraft`. */
export function burnCredits(lots: readonly CreditLot[], amount: Rational, atMs: number): CreditEntry[] {
  assertPositive(amount);
  const { entries, rest } = takeFrom(burnOrder(lots, atMs), amount);
  return [...entries, ...(rest.num > 0n ? [{ account: 'overdraft' as const, amount: negate(rest) }] : []), { account: 'burned', amount }];
}

/**
 * Gives back what a run burned that turned out unusable: to the lots it came from, also to one that has expired since. What had been overdrawn may be
 * paid by now: then it comes back as the lot `lotId`, because an overdraft is never above zero.
 */
export function returnCredits(burned: readonly CreditEntry[], overdrawn: Rational, lotId: string): CreditEntry[] {
  return burned.flatMap(({ account, amount }): CreditEntry[] => {
    const back = negate(amount);
    if (account !== 'overdraft' || compareRational(back, negate(overdrawn)) <= 0) return [{ account, amount: back }];
    const paid = addRational(back, overdrawn);
    return [...(overdrawn.num < 0n ? [{ account, amount: negate(overdrawn) }] : []), { account: `lot:${lotId}`, amount: paid }];
  });
}

/** A lot's rest at its expiry leaves it; `rollTo` names the new lot that takes it over instead of losing it. */
export function expireLot(lot: CreditLot, rollTo?: string): CreditEntry[] {
  if (lot.remaining.num <= 0n) return [];
  return [{ account: `lot:${lot.id}`, amount: negate(lot.remaining) }, { account: rollTo === undefined ? 'expired' : `lot:${rollTo}`, amount: lot.remaining }];
}

/** New credits pay what was overdrawn first. `overdrawn` is the account's balance, zero or below. */
export function settleOverdraft(lots: readonly CreditLot[], overdrawn: Rational, atMs: number): CreditEntry[] {
  if (overdrawn.num >= 0n) return [];
  const { entries, rest } = takeFrom(burnOrder(lots, atMs), negate(overdrawn));
  const paid = addRational(negate(overdrawn), negate(rest));
  return paid.num === 0n ? [] : [...entries, { account: 'overdraft', amount: paid }];
}

function takeFrom(lots: readonly CreditLot[], amount: Rational): { entries: CreditEntry[]; rest: Rational } {
  const entries: CreditEntry[] = [];
  let rest = amount;
  for (const { id, remaining } of lots) {
    if (rest.num === 0n) break;
    const taken = compareRational(remaining, rest) < 0 ? remaining : rest;
    entries.push({ account: `lot:${id}`, amount: negate(taken) });
    rest = addRational(rest, negate(taken));
  }
  return { entries, rest };
}

function negate({ num, den }: Rational): Rational {
  return { num: -num, den };
}

function assertPositive(amount: Rational): void {
  if (amount.num <= 0n) throw new Error('An amount of credits must be more than zero.');
}
