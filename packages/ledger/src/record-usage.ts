/** The use case behind `POST /v1/usage`: parse each event, price it, write it, answer a verdict for each. */
import { DomainError, formatPico } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import { parseEvent } from './event-parser';
import { LIMITS } from './event-schema';
import { prepareEvent, type PreparedEvent } from './prepare-event';
import type { PriceUsageOf } from './price-event';
import { type EntitlementsOf, stampEvents } from './stamp-events';
import { storeSnapshots, type SnapshotRow } from './store-snapshots';
import { readTodayCosts } from './today-cost';
import type { LedgerWriter, WriteVerdict } from './writer';

/** The API key that sends, as `verifyApiKey` answers it. */
export interface Sender {
  readonly tenantId: string;
  readonly keyId: string | null;
  readonly environment: string;
  readonly timeZone: string;
  readonly lateWindowDays: number;
  /** Set for events that another system had recorded. */
  readonly source?: 'import';
}

export interface EventResult {
  readonly index: number;
  readonly id: string | null;
  readonly verdict: 'accepted' | 'duplicate' | 'conflict' | 'unpriced' | 'rejected';
  /** Exact decimal USD; null while unpriced. */
  readonly cost_usd?: string | null;
  readonly reason?: string;
  readonly field?: string;
  readonly message?: string;
  readonly input_hash?: string;
  readonly stored_hash?: string;
}

export interface RecordAnswer {
  readonly results: EventResult[];
  /** Today's cost by customer of the batch, in the tenant's zone; only when asked for. */
  readonly today?: Record<string, string>;
}

export interface RecordDependencies {
  readonly db: Database;
  readonly writer: LedgerWriter;
  readonly price: PriceUsageOf;
  /** Asked for what each customer was on when an event happened; without it, events carry what their sender says only. */
  readonly entitlementsOf?: EntitlementsOf;
  readonly now?: () => number;
}

/** Errors: `invalid_input` for a body that is no list of events, `overloaded`, `unavailable`. One bad event never rejects its neighbours. */
export async function recordUsage(deps: RecordDependencies, sender: Sender, body: unknown): Promise<RecordAnswer> {
  const { events, today } = parseBody(body);
  const nowMs = deps.now?.() ?? Date.now();
  const context = {
    tenantId: sender.tenantId, apiKeyId: sender.keyId, environment: sender.environment, source: sender.source, nowMs, lateWindowDays: sender.lateWindowDays, price: deps.price,
  };
  const results = new Array<EventResult>(events.length);
  const prepared: { index: number; event: PreparedEvent; caller: unknown }[] = [];
  let snapshots: SnapshotRow[] = [];
  for (let index = 0; index < events.length; index++) {
    const parsed = parseEvent(events[index]);
    const made = parsed.ok ? prepareEvent(parsed.value, context) : parsed;
    if (!made.ok) {
      results[index] = { index, id: idIn(events[index]), verdict: 'rejected', ...made.error };
      continue;
    }
    prepared.push({ index, event: made.value, caller: (events[index] as { snapshot?: unknown }).snapshot ?? undefined });
    if (made.value.snapshot) snapshots.push({ tenantId: sender.tenantId, ...made.value.snapshot });
  }
  if (deps.entitlementsOf !== undefined) {
    const stamped = stampEvents(deps.entitlementsOf, sender.tenantId, prepared);
    // Memory knows most of the time, and then nobody waits.
    snapshots = stamped instanceof Promise ? await stamped : stamped;
  }
  if (snapshots.length > 0) await storeSnapshots(deps.db, sender.tenantId, snapshots);
  const verdicts = await deps.writer.submit(prepared.map(({ event }) => event));
  for (let i = 0; i < prepared.length; i++) {
    const { index, event } = prepared[i]!;
    results[index] = resultOf(index, event, verdicts[i]!);
  }
  if (!today) return { results };
  const customers = [...new Set(prepared.flatMap(({ event }) => event.rows[0]!.customer_id ?? []))];
  return { results, today: await readTodayCosts(deps.db, sender, customers, nowMs) };
}

function parseBody(body: unknown): { events: unknown[]; today: boolean } {
  const record = body !== null && typeof body === 'object' && !Array.isArray(body) ? (body as Record<string, unknown>) : null;
  const events = record?.['events'];
  if (!Array.isArray(events)) throw new DomainError('invalid_input', { field: 'events', message: 'Send {"events": [...]} with 1 to 1,000 usage events.' });
  if (events.length === 0) throw new DomainError('invalid_input', { field: 'events', message: '"events" is empty: send 1 to 1,000 usage events.' });
  if (events.length > LIMITS.eventsPerRequest) throw new DomainError('body_too_large', { field: 'events', message: `"events" has ${events.length} items; send at most ${LIMITS.eventsPerRequest} at once.` });
  for (const key of Object.keys(record!)) {
    if (key !== 'events' && key !== 'today') throw new DomainError('invalid_input', { field: key, message: `There is no field "${key}" beside "events" and "today".` });
  }
  return { events, today: record!['today'] === true };
}

function idIn(raw: unknown): string | null {
  const id = (raw as { id?: unknown } | null)?.id;
  return typeof id === 'string' ? id : null;
}

function resultOf(index: number, event: PreparedEvent, verdict: WriteVerdict): EventResult {
  const id = event.id;
  switch (verdict.verdict) {
    case 'accepted':
      return event.costPico === null
        ? { index, id, verdict: 'unpriced', cost_usd: null, reason: event.unpricedReason ?? 'unpriced', message: 'Recorded, but there is no price for it yet: it waits in quarantine and is priced by a correction.' }
        : { index, id, verdict: 'accepted', cost_usd: formatPico(event.costPico) };
    case 'duplicate':
      return { index, id, verdict: 'duplicate' };
    case 'conflict':
      return {
        index, id, verdict: 'conflict', reason: 'other_content', input_hash: verdict.inputHash, stored_hash: verdict.storedHash,
        message: 'Another event stands under this id (for an outcome: under this run). To change a recorded fact, post a correction.',
      };
    case 'rejected':
      return { index, id, verdict: 'rejected', reason: verdict.reason, message: verdict.message };
  }
}
