/** Writes the demo's history the way every event is written: batches through the use case behind `POST /v1/usage`. */
import { DomainError } from '@outlay/kernel';
import { LIMITS } from '../event-schema';
import { type RecordDependencies, recordUsage, type Sender } from '../record-usage';
import type { TimedEvent, WireEvent } from './demo-run';

/** Enough that the writer's connections never wait for us. */
const BATCHES_IN_FLIGHT = 5;

interface ScenarioProgress {
  /** Events that are in the ledger. */
  readonly recorded: number;
  /** Every event before this one, in the order of the story, is among them: whoever takes over begins here. */
  readonly resumeAt: number;
}

export interface RecordedScenario extends ScenarioProgress {
  readonly unpriced: number;
  /** False when it was told to stop. */
  readonly complete: boolean;
}

export interface ScenarioOptions {
  /** The same team, in its two environments. */
  readonly senders: { readonly production: Sender; readonly staging: Sender };
  readonly events: Iterable<TimedEvent>;
  /** From an earlier try; those behind it that are written already are met as duplicates. */
  readonly from: ScenarioProgress;
  /** Asked before each batch; false stops, after what is under way. */
  readonly mayGoOn: (progress: ScenarioProgress) => Promise<boolean>;
}

interface Waiting {
  readonly index: number;
  readonly event: WireEvent;
}

/** Errors: `internal` when an event was not taken, which is a fault of ours; `unavailable`, `overloaded`. */
export async function recordScenario(deps: RecordDependencies, { senders, events, from, mayGoOn }: ScenarioOptions): Promise<RecordedScenario> {
  const waiting: Record<'production' | 'staging', Waiting[]> = { production: [], staging: [] };
  /** By the first event of each batch under way. */
  const inFlight = new Map<number, Promise<void>>();
  let [told, recorded, unpriced, complete] = [0, from.resumeAt, 0, true];
  let failure: unknown = null;
  const progress = (): ScenarioProgress => {
    const open = [...inFlight.keys(), ...Object.values(waiting).flatMap(([first]) => first?.index ?? [])];
    return { recorded, resumeAt: Math.min(told, ...open) };
  };
  const write = async (sender: Sender, batch: readonly Waiting[]): Promise<void> => {
    const { results } = await recordUsage(deps, sender, { events: batch.map(({ event }) => event) });
    for (const { verdict, message } of results) {
      if (verdict === 'unpriced') unpriced += 1;
      else if (verdict !== 'accepted' && verdict !== 'duplicate') throw new DomainError('internal', { message: `An event of the demo was answered "${verdict}": ${message ?? ''}` });
    }
    recorded += results.length;
  };
  const send = async (environment: 'production' | 'staging'): Promise<void> => {
    const first = waiting[environment][0]?.index;
    if (first === undefined) return;
    while (failure === null && inFlight.size >= BATCHES_IN_FLIGHT) await Promise.race(inFlight.values());
    if (failure !== null) throw failure;
    complete = complete && await mayGoOn(progress());
    const batch = waiting[environment].splice(0);
    if (!complete) return;
    inFlight.set(first, write(senders[environment], batch).then(() => void inFlight.delete(first), (error: unknown) => {
      failure ??= error;
      // It stays among the open ones: nothing behind it counts as written.
      inFlight.set(first, Promise.resolve());
    }));
  };
  for (const { staging, event } of events) {
    const index = told++;
    if (index < from.resumeAt) continue;
    const environment = staging ? 'staging' : 'production';
    if (waiting[environment].push({ index, event }) === LIMITS.eventsPerRequest) await send(environment);
    if (!complete) break;
  }
  if (complete) for (const environment of ['production', 'staging'] as const) await send(environment);
  await Promise.all(inFlight.values());
  if (failure !== null) throw failure;
  return { ...progress(), unpriced, complete };
}
