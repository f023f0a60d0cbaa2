/**
 * Ledger rows with their snapshots -> segments of a period. Pure. A row says by its snapshot what held when it was used, so the rows alone tell the segments; the timeline of
 * policies adds those in which nothing was used, which cost their part of the base fee.
 */
import { addRational, canonicalJson, parseDecimal, type Rational, ZERO } from '@outlay/kernel';
import type { ChargeableRow } from '@outlay/ledger';
import { type Calendar, type CalendarWindow, windowAt, windowOfDay } from './calendar-window';
import type { ChargedPeriod, ChargeSegment } from './charge-period';
import type { Entitlement } from './entitlement';
import { allowanceOf } from './plan-definition';
import type { WindowUsage } from './rate-usage';

export interface SegmentsInput {
  readonly window: CalendarWindow;
  /** Of what holds at the moment in question; a segment with another one belongs to another period. */
  readonly calendar: Calendar;
  readonly rows: readonly ChargeableRow[];
  /** By hash. A row whose snapshot is not here has no plan. */
  readonly entitlements: ReadonlyMap<string, Entitlement>;
  /** In order; may be empty. */
  readonly timeline: readonly Entitlement[];
}

export interface ChargedSegments {
  readonly segments: readonly ChargeSegment[];
  readonly period: ChargedPeriod;
}

/** The earliest moment whose rows may count in a period: a week or month that ends within it may have begun before it. */
export function firstRowMs(window: CalendarWindow, calendar: Calendar): number {
  return Math.min(window.startMs, ...(['day', 'week', 'month'] as const).map((kind) => windowAt(kind, window.startMs, calendar).startMs));
}

export function segmentsOf({ window, calendar, rows, entitlements, timeline }: SegmentsInput): ChargedSegments {
  const found = new Map<string, { entitlement: Entitlement; usage: Map<string, WindowUsage> }>();
  for (const entitlement of entitlements.values()) if (!found.has(keyOf(entitlement))) found.set(keyOf(entitlement), { entitlement, usage: new Map() });
  const told = new Set([...found.values()].map(({ entitlement }) => entitlement.since));
  // Where rows tell what held from a moment on, they are right: it was written down when it was used.
  for (const entitlement of timeline) if (!told.has(entitlement.since)) found.set(keyOf(entitlement), { entitlement, usage: new Map() });
  const ordered = [...found.values()].sort((a, b) => Date.parse(a.entitlement.since) - Date.parse(b.entitlement.since));
  const period = chargedPart(ordered.map(({ entitlement }) => entitlement), window, calendar);
  // By hash, because its key spells a definition out: that is too dear for each row.
  const usages = new Map([...entitlements].map(([hash, entitlement]) => [hash, found.get(keyOf(entitlement))!.usage]));
  for (const row of rows) {
    const entitlement = row.snapshotHash === null ? undefined : entitlements.get(row.snapshotHash);
    if (entitlement !== undefined) addRow(usages.get(row.snapshotHash!)!, row, entitlement, period, calendar);
  }
  return {
    period,
    segments: ordered.map(({ entitlement, usage }, i) => ({
      entitlement, fromMs: Date.parse(entitlement.since), toMs: i + 1 < ordered.length ? Date.parse(ordered[i + 1]!.entitlement.since) : Math.max(window.endMs, Date.parse(entitlement.since)),
      usage: [...usage.values()].sort((a, b) => (a.allowanceId + a.window < b.allowanceId + b.window ? -1 : 1)),
    })),
  };
}

/** A new calendar begins a new period in the midst of the window, and ends the one before. */
function chargedPart(ordered: readonly Entitlement[], { startMs, endMs }: CalendarWindow, calendar: Calendar): ChargedPeriod {
  const last = ordered.findLastIndex((each) => isSame(each.calendar, calendar) && Date.parse(each.since) < endMs);
  let first = last;
  while (first > 0 && isSame(ordered[first - 1]!.calendar, calendar)) first -= 1;
  const next = ordered[last + 1];
  const hasOther = first > 0;
  return {
    startMs, endMs,
    fromMs: hasOther ? Math.max(startMs, Date.parse(ordered[first]!.since)) : startMs,
    toMs: next === undefined ? endMs : Math.min(endMs, Date.parse(next.since)),
  };
}

function addRow(usage: Map<string, WindowUsage>, row: ChargeableRow, { definition, calendar }: Entitlement, period: ChargedPeriod, present: Calendar): void {
  for (const measure of ['units', 'tokens'] as const) {
    const allowance = allowanceOf(definition, measure, row.workflow);
    const text = measure === 'units' ? (definition.chargeOnlyUsable ? row.unitsUsable : row.units) : definition.chargeOnlyUsable ? row.tokensUsable : row.tokens;
    const used = parseDecimal(text)!;
    if (allowance === null || used.num === 0n) continue;
    const window = windowOfDay(allowance.window, row.day, calendar);
    if (!belongs(window, period, isSame(calendar, present))) continue;
    const key = `${allowance.id}|${window.startDay}`;
    usage.set(key, { allowanceId: allowance.id, window: window.startDay, used: add(usage.get(key)?.used, used) });
  }
}

/** A window is charged once: in the period in which it ends. */
function belongs(window: CalendarWindow, period: ChargedPeriod, isOfPeriod: boolean): boolean {
  return window.kind === 'period' ? isOfPeriod && window.startMs === period.startMs : window.endMs > period.fromMs && window.endMs <= period.toMs;
}

function isSame(a: Calendar, b: Calendar): boolean {
  return a.timeZone === b.timeZone && a.anchorDay === b.anchorDay && a.interval === b.interval;
}

function keyOf({ since, version, definition }: Entitlement): string {
  return `${since} ${version.id} ${canonicalJson(definition)}`;
}

function add(a: Rational | undefined, b: Rational): Rational {
  return addRational(a ?? ZERO, b);
}
