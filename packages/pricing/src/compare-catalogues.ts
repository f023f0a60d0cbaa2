/** Our price book beside other price lists: every difference, with the cause that explains it. Pure; changes nothing. */
import { compareRational, divideRational, formatRational, multiplyRational, parseDecimal, roundHalfEven, TOKEN_CLASSES, type Rational, type TokenClass } from '@outlay/kernel';
import type { ForeignPrice } from './foreign-catalogue';
import { POPULAR_MODELS, type ComparedModel } from './popular-models';
import { compileVersion, findPrice, knowsModel, type PriceBook } from './price-book';

/** Why a list differs from ours, first that fits. */
export const DIFFERENCE_CAUSES = {
  unknown_model: 'Our book does not have the model: its calls are unpriced until someone adds it.',
  unpriced_tier: 'Our book has no price of its own for this tier: its calls stay unpriced rather than take the standard price.',
  no_rate: 'Our row has no rate for this class: such tokens are unpriced.',
  zero: 'They write 0 where the provider charges, or lists no price of its own.',
  no_discount: 'They charge a cached class like plain input, which ignores the discount.',
  no_own_rate: 'Our list has no price of its own for this class and bills it as plain input, the dearest that it can be; they have one.',
  rounded: 'The same price with fewer digits.',
  earlier_price: 'The price of another time: the list is older than the change, or dated ahead of it.',
  other_hours: 'The price of other hours of the day; their list knows one price only.',
  other_bracket: 'The price of another context bracket: they start it elsewhere, or do not know it.',
  other_tier: 'The price of another service tier of the same model.',
  regional: 'Ten percent apart: one lists the regional endpoint, the other the global one.',
  by_region: 'The provider charges this region apart; our book has the base price only.',
  unexplained: 'None of the known causes: look at the provider\'s own page.',
} as const;

export type DifferenceCause = keyof typeof DIFFERENCE_CAUSES;

export interface CatalogueDifference extends ForeignPrice {
  /** Ours in dollars a million; null where we have none. */
  readonly ours: string | null;
  readonly cause: DifferenceCause;
}

export interface CatalogueComparison {
  /** Prices that were compared, equal ones included. */
  readonly compared: number;
  /** By list. */
  readonly equal: Readonly<Record<string, number>>;
  readonly differences: readonly CatalogueDifference[];
}

export interface CompareOptions {
  /** Unix ms at which our prices are taken. */
  readonly at: number;
  /** Absent: the hundred in most use. */
  readonly models?: readonly ComparedModel[];
}

export function compareCatalogues(book: PriceBook, lists: readonly ForeignPrice[], { at, models = POPULAR_MODELS }: CompareOptions): CatalogueComparison {
  const wanted = new Set(models.map(({ provider, model }) => `${provider}\n${model.toLowerCase()}`));
  const equal: Record<string, number> = {};
  const differences: CatalogueDifference[] = [];
  let compared = 0;
  for (const theirs of lists) {
    if (!wanted.has(`${theirs.provider}\n${theirs.model.toLowerCase()}`)) continue;
    compared++;
    const ours = rateOf(book, theirs, at);
    const usd = readDecimal(theirs.usdPerMillion);
    if (ours !== null && compareRational(ours, usd) === 0) equal[theirs.catalogue] = (equal[theirs.catalogue] ?? 0) + 1;
    else differences.push({ ...theirs, ours: ours === null ? null : formatRational(ours), cause: causeOf(book, theirs, usd, ours, at) });
  }
  return { compared, equal, differences };
}

type Facet = Pick<ForeignPrice, 'provider' | 'model' | 'tier' | 'region' | 'contextFrom' | 'class'>;

/** Our rate in dollars a million, substitutes resolved; null where a call would be unpriced. */
function rateOf(book: PriceBook, { provider, model, tier, region, contextFrom, class: name }: Facet, at: number): Rational | null {
  const row = findPrice(book, { provider, model, tier, region, contextTokens: contextFrom, at });
  const rate = row === null ? undefined : compileVersion(book, row).tokenRates[TOKEN_CLASSES.indexOf(name)];
  return rate === undefined ? null : multiplyRational(rate.usd, MILLION);
}

