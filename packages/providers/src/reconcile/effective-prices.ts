/** What was really paid a million tokens, from the bill itself, beside what the book says. Pure. */
import { divideRational, parseDecimal, roundHalfEven } from '@outlay/kernel';
import type { BillClass } from './bill-class';
import type { StoredReconciliation } from './store-reconciliations';

export interface EffectivePrice {
  readonly connectionId: string;
  readonly provider: string;
  readonly model: string;
  readonly class: BillClass | null;
  readonly lineItem: string | null;
  readonly billedPico: bigint;
  readonly quantity: string;
  /** Pico-dollars a million units. */
  readonly effectivePico: bigint;
  /** Null where the book has no price of it. */
  readonly bookPico: bigint | null;
  /** Of the book's price; 12.5: dearer by an eighth. */
  readonly differencePercent: number | null;
  readonly differs: boolean;
}

/** Less is rounding of a small bill. */
const DIFFERS_PERCENT = 1;
const LEAST_PICO = 10_000_000_000n;
const MILLION = 1_000_000n;

/** Those that differ first, then by what they cost. */
export function effectivePrices(days: readonly StoredReconciliation[]): EffectivePrice[] {
  const sums = new Map<string, { at: Pick<EffectivePrice, 'connectionId' | 'provider' | 'model' | 'class' | 'lineItem'>; billed: bigint; quantity: bigint; our: bigint | null }>();
  for (const day of days) {
    for (const group of day.groups) {
      for (const line of group.lines) {
        const quantity = line.quantity === null ? null : roundHalfEven(parseDecimal(line.quantity)!, 1_000_000n);
        if (quantity === null || quantity <= 0n) continue;
        const at = { connectionId: day.connectionId, provider: group.provider, model: group.model, class: line.class, lineItem: line.class === null ? line.lineItem : null };
        const key = JSON.stringify(Object.values(at));
        const known = sums.get(key) ?? { at, billed: 0n, quantity: 0n, our: 0n };
        sums.set(key, { at, billed: known.billed + line.amountPico, quantity: known.quantity + quantity, our: known.our === null || line.ourPico === null ? null : known.our + line.ourPico });
      }
    }
  }
  const prices = [...sums.values()].map(({ at, billed, quantity, our }): EffectivePrice => {
    const units = { num: quantity, den: 1_000_000n };
    const aMillion = (pico: bigint): bigint => roundHalfEven(divideRational({ num: pico, den: 1n }, units), MILLION);
    const differencePercent = our === null || our === 0n ? null : Number(((billed - our) * 1_000_000n) / our) / 10_000;
    const gap = our === null ? 0n : billed - our;
    return {
      ...at, billedPico: billed, quantity: String(quantity / 1_000_000n), effectivePico: aMillion(billed), bookPico: our === null || our === 0n ? null : aMillion(our), differencePercent,
      differs: differencePercent !== null && Math.abs(differencePercent) > DIFFERS_PERCENT && (gap >= LEAST_PICO || -gap >= LEAST_PICO),
    };
  });
  return prices.sort((a, b) => Number(b.differs) - Number(a.differs) || (a.billedPico > b.billedPico ? -1 : a.billedPico < b.billedPico ? 1 : 0));
}
