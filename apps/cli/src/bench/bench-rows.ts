/** Full ledger rows of events as they would come over the wire: parsed, priced and prepared by the product itself. */
import type { EventRow, PriceUsageOf } from '@outlay/ledger';
import { parseEvent, prepareEvent } from '@outlay/ledger/bench';
import { makeEvent } from './bench-events';

/** One row an event. Throws when one of them could not be priced: a bench must not measure the quarantine. */
export function toRows(tenantId: string, price: PriceUsageOf, events: Iterable<Record<string, unknown>>, nowMs: number): EventRow[] {
  return Array.from(events, (event) => {
    const parsed = parseEvent(event);
    if (!parsed.ok) throw new Error(parsed.error.message);
    const made = prepareEvent(parsed.value, { tenantId, apiKeyId: null, environment: 'production', nowMs, lateWindowDays: 7, price });
    if (!made.ok) throw new Error(made.error.message);
    if (made.value.costPico === null) throw new Error('The bench sends priced events only.');
    return made.value.rows[0]!;
  });
}

/** A first call, a retry and the outcome of each run: what a row stands for when whole runs are grown. */
export const ROWS_PER_RUN = 3;

/** Complete runs of few customers, so that ten times as many rows fall into the same cells of the rollups. Not in bursts: neighbours differ. */
export function* makeRuns(runs: number, customers: number, nowMs: number): Generator<Record<string, unknown>> {
  for (let run = 0; run < runs; run++) {
    const customer = { customer_id: `customer_${run % customers}` };
    const call: Record<string, unknown> = { ...makeEvent(run * 2, nowMs), ...customer };
    yield call;
    yield { ...makeEvent(run * 2 + 1, nowMs), ...customer };
    const { run_id, occurred_at, environment, workflow } = call as Record<'run_id' | 'occurred_at' | 'environment' | 'workflow', string>;
    yield { kind: 'outcome', run_id, occurred_at, environment, workflow, ...customer, ...(run % 8 === 0 ? { outcome: 'unusable' } : { outcome: 'usable', units: 1 + (run % 3) }) };
  }
}
