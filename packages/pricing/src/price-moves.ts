/** Which price of a model became another one within a span, and from what to what. Pure. */
import { findPrice, type PriceBook } from './price-book';
import type { PriceVersion, RateClass } from './price-version';
import { rowsInForce } from './rows-in-force';

export interface RateMove {
  readonly class: RateClass;
  /** First number of input tokens of the bracket. */
  readonly contextFrom: number;
  /** `22:00-06:00` where a price holds for hours of the day only. */
  readonly hours: string | null;
  /** Dollars for `per` units; null where there was, or is, none. */
  readonly before: string | null;
  readonly after: string | null;
  readonly per: number;
}

export interface PriceMove {
  /** The model as the book names it. */
  readonly provider: string;
  readonly model: string;
  readonly atMs: number;
  readonly tier: string;
  readonly region: string;
  /** Set by the tenant's own price, or by its end. */
  readonly negotiated: boolean;
  /** Every rate that is another one now; never empty. */
  readonly rates: readonly RateMove[];
}

/** In the order of time. A row that repeats what held already moves nothing. `model` may be the name under which it was served. */
export function listPriceMoves(book: PriceBook, named: { readonly provider: string; readonly model: string }, span: { readonly fromMs: number; readonly toMs: number }): readonly PriceMove[] {
  const models = new Map<string, PriceVersion>();
  for (const at of [span.fromMs, span.toMs - 1]) {
    const row = findPrice(book, { ...named, contextTokens: 0, at });
    if (row !== null) models.set(`${row.provider}\n${row.model}`, row);
  }
  const moves = [...models.values()].flatMap(({ provider, model }) => movesOf(book, provider, model, span));
  return moves.sort((a, b) => a.atMs - b.atMs || (a.tier < b.tier ? -1 : 1));
}

function movesOf(book: PriceBook, provider: string, model: string, { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): PriceMove[] {
  const places = new Map<string, PriceVersion & { readonly own: boolean }>();
  for (let each: PriceBook | null = book; each !== null; each = each.parent) {
    for (const row of each.versions) {
      if (row.provider !== provider || row.model !== model || row.effectiveFrom <= fromMs || row.effectiveFrom >= toMs) continue;
      const key = `${row.tier}\n${row.region}\n${row.effectiveFrom}`;
      if (!places.has(key)) places.set(key, { ...row, own: each.parent !== null });
    }
  }
  return [...places.values()].flatMap(({ tier, region, effectiveFrom, own }) => {
    const place = { provider, model, tier, region };
    const rates = compareRows(rowsInForce(book, place, effectiveFrom - 1), rowsInForce(book, place, effectiveFrom));
    return rates.length === 0 ? [] : [{ provider, model, atMs: effectiveFrom, tier, region, negotiated: own, rates }];
  });
}

function compareRows(before: readonly PriceVersion[], after: readonly PriceVersion[]): RateMove[] {
  const moves = new Map<string, RateMove>();
  const note = (rows: readonly PriceVersion[], side: 'before' | 'after'): void => {
    for (const { contextFrom, match, rates } of rows) {
      const hours = match.utcFrom === undefined ? null : `${match.utcFrom}-${match.utcTo}`;
      for (const { class: name, price, per } of rates) {
        const key = JSON.stringify([contextFrom, hours, name, per]);
        const known = moves.get(key) ?? { class: name, contextFrom, hours, before: null, after: null, per };
        moves.set(key, { ...known, [side]: price });
      }
    }
  };
  note(before, 'before');
  note(after, 'after');
  return [...moves.values()].filter((move) => move.before !== move.after).sort((a, b) => a.contextFrom - b.contextFrom);
}
