/** A team on a real ledger whose calls a test places in time, and the watch over it at a clock of its own. */
import { newId } from '@outlay/kernel/ids';
import { createLedgerWriter, type LedgerWriter, type PriceUsageOf, recordUsage } from '@outlay/ledger';
import { createLog, type Database } from '@outlay/platform';
import { createTenantFixture, createTestDatabase, type TestDatabase } from '@outlay/platform/testing';
import { importCatalogue, openPriceBooks, type PriceBooks } from '@outlay/pricing';
import { type AlertDetail, type AlertEvent, getAlert, listAlerts } from '../alerts/read-alerts';
import { createSpendWatch, type SpendWatch } from './watch-spend';

export interface PlacedCall {
  readonly minutesAgo: number;
  readonly input?: number;
  readonly cached?: number;
  readonly output?: number;
  readonly model?: string;
  readonly customer?: string;
  readonly workflow?: string;
  readonly attempt?: number;
}

export interface WatchedLedger {
  readonly test: TestDatabase;
  readonly db: Database;
  readonly prices: PriceBooks;
  readonly writer: LedgerWriter;
  /** Unix ms; tests move it. */
  nowMs: number;
  createTeam(): Promise<string>;
  /** Answers the verdicts that are not `accepted`. */
  record(tenantId: string, calls: readonly PlacedCall[], price?: PriceUsageOf): Promise<string[]>;
  createWatch(): SpendWatch;
  /** The newest first, with history and explanation. */
  spikes(tenantId: string): Promise<(AlertDetail & { readonly events: readonly AlertEvent[] })[]>;
  close(): Promise<void>;
}

const DAY_MINUTES = 1_440;

/** Two minutes after the begin of a bucket, so that a test knows what is closed; of the next one, so that the clock of the machine, by which the database dates rows, is never ahead. */
export async function openWatchedLedger(): Promise<WatchedLedger> {
  const test = await createTestDatabase();
  const startMs = Math.floor(Date.now() / 300_000) * 300_000 + 420_000;
  await importCatalogue(test.db, { now: new Date(startMs) });
  const prices = await openPriceBooks(test.db, { warn: () => {} });
  const writer = await createLedgerWriter(test.db);
  const log = createLog({ level: 'silent' });
  const { db } = test;
  const ledger: WatchedLedger = {
    test, db, prices, writer, nowMs: startMs,
    createTeam: async () => (await createTenantFixture(db)).tenantId,
    record: async (tenantId, calls, price) => {
      const rule = price ?? (await prices.of(tenantId)).price;
      const verdicts: string[] = [];
      for (let i = 0; i < calls.length; i += 500) {
        const events = calls.slice(i, i + 500).map(({ minutesAgo, input = 1_000, cached = 0, output = 200, model = 'gpt-4o', customer = 'acme', workflow = 'report', attempt = 1 }) => {
          const atMs = Math.round(ledger.nowMs - minutesAgo * 60_000);
          return {
            id: newId(atMs), occurred_at: new Date(atMs).toISOString(), run_id: newId(atMs), customer_id: customer, workflow, provider: 'openai', model_requested: model,
            quantities: { input_uncached: input, cache_read: cached, output_text: output }, attempt,
          };
        });
        const sender = { tenantId, keyId: null, environment: 'production', timeZone: 'UTC', lateWindowDays: 60 };
        const { results } = await recordUsage({ db, writer, price: rule, now: () => Math.max(ledger.nowMs, Date.now()) }, sender, { events });
        verdicts.push(...results.flatMap(({ verdict }) => (verdict === 'accepted' ? [] : [verdict])));
      }
      return verdicts;
    },
    createWatch: () => createSpendWatch({ db, log, prices, now: () => ledger.nowMs }),
    spikes: async (tenantId) => {
      const { rows } = await listAlerts(db, tenantId, { state: 'all', kind: 'spike' });
      return await Promise.all(rows.map(({ id }) => getAlert(db, tenantId, id)));
    },
    close: async () => {
      await writer.close();
      prices.close();
      await test.close();
    },
  };
  return ledger;
}

/** `count` calls, evenly within the last half hour. */
export function halfHourOf(count: number, call: Omit<PlacedCall, 'minutesAgo'> = {}, daysAgo = 0): PlacedCall[] {
  return Array.from({ length: count }, (_, n) => ({ ...call, minutesAgo: daysAgo * DAY_MINUTES + 0.5 + (n * 29) / count }));
}
