import { dayStartMs, localDay } from '@outlay/kernel';

const LOCAL = /^(\d{4}-\d\d-\d\d)T(\d\d):(\d\d)/;

/** `2026-11-21T14:00` on a wall clock of the zone, as an instant; null when it is no such text. Where the clock goes back, the first of the two. */
export function instantOfLocal(text: string, timeZone: string): string | null {
  const match = LOCAL.exec(text);
  const wallMs = Date.parse(`${text.slice(0, 16)}Z`);
  if (!match || Number.isNaN(wallMs)) return null;
  const [, day = '', hour, minute] = match;
  const guess = dayStartMs(day, timeZone) + (Number(hour) * 60 + Number(minute)) * 60_000;
  // A clock change between midnight and the wanted time moves the guess by its size; look at the clock and correct it.
  const shown = localOfInstant(new Date(guess).toISOString(), timeZone);
  const corrected = guess + wallMs - Date.parse(`${shown}Z`);
  return new Date(corrected).toISOString();
}

/** The wall clock of the zone at an instant, in the form that `<input type="datetime-local">` takes. */
export function localOfInstant(iso: string, timeZone: string): string {
  const time = Date.parse(iso);
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(time);
  return `${localDay(time, timeZone)}T${clock}`;
}
