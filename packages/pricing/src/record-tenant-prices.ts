/** A tenant's negotiated prices: rows of its own, which stand before the global ones. */
import { DomainError, parseDecimal } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import { namePriceVersion, type PriceRate, type PriceVersion } from './price-version';
import { canonicalRegion, canonicalTier } from './service-tier';
import { insertTenantPriceVersions } from './store';

export interface TenantPrice {
  readonly provider: string;
  /** The exact name of the model as it is served. */
  readonly model: string;
  readonly tier?: string;
  readonly region?: string;
  readonly contextFrom?: number;
  /** From when the price holds; absent is ever since. */
  readonly effectiveFrom?: Date;
  /** True ends the negotiated price; the global one holds again. */
  readonly withdrawn?: boolean;
  readonly rates: readonly PriceRate[];
  /** Where the price is written down: a contract, a quote. */
  readonly source: string;
}

/**
 * Adds prices; nothing is changed or removed. The same price twice is one row.
 * Errors: `invalid_input` naming the field: a negative price, a price without rates, an empty name.
 */
export async function recordTenantPrices(db: Database, tenantId: string, prices: readonly TenantPrice[], now: Date): Promise<readonly PriceVersion[]> {
  const versions = prices.map((price, index) => toVersion(price, `prices[${index}]`, now));
  await db.withTenant(tenantId, (tx) => insertTenantPriceVersions(tx, tenantId, versions));
  return versions;
}

function toVersion(price: TenantPrice, path: string, now: Date): PriceVersion {
  const reject = (field: string, message: string): never => {
    throw new DomainError('invalid_input', { field: `${path}.${field}`, message });
  };
  for (const field of ['provider', 'model', 'source'] as const) if (price[field].trim() === '') reject(field, `The ${field} must not be empty.`);
  if (price.withdrawn !== true && price.rates.length === 0) reject('rates', 'A price needs at least one rate; to end a price, withdraw it.');
  for (const [index, rate] of price.rates.entries()) {
    const usd = parseDecimal(rate.price);
    if (usd === null || usd.num < 0n) reject(`rates[${index}].price`, `The price "${rate.price}" must be a decimal from 0.`);
    if (!Number.isSafeInteger(rate.per) || rate.per < 1) reject(`rates[${index}].per`, `A price is for a whole number of units from 1, not ${rate.per}.`);
  }
  return namePriceVersion({
    provider: price.provider, model: price.model, match: { when: { equals: price.model } },
    tier: canonicalTier(price.provider, price.tier), region: canonicalRegion(price.provider, price.region), contextFrom: price.contextFrom ?? 0,
    effectiveFrom: price.effectiveFrom?.getTime() ?? -Infinity, knownFrom: now.getTime(), withdrawn: price.withdrawn ?? false,
    source: price.source, sourceVersion: now.toISOString().slice(0, 10), rates: price.withdrawn === true ? [] : price.rates,
  });
}
