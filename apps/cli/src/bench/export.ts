/**
 * `npm run bench -- export`: goals E1 to E4. Every row of a ledger over HTTP, as the product gives it (cut, order, exact decimals), against
 * a bare COPY of the same columns, unordered; and what ten times as many rows cost in time and in the server's memory.
 */
import { EVENT_FIELDS, type PriceUsageOf } from '@outlay/ledger';
import { EVENT_COLUMNS } from '@outlay/ledger/bench';
import { to as copyTo } from 'pg-copy-streams';
import { request } from 'undici';
import { type BenchDatabase, startBenchCluster } from './bench-database';
import { makeRuns, ROWS_PER_RUN, toRows } from './bench-rows';
import type { BenchReport, Goal } from './goals';
import { growTo } from './grow-ledger';
import { type BenchServer, startBenchServer } from './http-load';
import { runRounds, type Side } from './rounds';

export interface ExportOptions {
  readonly migrationsDir: string;
  readonly mainFile: string;
  readonly price: PriceUsageOf;
  /** Rows of the smaller ledger; the other has ten times as many. */
  readonly rows: number;
  readonly rounds: number;
  readonly progress: (text: string) => void;
}

const SPAN_MS = 62 * 86_400_000;
const CUSTOMERS = 200;
const TEMPLATE_RUNS = 600;
const GROWTH = 10;
const MEMORY_EVERY_MS = 20;

export async function benchExport(options: ExportOptions): Promise<BenchReport> {
  const cluster = await startBenchCluster(options.migrationsDir);
  const servers: BenchServer[] = [];
  try {
    const sides: Side[] = [];
    for (const [size, rows] of [['small', options.rows], ['large', options.rows * GROWTH]] as const) {
      const bench = await cluster.create(`bench_${size}`);
      const nowMs = Date.now();
      const template = toRows(bench.tenantId, options.price, makeRuns(TEMPLATE_RUNS, CUSTOMERS, nowMs - 3_600_000), nowMs);
      await growTo(bench, { total: rows, template, rowsPerRun: ROWS_PER_RUN, startMs: nowMs - SPAN_MS, endMs: nowMs - 3_600_000 }, options.progress);
      // A server of its own for each size: the larger export must not hide in memory that the smaller one took.
      const server = await startBenchServer(options.mainFile, bench.url, cluster.folder);
      servers.push(server);
      const idleMb = server.memoryMb();
      const expected = await countRows(bench);
      sides.push(
        exportSide(`csv, ${size}`, { server, idleMb, bench, format: 'csv', lines: expected + 1 }),
        exportSide(`jsonl, ${size}`, { server, idleMb, bench, format: 'jsonl', lines: expected }),
        { name: `copy, ${size}`, run: () => copyOut(bench, expected) },
      );
    }
    const measured = await runRounds(sides, options.rounds, options.progress);
    const read = (name: string, figure: string): number => measured.get(name)!.figures[figure]!.median;
    const figures: Record<string, number> = {};
    for (const [name, { figures: each }] of measured) for (const [figure, { median }] of Object.entries(each)) figures[`${name}, ${figure}`] = median;
    const goals = (['csv', 'jsonl'] as const).flatMap((format, i): Goal[] => [
      { id: `E${i + 1}`, what: `${format} of ${(options.rows * GROWTH).toLocaleString('en-US')} rows over HTTP, rows a second / bare COPY`, value: read(`${format}, large`, 'rows/s') / read('copy, large', 'rows/s'), goal: 0.2, better: 'higher' },
      { id: 'E3', what: `${format}, time of ten times as many rows`, value: read(`${format}, large`, 'seconds') / read(`${format}, small`, 'seconds'), goal: 10.5, better: 'lower' },
      { id: 'E4', what: `${format}, most memory that ten times as many rows add to the idle server, MB`, value: read(`${format}, large`, 'added MB'), goal: 200, better: 'lower' },
      { id: 'E4b', what: `${format}, the server's most memory at ten times as many rows / at the fewer`, value: read(`${format}, large`, 'memory MB') / read(`${format}, small`, 'memory MB'), goal: 1.2, better: 'lower' },
    ]);
    return { bench: 'export', goals: goals.sort((a, b) => a.id.localeCompare(b.id)), figures };
  } finally {
    for (const server of servers) await server.close();
    await cluster.close();
  }
}

interface ExportSide {
  readonly server: BenchServer;
  /** What the server took before its first request. */
  readonly idleMb: number;
  readonly bench: BenchDatabase;
  readonly format: 'csv' | 'jsonl';
  readonly lines: number;
}

function exportSide(name: string, { server, idleMb, bench, format, lines }: ExportSide): Side {
  return {
    name,
    run: async () => {
      let most = server.memoryMb();
      const timer = setInterval(() => (most = Math.max(most, server.memoryMb())), MEMORY_EVERY_MS);
      const cpu = server.cpuSeconds();
      const started = performance.now();
      try {
        const { statusCode, body } = await request(`${server.url}/v1/export/usage.${format}`, { headers: { authorization: `Bearer ${bench.apiKey}` }, bodyTimeout: 0, headersTimeout: 0 });
        if (statusCode !== 200) throw new Error(`The export answered ${statusCode}: ${await body.text()}`);
        // No text of the bench has a line's end inside, so the ends are the rows.
        const read = await countLines(body);
        if (read.lines !== lines) throw new Error(`The export has ${read.lines} lines, not ${lines}.`);
        const seconds = (performance.now() - started) / 1_000;
        return { seconds, 'rows/s': lines / seconds, 'bytes/row': read.bytes / lines, 'server CPU µs/row': ((server.cpuSeconds() - cpu) * 1e6) / lines, 'memory MB': most, 'added MB': most - idleMb };
      } finally {
        clearInterval(timer);
      }
    },
  };
}

/** The columns of the export as they stand in the table, by the same role under row level security. */
async function copyOut(bench: BenchDatabase, rows: number): Promise<Readonly<Record<string, number>>> {
  const columns = [...EVENT_COLUMNS.map(([name]) => name), 'recorded_at', 'writer_slot', 'batch'];
  if (columns.length !== EVENT_FIELDS.length) throw new Error('Both sides must give the same columns.');
  const client = await bench.db.connectAs('outlay_app');
  try {
    await client.query(`SELECT set_config('app.tenant_id', $1, false)`, [bench.tenantId]);
    const started = performance.now();
    const read = await countLines(client.query(copyTo(`COPY (SELECT ${columns.join(', ')} FROM usage_events) TO STDOUT (FORMAT csv)`)));
    const seconds = (performance.now() - started) / 1_000;
    if (read.lines !== rows) throw new Error(`COPY gave ${read.lines} rows, not ${rows}.`);
    return { seconds, 'rows/s': rows / seconds, 'bytes/row': read.bytes / rows };
  } finally {
    await client.end();
  }
}

async function countLines(stream: AsyncIterable<Buffer>): Promise<{ lines: number; bytes: number }> {
  let [lines, bytes] = [0, 0];
  for await (const piece of stream) {
    bytes += piece.length;
    for (let at = piece.indexOf(10); at !== -1; at = piece.indexOf(10, at + 1)) lines += 1;
  }
  return { lines, bytes };
}

async function countRows({ db, tenantId }: BenchDatabase): Promise<number> {
  return await db.withTenant(tenantId, async (tx) => (await tx.query<{ n: number }>('SELECT count(*)::int AS n FROM usage_events')).rows[0]!.n);
}
