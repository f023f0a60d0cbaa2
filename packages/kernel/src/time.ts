/** Time windows. An instant is a `Date` or Unix milliseconds; a day is a local date of a named zone. */

export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;
/** Midnight of every time zone falls on a quarter of an hour. */
export const BUCKET_MS = 15 * MINUTE_MS;

export function bucketStartMs(timeMs: number): number {
  return Math.floor(timeMs / BUCKET_MS) * BUCKET_MS;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(timeZone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-CA', {
      timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit',
    });
    formatters.set(timeZone, formatter);
  }
  return formatter;
}

export function isTimeZone(timeZone: string): boolean {
  try {
    formatterOf(timeZone);
    return true;
  } catch {
    return false;
  }
}

function partsIn(timeZone: string, timeMs: number): Record<string, string> {
  const parts: Record<string, string> = {};
  for (const part of formatterOf(timeZone).formatToParts(timeMs)) parts[part.type] = part.value;
  return parts;
}

/** The local date of an instant, `2026-11-21`. */
export function localDay(timeMs: number, timeZone: string): string {
  const p = partsIn(timeZone, timeMs);
  return `${p.year}-${p.month}-${p.day}`;
}

/** Milliseconds that the zone's clocks are ahead of UTC then. */
export function zoneOffsetMs(timeMs: number, timeZone: string): number {
  const p = partsIn(timeZone, timeMs);
  const asUtc = Date.UTC(Number(p.year), Number(p.month) - 1, Number(p.day), Number(p.hour), Number(p.minute), Number(p.second));
  return asUtc - Math.floor(timeMs / 1000) * 1000;
}

/** The same few hundred days are asked for again and again, by every row of a charge, and Intl takes some ten microseconds for each. */
const dayStarts = new Map<string, number>();
const DAY_STARTS_MAX = 20_000;

/** The instant at which a local date begins; where midnight does not exist (a clock change), the first instant after it. */
export function dayStartMs(day: string, timeZone: string): number {
  const name = `${day} ${timeZone}`;
  const known = dayStarts.get(name);
  if (known !== undefined) return known;
  const start = findDayStartMs(day, timeZone);
  if (dayStarts.size >= DAY_STARTS_MAX) dayStarts.clear();
  dayStarts.set(name, start);
  return start;
}

function findDayStartMs(day: string, timeZone: string): number {
  const utcMidnight = Date.parse(`${day}T00:00:00Z`);
  let start = utcMidnight - zoneOffsetMs(utcMidnight, timeZone);
  start = utcMidnight - zoneOffsetMs(start, timeZone);
  if (localDay(start, timeZone) < day) start += 60 * MINUTE_MS;
  return start;
}

/** The local date `count` days later (or earlier). */
export function addDays(day: string, count: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * DAY_MS).toISOString().slice(0, 10);
}
