/**
 * The one rating rule: a plan version and what was used in a billing period -> what it costs the customer, line by line, exact. Preview, simulator and
 * invoices call it, so none of them can differ. Nothing is rounded until `roundCharge`, once a line.
 */
import { addRational, compareRational, divideRational, multiplyRational, parseDecimal, type Rational, ZERO } from '@outlay/kernel';
import type { Allowance, Overage, PlanDefinition } from './plan-definition';

/** What an allowance saw in one of its windows. */
export interface WindowUsage {
  readonly allowanceId: string;
  /** Names the window, `2026-11-21`: windows are rated one by one, because each begins with its own included amount. */
  readonly window: string;
  readonly used: Rational;
  /** Part of what is included that counts here; absent, the share of the period for a window `period`, else all of it. */
  readonly share?: Rational;
}

/** A part of a quantity at one price. */
export interface ChargePart {
  readonly quantity: Rational;
  /** Price of `per` units; null on the flat amount of a tier. */
  readonly price: string | null;
  readonly per: string;
  readonly amount: Rational;
}

export interface ChargeLine {
  readonly kind: 'base_fee' | 'overage';
  readonly allowanceId: string | null;
  readonly window: string | null;
  readonly used: Rational;
  readonly included: Rational;
  /** Used above the included amount; of a hard allowance too, because the ledger refuses no fact. */
  readonly over: Rational;
  readonly parts: readonly ChargePart[];
  readonly amount: Rational;
}

export interface Charge {
  readonly lines: readonly ChargeLine[];
  readonly total: Rational;
}

/**
 * `share` is the part of the period that the version was in force, 1 for all of it: it scales the base fee and what is included, never what was used. Usage of an
 * allowance that the plan does not have is an error of the caller and throws.
 */
export function rateUsage(plan: PlanDefinition, usage: readonly WindowUsage[], share: Rational = { num: 1n, den: 1n }): Charge {
  const base = multiplyRational(exact(plan.baseFee), share);
  const lines: ChargeLine[] = [
    { kind: 'base_fee', allowanceId: null, window: null, used: ZERO, included: ZERO, over: ZERO, parts: [], amount: base },
    ...usage.map((each) => {
      const allowance = plan.allowances.find(({ id }) => id === each.allowanceId);
      if (!allowance) throw new Error(`This plan has no allowance "${each.allowanceId}".`);
      return rateWindow(allowance, each, each.share ?? (allowance.window === 'period' ? share : { num: 1n, den: 1n }));
    }),
  ];
  return { lines, total: lines.reduce((sum, { amount }) => addRational(sum, amount), ZERO) };
}

function rateWindow(allowance: Allowance, { window, used }: WindowUsage, share: Rational): ChargeLine {
  const included = multiplyRational(exact(allowance.included), share);
  const over = compareRational(used, included) > 0 ? subtract(used, included) : ZERO;
  const parts = allowance.exhausted.mode === 'hard' || over.num === 0n ? [] : rateOverage(allowance.exhausted.overage, over);
  return { kind: 'overage', allowanceId: allowance.id, window, used, included, over, parts, amount: parts.reduce((sum, { amount }) => addRational(sum, amount), ZERO) };
}

/** Pure: a quantity above the included amount -> its parts. Their quantities sum to it. */
export function rateOverage(overage: Overage, quantity: Rational): ChargePart[] {
  const { per } = overage;
  const part = (of: Rational, price: string): ChargePart => ({ quantity: of, price, per, amount: multiplyRational(of, divideRational(exact(price), exact(per))) });
  const flat = (amount: string | undefined): ChargePart[] => (amount === undefined || exact(amount).num === 0n ? [] : [{ quantity: ZERO, price: null, per, amount: exact(amount) }]);
  switch (overage.kind) {
    case 'flat':
      return [part(quantity, overage.price)];
    case 'volume': {
      const reached = overage.tiers.find(({ upTo }) => upTo === null || compareRational(quantity, exact(upTo)) <= 0)!;
      return [part(quantity, reached.price), ...flat(reached.flat)];
    }
    case 'graduated': {
      const parts: ChargePart[] = [];
      let from: Rational = ZERO;
      for (const tier of overage.tiers) {
        if (compareRational(quantity, from) <= 0) break;
        const end = tier.upTo === null || compareRational(quantity, exact(tier.upTo)) <= 0 ? quantity : exact(tier.upTo);
        parts.push(part(subtract(end, from), tier.price), ...flat(tier.flat));
        from = end;
      }
      return parts;
    }
  }
}

/** Rounds an amount once, to the currency's smallest coin; answers coins. `half_up` and `up` go away from zero. */
export function roundCharge(amount: Rational, currency: string, rule: PlanDefinition['rounding']): bigint {
  const coins = amount.num * 10n ** BigInt(coinDigits(currency));
  const size = coins < 0n ? -coins : coins;
  const floor = size / amount.den;
  const rest = size % amount.den;
  const twice = rest * 2n;
  const goesUp = rule === 'up' ? rest > 0n : rule === 'down' ? false : twice > amount.den || (twice === amount.den && (rule === 'half_up' || floor % 2n === 1n));
  const rounded = goesUp ? floor + 1n : floor;
  return coins < 0n ? -rounded : rounded;
}

/** Decimals of a currency: 2 for USD, 0 for JPY, 3 for KWD. */
export function coinDigits(currency: string): number {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

/** A definition's decimals were checked when it was parsed. */
function exact(text: string): Rational {
  return parseDecimal(text)!;
}

function subtract(a: Rational, b: Rational): Rational {
  return addRational(a, { num: -b.num, den: b.den });
}
