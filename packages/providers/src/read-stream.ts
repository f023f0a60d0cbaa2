/**
 * One stream of one connection, page by page. A page, what it makes undone, and the watermark behind it are one transaction that begins with the lease: a worker that dies leaves whole pages,
 * and one that was overtaken stores nothing more.
 */
import { toPico } from '@outlay/kernel';
import type { GuardedFetch, SecretBox, Database } from '@outlay/platform';
import type { PriceBook } from '@outlay/pricing';
import { openTeamSecret } from '@outlay/tenancy';
import { type Adapter, type AdapterContext, type Page, type Stream, SyncFault } from './adapter';
import { unitFault } from './guard-units';
import { priceBucket } from './price-bucket';
import { keepLease, saveMark, saveSync, type StoredConnection, type StreamMark } from './store';
import { clearUnsaid, keyOf, mergeBuckets, mergeCosts, readUsageBuckets, saveCosts, saveUsage, type SaidRow } from './store-bill';

export interface ReadDependencies {
  readonly db: Database;
  readonly box: SecretBox;
  readonly fetch: GuardedFetch;
  /** The tenant's prices, its own before the global ones. */
  readonly bookOf: (tenantId: string) => Promise<PriceBook>;
  readonly signal?: AbortSignal | undefined;
  readonly now?: () => number;
  /** Told after each stored page; the sync goes on when it resolves. */
  readonly onPage?: (tenantId: string, connectionId: string) => void | Promise<void>;
}

/** What the streams of one sync share. */
export interface SyncRun {
  readonly tenantId: string;
  readonly syncId: string;
  readonly connection: StoredConnection;
  readonly adapter: Adapter;
  readonly count: { pages: number; rowsRead: number; rowsChanged: number };
  /** As stored, changed with every page. */
  readonly marks: Record<string, StreamMark>;
  lease: Date;
}

/** Somebody else has the connection now. */
export class LeaseLost extends Error {}

export const LEASE_MS = 90_000;
const DAY_MS = 86_400_000;
const DEEP_EVERY_MS = 7 * DAY_MS;
/** A bill follows its usage by hours: until a day is over for so long, it may still be too little. */
const BILL_DELAY_MS = DAY_MS;

/** Errors: `SyncFault`, `LeaseLost`, whatever the signal was aborted with. */
export async function readStream(deps: ReadDependencies, run: SyncRun, stream: Stream): Promise<void> {
  const { db, now = Date.now } = deps;
  const { tenantId, connection, adapter } = run;
  const startedMs = now();
  const mark = run.marks[stream.id];
  const book = await deps.bookOf(tenantId);
  // Opened for this stream alone: nothing keeps it.
  const credentials = connection.credentials === null ? '' : await db.withTenant(tenantId, (tx) => openTeamSecret(tx, deps.box, tenantId, ['provider_connections', connection.id, 'credentials'], connection.credentials!));
  const context: AdapterContext = { settings: connection.settings, credentials, fetch: deps.fetch, nowMs: startedMs, signal: deps.signal ?? new AbortController().signal };
  const start = startOf(stream, mark, startedMs);
  const said: Said = { keys: [], billed: new Map() };
  let at = start.at;
  for await (const page of adapter.pull(context, stream.id, start.at)) {
    deps.signal?.throwIfAborted();
    at = page.watermark;
    await storePage(deps, run, { page, stream: stream.id, book, said, startedMs, mark: { at, readMs: mark?.readMs ?? 0, deepMs: start.deepMs, error: mark?.error ?? null } });
    await deps.onPage?.(tenantId, connection.id);
  }
  await markStream(deps, run, stream.id, { at, readMs: startedMs, deepMs: start.deepMs, error: null });
}

/** Pure. The first reading is as deep as it gets; once a week one goes back as far as the provider corrects. A deep one that breaks off goes on where it was, as every other. */
function startOf({ correctsWithinMs }: Stream, mark: StreamMark | undefined, nowMs: number): { readonly at: string | null; readonly deepMs: number } {
  if (mark?.at === undefined || mark.at === null) return { at: null, deepMs: nowMs };
  const { at, deepMs = 0 } = mark;
  if (correctsWithinMs === undefined || nowMs - deepMs < DEEP_EVERY_MS) return { at, deepMs };
  return { at: new Date(Math.min(Date.parse(at), nowMs - correctsWithinMs)).toISOString(), deepMs: nowMs };
}

/** Under the lease, in a transaction of its own. Errors: `LeaseLost`. */
export async function markStream({ db }: Pick<ReadDependencies, 'db'>, run: SyncRun, stream: string, mark: StreamMark): Promise<void> {
  await db.withTenant(run.tenantId, async (tx) => {
    run.lease = await held(keepLease(tx, run.connection.id, run.lease, LEASE_MS));
    await saveMark(tx, run.connection.id, stream, mark);
  });
  run.marks[stream] = mark;
}

export async function held(lease: Promise<Date | null>): Promise<Date> {
  const until = await lease;
  if (until === null) throw new LeaseLost();
  return until;
}

