/** How a day usually goes: which share of its spend has come by which quarter of an hour. Pure. */
import { BUCKET_MS, dayStartMs } from '@outlay/kernel';

export interface DayShape {
  /** Share of a day's spend that has usually come so long after its midnight, 0 to 1. */
  shareBy(offsetMs: number): number;
}

/** Quarters of the longest day, on which clocks are put back. */
const QUARTERS = 100;
const FLAT_MS = 24 * 4 * BUCKET_MS;
/** Less than this many days of spend say nothing about their course. */
const DAYS_MIN = 3;

/** `days`: whole local days. A day counts by its shares, not by its spend, so that an incident does not shape all days. */
export function shapeOfDays(quarters: ReadonlyMap<number, bigint>, days: readonly string[], timeZone: string): DayShape {
  const sums = Array<number>(QUARTERS).fill(0);
  let counted = 0;
  for (const day of days) {
    const startMs = dayStartMs(day, timeZone);
    const own = Array.from({ length: QUARTERS }, (_, i) => Number(quarters.get(startMs + i * BUCKET_MS) ?? 0n)).slice(0, 96);
    const total = own.reduce((sum, value) => sum + value, 0);
    if (total <= 0) continue;
    counted += 1;
    own.forEach((value, i) => (sums[i]! += value / total));
  }
  if (counted < DAYS_MIN) return { shareBy: (offsetMs) => Math.min(Math.max(offsetMs / FLAT_MS, 0), 1) };
  const cumulative = [0];
  for (const sum of sums) cumulative.push(cumulative.at(-1)! + sum / counted);
  return {
    shareBy: (offsetMs) => {
      if (offsetMs >= FLAT_MS) return 1;
      const at = Math.max(offsetMs, 0) / BUCKET_MS;
      const whole = Math.floor(at);
      return Math.min(cumulative[whole]! + (at - whole) * (cumulative[whole + 1]! - cumulative[whole]!), 1);
    },
  };
}
