/** Spans of whole UTC days, as bills have them. Pure. */
export const DAY_RANGES = ['7d', '30d', '90d', 'month', 'last_month'] as const;
export type DayRange = (typeof DAY_RANGES)[number];

export const DAY_RANGE_WORDS: Readonly<Record<DayRange, string>> = { '7d': '7d', '30d': '30d', '90d': '90d', month: 'This month', last_month: 'Last month' };

const DAY_MS = 86_400_000;

export interface DaySpan {
  /** `2026-11-01`, inclusive. */
  readonly from: string;
  /** Exclusive. */
  readonly to: string;
}

export function readDayRange(value: unknown): DayRange | undefined {
  return DAY_RANGES.find((each) => each === value);
}

/** Days up to and with today. */
export function daySpanOf(range: DayRange, nowMs: number): DaySpan {
  const today = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const now = new Date(today);
  const monthStart = (step: number): number => Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + step, 1);
  if (range === 'last_month') return { from: dayOf(monthStart(-1)), to: dayOf(monthStart(0)) };
  if (range === 'month') return { from: dayOf(monthStart(0)), to: dayOf(today + DAY_MS) };
  return { from: dayOf(today - (Number.parseInt(range, 10) - 1) * DAY_MS), to: dayOf(today + DAY_MS) };
}

/** `21 Nov` */
export function dayWords(day: string): string {
  return new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(Date.parse(`${day}T00:00:00Z`));
}

/** `1 Nov to 21 Nov`: the last day is inside. */
export function daySpanWords({ from, to }: DaySpan): string {
  const last = dayOf(Date.parse(`${to}T00:00:00Z`) - DAY_MS);
  return from === last ? dayWords(from) : `${dayWords(from)} to ${dayWords(last)}`;
}

/** Instants of a span, for a link into the ledger. */
export function instantsOf({ from, to }: DaySpan): { readonly from: string; readonly to: string } {
  return { from: `${from}T00:00:00.000Z`, to: `${to}T00:00:00.000Z` };
}

export function nextDay(day: string): string {
  return dayOf(Date.parse(`${day}T00:00:00Z`) + DAY_MS);
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
