/** What a provider's usage costs by our book, minutes after it happened and hours before the provider bills it. Pure. */
import { INPUT_CLASSES, type TokenQuantities } from '@outlay/kernel';
import { priceFast, type PriceBook } from '@outlay/pricing';
import type { ProviderKind, UsageBucket } from './adapter';

/** Dimensions that decide a price, as the providers call them. */
const TIER_NAMES = ['service_tier'] as const;

/**
 * Null where the book has no price for all of it. A bucket sums many requests, so its context bracket is that of the average request: exact for models without brackets, and a daily cost
 * confirms it later.
 */
export function priceBucket(book: PriceBook, provider: ProviderKind, bucket: UsageBucket): bigint | null {
  const { model, tokens, extras, requests, dimensions } = bucket;
  const hasTokens = Object.values(tokens).some((count) => count > 0);
  if (!hasTokens && Object.values(extras).every((count) => count === 0)) return 0n;
  if (model === null || provider === 'import') return null;
  const input = INPUT_CLASSES.reduce((sum, name) => sum + (tokens[name] ?? 0), 0);
  const tier = TIER_NAMES.map((name) => dimensions[name]).find((value) => value !== undefined && value !== null) ?? (dimensions['batch'] === 'true' ? 'batch' : null);
  return priceFast(book, {
    provider, model, tier, region: dimensions['inference_geo'] ?? null, at: Date.parse(bucket.bucket), quantities: tokens as TokenQuantities,
    contextTokens: requests > 0 ? Math.round(input / requests) : input,
    extras: Object.entries(extras).filter(([, quantity]) => quantity > 0).map(([kind, quantity]) => ({ kind, quantity: String(quantity), unit: kind })),
    isRequest: false,
  }).costPico;
}

/** Usage x price must be near the cost, or one of them is in another unit: cents for dollars is a hundred times. */
export const UNIT_GUARD_TIMES = 20;

/** Pure: a sentence when a day's usage at our prices and its billed cost are so far apart that storing either as money would be wrong; small days say nothing. */
export function unitFault(pricedPico: bigint, billedPico: bigint): string | null {
  const least = 1_000_000_000_000n;
  if (pricedPico < least || billedPico < least) return null;
  const [more, less] = pricedPico > billedPico ? [pricedPico, billedPico] : [billedPico, pricedPico];
  if (more <= less * BigInt(UNIT_GUARD_TIMES)) return null;
  return pricedPico > billedPico
    ? `Its usage costs ${UNIT_GUARD_TIMES} times what the provider bills, and more, by the price book: one of the two is in another unit. Nothing was stored.`
    : `The provider bills ${UNIT_GUARD_TIMES} times what its usage costs by the price book, and more: one of the two is in another unit. Nothing was stored.`;
}
