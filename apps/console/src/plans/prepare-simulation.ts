/** The amounts that can be moved, and the steps of their sliders. Pure: decimals as text, because a price of 0.0000001 must stay what it is. */
import { formatRational, multiplyRational, parseDecimal, roundHalfEven } from '@outlay/kernel';
import { isZero } from './describe-plan';
import type { Allowance, PlanDefinition } from './plan-shape';
import type { SimulateSearch } from './plans-search';

/** Thousandths of twice the present amount: the middle is the plan as it is. */
export const SLIDER_MAX = 200;
const MIDDLE = 100n;

export interface Dial {
  readonly name: 'baseFee' | 'price' | 'included';
  /** As the plan has it; what a slider moves around. */
  readonly present: string;
  readonly value: string;
  /** Of the slider, between 0 and `SLIDER_MAX`. */
  readonly position: number;
}

export function chosenAllowance(plan: PlanDefinition, search: SimulateSearch): Allowance | null {
  return plan.allowances.find(({ id }) => id === search.allowance) ?? plan.allowances[0] ?? null;
}

function firstPrice(allowance: Allowance | null): string | null {
  if (allowance === null || allowance.exhausted.mode === 'hard') return null;
  const { overage } = allowance.exhausted;
  return overage.kind === 'flat' ? overage.price : (overage.tiers[0]?.price ?? null);
}

export function dialsOf(plan: PlanDefinition, search: SimulateSearch): Dial[] {
  const allowance = chosenAllowance(plan, search);
  const price = firstPrice(allowance);
  return [
    dial('baseFee', plan.baseFee, search.baseFee),
    ...(price === null ? [] : [dial('price', price, search.price)]),
    ...(allowance === null ? [] : [dial('included', allowance.included, search.included)]),
  ];
}

function dial(name: Dial['name'], present: string, moved: string | undefined): Dial {
  const value = moved ?? present;
  const [now, then] = [parseDecimal(present), parseDecimal(value)];
  const base = now === null || now.num === 0n ? unitOf(name) : now;
  const share = then === null ? 0 : Number((then.num * base.den * MIDDLE * 1_000n) / (then.den * base.num)) / 1_000;
  return { name, present, value, position: Math.min(Math.max(Math.round(share), 0), SLIDER_MAX) };
}

/** Where the slider of a present amount stands, as an amount; what is nothing now moves around a plain one. */
export function amountAt({ name, present }: Pick<Dial, 'name' | 'present'>, position: number): string {
  if (position === 100 && !isZero(present)) return present;
  const base = isZero(present) ? unitOf(name) : parseDecimal(present)!;
  const moved = multiplyRational(base, { num: BigInt(position), den: MIDDLE });
  // Counts are whole; money of a dollar and more has cents.
  const scale = name === 'included' ? 1n : moved.num >= moved.den ? 100n : 1_000_000_000_000n;
  return formatRational({ num: roundHalfEven(moved, scale), den: scale });
}

function unitOf(name: Dial['name']): { readonly num: bigint; readonly den: bigint } {
  return { baseFee: { num: 20n, den: 1n }, price: { num: 5n, den: 100n }, included: { num: 1_000n, den: 1n } }[name];
}

/** What the server is asked: only what differs. */
export function changesOf(plan: PlanDefinition, search: SimulateSearch): { baseFee?: string; price?: string; included?: string; allowanceId?: string } {
  const changed = dialsOf(plan, search).filter(({ present, value }) => value !== present);
  const allowance = chosenAllowance(plan, search);
  return { ...Object.fromEntries(changed.map(({ name, value }) => [name, value])), ...(allowance && changed.some(({ name }) => name !== 'baseFee') ? { allowanceId: allowance.id } : {}) };
}
