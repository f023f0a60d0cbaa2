/**
 * `npm run bench -- ingest`: goals I1 to I8. Every ratio compares two sides that did the same full rows in the same run, in the
 * product's own table with its roles, row level security and indexes.
 */
import { createLedgerWriter, type EventRow, findImbalances, type LedgerWriter, type PriceUsageOf } from '@outlay/ledger';
import type { Database } from '@outlay/platform';
import pg from 'pg';
import { copyRows, createManyByPrisma, insertSingly, unnestRows } from './baselines';
import { type BenchDatabase, startBenchCluster } from './bench-database';
import { makeEvent } from './bench-events';
import { toRows } from './bench-rows';
import type { BenchReport, Goal } from './goals';
import { growTo, sinceMonthBegan } from './grow-ledger';
import { postBodies, startBenchServer } from './http-load';
import { quantile, runRounds, type Side } from './rounds';

export interface IngestOptions {
  readonly migrationsDir: string;
  readonly mainFile: string;
  readonly price: PriceUsageOf;
  /** Events a side and a round. */
  readonly events: number;
  readonly rounds: number;
  /** Rows of the grown ledger of goal I7. */
  readonly grown: number;
  readonly progress: (text: string) => void;
}

const EVENTS_PER_REQUEST = 100;
const CALLERS = 256;
/** Requests under way at once: enough that neither the api nor the database waits for the other. */
const IN_FLIGHT = 32;

export async function benchIngest(options: IngestOptions): Promise<BenchReport> {
  const cluster = await startBenchCluster(options.migrationsDir);
  try {
    const main = await cluster.create('bench_main');
    const figures: Record<string, number> = {};
    const goals: Goal[] = [];
    await measurePaths(options, main, cluster.folder, goals, figures);
    await measureReplays(options, main, cluster.folder, goals, figures);
    await measureGrowth(options, await cluster.create('bench_empty'), await cluster.create('bench_grown'), goals, figures);
    return { bench: 'ingest', goals: goals.sort((a, b) => a.id.localeCompare(b.id)), figures };
  } finally {
    await cluster.close();
  }
}

function rowsOf(bench: BenchDatabase, price: PriceUsageOf, count: number): EventRow[] {
  const nowMs = Date.now();
  return toRows(bench.tenantId, price, Array.from({ length: count }, (_, n) => makeEvent(n, nowMs)), nowMs);
}

