/** The job that asks providers. What it found goes into metrics and the log; what a person must mend stands at the connection. */
import type { Database, GuardedFetch, Log, Metrics, SecretBox } from '@outlay/platform';
import type { PriceBooks } from '@outlay/pricing';
import { ADAPTERS, type SyncAsk, syncDue, type SyncReport } from '@outlay/providers';

export interface SyncProvidersDeps {
  readonly db: Database;
  readonly log: Log;
  readonly prices: PriceBooks;
  readonly box: SecretBox;
  readonly fetch: GuardedFetch;
  readonly signal: AbortSignal;
  readonly now?: (() => number) | undefined;
  /** Told that a team has something new to see. */
  readonly onActivity?: ((tenantId: string) => void) | undefined;
  readonly count?: ((report: SyncReport) => void) | undefined;
}

export async function syncProviders({ db, log, prices, box, fetch, signal, now, onActivity, count }: SyncProvidersDeps, asked: SyncAsk | null): Promise<void> {
  await syncDue({
    db, box, fetch, adapters: ADAPTERS, signal, ...(now === undefined ? {} : { now }),
    bookOf: async (tenantId) => (await prices.of(tenantId)).book,
    log: (sentence, error) => log.error({ err: error }, sentence),
    onPage: (tenantId) => onActivity?.(tenantId),
  }, asked, (tenantId, report) => {
    count?.(report);
    const { syncId, provider, pages, rowsRead, rowsChanged, fault } = report;
    if (fault === null) log.debug({ tenantId, syncId, provider, pages, rowsRead, rowsChanged }, 'A provider connection was synced.');
    else log.warn({ tenantId, syncId, provider, pages, rowsRead, rowsChanged, kind: fault.kind, words: fault.words }, 'A provider connection could not be synced.');
  });
}

/** By provider and how it ended, never by team. */
export function countSyncs(metrics: Metrics): (report: SyncReport) => void {
  const syncs = metrics.counter('provider_syncs', 'Syncs of provider connections by how they ended.', ['provider', 'result']);
  const pages = metrics.counter('provider_pages', 'Pages read from providers.', ['provider']);
  const rows = metrics.counter('provider_rows_changed', 'Rows of use and bill that were new or restated.', ['provider']);
  return ({ provider, pages: read, rowsChanged, fault }) => {
    syncs.inc({ provider, result: fault?.kind ?? 'done' });
    pages.inc({ provider }, read);
    rows.inc({ provider }, rowsChanged);
  };
}
