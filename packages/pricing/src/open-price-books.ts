/**
 * The price books of this process: the global one, and each tenant's own before it. Whoever prices asks once for the tenant's rule and then
 * prices without waiting. New prices hold at once where they were recorded, and within 15 s everywhere else.
 */
import { DomainError } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import { loadPriceBook, readPriceBookMark } from './load-price-book';
import { createPriceBook, priceVersionById, type PriceBook } from './price-book';
import { priceFast, type PricedCost, type PricingInput } from './price-usage';
import type { PriceVersion } from './price-version';
import { readTenantPriceMarks, readTenantPriceVersions } from './store';

/** One tenant's prices as they stand in memory. Holding it keeps them: what is loaded later is another one. */
export interface TenantPrices {
  readonly book: PriceBook;
  /** Changes whenever a price does that the tenant may be billed by. */
  readonly mark: string;
  readonly price: (tenantId: string, input: PricingInput) => PricedCost;
  /** The price row that an event names, a tenant's own or a global one; null when nobody has it. */
  readonly versionById: (tenantId: string, id: string) => PriceVersion | null;
}

export interface PriceBooks {
  readonly global: PriceBook;
  /** Errors: `unavailable` when they must be read and the database is away: never another's prices. */
  of(tenantId: string): Promise<TenantPrices>;
  /** Reads the tenant's prices again, because they were changed. */
  refresh(tenantId: string): Promise<void>;
  /** Asks the database whether any price was added; the timer does the same. */
  check(): Promise<void>;
  close(): void;
}

export interface PriceBooksOptions {
  readonly warn: (sentence: string, error: unknown) => void;
  /** How often the database is asked; with the reading itself below the 15 s that are promised. */
  readonly everyMs?: number;
  readonly tenantsMax?: number;
}

const EVERY_MS = 10_000;
const TENANTS_MAX = 10_000;

interface Entry {
  readonly own: readonly PriceVersion[];
  readonly mark: string;
  readonly prices: TenantPrices;
}

/** Errors: `unavailable` when the database cannot be read at start. Later failures keep the books that are here, and are told to `warn`. */
export async function openPriceBooks(db: Database, { warn, everyMs = EVERY_MS, tenantsMax = TENANTS_MAX }: PriceBooksOptions): Promise<PriceBooks> {
  // A mark is read before its rows: prices that come in between are only loaded once more.
  let globalMark = await readPriceBookMark(db);
  let global = await loadPriceBook(db);
  /** Of the tenants without prices of their own, all the same object. */
  let shared = toPrices(global, null, globalMark);
  const entries = new Map<string, Entry>();
  const loading = new Map<string, Promise<TenantPrices>>();

  const toEntry = (tenantId: string, own: readonly PriceVersion[], mark: string): Entry => ({
    own, mark, prices: own.length === 0 ? shared : toPrices(createPriceBook(own, global), tenantId, `${globalMark}, ${mark}`),
  });

  async function load(tenantId: string, isNewest: () => boolean): Promise<TenantPrices> {
    const [own, mark] = await db.withTenant(tenantId, async (tx) => {
      const marks = await readTenantPriceMarks(tx, [tenantId]);
      return [await readTenantPriceVersions(tx, tenantId), marks.get(tenantId) ?? ''] as const;
    });
    const entry = toEntry(tenantId, own, mark);
    // Whoever asked again meanwhile, because a price was added, will store what is newer.
    if (isNewest()) store(tenantId, entry);
    return entry.prices;
  }

  function store(tenantId: string, entry: Entry): void {
    if (entries.size >= tenantsMax && !entries.has(tenantId)) {
      const [oldest] = entries.keys();
      if (oldest !== undefined) entries.delete(oldest);
    }
    entries.set(tenantId, entry);
  }

  function start(tenantId: string): Promise<TenantPrices> {
    const isNewest = (): boolean => loading.get(tenantId) === promise;
    const promise: Promise<TenantPrices> = load(tenantId, isNewest).catch(unavailable).finally(() => {
      if (isNewest()) loading.delete(tenantId);
    });
    loading.set(tenantId, promise);
    return promise;
  }

  async function check(): Promise<void> {
    const newest = await readPriceBookMark(db);
    if (newest !== globalMark) {
      global = await loadPriceBook(db);
      globalMark = newest;
      shared = toPrices(global, null, globalMark);
      for (const [tenantId, { own, mark }] of entries) entries.set(tenantId, toEntry(tenantId, own, mark));
    }
    const asked = [...entries.keys()];
    if (asked.length === 0) return;
    const marks = await db.withoutTenant((tx) => readTenantPriceMarks(tx, asked));
    for (const tenantId of asked) {
      const entry = entries.get(tenantId);
      if (entry !== undefined && entry.mark !== (marks.get(tenantId) ?? '')) await start(tenantId);
    }
  }

  let checking: Promise<void> | undefined;
  const timer = setInterval(() => {
    checking ??= check().catch((error: unknown) => warn('The price book could not be read again; the loaded prices stay in use.', error)).finally(() => (checking = undefined));
  }, everyMs);
  timer.unref();

  return {
    get global() {
      return global;
    },
    of: async (tenantId) => entries.get(tenantId)?.prices ?? await (loading.get(tenantId) ?? start(tenantId)),
    refresh: async (tenantId) => void await start(tenantId),
    check,
    close: () => clearInterval(timer),
  };
}

/** Whoever sent usage sends it again: it was neither recorded nor priced. */
function unavailable(cause: unknown): never {
  throw cause instanceof DomainError ? cause : new DomainError('unavailable', { cause, retryAfterSeconds: 2 });
}

function toPrices(book: PriceBook, owner: string | null, mark: string): TenantPrices {
  return {
    book, mark,
    price: (tenantId, input) => {
      if (owner !== null && tenantId !== owner) throw new Error('The prices of one tenant were asked to price the usage of another.');
      return priceFast(book, input);
    },
    versionById: (_tenantId, id) => priceVersionById(book, id),
  };
}
