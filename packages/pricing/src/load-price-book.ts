/** The price book of the database: all global prices, and before them a tenant's own. */
import type { Database } from '@outlay/platform';
import { createPriceBook, type PriceBook } from './price-book';
import { readPriceMark, readPriceVersions, readTenantPriceVersions } from './store';

/**
 * Loads the book, some thousand rows. With `tenantId` the tenant's negotiated prices stand before the global ones; `global` spares
 * reading those again for every tenant.
 */
export async function loadPriceBook(db: Database, options: { readonly tenantId?: string; readonly global?: PriceBook } = {}): Promise<PriceBook> {
  const global = options.global ?? createPriceBook(await db.withoutTenant((tx) => readPriceVersions(tx)));
  const { tenantId } = options;
  if (tenantId === undefined) return global;
  return createPriceBook(await db.withTenant(tenantId, (tx) => readTenantPriceVersions(tx, tenantId)), global);
}

/** Changes whenever a global price was added: compare it to know that a loaded book is old. */
export async function readPriceBookMark(db: Database): Promise<string> {
  return await db.withoutTenant((tx) => readPriceMark(tx));
}
