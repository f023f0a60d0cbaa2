/** Windows that were computed before: asked for with every begin and every ledger row, and two time zone look-ups each. A memory only: the answer is that of `windowAt`. */
import { type Calendar, type CalendarWindow, windowAt, type WindowKind } from '@outlay/plans';

const CALENDARS_MAX = 20_000;
/** Rows come late and holds reach into tomorrow: a few windows of each calendar are in use at once. */
const WINDOWS_EACH = 4;
const kept = new Map<string, CalendarWindow[]>();

export function keptWindowAt(kind: WindowKind, atMs: number, calendar: Calendar): CalendarWindow {
  const name = kind === 'period' ? `${kind} ${calendar.timeZone} ${calendar.anchorDay} ${calendar.interval}` : `${kind} ${calendar.timeZone}`;
  const windows = kept.get(name) ?? [];
  const known = windows.find(({ startMs, endMs }) => startMs <= atMs && atMs < endMs);
  if (known !== undefined) return known;
  const window = windowAt(kind, atMs, calendar);
  if (kept.size >= CALENDARS_MAX) kept.clear();
  kept.set(name, [window, ...windows.slice(0, WINDOWS_EACH - 1)]);
  return window;
}

/** Every window that `[fromMs, toMs)` touches, the one of `fromMs` first. */
export function keptWindowsOf(kind: WindowKind, fromMs: number, toMs: number, calendar: Calendar): CalendarWindow[] {
  const windows = [keptWindowAt(kind, fromMs, calendar)];
  while (windows.at(-1)!.endMs < toMs) windows.push(keptWindowAt(kind, windows.at(-1)!.endMs, calendar));
  return windows;
}
