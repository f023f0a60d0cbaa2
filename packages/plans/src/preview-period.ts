/**
 * The present billing period of each customer, charged as it is and as a definition would charge it: the same rows, the same segments, and only what stands for the version
 * that the customer is on has another definition: an older segment is never rated again.
 */
import { DomainError, localDay, type Rational } from '@outlay/kernel';
import { type ChargeableRow, type Cut, readChargeable, readSnapshots } from '@outlay/ledger';
import type { PoolClient } from 'pg';
import { type CalendarWindow, windowAt } from './calendar-window';
import { chargePeriod } from './charge-period';
import { firstRowMs, segmentsOf } from './charge-segments';
import type { Entitlement } from './entitlement';
import type { PlanDefinition } from './plan-definition';
import { type PreviewFacts, sellsTokens } from './preview-facts';
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

/** By customer; one without a plan is absent. Errors: `invalid_input` when the interval is another: one period cannot be compared with another's. */
export async function readPeriodCharges(tx: PoolClient, tenantId: string, definition: PlanDefinition, { cut, facts, customers }: PreviewFacts, nowMs: number): Promise<Map<string, PeriodPreview>> {
  const asked = customers.flatMap(({ customerId, entitlement }) => (entitlement === null ? [] : [{ customerId, entitlement, window: windowAt('period', nowMs, entitlement.calendar) }]));
  if (asked.some(({ entitlement }) => entitlement.calendar.interval !== definition.interval)) {
    throw new DomainError('invalid_input', { field: 'definition.interval', message: 'The billing period would have another length: compare over 30 days.' });
  }
  const records = await readCustomers(tx, tenantId, asked.map(({ customerId }) => customerId));
  // Whatever may have held in these periods: any version, any override.
  const overridden = [...[...facts.segmentOverrides.values()].flat(), ...[...records.values()].flatMap((record) => record.overrides)];
  const tokens = [definition, ...[...facts.versions.values()].map((version) => version.definition)].some(sellsTokens) || overridden.some(({ patch }) => JSON.stringify(patch).includes('"tokens"'));
  const rows = await readPeriods(tx, tenantId, asked, tokens, cut);
  const bodies = await readSnapshots(tx, tenantId, [...new Set([...rows.values()].flat().flatMap(({ snapshotHash }) => snapshotHash ?? []))]);
  const known = new Map([...bodies].flatMap(([hash, body]) => {
    const held = entitlementIn(body);
    return held === null ? [] : [[hash, held] as const];
  }));
  const ofSegments = [...facts.segmentOverrides.values()].flat();
  return new Map(asked.map(({ customerId, entitlement, window }) => {
    const mine = rows.get(customerId) ?? [];
    const record = records.get(customerId)!;
    const entitlements = new Map(mine.flatMap(({ snapshotHash }) => (snapshotHash !== null && known.has(snapshotHash) ? [[snapshotHash, known.get(snapshotHash)!] as const] : [])));
    const overrides = new Map([...record.overrides, ...ofSegments].map((each) => [each.id, each]));
    const timeline = timelineOf(facts, record, nowMs);
    const charged = (as: (held: Entitlement) => Entitlement): Rational => {
      const { segments, period } = segmentsOf({ window, calendar: entitlement.calendar, rows: mine, entitlements: new Map([...entitlements].map(([hash, held]) => [hash, as(held)])), timeline: timeline.map(as) });
      return chargePeriod(segments, period).total;
    };
    const another = (held: Entitlement): Entitlement => (held.version.id !== entitlement.version.id ? held : { ...held, definition: applyOverrides(definition, held.overrides.map((id) => overrides.get(id) ?? null)).definition });
    return [customerId, { now: charged((held) => held), other: charged(another), costPico: mine.reduce((sum, row) => (row.day < window.startDay ? sum : sum + BigInt(row.costPico)), 0n) }];
  }));
}

interface AskedPeriod {
  readonly customerId: string;
  readonly entitlement: Entitlement;
  readonly window: CalendarWindow;
}

/** The rows of each customer's own period, by one read for each time zone: rows are by local day, and a period begins with one. */
async function readPeriods(tx: PoolClient, tenantId: string, asked: readonly AskedPeriod[], tokens: boolean, cut: Cut): Promise<Map<string, ChargeableRow[]>> {
  const byZone = new Map<string, AskedPeriod[]>();
  for (const each of asked) byZone.set(each.entitlement.calendar.timeZone, [...(byZone.get(each.entitlement.calendar.timeZone) ?? []), each]);
  const rows = new Map<string, ChargeableRow[]>();
  for (const [timeZone, list] of byZone) {
    const spans = new Map(list.map(({ customerId, entitlement, window }) => [customerId, { fromMs: firstRowMs(window, entitlement.calendar), window }]));
    const spanMs = { fromMs: Math.min(...[...spans.values()].map(({ fromMs }) => fromMs)), toMs: Math.max(...list.map(({ window }) => window.endMs)) };
    const found = await readChargeable(tx, tenantId, { customerIds: [...spans.keys()], ...spanMs, timeZone, tokens, cut, isPresent: true });
    const fromDays = new Map([...spans].map(([customerId, { fromMs }]) => [customerId, localDay(fromMs, timeZone)]));
    for (const row of found) {
      if (row.day < fromDays.get(row.customerId)! || row.day >= spans.get(row.customerId)!.window.endDay) continue;
      const mine = rows.get(row.customerId);
      if (mine === undefined) rows.set(row.customerId, [row]);
      else mine.push(row);
    }
  }
  return rows;
}