const MILLION: Rational = { num: 1_000_000n, den: 1n };
const DAY_MS = 86_400_000;
const TIERS = ['standard', 'batch', 'flex', 'priority', 'fast'];
const REGIONS = ['us', 'us-east5'];
const DISCOUNTED: ReadonlySet<TokenClass> = new Set(['cache_read', 'cache_read_audio', 'cache_read_image', 'cache_write_5m', 'cache_write_30m', 'cache_write_1h', 'cache_write_12h', 'cache_write_other']);

function causeOf(book: PriceBook, theirs: ForeignPrice, usd: Rational, ours: Rational | null, at: number): DifferenceCause {
  const rate = (facet: Partial<Facet>, time = at): Rational | null => rateOf(book, { ...theirs, ...facet }, time);
  const is = (other: Rational | null): boolean => other !== null && sameWhenRounded(other, usd);
  if (!knowsModel(book, theirs.provider, theirs.model)) return 'unknown_model';
  if (ours === null) return rate({ class: 'input_uncached' }) === null ? 'unpriced_tier' : usd.num === 0n ? 'zero' : 'no_rate';
  if (usd.num === 0n || ours.num === 0n) return 'zero';
  if (sameWhenRounded(ours, usd)) return 'rounded';
  if (timesOf(book, theirs.provider).some((time) => is(rate({}, time)))) return 'earlier_price';
  if (hoursOf(at).some((time) => is(rate({}, time)))) return 'other_hours';
  const input = rate({ class: 'input_uncached' });
  if (DISCOUNTED.has(theirs.class) && is(input)) return 'no_discount';
  if (DISCOUNTED.has(theirs.class) && input !== null && compareRational(ours, input) === 0) return 'no_own_rate';
  if (bracketsOf(book, theirs.provider).some((contextFrom) => is(rate({ contextFrom })))) return 'other_bracket';
  if (TIERS.some((tier) => is(rate({ tier })))) return 'other_tier';
  if (REGIONS.some((region) => is(rate({ region }))) || is(multiplyRational(ours, TEN_PERCENT_MORE)) || is(divideRational(ours, TEN_PERCENT_MORE))) return 'regional';
  return theirs.region === '' ? 'unexplained' : 'by_region';
}

const TEN_PERCENT_MORE: Rational = { num: 11n, den: 10n };

/** Just after each change of any of the provider's prices, and before the first. */
function timesOf(book: PriceBook, provider: string): readonly number[] {
  return [0, ...new Set((book.byProvider.get(provider) ?? []).map(({ effectiveFrom }) => effectiveFrom))].filter(Number.isFinite);
}

function hoursOf(at: number): readonly number[] {
  const midnight = at - (((at % DAY_MS) + DAY_MS) % DAY_MS);
  return Array.from({ length: 24 }, (_, hour) => midnight + hour * 3_600_000);
}

function bracketsOf(book: PriceBook, provider: string): readonly number[] {
  return [...new Set((book.byProvider.get(provider) ?? []).map(({ contextFrom }) => contextFrom))];
}

/** Equal, or one is the other with two to four digits after the point, rounded either way or up. */
function sameWhenRounded(one: Rational, other: Rational): boolean {
  if (compareRational(one, other) === 0) return true;
  if (one.num <= 0n || other.num <= 0n) return false;
  return SCALES.some((scale) => isRoundingOf(one, other, scale) || isRoundingOf(other, one, scale));
}

const SCALES = [100n, 1_000n, 10_000n];

/** True when `rounded` has no more digits than the scale and lies next to `exact` in it. */
function isRoundingOf(exact: Rational, rounded: Rational, scale: bigint): boolean {
  const steps = rounded.num * scale;
  if (steps % rounded.den !== 0n) return false;
  const nearest = roundHalfEven(exact, scale);
  const up = (exact.num * scale + exact.den - 1n) / exact.den;
  return steps / rounded.den === nearest || steps / rounded.den === up;
}

function readDecimal(text: string): Rational {
  const value = parseDecimal(text);
  if (value === null) throw new Error(`"${text}" is no decimal.`);
  return value;
}
