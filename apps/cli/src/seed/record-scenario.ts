/** Writes the demo's history the way every event is written: batches through the use case behind `POST /v1/usage`. */
import { DomainError } from '@outlay/kernel';
import { LIMITS, type RecordDependencies, recordUsage, type Sender } from '@outlay/ledger';
import type { TimedEvent, WireEvent } from './demo-run';

/** Enough that the writer's connections never wait for us. */
const BATCHES_IN_FLIGHT = 6;

export interface RecordedScenario {
  readonly events: number;
  readonly unpriced: number;
}

/** `senders` name the same team, in its two environments. Errors: `internal` when an event was not taken, which is a fault of ours. */
export async function recordScenario(
  deps: RecordDependencies, senders: { readonly production: Sender; readonly staging: Sender }, events: Iterable<TimedEvent>, onProgress: (recorded: number) => void,
): Promise<RecordedScenario> {
  const waiting: Record<'production' | 'staging', WireEvent[]> = { production: [], staging: [] };
  const inFlight = new Set<Promise<void>>();
  let [recorded, unpriced] = [0, 0];
  let failure: unknown = null;
  const send = async (environment: 'production' | 'staging'): Promise<void> => {
    const batch = waiting[environment].splice(0);
    if (batch.length === 0) return;
    while (inFlight.size >= BATCHES_IN_FLIGHT) await Promise.race(inFlight);
    if (failure !== null) throw failure;
    const written = recordUsage(deps, senders[environment], { events: batch }).then(({ results }) => {
      for (const { verdict, message } of results) {
        if (verdict === 'unpriced') unpriced += 1;
        else if (verdict !== 'accepted') throw new DomainError('internal', { message: `An event of the demo was answered "${verdict}": ${message ?? ''}` });
      }
      recorded += results.length;
      onProgress(recorded);
    }).catch((error: unknown) => { failure ??= error; }).finally(() => inFlight.delete(written));
    inFlight.add(written);
  };
  for (const { staging, event } of events) {
    const environment = staging ? 'staging' : 'production';
    if (waiting[environment].push(event) === LIMITS.eventsPerRequest) await send(environment);
  }
  await send('production');
  await send('staging');
  await Promise.all(inFlight);
  if (failure !== null) throw failure;
  return { events: recorded, unpriced };
}
