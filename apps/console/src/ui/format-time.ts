const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const formats = new Map<string, Intl.DateTimeFormat>();

function format(kind: string, timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${kind} ${timeZone}`;
  let made = formats.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat('en-GB', { ...options, timeZone });
    formats.set(key, made);
  }
  return made;
}

/** `21 Nov 2026, 14:03:22.481 GMT+1`: what a tooltip shows. */
export function formatExactTime(iso: string, timeZone: string): string {
  return format('exact', timeZone, {
    day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3, timeZoneName: 'short',
  }).format(new Date(iso));
}

/** `21 Nov 2026, 14:03` */
export function formatDateTime(iso: string, timeZone: string): string {
  return format('date-time', timeZone, { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' }).format(new Date(iso));
}

/** `21 Nov 2026` */
function formatDay(iso: string, timeZone: string): string {
  return format('day', timeZone, { day: 'numeric', month: 'short', year: 'numeric' }).format(new Date(iso));
}

/** `21 Nov` */
export function formatShortDay(iso: string, timeZone: string): string {
  return format('short-day', timeZone, { day: 'numeric', month: 'short' }).format(new Date(iso));
}

/** `14:03` */
export function formatHour(iso: string, timeZone: string): string {
  return format('hour', timeZone, { hour: '2-digit', minute: '2-digit' }).format(new Date(iso));
}

/** `14:03:22` on the same day as now, `21 Nov 14:03:22` before. */
export function formatRowTime(iso: string, timeZone: string, nowMs: number): string {
  const time = new Date(iso);
  const clock = format('clock', timeZone, { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(time);
  const day = formatShortDay(iso, timeZone);
  return day === formatShortDay(new Date(nowMs).toISOString(), timeZone) ? clock : `${day} ${clock}`;
}

/** `just now`, `12 s ago`, `3 min ago`, `2 h ago`, `5 days ago`, `in 3 days`; a date beyond 30 days. */
export function formatRelative(iso: string, timeZone: string, nowMs: number): string {
  const distance = nowMs - Date.parse(iso);
  const size = Math.abs(distance);
  if (size < 5_000) return 'just now';
  if (size >= 30 * DAY) return formatDay(iso, timeZone);
  const amount = amountOf(size);
  return distance > 0 ? `${amount} ago` : `in ${amount}`;
}

function amountOf(size: number): string {
  if (size < MINUTE) return `${Math.floor(size / 1_000)} s`;
  if (size < HOUR) return `${Math.floor(size / MINUTE)} min`;
  if (size < DAY) return `${Math.floor(size / HOUR)} h`;
  const days = Math.floor(size / DAY);
  return days === 1 ? '1 day' : `${days} days`;
}
