/**
 * Why a bill differs from the ledger, for one model of one account on one UTC day. Pure, exact in whole pico-dollars; the parts sum to the residue. It walks from the ledger to the bill:
 *
 *   ledger + tier + cache class + failed + missing + timing + over = what the provider should bill for what it counts, by our prices
 *   that + price version + rounding + unexplained = the bill
 *
 * 1. Within each hour recorded and counted tokens are matched (`match-tokens.ts`): same tokens in another tier are `tier`, same input in other classes `cache_class`.
 * 2. What the provider counts beyond that is `failed`, as far as the ledger has calls of unknown cost among the requests that it lacks (pro rata of requests), else `missing`.
 * 3. What the ledger has beyond that, and the provider counts in the hour before or after, is `timing`: inside of a day it cancels out, across midnight it stands on both days with opposite
 *    signs. The rest of it is `unexplained`: no provider bills less than it counts for a reason that we could know.
 *    Where nothing at all is billed, what is counted beyond the ledger is no residue.
 * 4. The bill against what it should be: a line's difference below a cent is `rounding`. A line whose class or quantity says what it is for is `price_version` in so far as its price differs,
 *    `unexplained` in so far as it bills another quantity than the provider's own usage has. A line that says neither is `price_version` only where another version of the book gives its amount.
 */
import { type BillClass, classOfTokens } from './bill-class';
import { type Cause, type Causes, noCauses, sumCauses } from './causes';
import { type CountedTokens, matchTokens, type RateOf, type RecordedTokens } from './match-tokens';

/** An hour, or a day where the provider counts no hours. */
export interface BucketFacts {
  readonly recorded: readonly RecordedTokens[];
  readonly counted: readonly CountedTokens[];
  /** Calls of the ledger with a usage or a cost, and those of which nobody knows what they cost. */
  readonly calls: number;
  readonly costless: number;
  /** As the provider counts them; null where it does not. */
  readonly requests: number | null;
  /** Beside tokens (searches, images, ...), in millionths of a pico-dollar: what we recorded, and what the provider counts; null where it counts none. */
  readonly recordedExtras: bigint;
  readonly countedExtras: bigint | null;
}

export interface BillLine {
  readonly class: BillClass | null;
  readonly amountPico: bigint;
  /** Tokens; null where the bill does not say. */
  readonly quantity: bigint | null;
}

export interface ResidueInput {
  readonly ledgerPico: bigint;
  /** Has the ledger calls of it that it could not price? */
  readonly hasUnpriced: boolean;
  /** Costs of the ledger that no price version stands behind: nobody knows which class they are for, so bill and ledger are compared as a whole. */
  readonly isCoarse: boolean;
  /** In their order; empty where the provider reports no usage at all. */
  readonly buckets: readonly BucketFacts[];
  /** The buckets next to the day; null where nothing is known of them. */
  readonly before: BucketFacts | null;
  readonly after: BucketFacts | null;
  readonly lines: readonly BillLine[];
  readonly rateOf: RateOf;
  /** What the counted usage costs by other versions of the book, in pico-dollars; asked only where nothing simpler explains the bill. */
  readonly otherPricesPico: () => readonly bigint[];
}

export interface Residue {
  readonly billedPico: bigint;
  /** What both sides have: no more than either, and never less than nothing, unless a side is. */
  readonly matchedPico: bigint;
  readonly causes: Causes;
  /** What the provider counts, by our prices; by what bills tell apart. */
  readonly expected: ReadonlyMap<BillClass, { readonly pico: bigint; readonly tokens: number }>;
}

const SCALE = 1_000_000n;
const CENT_PICO = 10_000_000_000n;
/** Further apart, a quantity is in another unit. */
const QUANTITY_TIMES = 20n;

