import type { Outputs } from '../api/trpc';
import { formatCount, formatPlural } from '../ui/format-number';
import { bracketText, rateChanges, type RateChange } from './prepare-price';

export type PriceImport = Outputs['prices']['imports'][number];
export type PriceDifference = Outputs['prices']['diff']['differences'][number];

/** The two moments that are compared: those of the URL where they are imports, else the last two. Null with fewer than two. */
export function chooseImports(imports: readonly PriceImport[], since: string | undefined, until: string | undefined): { readonly from: PriceImport; readonly to: PriceImport } | null {
  const last = imports.length - 1;
  if (last < 1) return null;
  const wanted = imports.findIndex(({ knownAt }) => knownAt === until);
  // The oldest has nothing before it.
  const toIndex = wanted === -1 || wanted === last ? 0 : wanted;
  const fromIndex = imports.findIndex(({ knownAt }, index) => knownAt === since && index > toIndex);
  return { from: imports[fromIndex === -1 ? toIndex + 1 : fromIndex]!, to: imports[toIndex]! };
}

/** `genai-prices 0.1.8 + overlay 2026-11-21`: the source of most of its rows. */
export function importLabel({ sources }: PriceImport): string {
  return sources[0] ?? 'price list';
}

export interface ChangeBracket {
  readonly label: string | null;
  readonly changes: readonly RateChange[];
}

/** Old and new, bracket by bracket; only where something differs. */
export function prepareBrackets({ before, after }: Pick<PriceDifference, 'before' | 'after'>): readonly ChangeBracket[] {
  const rows = after.length > 0 ? after : before;
  return rows
    .map((row) => {
      const other = (list: typeof before) => list.findLast(({ contextFrom }) => contextFrom <= row.contextFrom)?.rates ?? [];
      return { label: bracketText(row, rows), changes: rateChanges(other(before), other(after)) };
    })
    .filter(({ changes }) => changes.length > 0);
}

/** `×1.25`, `×0.5`: how steep, with at most two decimals; null where nothing can be divided. */
export function factorText(factor: number | null): string | null {
  if (factor === null) return null;
  return `×${factor >= 100 ? formatCount(Math.round(factor)) : String(Number(factor.toFixed(factor < 0.1 ? 3 : 2)))}`;
}

export function prepareChangeCounts({ changed, added, withdrawn }: { readonly changed: number; readonly added: number; readonly withdrawn: number }): string {
  const parts = [changed > 0 ? formatPlural(changed, 'price') + ' changed' : null, added > 0 ? `${formatCount(added)} added` : null, withdrawn > 0 ? `${formatCount(withdrawn)} withdrawn` : null];
  return parts.filter((part) => part !== null).join(', ') || 'No price changed';
}
