/** What previews look at: the last days of the ledger at a cut, and who is on what. One read for all customers of a time zone. */
import { addDays, dayStartMs, localDay } from '@outlay/kernel';
import { type ChargeableRow, type Cut, readChargeable, readCut } from '@outlay/ledger';
import type { PoolClient } from 'pg';
import type { Entitlement } from './entitlement';
import type { PlanDefinition } from './plan-definition';
import { PREVIEW_DAYS } from './rate-days';
import { inForce, type OverrideFact, type PlanFacts, resolveEntitlement, termsAt } from './resolve-entitlement';
import { type CustomerRecord, readCustomers, readPlanFacts } from './store-policies';

/** The most customers that one preview rates, in the order of their ids: over days and over periods alike. */
const PREVIEW_CUSTOMERS_MAX = 2_000;

export interface PreviewedCustomer {
  readonly customerId: string;
  readonly name: string;
  readonly segment: string | null;
  readonly timeZone: string;
  /** Null without a plan. */
  readonly entitlement: Entitlement | null;
  /** In force now; for a definition that is not published yet. */
  readonly overrides: readonly (OverrideFact | null)[];
  /** Local date on which the span begins. */
  readonly firstDay: string;
  readonly rows: readonly ChargeableRow[];
}

export interface PreviewFacts {
  readonly cut: Cut;
  readonly facts: PlanFacts;
  readonly customers: readonly PreviewedCustomer[];
  /** What is left out, in sentences. */
  readonly leftOut: readonly string[];
}

/** `wanted` picks by what a customer is on. `also` is the definition that is to be tried; null for none, absent when it may be any. Without `days` nobody has rows: for who reads other days. */
export async function readPreviewFacts(
  tx: PoolClient, tenantId: string, nowMs: number, wanted: (entitlement: Entitlement | null, customer: Pick<PreviewedCustomer, 'customerId' | 'segment'>) => boolean, also?: PlanDefinition | null, days = true,
): Promise<PreviewFacts> {
  const cut = await readCut(tx);
  const facts = await readPlanFacts(tx, tenantId);
  const { rows: known } = await tx.query<{ customer_id: string }>('SELECT customer_id FROM customers WHERE tenant_id = $1 ORDER BY customer_id', [tenantId]);
  const records = await readCustomers(tx, tenantId, known.map(({ customer_id: id }) => id));
  const found = [...records.values()].map((record) => toPreviewed(facts, record, nowMs)).filter((customer) => wanted(customer.entitlement, customer));
  const shown = found.slice(0, PREVIEW_CUSTOMERS_MAX);
  const tokens = also === undefined || [also, ...shown.map(({ entitlement }) => entitlement?.definition ?? null)].some((definition) => definition !== null && sellsTokens(definition));
  const rows = !days ? new Map<string, ChargeableRow[]>() : await readDays(tx, tenantId, shown, cut, nowMs, tokens);
  const leftOut = found.length > shown.length ? [`Only ${shown.length.toLocaleString('en-US')} of ${found.length.toLocaleString('en-US')} customers are rated: the first by id.`] : [];
  return { cut, facts, leftOut, customers: shown.map((customer) => ({ ...customer, rows: rows.get(customer.customerId) ?? [] })) };
}

/** Whether any allowance counts tokens: only then the outcome of each call's run must be known. */
export function sellsTokens({ allowances }: PlanDefinition): boolean {
  return allowances.some(({ measure }) => measure === 'tokens');
}

function toPreviewed(facts: PlanFacts, record: CustomerRecord, nowMs: number): Omit<PreviewedCustomer, 'rows'> {
  const entitlement = resolveEntitlement(facts, record, nowMs);
  const terms = termsAt(record, nowMs);
  const timeZone = entitlement?.calendar.timeZone ?? terms?.timeZone ?? facts.timeZone;
  return {
    customerId: record.customerId, name: record.name, segment: terms?.segment ?? null, entitlement, timeZone, firstDay: addDays(localDay(nowMs, timeZone), 1 - PREVIEW_DAYS),
    overrides: [terms?.segment === null || terms === null ? null : inForce(facts.segmentOverrides.get(terms.segment) ?? [], nowMs), inForce(record.overrides, nowMs)],
  };
}

async function readDays(tx: PoolClient, tenantId: string, customers: readonly Omit<PreviewedCustomer, 'rows'>[], cut: Cut, nowMs: number, tokens: boolean): Promise<Map<string, ChargeableRow[]>> {
  const byZone = new Map<string, Omit<PreviewedCustomer, 'rows'>[]>();
  for (const customer of customers) byZone.set(customer.timeZone, [...(byZone.get(customer.timeZone) ?? []), customer]);
  const rows = new Map<string, ChargeableRow[]>();
  for (const [timeZone, list] of byZone) {
    const found = await readChargeable(tx, tenantId, { customerIds: list.map(({ customerId }) => customerId), fromMs: dayStartMs(list[0]!.firstDay, timeZone), toMs: nowMs + 1, timeZone, tokens, cut, isPresent: true });
    for (const row of found) {
      const mine = rows.get(row.customerId);
      if (mine === undefined) rows.set(row.customerId, [row]);
      else mine.push(row);
    }
  }
  return rows;
}
