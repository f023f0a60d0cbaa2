/**
 * Calendar windows: when an allowance or a cap begins anew. Pure. A window is a span of whole local days of a named zone, so it may have 23 or 25
 * hours; its edges are instants. A billing period counts in months from an anchor, and each edge is computed from the anchor
 * itself, so that the 31st comes back after a February.
 */
import { addDays, dayStartMs, localDay } from '@outlay/kernel';

export const INTERVALS = { month: 1, quarter: 3, year: 12 } as const;
export type Interval = keyof typeof INTERVALS;

export const WINDOWS = ['day', 'week', 'month', 'period'] as const;
/** `month` is the calendar's; `period` is the billing period of the customer. */
export type WindowKind = (typeof WINDOWS)[number];

/** Whose calendar it is. */
export interface Calendar {
  readonly timeZone: string;
  /** The local date on which the first billing period began, `2026-01-31`. */
  readonly anchorDay: string;
  readonly interval: Interval;
}

/** `[startMs, endMs)`, and the local dates of both edges. */
export interface CalendarWindow {
  readonly kind: WindowKind;
  readonly startMs: number;
  readonly endMs: number;
  readonly startDay: string;
  readonly endDay: string;
}

/** The window of this kind that holds an instant. */
export function windowAt(kind: WindowKind, atMs: number, calendar: Calendar): CalendarWindow {
  return windowOfDay(kind, localDay(atMs, calendar.timeZone), calendar);
}

/** The window of this kind that holds a local date of the calendar. */
export function windowOfDay(kind: WindowKind, day: string, calendar: Calendar): CalendarWindow {
  const [startDay, endDay] = daysOf(kind, day, calendar);
  return { kind, startDay, endDay, startMs: dayStartMs(startDay, calendar.timeZone), endMs: dayStartMs(endDay, calendar.timeZone) };
}

/** Every window of a kind that a span touches, in order. */
export function windowsOf(kind: WindowKind, span: { readonly fromMs: number; readonly toMs: number }, calendar: Calendar): CalendarWindow[] {
  const windows: CalendarWindow[] = [];
  for (let atMs = span.fromMs; atMs < span.toMs; atMs = windows.at(-1)!.endMs) windows.push(windowAt(kind, atMs, calendar));
  return windows;
}

function daysOf(kind: WindowKind, day: string, { anchorDay, interval }: Calendar): readonly [string, string] {
  switch (kind) {
    case 'day':
      return [day, addDays(day, 1)];
    case 'week': {
      const monday = addDays(day, -((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7));
      return [monday, addDays(monday, 7)];
    }
    case 'month':
      return [`${day.slice(0, 7)}-01`, addMonths(`${day.slice(0, 7)}-01`, 1)];
    case 'period': {
      const months = INTERVALS[interval];
      let count = Math.floor((monthOf(day) - monthOf(anchorDay)) / months);
      // Within the month of the edge, the day decides: the 30th of a month is still before the edge of an anchor on the 31st.
      if (addMonths(anchorDay, count * months) > day) count -= 1;
      return [addMonths(anchorDay, count * months), addMonths(anchorDay, (count + 1) * months)];
    }
  }
}

function monthOf(day: string): number {
  return Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1;
}

/** The same date so many months later; where that month is shorter, its last day: 31 January and a month is 28 February. */
export function addMonths(day: string, count: number): string {
  const month = monthOf(day) + count;
  const first = new Date(0);
  // Years below 100 would be read as of the twentieth century by Date.UTC.
  first.setUTCFullYear(Math.floor(month / 12), ((month % 12) + 12) % 12, 1);
  const last = new Date(first);
  last.setUTCMonth(first.getUTCMonth() + 1, 0);
  first.setUTCDate(Math.min(Number(day.slice(8, 10)), last.getUTCDate()));
  return first.toISOString().slice(0, 10);
}
