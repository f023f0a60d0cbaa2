/** The price book of this process: loaded at start, loaded again when another process has added prices. */
import type { PriceUsageOf } from '@outlay/ledger';
import type { Database } from '@outlay/platform';
import { loadPriceBook, priceFast, priceVersionById, readPriceBookMark, type PriceVersion } from '@outlay/pricing';

/** New prices hold within this time, in every process. */
const REFRESH_MS = 15_000;

export interface PriceRule {
  readonly price: PriceUsageOf;
  /** The price row that an event names; null when nobody has it. */
  readonly versionById: (tenantId: string, id: string) => PriceVersion | null;
  close(): void;
}

/** Errors: `unavailable` when the database cannot be read at start. Later failures keep the book that is here, and are told to `warn`. */
export async function loadPriceRule(db: Database, warn: (sentence: string, error: unknown) => void): Promise<PriceRule> {
  // The mark is read first: prices that come in between are only loaded once more.
  let mark = await readPriceBookMark(db);
  let book = await loadPriceBook(db);
  let refreshing = false;
  const refresh = async (): Promise<void> => {
    if (refreshing) return;
    refreshing = true;
    try {
      const newest = await readPriceBookMark(db);
      if (newest === mark) return;
      book = await loadPriceBook(db);
      mark = newest;
    } catch (error) {
      warn('The price book could not be read again; the loaded prices stay in use.', error);
    } finally {
      refreshing = false;
    }
  };
  const timer = setInterval(() => void refresh(), REFRESH_MS);
  timer.unref();
  return {
    price: (_tenantId, input) => priceFast(book, input),
    versionById: (_tenantId, id) => priceVersionById(book, id),
    close: () => clearInterval(timer),
  };
}
