import { createContext, useContext, useSyncExternalStore } from 'react';
import { formatExactTime, formatRelative, formatRowTime } from './format-time';

const TICK_MS = 5_000;

const listeners = new Set<() => void>();
let nowMs = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    // Nobody looked at the clock since the last listener went.
    nowMs = Date.now();
    timer = setInterval(() => {
      nowMs = Date.now();
      for (const each of listeners) each();
    }, TICK_MS);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The time, moving every five seconds with one timer for the whole page. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => nowMs);
}

const ZoneContext = createContext('UTC');

/** All times of the signed-in console are shown in the team's zone, because its days are that zone's days. */
export const TimeZoneProvider = ZoneContext.Provider;

export function useTimeZone(): string {
  return useContext(ZoneContext);
}

interface TimeProps {
  readonly at: string;
  readonly className?: string;
}

export function RelativeTime({ at, className }: TimeProps) {
  const timeZone = useTimeZone();
  const tick = useNow();
  // An answer may be younger than the last tick: what lies that little ahead is now, and not in the future.
  const ahead = Date.parse(at) - tick;
  const now = ahead > 0 && ahead <= TICK_MS ? tick + ahead : tick;
  return (
    <time dateTime={at} title={formatExactTime(at, timeZone)} className={className}>
      {formatRelative(at, timeZone, now)}
    </time>
  );
}

export function RowTime({ at, className }: TimeProps) {
  const timeZone = useTimeZone();
  return (
    <time dateTime={at} title={formatExactTime(at, timeZone)} className={className}>
      {formatRowTime(at, timeZone, useNow())}
    </time>
  );
}
