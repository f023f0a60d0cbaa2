/** What a re-pricing run does with one row: pure. The pair's ids derive from the original and its revision, so that a row is corrected once. */
import { buildCorrection, type Pair } from './build-correction';
import type { EventRow } from './columns';
import type { PriceUsageOf } from './price-event';

export type Repriced =
  | { readonly verdict: 'corrected'; readonly pair: Pair }
  /** The same cost and basis as before. */
  | { readonly verdict: 'unchanged' }
  /** The book has no price for it: it stays as it is, because an old price is better than none. */
  | { readonly verdict: 'unpriced' };

/** `row` is a valid state. `reason` must name the run, so that two runs are told apart by the input's hash. */
export function repriceRow(row: EventRow, reason: string, price: PriceUsageOf): Repriced {
  const pair = buildCorrection({ original_id: row.corrects ?? row.id, revision: row.revision, set: {}, reprice: true, reason }, row, { apiKeyId: null, source: 'reprice' }, price);
  if (!pair.ok) return { verdict: 'unpriced' };
  const { restatement } = pair.value;
  const after = restatement.cost_basis;
  const hadOurs = row.cost_basis === 'priced' || row.cost_basis === 'estimated';
  if (after === 'unpriced' || (after === 'provider_reported' && hadOurs)) return { verdict: 'unpriced' };
  if (restatement.cost_pico === row.cost_pico && after === row.cost_basis) return { verdict: 'unchanged' };
  return { verdict: 'corrected', pair: pair.value };
}