export function splitResidue(input: ResidueInput): Residue {
  const billedPico = input.lines.reduce((sum, { amountPico }) => sum + amountPico, 0n);
  const causes = noCauses();
  const day = input.buckets.map((bucket) => splitBucket(bucket, input.rateOf));
  shiftAcross(day, input.before && splitBucket(input.before, input.rateOf), input.after && splitBucket(input.after, input.rateOf));
  const sums = noCauses();
  const expected = new Map<BillClass, { value: bigint; tokens: number }>();
  for (const part of day) {
    for (const cause of ['missing', 'failed', 'tier', 'cache_class', 'timing'] as const) sums[cause] += part[cause];
    sums.unexplained += part.over;
    for (const [name, { value, tokens }] of part.byClass) {
      const known = expected.get(name) ?? { value: 0n, tokens: 0 };
      expected.set(name, { value: known.value + value, tokens: known.tokens + tokens });
    }
  }
  for (const cause of Object.keys(sums) as Cause[]) causes[cause] = toWhole(sums[cause]);
  const shouldBe = input.ledgerPico + sumCauses(causes);
  const isUnpriced = day.some(({ surplusUnpriced }) => surplusUnpriced > 0);
  addBill(causes, input, { expected, shouldBe, billedPico, isUnpriced });
  const dust = billedPico - input.ledgerPico - sumCauses(causes);
  causes.rounding += dust;
  if (billedPico === 0n) dropUnbilled(causes);
  const less = (Object.values(causes) as bigint[]).reduce((sum, part) => (part < 0n ? sum + part : sum), 0n);
  return { billedPico, matchedPico: max(input.ledgerPico + less, min(0n, min(input.ledgerPico, billedPico))), causes, expected: new Map([...expected].map(([name, { value, tokens }]) => [name, { pico: toWhole(value), tokens }])) };
}

/** What is counted beyond the ledger and billed to nobody is money to nobody: not missing here, to be unexplained there. What crossed midnight stays: the other day says so too. */
function dropUnbilled(causes: Record<Cause, bigint>): void {
  for (const cause of ['missing', 'failed', 'tier', 'cache_class'] as const) {
    for (const against of ['unexplained', 'rounding'] as const) {
      const both = min(causes[cause], -causes[against]);
      if (both <= 0n) continue;
      causes[cause] -= both;
      causes[against] += both;
    }
  }
}

interface BucketParts {
  missing: bigint;
  failed: bigint;
  tier: bigint;
  cache_class: bigint;
  timing: bigint;
  over: bigint;
  readonly surplusUnpriced: number;
  readonly byClass: ReadonlyMap<BillClass, { readonly value: bigint; readonly tokens: number }>;
}

function splitBucket({ recorded, counted, calls, costless, requests, recordedExtras, countedExtras }: BucketFacts, rateOf: RateOf): BucketParts {
  const matched = matchTokens(recorded, counted, rateOf);
  const extras = countedExtras === null ? 0n : countedExtras - recordedExtras;
  const surplus = matched.surplus + (extras > 0n ? extras : 0n);
  // Requests that the ledger lacks; where the provider counts none, calls of unknown cost are all that is known to be billed beyond the rest.
  const lacking = requests === null ? costless : Math.max(requests - calls, 0);
  const failed = lacking === 0 ? 0n : (surplus * BigInt(Math.min(costless, lacking))) / BigInt(lacking);
  const byClass = new Map<BillClass, { value: bigint; tokens: number }>();
  for (const [name, { value, tokens }] of matched.byClass) {
    const known = byClass.get(classOfTokens(name)) ?? { value: 0n, tokens: 0 };
    byClass.set(classOfTokens(name), { value: known.value + value, tokens: known.tokens + tokens });
  }
  return { missing: surplus - failed, failed, tier: matched.tier, cache_class: matched.cacheClass, timing: 0n, over: matched.over + (extras < 0n ? extras : 0n), surplusUnpriced: matched.surplusUnpriced, byClass };
}

/** Midnights first, so that both days say the same of one of them. */
function shiftAcross(day: readonly BucketParts[], before: BucketParts | null, after: BucketParts | null): void {
  if (before !== null && day.length > 0) shift(before, day[0]!);
  if (after !== null && day.length > 0) shift(day.at(-1)!, after);
  for (let i = 1; i < day.length; i++) shift(day[i - 1]!, day[i]!);
}

