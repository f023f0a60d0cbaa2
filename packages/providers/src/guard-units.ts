/** Usage x price must be near the cost, or one of them is in another unit: cents for dollars is a hundred times. Pure. */
const UNIT_GUARD_TIMES = 20;

/** Below a dollar a day says nothing. */
const LEAST_PICO = 1_000_000_000_000n;

interface Spend {
  readonly model: string | null;
  readonly pico: bigint;
}

export interface DaySpend {
  /** By our prices; null where there is none: what cannot be priced says nothing about units. */
  readonly priced: readonly { readonly model: string | null; readonly pico: bigint | null }[];
  readonly billed: readonly Spend[];
  /** Everything that is billed for the day is here: only then can it be too little. */
  readonly isWhole: boolean;
}

/**
 * A sentence when a day's usage at our prices and its billed cost are so far apart that storing either as money would be wrong. Models are compared that both sides know, because a bill has
 * lines that no usage stands behind (storage, training, seats); where the bill names no model, the whole.
 */
export function unitFault({ priced, billed, isWhole }: DaySpend): string | null {
  const known = new Set(priced.filter(({ pico }) => pico !== null).map(({ model }) => model));
  const unknown = new Set(priced.filter(({ pico }) => pico === null).map(({ model }) => model));
  const names = billed.some(({ model }) => model !== null);
  const counts = (model: string | null): boolean => (names ? model !== null && known.has(model) && !unknown.has(model) : unknown.size === 0);
  const billedModels = new Set(billed.map(({ model }) => model));
  const billedPico = billed.reduce((sum, { model, pico }) => sum + (counts(model) ? pico : 0n), 0n);
  const pricedPico = priced.reduce((sum, { model, pico }) => sum + (counts(model) && (!names || billedModels.has(model)) ? (pico ?? 0n) : 0n), 0n);
  if (pricedPico < LEAST_PICO || billedPico < LEAST_PICO) return null;
  const times = BigInt(UNIT_GUARD_TIMES);
  if (billedPico > pricedPico * times) return `The provider bills more than ${UNIT_GUARD_TIMES} times what its usage costs by the price book: one of the two is in another unit. The page was not stored.`;
  if (isWhole && pricedPico > billedPico * times) return `Its usage costs more than ${UNIT_GUARD_TIMES} times what the provider bills, by the price book: one of the two is in another unit. The page was not stored.`;
  return null;
}
