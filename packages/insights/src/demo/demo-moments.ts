/** When the demo's days are looked at again, and what its budgets come to. Pure. */
import { addDays, DAY_MS, dayStartMs, localDay } from '@outlay/kernel';

const HOUR_MS = 3_600_000;

export interface DemoMoment {
  readonly atMs: number;
  /** `spend`: the watch's minute; `budgets`: what of them is spent; `forecast`: that, and where the month ends; `end`: every rule, as things stand. */
  readonly look: 'spend' | 'budgets' | 'forecast' | 'end';
}

const EVENING_HOUR = 21;
/** Hours from the beginning of an incident's day: often while it begins, then as often as the watch needs to remember it, until it is over. */
const WATCHED_HOURS = [7, 8, 9, 9.5, 10, 10.5, 11, 12, 13, 14, 16, 18, 21, 29, 35, 45, 53, 58];

/** In their order: the evenings of this month and the last one of the month before, the days of incidents, the end. */
export function demoMoments({ timeZone, endMs, incidentDaysMs }: { readonly timeZone: string; readonly endMs: number; readonly incidentDaysMs: readonly number[] }): DemoMoment[] {
  const today = localDay(endMs, timeZone);
  const moments: DemoMoment[] = [];
  for (let day = addDays(`${today.slice(0, 7)}-01`, -1); day <= today; day = addDays(day, 1)) {
    const atMs = dayStartMs(day, timeZone) + EVENING_HOUR * HOUR_MS;
    // Of the last evening, for the page that says what changed since.
    moments.push({ atMs, look: atMs >= endMs - DAY_MS ? 'forecast' : 'budgets' });
  }
  for (const startMs of incidentDaysMs) for (const hour of WATCHED_HOURS) moments.push({ atMs: startMs + hour * HOUR_MS, look: 'spend' });
  return [...moments.filter(({ atMs }) => atMs < endMs).sort((a, b) => a.atMs - b.atMs), { atMs: endMs, look: 'end' }];
}

/** Two figures, the kind of number that people set: of a month that has cost so much until now, the greater part is spent. */
export function budgetUsd(spentUsd: number): string {
  const wanted = spentUsd / SPENT_SHARE;
  const step = 10 ** Math.max(Math.floor(Math.log10(Math.max(wanted, 1))) - 1, 0);
  return String(Math.max(Math.round(wanted / step) * step, 1));
}

const SPENT_SHARE = 0.83;
