/** What a command needs to record beside a running Outlay: the database at this version, prices, and a writer with slots of its own. */
import { createLedgerWriter, type LedgerWriter, type PriceUsageOf } from '@outlay/ledger';
import { createLog, type Database, migrate, openDatabase, provisionExternal } from '@outlay/platform';
import { importCatalogue, loadPriceBook, priceFast } from '@outlay/pricing';
import type { Env } from './env';
import { MIGRATIONS_DIR } from './places';
import { reachDatabase } from './reach-database';

export interface OpenedDatabase {
  readonly db: Database;
  readonly how: string;
  readonly isAlone: boolean;
  readonly databaseUrl: string;
  close(): Promise<void>;
}

export interface OpenedLedger extends OpenedDatabase {
  readonly writer: LedgerWriter;
  /** By the book as it is now, a team's own prices before the global ones. */
  loadPrice(tenantId: string): Promise<PriceUsageOf>;
}

/** Errors: `unavailable` with one sentence. */
export async function openForCommand(env: Env): Promise<OpenedDatabase> {
  if (env.DATABASE_URL !== undefined) await provisionExternal(env.DATABASE_URL);
  const reached = await reachDatabase(env, createLog({ level: 'error' }));
  try {
    await migrate({ url: reached.databaseUrl, migrationsDir: MIGRATIONS_DIR });
    const db = await openDatabase({ url: reached.databaseUrl });
    return {
      db, how: reached.how, isAlone: reached.isAlone, databaseUrl: reached.databaseUrl,
      close: async () => {
        await db.close();
        await reached.close();
      },
    };
  } catch (error) {
    await reached.close();
    throw error;
  }
}

/** Errors: `unavailable` with one sentence. */
export async function openLedger(env: Env): Promise<OpenedLedger> {
  const opened = await openForCommand(env);
  try {
    await importCatalogue(opened.db, { now: new Date() });
    const writer = await createLedgerWriter(opened.db);
    return {
      ...opened, writer,
      loadPrice: async (tenantId) => {
        const book = await loadPriceBook(opened.db, { tenantId });
        return (_tenantId, input) => priceFast(book, input);
      },
      close: async () => {
        await writer.close();
        await opened.close();
      },
    };
  } catch (error) {
    await opened.close();
    throw error;
  }
}
