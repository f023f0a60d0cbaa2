/** What an outcome is worth to a team by the plan that its row was recorded under: the base for margin. Pure. */
import { addRational, divideRational, multiplyRational, parseDecimal, PICO_PER_USD, type Rational, roundHalfEven, ZERO } from '@outlay/kernel';
import { allowanceOf, type Allowance, INTERVALS, type PlanDefinition } from '@outlay/plans';

/**
 * Dollars for one unit of a workflow. An allowance that includes nothing earns its first price; one that includes something, its part of the base fee over what is included, in as
 * many windows as a billing period has; credits, what they were sold for. Null where the plan gives outcomes no rate: none of these, tokens only, or another currency than that of costs.
 */
export function rateOfUnit(plan: PlanDefinition, workflow: string): Rational | null {
  if (plan.currency !== 'USD') return null;
  const allowance = allowanceOf(plan, 'units', workflow);
  const sold = plan.allowances.filter(({ measure, included }) => measure === 'units' && !isZero(included));
  const parts = sold.length + (plan.credits === null ? 0 : 1);
  // Nothing says how a base fee falls on several allowances: evenly.
  const fee = parts === 0 ? ZERO : divideRational(exact(plan.baseFee), whole(parts));
  const rates = [
    ...(allowance === null ? [] : [isZero(allowance.included) ? firstPrice(allowance) : divideRational(fee, multiplyRational(exact(allowance.included), windowsIn(plan, allowance)))]),
    ...(plan.credits === null ? [] : [multiplyRational(divideRational(fee, exact(plan.credits.granted)), exact(plan.credits.weights[workflow] ?? plan.credits.weight))]),
  ].filter((rate) => rate !== null);
  return rates.length === 0 ? null : rates.reduce(addRational);
}

/** In pico-dollars. Units of unusable runs are worth something only where the plan charges them. */
export function worthOf(plan: PlanDefinition, { workflow, unitsUsable, unitsUnusable }: { readonly workflow: string; readonly unitsUsable: string; readonly unitsUnusable: string }): bigint | null {
  const rate = rateOfUnit(plan, workflow);
  if (rate === null) return null;
  const units = plan.chargeOnlyUsable ? exact(unitsUsable) : addRational(exact(unitsUsable), exact(unitsUnusable));
  return roundHalfEven(multiplyRational(rate, units), PICO_PER_USD);
}

/** How many of its windows fall into a billing period, on average. */
export function windowsIn(plan: Pick<PlanDefinition, 'interval'>, { window }: Pick<Allowance, 'window'>): Rational {
  const months = BigInt(INTERVALS[plan.interval]);
  switch (window) {
    case 'period': return whole(1);
    case 'month': return { num: months, den: 1n };
    // 365.25 days a year.
    case 'week': return { num: months * 1_461n, den: 48n * 7n };
    case 'day': return { num: months * 1_461n, den: 48n };
  }
}

function firstPrice({ exhausted }: Allowance): Rational | null {
  if (exhausted.mode === 'hard') return null;
  const { overage } = exhausted;
  const price = overage.kind === 'flat' ? overage.price : overage.tiers[0]?.price;
  return price === undefined ? null : divideRational(exact(price), exact(overage.per));
}

function isZero(decimal: string): boolean {
  return exact(decimal).num === 0n;
}

function exact(decimal: string): Rational {
  return parseDecimal(decimal)!;
}

function whole(count: number): Rational {
  return { num: BigInt(count), den: 1n };
}
