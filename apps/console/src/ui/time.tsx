import { createContext, useContext, useSyncExternalStore } from 'react';
import { formatExactTime, formatRelative, formatRowTime } from './format-time';

const TICK_MS = 5_000;

const listeners = new Set<() => void>();
let nowMs = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    nowMs = Date.now();
    for (const each of listeners) each();
  }, TICK_MS);
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
  // An answer may be younger than the last tick; the later of the two keeps it from lying in the future.
  const now = Math.max(useNow(), Math.min(Date.now(), Date.parse(at)));
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
