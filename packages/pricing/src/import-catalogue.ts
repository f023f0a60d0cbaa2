/** Brings the price tables to what the pinned catalogue and the overlay say. Idempotent: a second run writes nothing. */
import { DomainError } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import { CATALOGUE_SOURCE, cataloguePrices } from './catalogue';
import { OVERLAY_SOURCE } from './overlay';
import { planImport, type ImportPlan, type PriceChange } from './plan-import';
import type { PriceVersion } from './price-version';
import { insertPriceVersions, lockPriceImport, readPriceVersions } from './store';

export interface ImportCatalogueOptions {
  readonly now: Date;
  /** Asked about each change beyond ten times, up or down; absent, such changes are held back. */
  readonly approve?: (change: PriceChange) => boolean;
  /** Another list than the pinned one. */
  readonly prices?: readonly PriceVersion[];
}

/**
 * One transaction, one import at a time. Returns what changed and what was held back.
 * Errors: `unavailable` when the database is.
 */
export async function importCatalogue(db: Database, options: ImportCatalogueOptions): Promise<ImportPlan> {
  if (Number.isNaN(options.now.getTime())) throw new DomainError('invalid_input', { field: 'now', message: 'The time of the import is no time.' });
  const now = options.now.getTime();
  const prices = options.prices ?? await cataloguePrices(now);
  return await db.withoutTenant(async (tx) => {
    await lockPriceImport(tx);
    const existing = (await readPriceVersions(tx)).filter(isImported);
    const plan = planImport(existing, prices.map((row) => ({ ...row, knownFrom: now })), { now, approve: options.approve });
    if (plan.inserts.length > 0) await insertPriceVersions(tx, plan.inserts);
    return plan;
  });
}

/** Rows that someone entered by other means are not ours to withdraw. */
function isImported({ source }: PriceVersion): boolean {
  return source === CATALOGUE_SOURCE || source.startsWith(`${OVERLAY_SOURCE} `);
}
