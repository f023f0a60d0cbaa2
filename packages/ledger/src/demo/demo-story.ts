/** When what happens in the demo's eight weeks: pure. Days are the team's own; day 56 is the one on which the history ends. */
import { addDays, dayStartMs, localDay } from '@outlay/kernel';

export const DEMO_DAYS = 56;

/** The days on which each chapter begins, before they are moved to days on which people work. */
const PLAN = {
  /** A release retries replies that were good enough: they cost four times as much, and more of them are thrown away. */
  leakFrom: 34,
  /** The team negotiates a discount for the model that writes its reports. */
  discountFrom: 35,
  /** A provider is overloaded for an afternoon: retries, then fallbacks to another one. */
  incident: { day: 40, fromHour: 13, toHour: 17 },
  /** One customer automates: many more runs, and longer ones. */
  outlierFrom: 44,
  /** The first morning of it, until somebody slows them down. */
  runaway: { fromHour: 9, toHour: 12 },
  /** A share of one workflow tries a model that no price book knows. */
  unpricedFrom: 46,
  /** Retrieval stuffs whole documents into prompts for two days of last week. */
  contextSpike: { from: 52, days: 2 },
} as const;

export interface Story {
  readonly leakFrom: number;
  readonly discountFrom: number;
  readonly incident: { readonly day: number; readonly fromHour: number; readonly toHour: number };
  readonly outlierFrom: number;
  readonly runaway: { readonly fromHour: number; readonly toHour: number };
  readonly unpricedFrom: number;
  readonly contextSpike: { readonly from: number; readonly to: number };
  /** The local date of a day, `2026-11-21`. */
  dateOf(day: number): string;
  /** The instant at which it begins. */
  startMs(day: number): number;
}

/** The chapters of a history that ends at this moment: what lasts hours or days happens when people work, so that there is something to see. */
export function placeStory(endMs: number, timeZone: string): Story {
  const last = localDay(endMs, timeZone);
  const dateOf = (day: number): string => addDays(last, day - DEMO_DAYS);
  const { incident, contextSpike, ...rest } = PLAN;
  const from = lastWorkingDays(contextSpike.from, contextSpike.days, dateOf);
  return {
    ...rest, dateOf, startMs: (day) => dayStartMs(dateOf(day), timeZone),
    incident: { ...incident, day: lastWorkingDays(incident.day, 1, dateOf) },
    contextSpike: { from, to: from + contextSpike.days },
  };
}

/** The day, or the nearest one before it, from which on so many days are no weekend. */
function lastWorkingDays(day: number, count: number, dateOf: (day: number) => string): number {
  const isWeekend = (each: number): boolean => weekdayOf(dateOf(each)) % 6 === 0;
  for (let from = day; ; from -= 1) if (Array.from({ length: count }, (_, n) => from + n).every((each) => !isWeekend(each))) return from;
}

/** From 0, a Sunday, to 6. */
export function weekdayOf(date: string): number {
  return new Date(`${date}T00:00:00Z`).getUTCDay();
}

/** Traffic by local hour: people work in the day, imports run at night. */
const BY_HOUR = [3, 2, 2, 2, 2, 4, 10, 24, 52, 78, 92, 94, 70, 76, 95, 98, 88, 66, 40, 26, 18, 12, 8, 5] as const;
/** From Sunday on. */
const BY_WEEKDAY = [0.22, 1, 1.08, 1.1, 1.06, 0.86, 0.28] as const;

/** How much goes on in this hour, as a weight; over the weeks it grows by a third. */
export function trafficOf(day: number, hour: number, weekday: number): number {
  return BY_HOUR[hour]! * BY_WEEKDAY[weekday]! * (1 + day / DEMO_DAYS / 3);
}

export function isIncident({ incident: { day: at, fromHour, toHour } }: Story, day: number, hour: number): boolean {
  return day === at && hour >= fromHour && hour < toHour;
}

export function isContextSpike({ contextSpike: { from, to } }: Story, day: number): boolean {
  return day >= from && day < to;
}
