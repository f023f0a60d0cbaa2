/** Hours of the team's day in which messages wait. Pure. */
import { MINUTE_MS } from '@outlay/kernel';
import type { QuietHours } from './alert-rule';

const DAY_MINUTES = 1_440;

/** `7:05` is no time; `07:05` is. Null for anything else. */
export function parseClock(text: string): number | null {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  return match ? Number(match[1]) * 60 + Number(match[2]) : null;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Minutes since midnight, as the clock on the wall of this zone shows them. */
export function clockMinutes(timeMs: number, timeZone: string): number {
  let clock = clocks.get(timeZone);
  if (clock === undefined) clocks.set(timeZone, (clock = new Intl.DateTimeFormat('en-GB', { timeZone, hourCycle: 'h23', hour: '2-digit', minute: '2-digit' })));
  const parts = Object.fromEntries(clock.formatToParts(timeMs).map(({ type, value }) => [type, Number(value)]));
  return parts['hour']! * 60 + parts['minute']!;
}

/** When the quiet hours around this moment end (Unix ms, to the minute); null when it is not quiet. Hours that begin and end alike are none. */
export function quietUntil(hours: QuietHours | null, timeMs: number, timeZone: string): number | null {
  if (hours === null) return null;
  const [from, to] = [parseClock(hours.from), parseClock(hours.to)];
  if (from === null || to === null || from === to) return null;
  const now = clockMinutes(timeMs, timeZone);
  const isQuiet = from < to ? now >= from && now < to : now >= from || now < to;
  if (!isQuiet) return null;
  const minuteStart = Math.floor(timeMs / MINUTE_MS) * MINUTE_MS;
  // By the wall: where the clocks change in between, the end is looked for again.
  const end = minuteStart + ((to - now + DAY_MINUTES) % DAY_MINUTES) * MINUTE_MS;
  const late = (clockMinutes(end, timeZone) - to + DAY_MINUTES) % DAY_MINUTES;
  return end - (late > DAY_MINUTES / 2 ? late - DAY_MINUTES : late) * MINUTE_MS;
}
