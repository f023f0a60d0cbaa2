/**
 * The same tokens at another model's price: class by class, by the one price rule of `pricing`. Prices are linear in tokens, so the rule may be
 * applied to sums; what is not linear (context brackets, rates that hold for hours of the day) is named as an assumption. Pure.
 */
import { TOKEN_CLASSES, type TokenClass, type TokenQuantities } from '@outlay/kernel';
import { findPrice, priceUsage, type PriceBook, type PriceLine, STANDARD } from '@outlay/pricing';

export interface WhatIfQuery {
  readonly provider: string;
  readonly model: string;
  /** Unix ms: the prices of this moment. */
  readonly at: number;
  readonly quantities: TokenQuantities;
  /** Requests, for models that charge each one. */
  readonly calls: number;
}

interface PricedClass {
  readonly class: TokenClass | 'request';
  readonly quantity: string;
  /** Dollars, exact. */
  readonly unitPrice: string;
  readonly amountUsd: string;
}

export interface WhatIf {
  /** The model as the price book names it; null when it has no standard price at this time. */
  readonly priced: { readonly provider: string; readonly model: string; readonly version: string } | null;
  readonly lines: readonly PricedClass[];
  /** Classes with tokens in them that this model has no rate for: they are in no sum, and not zero. */
  readonly missing: readonly TokenClass[];
  /** The sum of the lines; null when there is none. With `missing` it is the sum of a part. */
  readonly costPico: string | null;
  /** The model has dearer prices for larger contexts, from these numbers of input tokens on; the lines are at the base. */
  readonly bracketsFrom: readonly number[];
}

export function priceAsIf(book: PriceBook, { provider, model, at, quantities, calls }: WhatIfQuery): WhatIf {
  const named = { provider, model, tier: STANDARD, at };
  const row = findPrice(book, { ...named, contextTokens: 0 });
  if (row === null) return { priced: null, lines: [], missing: TOKEN_CLASSES.filter((name) => (quantities[name] ?? 0) > 0), costPico: null, bracketsFrom: [] };
  // Base bracket and no charge for a request: those are added once, below.
  const asked = { ...named, contextTokens: 0, isRequest: false };
  const used = TOKEN_CLASSES.filter((name) => (quantities[name] ?? 0) > 0);
  const missing = used.filter((name) => priceUsage(book, { ...asked, quantities: { [name]: 1 } }).basis === 'unpriced');
  const known: TokenQuantities = Object.fromEntries(used.filter((name) => !missing.includes(name)).map((name) => [name, quantities[name]]));
  const perRequest = row.rates.some((rate) => rate.class === 'request');
  const whole = priceUsage(book, { ...asked, quantities: known, ...(perRequest && calls > 0 ? { extras: [{ kind: 'request', quantity: String(calls), unit: 'request' }] } : {}) });
  return {
    priced: { provider: row.provider, model: row.model, version: row.version },
    lines: whole.lines.map(toClass), missing, costPico: used.length > 0 && missing.length === used.length ? null : (whole.costPico?.toString() ?? null),
    bracketsFrom: bracketsOf(book, named, at),
  };
}

function toClass({ class: name, quantity, unitPrice, amount }: PriceLine): PricedClass {
  return { class: name as PricedClass['class'], quantity, unitPrice, amountUsd: amount };
}

/** A context of this size is larger than any model takes. */
const LARGEST_CONTEXT = 100_000_000;

function bracketsOf(book: PriceBook, named: { readonly provider: string; readonly model: string; readonly tier: string }, at: number): number[] {
  const starts: number[] = [];
  // From the largest downwards: each look-up names the bracket that it fell into.
  for (let contextTokens = LARGEST_CONTEXT; ;) {
    const row = findPrice(book, { ...named, contextTokens, at });
    if (row === null || row.contextFrom === 0) return starts.reverse();
    starts.push(row.contextFrom);
    contextTokens = row.contextFrom - 1;
  }
}

