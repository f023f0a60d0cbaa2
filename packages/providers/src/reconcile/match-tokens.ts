/**
 * Which recorded tokens are which counted ones, within one model and hour. Pure and exact: values are whole millionths of a pico-dollar (tokens x pico-dollars a million). Tokens are
 * matched in four rounds, each with what the one before left over: same tier and class; another tier; another class of input or of output; both. What remains on the provider's side the
 * ledger does not have (`surplus`); what remains on ours the provider does not count (`over`).
 */
import { INPUT_CLASSES, type TokenClass } from '@outlay/kernel';

export interface RecordedTokens {
  readonly model: string;
  readonly tier: string;
  readonly class: TokenClass;
  readonly tokens: number;
  /** What they cost in the ledger: pico-dollars a million; 0 while unpriced. */
  readonly rate: bigint;
}

export interface CountedTokens {
  readonly model: string;
  readonly tier: string;
  readonly class: TokenClass;
  readonly tokens: number;
}

/** Pico-dollars a million tokens by the book, null without a price. */
export type RateOf = (model: string, tier: string, name: TokenClass) => bigint | null;

export interface Matched {
  readonly tier: bigint;
  readonly cacheClass: bigint;
  readonly surplus: bigint;
  /** Of `surplus`: tokens without a price, whose value only the bill says. */
  readonly surplusUnpriced: number;
  /** Negative. */
  readonly over: bigint;
  /** What the provider should bill by our prices, and the tokens behind it. */
  readonly byClass: ReadonlyMap<TokenClass, { readonly value: bigint; readonly tokens: number }>;
}

const INPUT: ReadonlySet<TokenClass> = new Set(INPUT_CLASSES);

const ROUNDS: readonly ((recorded: CountedTokens, counted: CountedTokens) => boolean)[] = [
  (recorded, counted) => recorded.tier === counted.tier && recorded.class === counted.class,
  (recorded, counted) => recorded.class === counted.class,
  (recorded, counted) => recorded.tier === counted.tier,
  () => true,
];

export function matchTokens(recorded: readonly RecordedTokens[], counted: readonly CountedTokens[], rateOf: RateOf): Matched {
  const ours = sortByName(recorded);
  const theirs = sortByName(counted);
  const found = { tier: 0n, cacheClass: 0n, surplus: 0n, surplusUnpriced: 0, over: 0n };
  const byClass = new Map<TokenClass, { value: bigint; tokens: number }>();
  const add = (name: TokenClass, value: bigint, tokens: number): void => {
    const known = byClass.get(name) ?? { value: 0n, tokens: 0 };
    byClass.set(name, { value: known.value + value, tokens: known.tokens + tokens });
  };
  for (const fits of ROUNDS) {
    for (const their of theirs) {
      if (their.left === 0) continue;
      for (const our of ours) {
        const tokens = Math.min(our.left, their.left);
        if (tokens === 0 || our.model !== their.model || INPUT.has(our.class) !== INPUT.has(their.class) || !fits(our, their)) continue;
        our.left -= tokens;
        their.left -= tokens;
        const { tier, cacheClass } = moved(our, their, rateOf);
        const many = BigInt(tokens);
        found.tier += many * tier;
        found.cacheClass += many * cacheClass;
        add(their.class, many * (our.rate + tier + cacheClass), tokens);
      }
    }
  }
  for (const { model, tier, class: name, left } of theirs) {
    const rate = rateOf(model, tier, name);
    if (left > 0 && rate === null) found.surplusUnpriced += left;
    found.surplus += BigInt(left) * (rate ?? 0n);
    add(name, BigInt(left) * (rate ?? 0n), left);
  }
  for (const { rate, left } of ours) found.over -= BigInt(left) * rate;
  return { ...found, byClass };
}

/** Between two prices of the book, so that a difference between ledger and book does not pass for one of tier or class: that is a matter of the price version. */
function moved(our: CountedTokens, their: CountedTokens, rateOf: RateOf): { readonly tier: bigint; readonly cacheClass: bigint } {
  if (our.tier === their.tier && our.class === their.class) return { tier: 0n, cacheClass: 0n };
  const [from, to] = [rateOf(our.model, our.tier, our.class), rateOf(their.model, their.tier, their.class)];
  if (from === null || to === null) return { tier: 0n, cacheClass: 0n };
  const between = our.class === their.class ? to : our.tier === their.tier ? from : (rateOf(their.model, their.tier, our.class) ?? from);
  return { tier: between - from, cacheClass: to - between };
}

/** Those of one name stay in the order in which they came. */
function sortByName<T extends CountedTokens>(rows: readonly T[]): (T & { left: number })[] {
  const named = rows.filter(({ tokens }) => tokens > 0).map((row) => ({ name: `${row.model}\n${row.tier}\n${row.class}`, row: { ...row, left: row.tokens } }));
  return named.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)).map(({ row }) => row);
}