function shift(earlier: BucketParts, later: BucketParts): void {
  for (const [ours, theirs] of [[earlier, later], [later, earlier]] as const) {
    const most = theirs.missing < -ours.over ? theirs.missing : -ours.over;
    if (most <= 0n) continue;
    ours.over += most;
    ours.timing -= most;
    theirs.missing -= most;
    theirs.timing += most;
  }
}

interface ShouldBe {
  readonly expected: ReadonlyMap<BillClass, { readonly value: bigint; readonly tokens: number }>;
  readonly shouldBe: bigint;
  readonly billedPico: bigint;
  readonly isUnpriced: boolean;
}

/** Adds the way from what it should be to what it is. */
function addBill(causes: Record<Cause, bigint>, { lines, buckets, ledgerPico, hasUnpriced, isCoarse, otherPricesPico }: ResidueInput, { expected, shouldBe, billedPico, isUnpriced }: ShouldBe): void {
  const whole = billedPico - shouldBe;
  const cents = (count: number): bigint => CENT_PICO * BigInt(Math.max(count, 1));
  const isSmall = (pico: bigint, count: number): boolean => pico < cents(count) && -pico < cents(count);
  const byWhole = (pico: bigint, count: number): Cause => {
    if (isSmall(pico, count)) return 'rounding';
    if (isUnpriced || (buckets.length === 0 && ledgerPico === 0n && !hasUnpriced)) return 'missing';
    if (hasUnpriced || otherPricesPico().some((other) => isSmall(billedPico - other, count))) return 'price_version';
    return 'unexplained';
  };
  const tokensValue = toWhole([...expected.values()].reduce((sum, { value }) => sum + value, 0n));
  const isByClass = buckets.length > 0 && lines.length > 0 && lines.every((line) => line.class !== null) && !isUnpriced && !hasUnpriced && !isCoarse;
  if (!isByClass) {
    causes[byWhole(whole, lines.length)] += whole;
    return;
  }
  for (const name of new Set([...lines.map((line) => line.class!), ...expected.keys()])) {
    const own = lines.filter((line) => line.class === name);
    const { value = 0n, tokens = 0 } = expected.get(name) ?? {};
    const should = toWhole(value);
    const billed = own.reduce((sum, { amountPico }) => sum + amountPico, 0n);
    const stated = own.length === 0 || own.some(({ quantity }) => quantity === null) ? null : own.reduce((sum, { quantity }) => sum + quantity!, 0n);
    addClass(causes, { should, billed, tokens: BigInt(tokens), stated, isSmall: (pico) => isSmall(pico, own.length) });
  }
  // What we recorded beside tokens is on other lines of the bill, or in none.
  const beside = tokensValue - shouldBe;
  causes[isSmall(beside, 1) ? 'rounding' : 'unexplained'] += beside;
}

interface ClassFacts {
  readonly should: bigint;
  readonly billed: bigint;
  readonly tokens: bigint;
  readonly stated: bigint | null;
  readonly isSmall: (pico: bigint) => boolean;
}

function addClass(causes: Record<Cause, bigint>, { should, billed, tokens, stated, isSmall }: ClassFacts): void {
  const difference = billed - should;
  if (isSmall(difference)) causes.rounding += difference;
  else if (tokens === 0n || billed === 0n) causes.unexplained += difference;
  else {
    const isUsable = stated !== null && stated > 0n && stated <= tokens * QUANTITY_TIMES && tokens <= stated * QUANTITY_TIMES;
    // At our price, for the quantity that the bill says.
    const atOurs = isUsable ? (should * stated) / tokens : should;
    causes.unexplained += isSmall(atOurs - should) ? 0n : atOurs - should;
    const ofPrice = difference - (isSmall(atOurs - should) ? 0n : atOurs - should);
    causes[isSmall(ofPrice) ? 'rounding' : 'price_version'] += ofPrice;
  }
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/** Half away from zero is as good as any here: what is lost is found in `rounding`. */
function toWhole(value: bigint): bigint {
  const half = value < 0n ? -SCALE / 2n : SCALE / 2n;
  return (value + half) / SCALE;
}
