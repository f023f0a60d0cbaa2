/** The demo product's customers. A few are large, most are small, as everywhere. */
import type { Random } from '@outlay/fakes';

export interface Customer {
  readonly id: string;
  readonly plan: 'starter' | 'pro' | 'scale';
  readonly users: number;
}

const CUSTOMERS: readonly Customer[] = [
  { id: 'northwind-legal', plan: 'scale', users: 24 },
  { id: 'halden-insurance', plan: 'scale', users: 18 },
  { id: 'brightside-retail', plan: 'pro', users: 9 },
  { id: 'kestrel-logistics', plan: 'pro', users: 8 },
  { id: 'atelier-mori', plan: 'pro', users: 5 },
  { id: 'pine-street-dental', plan: 'starter', users: 4 },
  { id: 'fjord-analytics', plan: 'pro', users: 6 },
  { id: 'luma-studio', plan: 'starter', users: 2 },
  { id: 'cobalt-energy', plan: 'starter', users: 3 },
  { id: 'harbor-cafe', plan: 'starter', users: 1 },
  { id: 'osprey-travel', plan: 'starter', users: 2 },
  { id: 'tinker-toys', plan: 'starter', users: 1 },
];

/** What the product knows about a plan: goes into each run's snapshot. */
export const ENTITLEMENTS = {
  starter: { plan: 'starter', active_price_id: 'price_starter_2026_06', monthly_units: { pdf_question: 200, report_generation: 10, ticket_reply: 300 } },
  pro: { plan: 'pro', active_price_id: 'price_pro_2026_06', monthly_units: { pdf_question: 2_000, report_generation: 100, ticket_reply: 3_000 } },
  scale: { plan: 'scale', active_price_id: 'price_scale_2026_06', monthly_units: { pdf_question: 20_000, report_generation: 1_000, ticket_reply: 30_000 } },
} as const;

/** Daily cost in dollars at which a run of the plan warns; low, because the demo's day is six minutes long. */
export const SOFT_DAILY_COST = { starter: '0.02', pro: '0.10', scale: '0.40' } as const;

/** Context beyond this is refused before the call; whole documents belong to the larger plans. */
export const CONTEXT_TOKENS_MAX = { starter: 8_000, pro: 32_000, scale: 200_000 } as const;

/** The k-th customer has a weight of 1/k^1.1: the first has about a third of all traffic. */
export function pickCustomer(random: Random): Customer {
  return CUSTOMERS[pickSkewed(random, CUSTOMERS.length, 1.1)]!;
}

export function pickUser(random: Random, customer: Customer): string {
  return `${customer.id}-user-${pickSkewed(random, customer.users, 0.8) + 1}`;
}

function pickSkewed(random: Random, count: number, exponent: number): number {
  const weights = Array.from({ length: count }, (_, index) => 1 / (index + 1) ** exponent);
  let roll = random.next() * weights.reduce((sum, weight) => sum + weight, 0);
  for (let index = 0; index < count; index += 1) {
    roll -= weights[index]!;
    if (roll < 0) return index;
  }
  return count - 1;
}
