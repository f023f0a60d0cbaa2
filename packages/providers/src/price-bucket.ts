/** What a provider's usage costs by our book, minutes after it happened and hours before the provider bills it. Pure. */
import { INPUT_CLASSES, type TokenQuantities } from '@outlay/kernel';
import { priceFast, type PriceBook } from '@outlay/pricing';
import type { ProviderKind, UsageBucket } from './adapter';

/**
 * Null where the book has no price for all of it. A bucket sums many requests, so its context bracket is that of the average request: exact for models without brackets, and a daily cost
 * confirms it later.
 */
export function priceBucket(book: PriceBook, provider: ProviderKind, bucket: UsageBucket): bigint | null {
  const { model, tokens, extras, dimensions } = bucket;
  const hasTokens = Object.values(tokens).some((count) => count > 0);
  if (!hasTokens && Object.values(extras).every((count) => count === 0)) return 0n;
  if (model === null || provider === 'import') return null;
  const input = INPUT_CLASSES.reduce((sum, name) => sum + (tokens[name] ?? 0), 0);
  // OpenAI says of a batch that it is one, and beside it a tier like any other's.
  const tier = dimensions['batch'] === 'true' ? 'batch' : (dimensions['service_tier'] ?? null);
  return priceFast(book, {
    provider, model, tier, region: dimensions['inference_geo'] ?? null, at: Date.parse(bucket.bucket), quantities: tokens as TokenQuantities,
    contextTokens: contextOf(bucket, input),
    extras: Object.entries(extras).filter(([, quantity]) => quantity > 0).map(([kind, quantity]) => ({ kind, quantity: String(quantity), unit: kind })),
    isRequest: false,
  }).costPico;
}

/** Input of the average request. Reports that count no requests say the bracket themselves, or nothing: the sum of a bucket is no context, however large it is. */
function contextOf({ requests, dimensions }: UsageBucket, input: number): number {
  if (requests > 0) return Math.round(input / requests);
  return dimensions['context_window'] === '200k-1M' ? 200_001 : 0;
}
