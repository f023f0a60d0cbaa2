/** The demo's eight weeks: the same seed, end and size give the same events, in the order of their time. */
import { makeRun, type TimedEvent } from './demo-run';
import { DEMO_DAYS, trafficOf } from './demo-story';
import { createRandom } from './random';

const HOUR_MS = 3_600_000;
/** How many events a run has on average, measured over the whole story. */
const EVENTS_PER_RUN = 2.93;

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
  readonly day: number;
  readonly hour: number;
  readonly weight: number;
}

export function* makeScenario({ seed, endMs, events, timeZone }: ScenarioOptions): Generator<TimedEvent> {
  const random = createRandom(seed);
  const hours = listHours(endMs, timeZone);
  const total = hours.reduce((sum, { weight }) => sum + weight, 0);
  const runsPerWeight = events / EVENTS_PER_RUN / total;
  let waiting: TimedEvent[] = [];
  let owed = 0;
  for (const { startMs, day, hour, weight } of hours) {
    owed += weight * runsPerWeight * (0.85 + 0.3 * random.next());
    const lengthMs = Math.min(HOUR_MS, endMs - startMs);
    for (; owed >= 1; owed -= 1) waiting.push(...makeRun({ atMs: Math.floor(startMs + random.next() * lengthMs), day, hour }, random));
    waiting.sort((one, other) => one.atMs - other.atMs);
    // A run that is still under way at the end of the story has not said more yet.
    const until = Math.min(startMs + HOUR_MS, endMs);
    const ready = waiting.findIndex(({ atMs }) => atMs >= until);
    yield* ready === -1 ? waiting : waiting.slice(0, ready);
    waiting = ready === -1 ? [] : waiting.slice(ready);
  }
}

/** Every full hour of the story with its local day, hour and traffic. */
function listHours(endMs: number, timeZone: string): Hour[] {
  const local = new Intl.DateTimeFormat('en-US', { timeZone, hour: 'numeric', hourCycle: 'h23', weekday: 'short' });
  const firstMs = Math.floor((endMs - DEMO_DAYS * 24 * HOUR_MS) / HOUR_MS) * HOUR_MS;
  const hours: Hour[] = [];
  for (let startMs = firstMs; startMs < endMs; startMs += HOUR_MS) {
    const parts = Object.fromEntries(local.formatToParts(startMs).map(({ type, value }) => [type, value]));
    const day = Math.min(DEMO_DAYS - 1, Math.floor((startMs - firstMs) / (24 * HOUR_MS)));
    const hour = Number(parts['hour']);
    hours.push({ startMs, day, hour, weight: trafficOf(day, hour, ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'].indexOf(parts['weekday']!)) });
  }
  return hours;
}
