/** Customers as pages and programs show them: what holds now, what is to come, and how it came about. */
import type { Database } from '@outlay/platform';
import type { CalendarWindow } from './calendar-window';
import { windowAt } from './calendar-window';
import type { Entitlement } from './entitlement';
import type { PlanFacts } from './resolve-entitlement';
import { calendarOf, inForce, resolveEntitlement, segmentOverrideAt, termsAt } from './resolve-entitlement';
import { noCustomer } from './save-customer';
import { type AssignmentRow, type CustomerRow, type OverrideRow, readAssignmentHistory, readCustomerPage, readCustomerRow, readOverrideHistory } from './store-customers';
import { readCustomers, readPlanFacts } from './store-policies';

/** Times are ISO strings. `timeZone` null: the team's. */
export interface Customer {
  readonly customerId: string;
  readonly name: string;
  readonly segment: string | null;
  readonly timeZone: string | null;
  readonly anchorDay: string;
  readonly suspended: { readonly at: string; readonly reason: string | null } | null;
  readonly riskLiftedUntil: string | null;
  readonly source: CustomerRow['source'];
  readonly createdAt: string;
}

type Iso<T> = { readonly [K in keyof T]: T[K] extends Date ? string : T[K] extends Date | null ? string | null : T[K] };

export interface CustomerPlan {
  readonly customer: Customer;
  /** Null without a plan. */
  readonly entitlement: Entitlement | null;
  /** Newest first, also withdrawn and future ones. */
  readonly assignments: readonly Iso<AssignmentRow>[];
  /** Of the customer and of its segment, newest first; `inForce` is what holds now, `fits` false where the plan could not take it. */
  readonly overrides: readonly (Iso<OverrideRow> & { readonly inForce: boolean; readonly fits: boolean })[];
  readonly period: CalendarWindow;
  /** When the next one begins, and which plan holds then. */
  readonly nextPeriod: { readonly from: string; readonly plan: { readonly key: string; readonly name: string; readonly version: number } | null };
}

export interface ListedCustomer extends Customer {
  readonly plan: { readonly key: string; readonly name: string; readonly version: number } | null;
}

export const CUSTOMERS_PAGE_MAX = 200;

/** Errors: `not_found`. */
export async function getCustomerPlan(db: Database, tenantId: string, customerId: string, nowMs = Date.now()): Promise<CustomerPlan> {
  if (customerId.includes('\0')) throw noCustomer(customerId);
  return await db.withTenantSnapshot(tenantId, async (tx) => {
    const row = await readCustomerRow(tx, tenantId, customerId);
    if (row === null) throw noCustomer(customerId);
    const facts = await readPlanFacts(tx, tenantId);
    const record = (await readCustomers(tx, tenantId, [customerId])).get(customerId)!;
    const entitlement = resolveEntitlement(facts, record, nowMs);
    const terms = termsAt(record, nowMs);
    const period = windowAt('period', nowMs, entitlement?.calendar ?? calendarOf(facts, terms, null));
    const next = resolveEntitlement(facts, record, period.endMs);
    const own = await readOverrideHistory(tx, tenantId, 'customer', customerId);
    const ofSegment = row.segment === null ? [] : await readOverrideHistory(tx, tenantId, 'segment', row.segment);
    const holding = new Set([inForce(record.overrides, nowMs)?.id, segmentOverrideAt(facts, terms, nowMs)?.id]);
    return {
      customer: toCustomer(row), entitlement, period,
      assignments: (await readAssignmentHistory(tx, tenantId, customerId)).map(toIso),
      overrides: [...own, ...ofSegment].map((each) => ({
        ...toIso(each), inForce: each.patch !== null && holding.has(each.id), fits: !holding.has(each.id) || each.patch === null || (entitlement?.overrides.includes(each.id) ?? false),
      })),
      nextPeriod: { from: new Date(period.endMs).toISOString(), plan: planOf(next) },
    };
  });
}

/** By id; `after` is the last one of the page before. */
export async function listCustomers(
  db: Database, tenantId: string, page: { readonly after?: string; readonly limit?: number; readonly segment?: string } = {}, nowMs = Date.now(),
): Promise<{ readonly customers: ListedCustomer[]; readonly next: string | null }> {
  const limit = Math.min(page.limit ?? 50, CUSTOMERS_PAGE_MAX);
  return await db.withTenantSnapshot(tenantId, async (tx) => {
    const rows = await readCustomerPage(tx, tenantId, { after: page.after ?? '', limit: limit + 1, segment: page.segment ?? null });
    const shown = rows.slice(0, limit);
    const facts = await readPlanFacts(tx, tenantId);
    const records = await readCustomers(tx, tenantId, shown.map(({ customerId }) => customerId));
    return { customers: shown.map((row) => toListed(row, facts, records.get(row.customerId)!, nowMs)), next: rows.length > limit ? shown.at(-1)!.customerId : null };
  });
}

/** Errors: `not_found`. */
export async function getCustomer(db: Database, tenantId: string, customerId: string, nowMs = Date.now()): Promise<ListedCustomer> {
  const { customer, entitlement } = await getCustomerPlan(db, tenantId, customerId, nowMs);
  return { ...customer, plan: planOf(entitlement) };
}

function toListed(row: CustomerRow, facts: PlanFacts, record: Parameters<typeof resolveEntitlement>[1], nowMs: number): ListedCustomer {
  return { ...toCustomer(row), plan: planOf(resolveEntitlement(facts, record, nowMs)) };
}

function planOf(entitlement: Entitlement | null): ListedCustomer['plan'] {
  return entitlement === null ? null : { key: entitlement.plan.key, name: entitlement.plan.name, version: entitlement.version.number };
}

function toCustomer(row: CustomerRow): Customer {
  return {
    customerId: row.customerId, name: row.name, segment: row.segment, timeZone: row.timeZone, anchorDay: row.anchorDay,
    suspended: row.suspendedAt === null ? null : { at: row.suspendedAt.toISOString(), reason: row.suspendedReason },
    riskLiftedUntil: row.riskLiftedUntil?.toISOString() ?? null, source: row.source, createdAt: row.createdAt.toISOString(),
  };
}

function toIso<T extends object>(row: T): Iso<T> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value instanceof Date ? value.toISOString() : value])) as Iso<T>;
}
