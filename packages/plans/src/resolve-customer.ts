/** A customer's rows -> its policy at a moment. The answer is kept beside the rows it was made from, by the span in which nothing changes. */
import type { CustomerPolicy } from './entitlement';
import { calendarOf, changesOf, firstSight, type PlanFacts, resolveEntitlement, termsAt } from './resolve-entitlement';
import type { CustomerRecord } from './store-policies';

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
  readonly policy: CustomerPolicy;
}

const spansOf = new WeakMap<CustomerRecord, { facts: PlanFacts; spans: Span[] }>();

/** `record` is null for a customer that nobody has recorded: it is answered as it would be on first sight. */
export function resolveCustomer(facts: PlanFacts, customerId: string, record: CustomerRecord | null, atMs: number, nowMs: number): CustomerPolicy {
  if (record === null) return resolveStranger(facts, customerId, atMs, nowMs);
  let kept = spansOf.get(record);
  if (kept === undefined || kept.facts !== facts) spansOf.set(record, (kept = { facts, spans: [] }));
  const known = kept.spans.find(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs);
  if (known !== undefined) return known.policy;
  const changes = changesOf(facts, record);
  const entitlement = resolveEntitlement(facts, record, atMs);
  const terms = termsAt(record, atMs);
  const policy: CustomerPolicy = {
    customerId, known: true, segment: terms?.segment ?? null, suspended: record.suspended, riskLiftedUntil: record.riskLiftedUntil,
    calendar: entitlement?.calendar ?? calendarOf(facts, terms, null), entitlement,
  };
  kept.spans.push({ fromMs: changes.findLast((change) => change <= atMs) ?? -Infinity, toMs: changes.find((change) => change > atMs) ?? Infinity, policy });
  return policy;
}

function resolveStranger(facts: PlanFacts, customerId: string, atMs: number, nowMs: number): CustomerPolicy {
  const { terms, assignments } = firstSight(facts, Math.min(atMs, nowMs), nowMs);
  const entitlement = resolveEntitlement(facts, { terms: [terms], assignments: assignments.map((row) => ({ ...row, id: '' })), overrides: [] }, atMs);
  return { customerId, known: false, segment: null, suspended: null, riskLiftedUntil: null, calendar: entitlement?.calendar ?? calendarOf(facts, terms, null), entitlement };
}
