/** The live charge: what the customer's period costs so far, from ledger rows and the snapshots that they name. Nothing in it is looked up in plans or prices of today. */
import { type Cut, readChargeable, readLastSnapshot, readSnapshots } from '@outlay/ledger';
import type { Database } from '@outlay/platform';
import { type CalendarWindow, windowAt } from './calendar-window';
import { chargePeriod, type ChargedPeriod, type PeriodCharge } from './charge-period';
import { type ChargedSegments, firstRowMs, segmentsOf } from './charge-segments';
import type { Entitlement } from './entitlement';
import { changesOf, type PlanFacts, resolveEntitlement } from './resolve-entitlement';
import { entitlementIn } from './snapshot';
import { type CustomerRecord, readCustomers, readPlanFacts } from './store-policies';

export interface LiveCharge extends PeriodCharge {
  readonly customerId: string;
  readonly window: CalendarWindow;
  readonly period: ChargedPeriod;
}

type Tx = Parameters<Parameters<Database['withTenant']>[1]>[0];

/** Of the period that holds `atMs`; null for a customer without a plan then. */
export async function readCharge(db: Database, tenantId: string, customerId: string, atMs: number, cut?: Cut): Promise<LiveCharge | null> {
  return await db.withTenantSnapshot(tenantId, async (tx) => {
    const facts = await readPlanFacts(tx, tenantId);
    const record = (await readCustomers(tx, tenantId, [customerId])).get(customerId) ?? null;
    const asked = await readChargedSegments(tx, tenantId, customerId, atMs, record === null ? [] : timelineOf(facts, record, atMs), cut);
    return asked === null ? null : { customerId, window: asked.window, period: asked.period, ...chargePeriod(asked.segments, asked.period) };
  });
}

/** What `readCharge` rates. `timeline`: what the policies say held, in order, the last at `atMs`; without one, the customer's last row tells. */
export async function readChargedSegments(
  tx: Tx, tenantId: string, customerId: string, atMs: number, timeline: readonly Entitlement[], cut?: Cut,
): Promise<(ChargedSegments & { readonly window: CalendarWindow }) | null> {
  const present = timeline.at(-1) ?? entitlementIn(await readLastSnapshot(tx, tenantId, customerId, atMs));
  if (present === null) return null;
  const { calendar } = present;
  const window = windowAt('period', atMs, calendar);
  const first = timeline.length > 0 ? null : entitlementIn(await readLastSnapshot(tx, tenantId, customerId, window.startMs));
  const rows = await readChargeable(tx, tenantId, { customerIds: [customerId], fromMs: firstRowMs(window, calendar), toMs: window.endMs, timeZone: calendar.timeZone, ...(cut === undefined ? {} : { cut }) });
  const bodies = await readSnapshots(tx, tenantId, [...new Set(rows.flatMap(({ snapshotHash }) => snapshotHash ?? []))]);
  const entitlements = new Map([...bodies].flatMap(([hash, body]) => {
    const entitlement = entitlementIn(body);
    return entitlement === null ? [] : [[hash, entitlement] as const];
  }));
  return { window, ...segmentsOf({ window, calendar, rows, entitlements, timeline: timeline.length > 0 ? timeline : [...(first === null ? [] : [first]), present] }) };
}

/** Every entitlement that has held until a moment, in order. */
export function timelineOf(facts: PlanFacts, record: CustomerRecord, atMs: number): Entitlement[] {
  const held = changesOf(facts, record).filter((change) => change <= atMs).flatMap((change) => resolveEntitlement(facts, record, change) ?? []);
  return held.filter((each, i) => each.since !== held[i + 1]?.since);
}
