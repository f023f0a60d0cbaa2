/**
 * One sync of one connection: claim, open the key, read what is due page by page, store each page with its watermark in one transaction, plan the next. A worker that dies in the middle
 * leaves whole pages behind and a watermark that fits them: the next one goes on there, and what was read twice is the same revision.
 */
import { toPico } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import type { Database, GuardedFetch, SecretBox } from '@outlay/platform';
import type { PriceBook } from '@outlay/pricing';
import { openTeamSecret } from '@outlay/tenancy';
import { type Adapter, type AdapterContext, type Page, type ProviderKind, SyncFault } from './adapter';
import { dueStreams, planAfterFault, planAfterSuccess } from './plan-sync';
import { priceBucket, unitFault } from './price-bucket';
import { claimConnection, extendLease, insertSync, readConnection, saveSync, saveSyncEnd, saveWatermark, type StoredConnection } from './store';
import { mergeBuckets, readUsageBuckets, saveCosts, saveUsage } from './store-bill';

export interface SyncDependencies {
  readonly db: Database;
  readonly box: SecretBox;
  readonly fetch: GuardedFetch;
  readonly adapters: Readonly<Partial<Record<ProviderKind, Adapter>>>;
  /** The tenant's prices, its own before the global ones. */
  readonly bookOf: (tenantId: string) => Promise<PriceBook>;
  readonly log: (sentence: string, error: unknown) => void;
  readonly signal?: AbortSignal;
  readonly now?: () => number;
  readonly random?: () => number;
  /** Told after each stored page; the sync goes on when it resolves. */
  readonly onPage?: (tenantId: string, connectionId: string) => void | Promise<void>;
}

export interface SyncReport {
  readonly syncId: string;
  readonly pages: number;
  readonly rowsRead: number;
  readonly rowsChanged: number;
  readonly fault: SyncFault | null;
}

const LEASE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Where a connection's secret stands: its row's identity is bound to the sealed text. */
export function credentialsRow(connectionId: string): readonly string[] {
  return ['provider_connections', connectionId, 'credentials'];
}

/** Null when somebody else has it, it is not due, or it is gone. Never throws for what the provider does: that is its report, and the connection's words. */
export async function syncConnection(deps: SyncDependencies, tenantId: string, connectionId: string, cause: 'schedule' | 'person'): Promise<SyncReport | null> {
  const { db, now = Date.now, random = Math.random } = deps;
  const claimed = await db.withTenant(tenantId, (tx) => claimConnection(tx, connectionId, LEASE_MS, cause === 'person'));
  if (claimed === null) return null;
  const adapter = deps.adapters[claimed.provider];
  const syncId = newId();
  await db.withTenant(tenantId, (tx) => insertSync(tx, tenantId, { id: syncId, connectionId, cause }));
  const count = { pages: 0, rowsRead: 0, rowsChanged: 0 };
  let fault: SyncFault | null = null;
  try {
    if (!adapter) throw new SyncFault('unexpected', `This version of Outlay cannot ask ${claimed.provider}: import its files.`);
    const lastMs = Object.fromEntries(Object.entries(claimed.watermarks).map(([stream, { readMs }]) => [stream, readMs]));
    const streams = cause === 'person' ? adapter.streams.map(({ id }) => id) : dueStreams(adapter.streams, lastMs, now());
    for (const stream of streams) await readStream(deps, { tenantId, syncId, connection: claimed, adapter, stream, count });
  } catch (error) {
    fault = error instanceof SyncFault ? error : new SyncFault('unexpected', 'Outlay could not store what the provider said. The next sync tries again.', null, error);
    if (fault.kind === 'unexpected') deps.log('A provider connection could not be synced.', error);
  }
  const every = Math.min(...(adapter?.streams.map(({ everyMs }) => everyMs) ?? [DAY_MS]));
  const next = fault === null ? planAfterSuccess(every, random()) : planAfterFault(fault, claimed.failures, random());
  await db.withTenant(tenantId, async (tx) => {
    await saveSync(tx, syncId, { state: fault === null ? 'done' : 'failed', ...count, progress: '', error: fault?.words ?? null });
    await saveSyncEnd(tx, connectionId, { ...next, error: fault?.words ?? null });
  });
  return { syncId, ...count, fault };
}

