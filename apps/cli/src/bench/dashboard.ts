/**
 * `npm run bench -- dashboard`: goals D1, D2 and V1. The product's reads, as its own role under row level security, against the figures
 * from the ledger's rows; on a ledger and on one with ten times as many rows in the same cells.
 */
import { listEvents, type Overview, type PriceUsageOf, readOverview } from '@outlay/ledger';
import { isDeepStrictEqual } from 'node:util';
import { type BenchDatabase, startBenchCluster } from './bench-database';
import { makeRuns, ROWS_PER_RUN, toRows } from './bench-rows';
import type { BenchReport, Goal } from './goals';
import { growTo } from './grow-ledger';
import { measureVisibility } from './measure-visibility';
import { projectLedger } from './project-ledger';
import { figuresOf, readRawFigures } from './raw-overview';
import { median, runRounds, type Side } from './rounds';

export interface DashboardOptions {
  readonly migrationsDir: string;
  readonly mainFile: string;
  readonly price: PriceUsageOf;
  /** Rows of the smaller ledger; the other has ten times as many. */
  readonly rows: number;
  readonly rounds: number;
  /** How long new events are watched under load. */
  readonly watchMs: number;
  readonly progress: (text: string) => void;
}

/** The page's 30 days and the 30 before, with an edge for the hours of today. */
const SPAN_MS = 62 * 86_400_000;
const CUSTOMERS = 20;
const TEMPLATE_RUNS = 600;
const GROWTH = 10;
/** Reads of one round; their median counts. */
const READS = 15;

export async function benchDashboard(options: DashboardOptions): Promise<BenchReport> {
  const cluster = await startBenchCluster(options.migrationsDir);
  try {
    const figures: Record<string, number> = {};
    const [small, large] = [await cluster.create('bench_small'), await cluster.create('bench_large')];
    const nowMs = Date.now();
    await growWhole(options, small, options.rows, nowMs, figures);
    await growWhole(options, large, options.rows * GROWTH, nowMs, figures);
    const goals = await measureReads(options, { small, large }, nowMs, figures);
    goals.push(...await measureVisibility(options, large, cluster.folder, figures));
    return { bench: 'dashboard', goals, figures };
  } finally {
    await cluster.close();
  }
}

/** Rows over two months, with runs and rollups that agree with them. */
export async function growWhole(options: Pick<DashboardOptions, 'price' | 'progress'>, bench: BenchDatabase, rows: number, nowMs: number, figures: Record<string, number>): Promise<void> {
  const started = performance.now();
  const template = toRows(bench.tenantId, options.price, makeRuns(TEMPLATE_RUNS, CUSTOMERS, nowMs - 3_600_000), nowMs);
  await growTo(bench, { total: rows, template, rowsPerRun: ROWS_PER_RUN, startMs: nowMs - SPAN_MS, endMs: nowMs - 3_600_000 }, options.progress);
  await projectLedger(bench, options.progress);
  const [cells] = await bench.db.withTenant(bench.tenantId, async (tx) => (await tx.query<{ quarters: number; days: number }>(
    'SELECT (SELECT count(*)::float8 FROM usage_rollup) AS quarters, (SELECT count(*)::float8 FROM usage_rollup_day) AS days')).rows);
  const name = `${rows.toLocaleString('en-US')} rows`;
  figures[`${name}, s to grow, project and prove`] = (performance.now() - started) / 1_000;
  figures[`${name}, cells of 15 minutes`] = cells!.quarters;
  figures[`${name}, cells of days`] = cells!.days;
}

interface Pair {
  readonly small: BenchDatabase;
  readonly large: BenchDatabase;
}

async function measureReads(options: DashboardOptions, pair: Pair, nowMs: number, figures: Record<string, number>): Promise<Goal[]> {
  const page = ({ db, tenantId }: BenchDatabase): Promise<Overview> => readOverview(db, tenantId, { range: '30d' }, nowMs);
  const raw = async (bench: BenchDatabase, overview: Overview): Promise<void> => {
    const read = await bench.db.withTenantSnapshot(bench.tenantId, (tx) => readRawFigures(tx, overview));
    if (!isDeepStrictEqual(read, figuresOf(overview))) throw new Error(`Both sides must say the same: ${JSON.stringify(read)} and ${JSON.stringify(figuresOf(overview))}`);
  };
  const side = (name: string, reads: number, read: () => Promise<unknown>): Side => ({ name, run: async () => ({ ms: await medianMs(reads, read) }) });
  const sides: Side[] = [];
  for (const [size, bench] of Object.entries(pair) as [keyof Pair, BenchDatabase][]) {
    const { db, tenantId } = bench;
    const overview = await page(bench);
    const first = await listEvents(db, tenantId, {});
    const isPage = (rows: number): void => {
      if (rows !== 100) throw new Error(`A page of the explorer has 100 rows, not ${rows}.`);
    };
    sides.push(
      side(`overview, ${size}`, READS, () => page(bench)),
      side(`raw overview, ${size}`, 1, () => raw(bench, overview)),
      side(`newest page, ${size}`, READS, async () => isPage((await listEvents(db, tenantId, {})).rows.length)),
      side(`next page, ${size}`, READS, async () => isPage((await listEvents(db, tenantId, {}, { cursor: first.nextCursor! })).rows.length)),
      side(`a customer's page, ${size}`, READS, async () => isPage((await listEvents(db, tenantId, { customerId: 'customer_7' })).rows.length)),
    );
  }
  const measured = await runRounds(sides, options.rounds, options.progress);
  const ms = (name: string): number => measured.get(name)!.figures['ms']!.median;
  for (const { name } of sides) figures[`${name}, ms`] = ms(name);
  figures['30-day page / raw, small'] = ms('overview, small') / ms('raw overview, small');
  const [small, large] = [options.rows, options.rows * GROWTH].map((rows) => rows.toLocaleString('en-US'));
  return [
    { id: 'D1', what: `30-day page / the same from ${large} rows`, value: ms('overview, large') / ms('raw overview, large'), goal: 0.03, better: 'lower' },
    { id: 'D1b', what: `30-day page at ${large} rows, ms`, value: ms('overview, large'), goal: 15, better: 'lower' },
    { id: 'D1c', what: `newest page of events at ${large} rows, ms`, value: ms('newest page, large'), goal: 15, better: 'lower' },
    { id: 'D2', what: `30-day page at ${large} rows / at ${small}`, value: ms('overview, large') / ms('overview, small'), goal: 1.2, better: 'lower' },
    { id: 'D2b', what: `newest page of events at ${large} rows / at ${small}`, value: ms('newest page, large') / ms('newest page, small'), goal: 1.2, better: 'lower' },
  ];
}

async function medianMs(reads: number, read: () => Promise<unknown>): Promise<number> {
  const waits: number[] = [];
  for (let n = 0; n < reads; n++) {
    const started = performance.now();
    await read();
    waits.push(performance.now() - started);
  }
  return median(waits);
}
