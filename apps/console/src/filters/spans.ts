/** Spans of time as people name them: in days and months of the team's zone. Pure. */
import { addDays, DAY_MS, dayStartMs, localDay } from '@outlay/kernel';
import type { Span } from './export-url';

export interface Preset extends Span {
  readonly label: string;
}

/** Calendar spans up to now; weeks begin on Monday. */
export function presetsOf(nowMs: number, timeZone: string): Preset[] {
  const today = localDay(nowMs, timeZone);
  const tomorrow = addDays(today, 1);
  const monday = addDays(today, -((new Date(`${today}T00:00:00Z`).getUTCDay() + 6) % 7));
  const month = `${today.slice(0, 8)}01`;
  const lastMonth = addMonths(month, -1);
  const span = (label: string, from: string, to: string): Preset => ({ label, from: startOf(from, timeZone), to: startOf(to, timeZone) });
  return [
    span('Today', today, tomorrow),
    span('Yesterday', addDays(today, -1), today),
    span('This week', monday, tomorrow),
    span('Last week', addDays(monday, -7), monday),
    span('This month', month, tomorrow),
    span('Last month', lastMonth, month),
  ];
}

/** The span of the same length just before, to the millisecond: what the server compares with. */
export function spanBefore({ from, to }: Span): Span {
  const length = Date.parse(to) - Date.parse(from);
  return { from: new Date(Date.parse(from) - length).toISOString(), to: from };
}

/**
 * The next or previous span of the same kind: whole months by months, whole days by days (so that a day of 23 hours is one day), any other by its length.
 * Null for a span that would begin after now.
 */
export function shiftSpan(span: Span, step: 1 | -1, timeZone: string, nowMs: number): Span | null {
  const moved = movedSpan(span, step, timeZone);
  return Date.parse(moved.from) > nowMs ? null : moved;
}

function movedSpan(span: Span, step: 1 | -1, timeZone: string): Span {
  const [from, to] = [wholeDay(span.from, timeZone), wholeDay(span.to, timeZone)];
  if (!from || !to) {
    const length = (Date.parse(span.to) - Date.parse(span.from)) * step;
    return { from: new Date(Date.parse(span.from) + length).toISOString(), to: new Date(Date.parse(span.to) + length).toISOString() };
  }
  const months = from.endsWith('-01') && to.endsWith('-01') ? monthsBetween(from, to) * step : 0;
  const days = Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) * step;
  const move = (day: string) => startOf(months ? addMonths(day, months) : addDays(day, days), timeZone);
  return { from: move(from), to: move(to) };
}

/** `14–20 Nov`, `30 Oct–5 Nov`, `20 Nov, 11:00–12:00`: the last day is the last one inside of the span. The year stands where it is not this one. */
export function describeSpan(span: Span, timeZone: string, nowMs: number): string {
  const byDay = (wholeDay(span.from, timeZone) && wholeDay(span.to, timeZone)) || Date.parse(span.to) - Date.parse(span.from) >= 2 * DAY_MS;
  const year = localDay(nowMs, timeZone).slice(0, 4);
  const first = localDay(Date.parse(span.from), timeZone);
  const last = localDay(Date.parse(span.to) - (byDay ? 1 : 0), timeZone);
  const named = (day: string, parts: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat('en-GB', { ...parts, timeZone: 'UTC' }).format(Date.parse(`${day}T00:00:00Z`));
  const full = (day: string) => named(day, { day: 'numeric', month: 'short', ...(first.startsWith(year) && last.startsWith(year) ? {} : { year: 'numeric' }) });
  const clock = (iso: string) => new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone }).format(Date.parse(iso));
  if (!byDay) return first === last ? `${full(first)}, ${clock(span.from)}–${clock(span.to)}` : `${full(first)}, ${clock(span.from)} – ${full(last)}, ${clock(span.to)}`;
  if (first === last) return full(first);
  return first.slice(0, 7) === last.slice(0, 7) ? `${named(first, { day: 'numeric' })}–${full(last)}` : `${full(first)} – ${full(last)}`;
}

function startOf(day: string, timeZone: string): string {
  return new Date(dayStartMs(day, timeZone)).toISOString();
}

/** The day that begins at this very instant; null within a day. */
function wholeDay(iso: string, timeZone: string): string | null {
  const ms = Date.parse(iso);
  const day = localDay(ms, timeZone);
  return dayStartMs(day, timeZone) === ms ? day : null;
}

function monthsBetween(from: string, to: string): number {
  return (Number(to.slice(0, 4)) - Number(from.slice(0, 4))) * 12 + Number(to.slice(5, 7)) - Number(from.slice(5, 7));
}

/** Of a first of month. */
function addMonths(day: string, months: number): string {
  return new Date(Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)) - 1 + months, 1)).toISOString().slice(0, 10);
}
