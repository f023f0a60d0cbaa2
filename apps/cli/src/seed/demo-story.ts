/** When what happens in the demo's eight weeks: pure. Days count from the first one; hours are the team's own. */

export const DEMO_DAYS = 56;

/** The day on which each chapter begins. */
export const STORY = {
  /** A release retries replies that were good enough: they cost four times as much, and more of them are thrown away. */
  leakFrom: 34,
  /** Retrieval stuffs whole documents into prompts for three days. */
  contextSpike: { from: 41, to: 44 },
  /** One customer automates: many more runs, and longer ones. */
  outlierFrom: 44,
  /** A provider is overloaded for an afternoon: retries, then fallbacks to another one. */
  incident: { day: 48, fromHour: 13, toHour: 17 },
  /** A share of one workflow tries a model that no price book knows. */
  unpricedFrom: 46,
} as const;

/** Traffic by local hour: people work in the day, imports run at night. */
const BY_HOUR = [3, 2, 2, 2, 2, 4, 10, 24, 52, 78, 92, 94, 70, 76, 95, 98, 88, 66, 40, 26, 18, 12, 8, 5] as const;
/** From Sunday on. */
const BY_WEEKDAY = [0.22, 1, 1.08, 1.1, 1.06, 0.86, 0.28] as const;

/** How much goes on in this hour, as a weight; over the weeks it grows by a third. */
export function trafficOf(day: number, hour: number, weekday: number): number {
  return BY_HOUR[hour]! * BY_WEEKDAY[weekday]! * (1 + day / DEMO_DAYS / 3);
}

export function isIncident(day: number, hour: number): boolean {
  const { day: at, fromHour, toHour } = STORY.incident;
  return day === at && hour >= fromHour && hour < toHour;
}

export function isContextSpike(day: number): boolean {
  return day >= STORY.contextSpike.from && day < STORY.contextSpike.to;
}
