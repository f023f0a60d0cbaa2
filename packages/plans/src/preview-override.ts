/** What the last 30 days would have cost with an override: the dollar side of its difference, rated as every preview of a plan is. Nothing is changed by it. */
import { addRational, type Rational, toPico, ZERO } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import { readPreviewFacts } from './preview-facts';
import { PREVIEW_DAYS, rateDays } from './rate-days';
import { applyOverrides, type OverrideFact } from './resolve-entitlement';
import type { OverrideInput } from './set-override';

export interface OverrideCharge {
  readonly days: number;
  /** Whom it touches: the customer, or those of the segment that have a plan in the currency that most of them have. */
  readonly customers: number;
  /** Null when nobody is touched. */
  readonly currency: string | null;
  /** Pico of the currency, summed over the customers. */
  readonly chargeNow: bigint;
  readonly chargeThen: bigint;
}

export async function previewOverrideCharge(db: Database, tenantId: string, { scope, subject, patch }: Pick<OverrideInput, 'scope' | 'subject' | 'patch'>, nowMs: number): Promise<OverrideCharge> {
  const { customers, facts } = await db.withTenantSnapshot(tenantId, (tx) => readPreviewFacts(tx, tenantId, nowMs, (entitlement, customer) => (
    entitlement !== null && (scope === 'customer' ? customer.customerId === subject : customer.segment === subject))));
  const override: OverrideFact = { id: 'preview', patch, fromMs: nowMs };
  const sums = new Map<string, { customers: number; before: Rational; after: Rational }>();
  for (const { entitlement, overrides: [ofSegment = null, ofCustomer = null], rows, timeZone, firstDay } of customers) {
    if (entitlement === null) continue;
    const { definition } = applyOverrides(facts.versions.get(entitlement.version.id)!.definition, scope === 'segment' ? [override, ofCustomer] : [ofSegment, override]);
    if (definition.currency !== entitlement.definition.currency) continue;
    const sum = sums.get(definition.currency) ?? { customers: 0, before: ZERO, after: ZERO };
    const rate = (of: typeof definition): Rational => rateDays(of, { timeZone }, rows, firstDay).charge.total;
    sums.set(definition.currency, { customers: sum.customers + 1, before: addRational(sum.before, rate(entitlement.definition)), after: addRational(sum.after, rate(definition)) });
  }
  const [most] = [...sums].sort(([, a], [, b]) => b.customers - a.customers);
  if (most === undefined) return { days: PREVIEW_DAYS, customers: 0, currency: null, chargeNow: 0n, chargeThen: 0n };
  const [currency, { customers: count, before, after }] = most;
  return { days: PREVIEW_DAYS, customers: count, currency, chargeNow: toPico(before), chargeThen: toPico(after) };
}
