/** Fills a ledger to many rows quickly, inside of the server: realistic rows, time-ordered ids. */
import { EVENT_COLUMNS, type EventRow } from '@outlay/ledger/bench';
import pg from 'pg';
import { copyRows } from './baselines';
import type { BenchDatabase } from './bench-database';

const STEP = 199_800;

export interface Growth {
  /** Rows to add to the template's. */
  readonly total: number;
  /** Whole runs, call by call, of `rowsPerRun` rows each. */
  readonly template: readonly EventRow[];
  readonly rowsPerRun: number;
  /** The rows are spread evenly over this time. */
  readonly startMs: number;
  readonly endMs: number;
}

/** The part of the current month that is over; in its first hours the end of the last one. */
export function sinceMonthBegan(nowMs: number): { startMs: number; endMs: number } {
  const endMs = nowMs - 3_600_000;
  return { startMs: Math.min(endMs - 3_600_000, nowMs - Math.min(20, new Date(nowMs).getUTCDate() - 1) * 86_400_000), endMs };
}

/** Copies the template rows, then multiplies them with fresh ids. As a superuser: only the product's own writes are measured. */
export async function growTo(bench: BenchDatabase, growth: Growth, progress: (text: string) => void): Promise<void> {
  const { template, total, rowsPerRun, startMs, endMs } = growth;
  for (let month = new Date(startMs); month.getTime() < endMs + 31 * 86_400_000; month = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 1))) {
    await bench.db.system.query('SELECT ensure_usage_partition($1)', [month]);
  }
  await copyRows(bench.adminUrl, template, 5_000);
  const others = EVENT_COLUMNS.map(([name]) => name).filter((name) => name !== 'id' && name !== 'run_id' && name !== 'occurred_at');
  const admins = await Promise.all([0, 1].map(async () => {
    const admin = new pg.Client({ connectionString: bench.adminUrl });
    // When the other one fails the server stops under this one; the reason is the other's.
    admin.on('error', () => {});
    await admin.connect();
    // A run's calls stand before its outcome, and the runs in the order in which they were made.
    await admin.query(`CREATE TEMP TABLE template AS SELECT row_number() OVER (ORDER BY run_id, subject, attempt) - 1 AS k, * FROM usage_events; SET synchronous_commit = off`);
    return admin;
  }));
  const runs = Math.floor(total / rowsPerRun);
  const step = Math.min(STEP - (STEP % rowsPerRun), runs * rowsPerRun);
  let made = 0;
  await Promise.all(admins.map(async (admin) => {
    while (made < runs * rowsPerRun) {
      const from = made;
      made += step;
      progress(`growing the ledger: ${from.toLocaleString('en-US')} of ${total.toLocaleString('en-US')} rows`);
      await admin.query(`
        INSERT INTO usage_events (id, run_id, occurred_at, ${others.join(', ')}, recorded_at, writer_slot, batch)
        SELECT ${idOf('row_ms', 'md5(n::text)')}, ${idOf('run_ms', `md5('run' || run)`)}, to_timestamp(row_ms / 1000.0), ${others.map((name) => `t.${name}`).join(', ')}, clock_timestamp(), 63, 0
        FROM (
          SELECT n, run, run_ms, run_ms + (n % ${rowsPerRun}) * 1500 AS row_ms
          FROM (SELECT n, n / ${rowsPerRun} AS run, $2::bigint + ((n / ${rowsPerRun})::numeric * $3 / $4)::bigint AS run_ms FROM generate_series($1::bigint, $5::bigint - 1) AS n) AS w
        ) AS y JOIN template t ON t.k = y.n % ${template.length}
        ORDER BY y.n`, [from, startMs, endMs - startMs, runs, Math.min(made, runs * rowsPerRun)]);
    }
  }));
  await admins[0]!.query('VACUUM ANALYZE usage_events');
  for (const admin of admins) await admin.end();
}

/** A UUIDv7 of this time whose other bits come from the hash. */
function idOf(ms: string, hash: string): string {
  return `(lpad(to_hex(${ms}), 12, '0') || '7' || substr(${hash}, 1, 3) || '8' || substr(${hash}, 4, 15))::uuid`;
}
