/** A plan in words, as a customer would read its price list. Pure. */
import type { Allowance, Exhausted, Interval, Overage, PlanDefinition, RateLimit, Window } from './plan-shape';

/** `$20`, `$0.002`, `€1,234.50`: every digit that was written, and cents only where there are any. */
export function moneyText(amount: string, currency: string): string {
  const coins = amount.includes('.') ? undefined : 0;
  try {
    return new Intl.NumberFormat('en-US', { style: 'currency', currency, ...(coins === undefined ? {} : { minimumFractionDigits: coins }), maximumFractionDigits: 20 }).format(amount as `${number}`);
  } catch {
    // A draft may name a currency that is none yet.
    return `${amount} ${currency}`.trim();
  }
}

/** `100,000` */
export function countText(amount: string): string {
  const text = new Intl.NumberFormat('en-US', { maximumFractionDigits: 20 }).format(amount as `${number}`);
  return text === 'NaN' ? amount : text;
}

/** `actions`, `queries`, `searches`; the last word takes the ending. */
export function pluralOf(unit: string): string {
  if (/[^aeiou]y$/i.test(unit)) return `${unit.slice(0, -1)}ies`;
  return /(s|x|z|ch|sh)$/i.test(unit) ? `${unit}es` : `${unit}s`;
}

export function unitsText(amount: string, unit: string): string {
  return `${countText(amount)} ${amount === '1' ? unit : pluralOf(unit)}`;
}

/** `a month`; the billing period is called by its length. */
export function windowText(window: Window, interval: Interval): string {
  return `a ${window === 'period' ? interval : window}`;
}

/** `$20 a month`, `no base fee`. */
export function baseFeeText({ baseFee, currency, interval }: Pick<PlanDefinition, 'baseFee' | 'currency' | 'interval'>): string {
  return isZero(baseFee) ? 'no base fee' : `${moneyText(baseFee, currency)} a ${interval}`;
}

/** What comes after the included amount: `$0.05 each`, `$0.002 per 1,000`, `$0.012 each, falling to $0.008`. */
export function overageText(overage: Overage, currency: string): string {
  const each = isOne(overage.per) ? 'each' : `per ${countText(overage.per)}`;
  if (overage.kind === 'flat') return `${moneyText(overage.price, currency)} ${each}`;
  const [first, last] = [overage.tiers[0], overage.tiers.at(-1)];
  if (!first || !last) return 'no price yet';
  const start = `${moneyText(first.price, currency)} ${each}`;
  if (overage.tiers.length === 1) return start;
  const fall = Number(last.price) <= Number(first.price) ? 'falling to' : 'rising to';
  return `${start}, ${fall} ${moneyText(last.price, currency)}${overage.kind === 'volume' ? ' by the whole volume' : ''}`;
}

export function exhaustedText(exhausted: Exhausted, currency: string): string {
  return exhausted.mode === 'hard' ? 'then stop' : `then ${overageText(exhausted.overage, currency)}`;
}

/** `100,000 actions a month, then $0.012 each`. */
export function allowanceText(allowance: Allowance, { currency, interval }: Pick<PlanDefinition, 'currency' | 'interval'>): string {
  const { included, unit, window, exhausted } = allowance;
  if (isZero(included)) return exhausted.mode === 'hard' ? `no ${pluralOf(unit)}` : `${overageText(exhausted.overage, currency).replace(/ each/, ` per ${unit}`)}`;
  return `${unitsText(included, unit)} ${windowText(window, interval)}, ${exhaustedText(exhausted, currency)}`;
}

export function rateLimitText({ key, limit, windowSeconds, algorithm }: RateLimit): string {
  const per = { customer: 'customer', user: 'user', api_key: 'API key', workflow: 'workflow' }[key];
  const span = windowSeconds === 1 ? 'a second' : windowSeconds === 60 ? 'a minute' : windowSeconds === 3_600 ? 'an hour' : windowSeconds === 86_400 ? 'a day' : `in ${windowSeconds} s`;
  return `${limit.toLocaleString('en-US')} ${span} for each ${per}${algorithm.kind === 'token_bucket' ? `, ${algorithm.burst.toLocaleString('en-US')} at once` : ''}`;
}

/** The price in one line: `$20 a month · 500,000 tokens a month, then $0.002 per 1,000`. */
export function priceWords(plan: PlanDefinition): string {
  const parts = [
    baseFeeText(plan),
    ...(plan.credits ? [`${countText(plan.credits.granted)} credits a ${plan.interval}`] : []),
    ...plan.allowances.map((each) => allowanceText(each, plan)),
  ];
  return capitalise(parts.join(' · '));
}

/** What a plan allows beside its allowances, a line each. */
export function limitLines(plan: PlanDefinition): string[] {
  const closed = Object.entries(plan.gates).filter(([, open]) => !open).map(([name]) => name);
  return [
    ...plan.rateLimits.map((each) => `At most ${rateLimitText(each)}`),
    ...(plan.models ? [`Models: ${[...plan.models.tiers, ...plan.models.named].join(', ') || 'none'}`] : []),
    ...(closed.length > 0 ? [`Without ${closed.join(', ')}`] : []),
    ...(plan.limits.contextTokens === undefined ? [] : [`At most ${plan.limits.contextTokens.toLocaleString('en-US')} tokens of context`]),
    ...Object.entries(plan.limits.quantities).map(([name, limit]) => `At most ${limit.toLocaleString('en-US')} ${name}`),
    ...plan.costCaps.map(({ window, usd, mode }) => `${capitalise(mode)} cost cap of ${moneyText(usd, 'USD')} a ${window}`),
  ];
}

export function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function isZero(decimal: string): boolean {
  return /^0*\.?0*$/.test(decimal.trim());
}

function isOne(decimal: string): boolean {
  return /^1(\.0*)?$/.test(decimal.trim());
}
