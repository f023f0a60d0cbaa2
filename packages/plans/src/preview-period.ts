/**
 * The present billing period of each customer, charged as it is and as a definition would charge it: the same rows, the same segments, and only what stands for the version
 * that the customer is on has another definition: an older segment is never rated again.
 */
import { DomainError, type Rational } from '@outlay/kernel';
import { readChargeable, readSnapshots } from '@outlay/ledger';
import type { PoolClient } from 'pg';
import { windowAt } from './calendar-window';
import { chargePeriod } from './charge-period';
import { firstRowMs, segmentsOf } from './charge-segments';
import type { Entitlement } from './entitlement';
import type { PlanDefinition } from './plan-definition';
import type { PreviewFacts } from './preview-facts';
import { timelineOf } from './read-charge';
import { applyOverrides } from './resolve-entitlement';
import { entitlementIn } from './snapshot';
import { readCustomers } from './store-policies';

export interface PeriodPreview {
  /** As the live charge says. */
  readonly now: Rational;
  readonly other: Rational;
  readonly costPico: bigint;
}

/** Customers whose periods are read, one by one. */
export const PERIODS_MAX = 200;

/** By customer; a customer beyond the first 200, or without a plan, is absent. Errors: `invalid_input` when the interval is another: one period cannot be compared with another's. */
export async function readPeriodCharges(tx: PoolClient, tenantId: string, definition: PlanDefinition, { cut, facts, customers }: PreviewFacts, nowMs: number): Promise<Map<string, PeriodPreview>> {
  const charges = new Map<string, PeriodPreview>();
  const asked = customers.filter(({ entitlement }) => entitlement !== null).slice(0, PERIODS_MAX);
  const records = await readCustomers(tx, tenantId, asked.map(({ customerId }) => customerId));
  for (const { customerId, entitlement } of asked) {
    const calendar = entitlement!.calendar;
    if (calendar.interval !== definition.interval) throw new DomainError('invalid_input', { field: 'definition.interval', message: 'The billing period would have another length: compare over 30 days.' });
    const window = windowAt('period', nowMs, calendar);
    const rows = await readChargeable(tx, tenantId, { customerIds: [customerId], fromMs: firstRowMs(window, calendar), toMs: window.endMs, timeZone: calendar.timeZone, cut });
    const bodies = await readSnapshots(tx, tenantId, [...new Set(rows.flatMap(({ snapshotHash }) => snapshotHash ?? []))]);
    const entitlements = new Map([...bodies].flatMap(([hash, body]) => {
      const held = entitlementIn(body);
      return held === null ? [] : [[hash, held] as const];
    }));
    const timeline = timelineOf(facts, records.get(customerId)!, nowMs);
    const overrides = new Map([...records.get(customerId)!.overrides, ...[...facts.segmentOverrides.values()].flat()].map((each) => [each.id, each]));
    const charged = (as: (held: Entitlement) => Entitlement): Rational => {
      const { segments, period } = segmentsOf({ window, calendar, rows, entitlements: new Map([...entitlements].map(([hash, held]) => [hash, as(held)])), timeline: timeline.map(as) });
      return chargePeriod(segments, period).total;
    };
    charges.set(customerId, {
      now: charged((held) => held),
      other: charged((held) => (held.version.id === entitlement!.version.id ? { ...held, definition: applyOverrides(definition, held.overrides.map((id) => overrides.get(id) ?? null)).definition } : held)),
      costPico: rows.reduce((sum, row) => sum + BigInt(row.costPico), 0n),
    });
  }
  return charges;
}
