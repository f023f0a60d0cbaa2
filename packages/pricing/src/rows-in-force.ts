/** What holds for a model of the book at a time: all brackets and hours of one price. Pure; by the model's id where the book has it, else by name. */
import { findPrice, type PriceBook } from './price-book';
import type { PriceVersion } from './price-version';

export type PriceSeries = Pick<PriceVersion, 'provider' | 'model' | 'tier' | 'region'>;

/** A tenant's own rows stand before the global ones; a region without a price of its own has the base price. Empty when nothing holds. */
export function rowsInForce(book: PriceBook, place: PriceSeries, atMs: number): readonly PriceVersion[] {
  let isKnown = false;
  for (let each: PriceBook | null = book; each !== null; each = each.parent) {
    const rows = each.versions.filter((row) => row.provider === place.provider && row.model === place.model);
    isKnown ||= rows.length > 0;
    const held = generationInForce(rows, place, atMs);
    if (held.length > 0) return held;
  }
  return isKnown ? [] : rowsByName(book, place, atMs);
}

/** The same among the rows of one model of one book. */
export function generationInForce(rows: readonly PriceVersion[], { tier, region }: Pick<PriceSeries, 'tier' | 'region'>, atMs: number): readonly PriceVersion[] {
  for (const where of region === '' ? [''] : [region, '']) {
    let best: PriceVersion[] = [];
    for (const row of rows) {
      if (row.tier !== tier || row.region !== where || row.effectiveFrom > atMs) continue;
      const [leader] = best;
      if (leader === undefined || isLater(row, leader)) best = [row];
      else if (!isLater(leader, row)) best.push(row);
    }
    if (best.some((row) => !row.withdrawn)) return best.sort((a, b) => a.contextFrom - b.contextFrom);
  }
  return [];
}

/** A served name that is no model's id: what a call under it would be priced by. */
function rowsByName(book: PriceBook, place: PriceSeries, atMs: number): readonly PriceVersion[] {
  const row = findPrice(book, { ...place, contextTokens: 0, at: atMs });
  return row === null ? [] : rowsInForce(book, row, atMs);
}

function isLater(a: PriceVersion, b: PriceVersion): boolean {
  return a.effectiveFrom > b.effectiveFrom || (a.effectiveFrom === b.effectiveFrom && a.knownFrom > b.knownFrom);
}