interface StreamRun {
  readonly tenantId: string;
  readonly syncId: string;
  readonly connection: StoredConnection;
  readonly adapter: Adapter;
  readonly stream: string;
  readonly count: { pages: number; rowsRead: number; rowsChanged: number };
}

async function readStream(deps: SyncDependencies, run: StreamRun): Promise<void> {
  const { db, now = Date.now } = deps;
  const { tenantId, connection, adapter, stream, count, syncId } = run;
  const book = await deps.bookOf(tenantId);
  const startedMs = now();
  // Opened for this stream alone: nothing keeps it.
  const credentials = connection.credentials === null ? '' : await db.withTenant(tenantId, (tx) => openTeamSecret(tx, deps.box, tenantId, credentialsRow(connection.id), connection.credentials!));
  const context: AdapterContext = { settings: connection.settings, credentials, fetch: deps.fetch, nowMs: startedMs, signal: deps.signal ?? new AbortController().signal };
  let watermark = connection.watermarks[stream]?.at ?? null;
  for await (const page of adapter.pull(context, stream, watermark)) {
    deps.signal?.throwIfAborted();
    await guardUnits(deps, run, page, book);
    const usage = mergeBuckets(page.usage).map((bucket) => ({ ...bucket, pricedPico: priceBucket(book, connection.provider, bucket), provisional: isProvisional(bucket.bucket, page, startedMs) }));
    const costs = page.costs.map((row) => ({ ...row, provisional: isProvisional(`${row.day}T00:00:00Z`, page, startedMs) }));
    ({ watermark } = page);
    count.pages += 1;
    count.rowsRead += usage.length + costs.length;
    await db.withTenant(tenantId, async (tx) => {
      // Removed or paused meanwhile: what it said until now stands, and no more is asked.
      if ((await readConnection(tx, connection.id)) === null) throw new SyncFault('not_found', 'The connection was removed in the middle of its sync.');
      count.rowsChanged += (await saveUsage(tx, tenantId, connection.id, syncId, usage)) + (await saveCosts(tx, tenantId, connection.id, syncId, costs));
      await saveWatermark(tx, connection.id, stream, watermark, connection.watermarks[stream]?.readMs ?? 0);
      await saveSync(tx, syncId, { state: 'running', ...count, progress: `${stream}: page ${count.pages}`, error: null });
      await extendLease(tx, connection.id, LEASE_MS);
    });
    await deps.onPage?.(tenantId, connection.id);
  }
  await db.withTenant(tenantId, (tx) => saveWatermark(tx, connection.id, stream, watermark, startedMs));
}

/** Not final: after what the provider calls final, or, where it says nothing, younger than three days. */
function isProvisional(at: string, { finalUntil }: Page, nowMs: number): boolean {
  return Date.parse(at) >= (finalUntil === null ? nowMs - 3 * DAY_MS : Date.parse(finalUntil));
}

/** A day's cost against the same day's usage at our prices, before anything of the page is stored. Errors: `SyncFault`. */
async function guardUnits(deps: SyncDependencies, { tenantId, connection }: StreamRun, page: Page, book: PriceBook): Promise<void> {
  const billed = new Map<string, bigint>();
  for (const { day, amountUsd } of page.costs) billed.set(day, (billed.get(day) ?? 0n) + toPico(amountUsd));
  for (const [day, billedPico] of billed) {
    const fromMs = Date.parse(`${day}T00:00:00Z`);
    const known = await deps.db.withTenant(tenantId, (tx) => readUsageBuckets(tx, { fromMs, toMs: fromMs + DAY_MS, width: '1h', connectionId: connection.id }));
    const inPage = page.usage.filter(({ width, bucket }) => width === '1d' && bucket.startsWith(day)).reduce((sum, bucket) => sum + (priceBucket(book, connection.provider, bucket) ?? 0n), 0n);
    const priced = known.reduce((sum, { pricedPico }) => sum + (pricedPico ?? 0n), 0n) + inPage;
    // A day with usage that the book cannot price says nothing about units.
    if (known.some(({ pricedPico }) => pricedPico === null)) continue;
    const words = unitFault(priced, billedPico);
    if (words !== null) throw new SyncFault('unexpected', `${day}: ${words}`);
  }
}
