/**
 * Which tier of a plan a model belongs to. Pure. Plans say "standard" and mean every cheap model of today and of tomorrow, so the tier follows from the name where the name says what the
 * model is for, else from what its output costs now. A model without a price is premium: what nobody knows the price of is not cheap.
 */
import { compareRational, parseDecimal, type Rational } from '@outlay/kernel';
import { providersOf } from './bound-calls';
import { compileVersion, findPrice, type PriceBook } from './price-book';

export type ModelTier = 'standard' | 'premium' | 'reasoning' | 'search';

/** Names of models that search the web for their answer. */
const SEARCH = /(^|[-/.])sonar|deep-research|search-preview|-search(-|$)|online$/;
/** Names of models that think before they answer, and bill it. Models that do so only on demand are told by their price. */
const REASONING = /(^|\/)o[1-9](-|$)|(?<!non-)reason|thinking|(^|[-/])r1(-|$)|qwq|magistral/;
/** Dollars for a token of output: from here on a model is premium. */
const PREMIUM_FROM: Rational = parseDecimal('0.000009')!;

export function modelTier(book: PriceBook, model: string, atMs: number): ModelTier {
  let known = tiers.get(book);
  if (known === undefined) tiers.set(book, (known = new Map()));
  const found = known.get(model);
  if (found !== undefined && Math.abs(atMs - found.atMs) < TIER_KEPT_MS) return found.tier;
  if (known.size >= CACHED_TIERS_MAX) known.clear();
  const tier = findTier(book, model, atMs);
  known.set(model, { tier, atMs });
  return tier;
}

/** A price that comes into force moves a model at most so much later. */
const TIER_KEPT_MS = 60_000;
const CACHED_TIERS_MAX = 5_000;
const tiers = new WeakMap<PriceBook, Map<string, { readonly tier: ModelTier; readonly atMs: number }>>();

function findTier(book: PriceBook, model: string, atMs: number): ModelTier {
  const name = model.toLowerCase();
  if (SEARCH.test(name)) return 'search';
  if (REASONING.test(name)) return 'reasoning';
  const output = usualOutput(book, model, atMs);
  return output === null || compareRational(output, PREMIUM_FROM) >= 0 ? 'premium' : 'standard';
}

/** Of all who serve it, the one in the middle: neither a discount nor a reseller moves a model to another tier. */
function usualOutput(book: PriceBook, model: string, at: number): Rational | null {
  const rates = providersOf(book, model).flatMap(({ provider, name }) => {
    const row = findPrice(book, { provider, model: name, contextTokens: 0, at });
    // What has no output at all, such as an embedding, costs what its input costs.
    const rate = row === null ? undefined : (compileVersion(book, row).rates.get('output_text') ?? compileVersion(book, row).rates.get('input_uncached'));
    return rate === undefined ? [] : [rate.usd];
  }).sort(compareRational);
  return rates[Math.floor((rates.length - 1) / 2)] ?? null;
}
