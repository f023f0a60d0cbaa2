/**
 * The demo's eight weeks: the same seed, end and size give the same events. The newest day comes first, so that a page that looks at today has something
 * to show as soon as the first rows are written; within a day time runs forward.
 */
import { DAY_MS } from '@outlay/kernel';
import { makeRun, type TimedEvent } from './demo-run';
import { DEMO_DAYS, placeStory, type Story, trafficOf, weekdayOf } from './demo-story';
import { createRandom } from './random';

const HOUR_MS = 3_600_000;
/** How many events a run has on average, measured over the whole story. */
const EVENTS_PER_RUN = 2.86;

export interface ScenarioOptions {
  readonly seed: number;
  /** The last moment; no event is later. */
  readonly endMs: number;
  /** How many, give or take a few percent. */
  readonly events: number;
  readonly timeZone: string;
}

interface Hour {
  readonly startMs: number;
  readonly lengthMs: number;
  readonly day: number;
  readonly hour: number;
  readonly weight: number;
}

export function* makeScenario({ seed, endMs, events, timeZone }: ScenarioOptions): Generator<TimedEvent> {
  const story = placeStory(endMs, timeZone);
  const hours = listHours(story, endMs, timeZone);
  const runs = countRuns(hours, events / EVENTS_PER_RUN, seed);
  for (let day = DEMO_DAYS; day >= 0; day--) {
    for (const [n, { startMs, lengthMs, day: its, hour }] of hours.entries()) {
      if (its !== day) continue;
      // Each hour has a chance of its own, so that it is the same whatever was told before it.
      const random = createRandom(seed * 4_099 + n);
      const told: TimedEvent[] = [];
      for (let left = runs[n]!; left > 0; left -= 1) told.push(...makeRun({ atMs: Math.floor(startMs + random.next() * lengthMs), day, hour, story }, random));
      // A run that is still under way at the end of the story has not said more yet.
      yield* told.filter(({ atMs }) => atMs < endMs).sort((one, other) => one.atMs - other.atMs);
    }
  }
}

/** How many runs begin in each hour: by its weight, give or take some. */
function countRuns(hours: readonly Hour[], total: number, seed: number): number[] {
  const random = createRandom(seed);
  const perWeight = total / hours.reduce((sum, { weight }) => sum + weight, 0);
  let owed = 0;
  return hours.map(({ weight }) => {
    owed += weight * perWeight * (0.85 + 0.3 * random.next());
    const runs = Math.floor(owed);
    owed -= runs;
    return runs;
  });
}

/** Every hour of the story with its local day, hour and traffic; the last one may be cut short. */
function listHours(story: Story, endMs: number, timeZone: string): Hour[] {
  const local = new Intl.DateTimeFormat('en-US', { timeZone, hour: 'numeric', hourCycle: 'h23' });
  const dayOf = new Map(Array.from({ length: DEMO_DAYS + 1 }, (_, day) => [story.dateOf(day), day]));
  const date = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  const firstMs = Math.floor((endMs - DEMO_DAYS * DAY_MS) / HOUR_MS) * HOUR_MS;
  const hours: Hour[] = [];
  for (let startMs = firstMs; startMs < endMs; startMs += HOUR_MS) {
    const today = date.format(startMs);
    const [day, hour, lengthMs] = [dayOf.get(today) ?? 0, Number(local.format(startMs)), Math.min(HOUR_MS, endMs - startMs)];
    hours.push({ startMs, lengthMs, day, hour, weight: trafficOf(day, hour, weekdayOf(today)) * (lengthMs / HOUR_MS) });
  }
  return hours;
}
