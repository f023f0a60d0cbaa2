/**
 * One customer's credits while they are booked: lots and overdraft as they stand, and what is to be written. Pure: whoever holds the customer's lock reads, books here, and
 * writes what the book answers. What a posting frees pays the overdraft at once, in a posting of its own.
 */
import { addRational, compareRational, type Rational, ZERO } from '@outlay/kernel';
import { deriveId } from '@outlay/kernel/ids';
import { balanceOf, burnCredits, type CreditEntry, type CreditLot, expireLot, grantCredits, returnCredits, settleOverdraft } from './credit-lots';

export const LOT_KINDS = ['grant', 'top_up', 'promotion', 'rollover', 'returned'] as const;
export type LotKind = (typeof LOT_KINDS)[number];
export const POSTING_KINDS = ['grant', 'top_up', 'promotion', 'burn', 'return', 'expiry', 'rollover', 'settlement'] as const;
export type PostingKind = (typeof POSTING_KINDS)[number];

export interface BookedLot extends CreditLot {
  readonly kind: LotKind;
  /** For how many days the rest lives on in a new lot; null: it is lost. */
  readonly rolloverDays: number | null;
  readonly note: string;
}

export interface NewPosting {
  readonly id: string;
  readonly kind: PostingKind;
  readonly runId: string | null;
  readonly atMs: number;
  readonly note: string;
  readonly by: string;
  readonly entries: readonly CreditEntry[];
}

/** Who books, and when. */
interface BookedBy {
  readonly atMs: number;
  readonly by: string;
}

export interface CreditBook {
  readonly overdraft: Rational;
  /** Of an instant: what can be burned then. */
  available(atMs: number): Rational;
  /** A new lot. `createdMs` says from when on it may be burned. */
  grant(lot: Omit<BookedLot, 'remaining'> & { readonly kind: 'grant' | 'top_up' | 'promotion' }, amount: Rational, posting: BookedBy & { readonly id: string }): void;
  /** From the lots that held when the outcome occurred, then from those that hold now, then the overdraft. */
  burn(run: { readonly runId: string; readonly occurredMs: number }, amount: Rational, posting: BookedBy & { readonly id: string; readonly note: string }): void;
  /** Gives back all that a run has burned so far: `burned` is its entries, summed by account. */
  giveBack(runId: string, burned: readonly CreditEntry[], posting: BookedBy & { readonly id: string; readonly note: string }): void;
  /** Ends a lot whose time has come; `times` is how often it ended before: what is returned later ends again. */
  expire(lotId: string, times: number, posting: BookedBy): void;
  /** What is new since the book was opened. */
  changes(): { readonly lots: readonly BookedLot[]; readonly postings: readonly NewPosting[] };
}

const DAY_MS = 86_400_000;

export function openCreditBook(given: readonly BookedLot[], overdrawn: Rational): CreditBook {
  const lots = new Map(given.map((lot) => [lot.id, lot]));
  const newLots: string[] = [];
  const postings: NewPosting[] = [];
  let overdraft = overdrawn;

  const addLot = (lot: BookedLot): void => {
    lots.set(lot.id, lot);
    newLots.push(lot.id);
  };
  const book = (posting: NewPosting): void => {
    const entries = posting.entries.filter(({ amount }) => amount.num !== 0n);
    if (entries.length === 0) return;
    for (const { account, amount } of entries) {
      if (account === 'overdraft') overdraft = addRational(overdraft, amount);
      if (!account.startsWith('lot:')) continue;
      const lot = lots.get(account.slice('lot:'.length))!;
      lots.set(lot.id, { ...lot, remaining: addRational(lot.remaining, amount) });
    }
    postings.push({ ...posting, entries });
  };
  const settle = (cause: string, { atMs, by }: BookedBy): void => book({
    id: deriveId(cause, 'settlement', 0), kind: 'settlement', runId: null, atMs, by, note: 'Pays what was overdrawn.', entries: settleOverdraft([...lots.values()], overdraft, atMs),
  });

  return {
    get overdraft() {
      return overdraft;
    },
    available: (atMs) => balanceOf([...lots.values()], atMs),
    grant: (lot, amount, { id, atMs, by }) => {
      addLot({ ...lot, remaining: ZERO });
      book({ id, kind: lot.kind, runId: null, atMs, by, note: lot.note, entries: grantCredits(lot.id, amount) });
      settle(id, { atMs, by });
    },
    burn: ({ runId, occurredMs }, amount, { id, atMs, by, note }) => {
      book({ id, kind: 'burn', runId, atMs, by, note, entries: burnCredits([...lots.values()], amount, occurredMs) });
      settle(id, { atMs, by });
    },
    giveBack: (runId, burned, { id, atMs, by, note }) => {
      const returnedId = deriveId(id, 'lot', 0);
      const entries = returnCredits(burned, overdraft, returnedId);
      if (entries.some(({ account }) => account === `lot:${returnedId}`)) {
        addLot({ id: returnedId, kind: 'returned', priority: 0, expiresMs: null, createdMs: atMs, remaining: ZERO, rolloverDays: null, note: 'What was overdrawn, and paid since, came back.' });
      }
      book({ id, kind: 'return', runId, atMs, by, note, entries });
      settle(id, { atMs, by });
    },
    expire: (lotId, times, { atMs, by }) => {
      const lot = lots.get(lotId);
      if (lot === undefined || lot.expiresMs === null || lot.expiresMs > atMs || compareRational(lot.remaining, ZERO) <= 0) return;
      if (lot.rolloverDays === null) {
        book({ id: deriveId(lotId, 'expiry', times), kind: 'expiry', runId: null, atMs, by, note: lot.note, entries: expireLot(lot) });
        return;
      }
      const id = deriveId(lotId, 'rollover', times);
      const newId = deriveId(lotId, 'rollover lot', times);
      // From the old end on, without a gap in which nothing could be burned. It rolls over once.
      addLot({ id: newId, kind: 'rollover', priority: lot.priority, expiresMs: lot.expiresMs + lot.rolloverDays * DAY_MS, createdMs: lot.expiresMs, remaining: ZERO, rolloverDays: null, note: lot.note });
      book({ id, kind: 'rollover', runId: null, atMs, by, note: lot.note, entries: expireLot(lot, newId) });
      settle(id, { atMs, by });
    },
    changes: () => ({ lots: newLots.map((id) => lots.get(id)!), postings }),
  };
}
