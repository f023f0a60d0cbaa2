/** What a usage would have cost by other versions of the book: a bill that names neither class nor quantity is recognised by its amount. Pure. */
import { DAY_MS, INPUT_CLASSES, type TokenQuantities } from '@outlay/kernel';
import { bookModelOf, type PriceBook, priceFast } from '@outlay/pricing';
import type { BilledUsage } from '../store-bill';

/** A year: older prices are no longer billed. */
const BACK_MS = 366 * DAY_MS;
const MOST = 12;

/** Pico-dollars, one for each time at which a price of these models began. */
export function otherPrices(book: PriceBook, usage: readonly BilledUsage[]): bigint[] {
  if (usage.length === 0) return [];
  const atMs = usage[0]!.bucket.getTime();
  // Once a name: finding a model in the book is the dear part, and a day counts the same few names thousands of times.
  const names = new Map(usage.map(({ provider, model }) => [JSON.stringify([provider, model]), { provider, model }]));
  const models = new Set([...names.values()].flatMap(({ provider, model }) => (model === null ? [] : [bookModelOf(book, provider, model)?.model])));
  const times = new Set<number>();
  for (let each: PriceBook | null = book; each !== null; each = each.parent) {
    for (const { model, effectiveFrom } of each.versions) {
      if (!models.has(model) || Math.abs(effectiveFrom - atMs) > BACK_MS) continue;
      times.add(effectiveFrom);
      times.add(effectiveFrom - 1);
    }
  }
  return [...times].sort((a, b) => a - b).slice(-MOST).flatMap((at) => {
    let sum = 0n;
    for (const { provider, model, dimensions, quantities, requests } of usage) {
      const input = INPUT_CLASSES.reduce((total, name) => total + (quantities[name] ?? 0), 0);
      const tier = dimensions['batch'] === 'true' ? 'batch' : (dimensions['service_tier'] ?? null);
      const { costPico } = priceFast(book, { provider, model, tier, at, quantities: quantities as TokenQuantities, contextTokens: requests > 0 ? Math.round(input / requests) : input, isRequest: false });
      if (costPico === null) return [];
      sum += costPico;
    }
    return [sum];
  });
}