async function measurePaths(options: IngestOptions, bench: BenchDatabase, folder: string, goals: Goal[], figures: Record<string, number>): Promise<void> {
  const { db } = bench;
  const server = await startBenchServer(options.mainFile, bench.url, folder);
  const count = options.events;
  const single = Math.max(2_000, Math.round(count / 4));
  const timed = async (rows: readonly EventRow[], work: (rows: readonly EventRow[]) => Promise<unknown>): Promise<{ rate: number }> => {
    const started = performance.now();
    await work(rows);
    return { rate: rows.length / ((performance.now() - started) / 1000) };
  };
  const withWriter = async (connections: number, insertOnly: boolean, rows: readonly EventRow[]): Promise<{ rate: number }> => {
    const writer = await createLedgerWriter(db, { connections, insertOnly, rowsWaitingMax: Infinity });
    try {
      return await timed(rows, () => submitInRequests(writer, rows, IN_FLIGHT));
    } finally {
      await writer.close();
    }
  };
  const sides: Side[] = [
    { name: 'http', run: async () => {
      const bodies = bodiesOf(count);
      const cpu = server.cpuSeconds();
      const load = await postBodies(server.url, bench.apiKey, bodies, IN_FLIGHT);
      if (load.verdicts['accepted'] !== count) throw new Error(`Not every event was accepted: ${JSON.stringify(load.verdicts)}`);
      return { rate: count / load.seconds, cpuMicrosPerEvent: ((server.cpuSeconds() - cpu) * 1e6) / count, p50Ms: quantile(load.waitsMs, 0.5), p99Ms: quantile(load.waitsMs, 0.99) };
    } },
    { name: 'copy b5000', run: () => timed(rowsOf(bench, options.price, count), (rows) => copyRows(bench.adminUrl, rows, 5_000)) },
    { name: 'unnest b1000', run: () => timed(rowsOf(bench, options.price, count), (rows) => unnestRows(db, rows, 1_000)) },
    { name: 'prisma b500', run: () => timed(rowsOf(bench, options.price, 1_000), (rows) => createManyByPrisma(db, rows, 500)) },
    { name: 'single inserts', run: async () => {
      const started = performance.now();
      const waits = await insertSingly(db, rowsOf(bench, options.price, single), 32, CALLERS);
      return { rate: single / ((performance.now() - started) / 1000), p50Ms: quantile(waits, 0.5) };
    } },
    { name: 'single acks', run: async () => {
      const writer = await createLedgerWriter(db);
      const rows = rowsOf(bench, options.price, single * 2);
      const started = performance.now();
      const waits = await submitSingly(writer, rows, CALLERS);
      const seconds = (performance.now() - started) / 1000;
      await writer.close();
      return { rate: rows.length / seconds, p50Ms: quantile(waits, 0.5), p99Ms: quantile(waits, 0.99) };
    } },
    { name: 'ledger only', run: () => withWriter(2, true, rowsOf(bench, options.price, count)) },
    { name: 'ledger and rollups', run: () => withWriter(2, false, rowsOf(bench, options.price, count)) },
  ];
  const measured = await runRounds(sides, options.rounds, options.progress);
  await server.close();
  const rate = (name: string): number => measured.get(name)!.figures['rate']!.median;
  const p50 = (name: string): number => measured.get(name)!.figures['p50Ms']!.median;
  for (const [name, { figures: read }] of measured) {
    for (const [figure, { median, min, max }] of Object.entries(read)) {
      figures[`${name}, ${figure}`] = median;
      if (figure === 'rate') figures[`${name}, rate spread %`] = ((max - min) / median) * 100;
    }
  }
  figures['bytes a row, indexes included'] = await bytesPerRow(bench.adminUrl);
  goals.push(
    { id: 'I1', what: 'HTTP end to end / COPY b5000', value: rate('http') / rate('copy b5000'), goal: 0.6, better: 'higher' },
    { id: 'I2', what: 'HTTP end to end / bare UNNEST b1000', value: rate('http') / rate('unnest b1000'), goal: 1, better: 'higher' },
    { id: 'I3', what: 'HTTP end to end / Prisma createMany b500', value: rate('http') / rate('prisma b500'), goal: 15, better: 'higher' },
    { id: 'I4', what: 'single acks at c=256 / single INSERTs on 32 connections', value: rate('single acks') / rate('single inserts'), goal: 2.5, better: 'higher' },
    { id: 'I4b', what: 'their p50 / that p50', value: p50('single acks') / p50('single inserts'), goal: 0.4, better: 'lower' },
    { id: 'I5', what: 'what runs, rollups and dedupe cost, % of ledger only', value: (1 - rate('ledger and rollups') / rate('ledger only')) * 100, goal: 25, better: 'lower' },
    { id: 'I6', what: 'durable full events a second', value: rate('http'), goal: 25_000, better: 'higher' },
  );
}

function bodiesOf(count: number): string[] {
  const nowMs = Date.now();
  return Array.from({ length: Math.ceil(count / EVENTS_PER_REQUEST) }, (_, i) =>
    JSON.stringify({ events: Array.from({ length: EVENTS_PER_REQUEST }, (_event, n) => makeEvent(i * EVENTS_PER_REQUEST + n, nowMs)) }));
}

/** As the route does: requests of 100 events, so many in flight. */
async function submitInRequests(writer: LedgerWriter, rows: readonly EventRow[], inFlight: number): Promise<void> {
  let next = 0;
  const sender = async (): Promise<void> => {
    while (next < rows.length) {
      const request = rows.slice(next, next + EVENTS_PER_REQUEST);
      next += EVENTS_PER_REQUEST;
      await writer.submit(request.map((row) => ({ rows: [row] })));
    }
  };
  await Promise.all(Array.from({ length: inFlight }, sender));
}

async function submitSingly(writer: LedgerWriter, rows: readonly EventRow[], callers: number): Promise<number[]> {
  const waits: number[] = [];
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < rows.length) {
      const row = rows[next++]!;
      const started = performance.now();
      await writer.submit([{ rows: [row] }]);
      waits.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return waits;
}