/** What the provider has said of the span that is being read. */
interface Said {
  keys: SaidRow[];
  /** By day. */
  readonly billed: Map<string, { model: string | null; pico: bigint }[]>;
}

interface StoredPage {
  readonly page: Page;
  readonly stream: string;
  readonly book: PriceBook;
  readonly said: Said;
  readonly startedMs: number;
  readonly mark: StreamMark;
}

async function storePage(deps: ReadDependencies, run: SyncRun, { page, stream, book, said, startedMs, mark }: StoredPage): Promise<void> {
  const { tenantId, connection, count, syncId } = run;
  await guardUnits(deps, run, page, book, said, startedMs);
  const usage = mergeBuckets(page.usage).map((bucket) => ({ ...bucket, pricedPico: priceBucket(book, connection.provider, bucket), provisional: isProvisional(bucket.bucket, bucket.width, page, startedMs) }));
  const costs = mergeCosts(page.costs).map((row) => ({ ...row, provisional: isProvisional(`${row.day}T00:00:00Z`, '1d', page, startedMs) }));
  said.keys.push(...usage.map(({ width, bucket, dimensions }) => ({ of: width, at: bucket, key: keyOf(dimensions) })), ...costs.map(({ day, dimensions }) => ({ of: 'costs' as const, at: day, key: keyOf(dimensions) })));
  const next = { pages: count.pages + 1, rowsRead: count.rowsRead + usage.length + costs.length, rowsChanged: count.rowsChanged };
  await deps.db.withTenant(tenantId, async (tx) => {
    run.lease = await held(keepLease(tx, connection.id, run.lease, LEASE_MS));
    next.rowsChanged += (await saveUsage(tx, tenantId, connection.id, syncId, usage)) + (await saveCosts(tx, tenantId, connection.id, syncId, costs));
    if (page.complete) next.rowsChanged += await clearUnsaid(tx, connection.id, syncId, page.complete, said.keys);
    await saveMark(tx, connection.id, stream, mark);
    await saveSync(tx, syncId, { state: 'running', ...next, progress: wordsOf(stream, next.pages, page), error: null });
  });
  Object.assign(count, next);
  run.marks[stream] = mark;
  if (page.complete) said.keys = said.keys.filter(({ of }) => of !== page.complete!.of);
}

function wordsOf(stream: string, pages: number, { usage, costs }: Page): string {
  const until = [...usage.map(({ bucket }) => bucket), ...costs.map(({ day }) => day)].reduce((last, at) => (at > last ? at : last), '');
  return `${stream === 'costs' ? 'Costs' : 'Usage'}, page ${pages}${until === '' ? '' : `, until ${until.slice(0, 16).replace('T', ' ')} UTC`}`;
}

/**
 * Not final: after what the provider calls final, or, where it says nothing, younger than three days. Minutes never are: they tell early, and hours confirm them.
 */
function isProvisional(at: string, width: '1m' | '1h' | '1d', { finalUntil }: Page, nowMs: number): boolean {
  return width === '1m' || Date.parse(at) >= (finalUntil === null ? nowMs - 3 * DAY_MS : Date.parse(finalUntil));
}

/** A day's cost against the same day's usage at our prices, before anything of the page is stored. Errors: `SyncFault`. */
async function guardUnits(deps: ReadDependencies, { tenantId, connection }: SyncRun, page: Page, book: PriceBook, { billed }: Said, nowMs: number): Promise<void> {
  for (const { day, model, amountUsd } of page.costs) listAt(billed, day).push({ model, pico: toPico(amountUsd) });
  const days = page.complete ? [...billed.keys()] : [...new Set(page.costs.map(({ day }) => day))];
  if (days.length === 0) return;
  const startMs = (day: string): number => Date.parse(`${day}T00:00:00Z`);
  const known = await deps.db.withTenant(tenantId, (tx) => readUsageBuckets(tx, { fromMs: Math.min(...days.map(startMs)), toMs: Math.max(...days.map(startMs)) + DAY_MS, width: '1h', connectionId: connection.id }));
  const priced = new Map<string, { model: string | null; pico: bigint | null }[]>();
  for (const { bucket, model, pricedPico } of known) listAt(priced, bucket.toISOString().slice(0, 10)).push({ model, pico: pricedPico });
  for (const bucket of page.usage) if (bucket.width === '1d') listAt(priced, bucket.bucket.slice(0, 10)).push({ model: bucket.model, pico: priceBucket(book, connection.provider, bucket) });
  for (const day of days) {
    const isWhole = page.complete?.of === 'costs' && nowMs > startMs(day) + DAY_MS + BILL_DELAY_MS;
    const words = unitFault({ priced: priced.get(day) ?? [], billed: billed.get(day) ?? [], isWhole });
    if (words !== null) throw new SyncFault('units', `${day}: ${words}`);
  }
  if (page.complete?.of === 'costs') billed.clear();
}

function listAt<T>(lists: Map<string, T[]>, key: string): T[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}
