import { type EventResult, type RecordAnswer, type RecordDependencies, recordUsage, type Sender } from '@outlay/ledger';
import { readCloudEvents } from './read-cloud-events';

/** `recordUsage` for CloudEvents: a broken envelope is `rejected` alone, the rest is recorded like any other event. */
export async function recordCloudEvents(deps: RecordDependencies, sender: Sender, body: unknown): Promise<RecordAnswer> {
  const read = readCloudEvents(body);
  const events = read.flatMap((each) => (each.ok ? [each.value] : []));
  const recorded = events.length === 0 ? [] : (await recordUsage(deps, sender, { events })).results;
  let next = 0;
  return {
    results: read.map((each, index): EventResult => (each.ok ? { ...recorded[next++]!, index } : { index, id: null, verdict: 'rejected', ...each.error })),
  };
}