/** I8: one event in twenty is sent again, half of these with another time; nothing may be added and every sum must hold. */
async function measureReplays(options: IngestOptions, bench: BenchDatabase, folder: string, goals: Goal[], figures: Record<string, number>): Promise<void> {
  options.progress('replays with changed times');
  const fresh = await countRows(bench.db, bench.tenantId);
  const nowMs = Date.now();
  const events = Array.from({ length: Math.min(options.events, 20_000) }, (_, n) => makeEvent(n, nowMs));
  const replays = events.filter((_, n) => n % 20 === 0).map((event, i) => (i % 2 ? event : { ...event, occurred_at: new Date(nowMs - 3_600_000).toISOString() }));
  const all = [...events, ...replays];
  const bodies = Array.from({ length: Math.ceil(all.length / EVENTS_PER_REQUEST) }, (_, i) => JSON.stringify({ events: all.slice(i * EVENTS_PER_REQUEST, (i + 1) * EVENTS_PER_REQUEST) }));
  const server = await startBenchServer(options.mainFile, bench.url, folder);
  const load = await postBodies(server.url, bench.apiKey, bodies, IN_FLIGHT);
  await server.close();
  const added = (await countRows(bench.db, bench.tenantId)) - fresh;
  // The plain baselines wrote past runs and rollups, so sums are proved on a ledger that only the product wrote.
  figures['replays: duplicates'] = load.verdicts['duplicate'] ?? 0;
  figures['replays: conflicts shown'] = load.verdicts['conflict'] ?? 0;
  goals.push({ id: 'I8', what: 'extra rows after 5 % replays', value: added - events.length, goal: 0, better: 'lower' });
}

async function countRows(db: Database, tenantId: string): Promise<number> {
  return await db.withTenant(tenantId, async (tx) => (await tx.query<{ n: number }>('SELECT count(*)::int AS n FROM usage_events')).rows[0]!.n);
}

/** I7: the same work on an empty ledger and on a grown one, in turn; and the WAL a row right after a checkpoint. */
async function measureGrowth(options: IngestOptions, empty: BenchDatabase, grown: BenchDatabase, goals: Goal[], figures: Record<string, number>): Promise<void> {
  await growTo(grown, { total: options.grown, template: rowsOf(grown, options.price, 1_000), rowsPerRun: 1, ...sinceMonthBegan(Date.now()) }, options.progress);
  const side = (name: string, bench: BenchDatabase): Side => ({
    name,
    run: async () => {
      const rows = rowsOf(bench, options.price, options.events);
      const writer = await createLedgerWriter(bench.db, { rowsWaitingMax: Infinity });
      const admin = new pg.Client({ connectionString: bench.adminUrl });
      await admin.connect();
      await admin.query('CHECKPOINT');
      const { rows: [before] } = await admin.query<{ lsn: string }>('SELECT pg_current_wal_lsn()::text AS lsn');
      const started = performance.now();
      await submitInRequests(writer, rows, IN_FLIGHT);
      const seconds = (performance.now() - started) / 1000;
      const { rows: [wal] } = await admin.query<{ bytes: string }>('SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), $1)::text AS bytes', [before!.lsn]);
      await admin.end();
      await writer.close();
      return { rate: rows.length / seconds, walBytesPerRow: Number(wal!.bytes) / rows.length };
    },
  });
  const measured = await runRounds([side('empty', empty), side('grown', grown)], options.rounds, options.progress);
  const figure = (name: string, which: string): number => measured.get(name)!.figures[which]!.median;
  for (const name of ['empty', 'grown']) for (const which of ['rate', 'walBytesPerRow']) figures[`${name}, ${which}`] = figure(name, which);
  figures['grown, rows'] = options.grown;
  const imbalances = await empty.db.withTenant(empty.tenantId, (tx) => findImbalances(tx));
  goals.push(
    { id: 'I7', what: `rate at ${options.grown.toLocaleString('en-US')} rows / empty`, value: figure('grown', 'rate') / figure('empty', 'rate'), goal: 0.9, better: 'higher' },
    { id: 'I7b', what: 'WAL a row after a checkpoint, grown / empty', value: figure('grown', 'walBytesPerRow') / figure('empty', 'walBytesPerRow'), goal: 1.2, better: 'lower' },
    { id: 'I8b', what: 'rollup and run sums that differ from the ledger', value: imbalances.length, goal: 0, better: 'lower' },
  );
}

async function bytesPerRow(adminUrl: string): Promise<number> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  const { rows: [size] } = await admin.query<{ bytes: number }>(`
    SELECT (sum(pg_total_relation_size(inhrelid)) / nullif((SELECT count(*) FROM usage_events), 0))::float8 AS bytes FROM pg_inherits WHERE inhparent = 'usage_events'::regclass`);
  await admin.end();
  return size!.bytes;
}
