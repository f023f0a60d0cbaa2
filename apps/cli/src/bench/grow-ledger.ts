/** Fills a ledger to many rows quickly, inside of the server: realistic rows, time-ordered ids over the current month. */
import { EVENT_COLUMNS, type EventRow } from '@outlay/ledger/bench';
import pg from 'pg';
import { copyRows } from './baselines';
import type { BenchDatabase } from './bench-database';

const STEP = 200_000;

/** Copies the template rows, then multiplies them with fresh ids. As a superuser: only the product's own writes are measured. */
export async function growTo(bench: BenchDatabase, total: number, template: readonly EventRow[], progress: (text: string) => void): Promise<void> {
  await copyRows(bench.adminUrl, template, 5_000);
  const others = EVENT_COLUMNS.map(([name]) => name).filter((name) => name !== 'id' && name !== 'run_id' && name !== 'occurred_at');
  const admins = await Promise.all([0, 1].map(async () => {
    const admin = new pg.Client({ connectionString: bench.adminUrl });
    // When the other one fails the server stops under this one; the reason is the other's.
    admin.on('error', () => {});
    await admin.connect();
    await admin.query('CREATE TEMP TABLE template AS SELECT * FROM usage_events; SET synchronous_commit = off');
    return admin;
  }));
  // Ids of more rows than asked for would run into months that have no partition yet.
  const step = Math.min(STEP, total);
  let made = 0;
  const startMs = Date.now() - Math.min(20 * 86_400_000, (new Date().getUTCDate() - 1) * 86_400_000);
  const spanMs = Date.now() - startMs - 3_600_000;
  await Promise.all(admins.map(async (admin) => {
    while (made < total) {
      const from = made;
      made += step;
      progress(`growing the ledger: ${Math.min(from, total).toLocaleString('en-US')} of ${total.toLocaleString('en-US')} rows`);
      await admin.query(`
        INSERT INTO usage_events (id, run_id, occurred_at, ${others.join(', ')}, recorded_at, writer_slot, batch)
        SELECT uuid, uuid, to_timestamp(ms / 1000.0), ${others.map((name) => `t.${name}`).join(', ')}, clock_timestamp(), 63, 0
        FROM (
          SELECT ms, n, (lpad(to_hex(ms), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 4, 15))::uuid AS uuid
          FROM (SELECT n, ($2::bigint + (n::numeric * $3 / $4)::bigint) AS ms FROM generate_series($1::bigint, $1::bigint + ${step} - 1) AS n) AS x
        ) AS y JOIN (SELECT row_number() OVER () - 1 AS k, t.* FROM template t) AS t ON t.k = y.n % ${template.length}
        ORDER BY uuid`, [from, startMs, spanMs, total]);
    }
  }));
  await admins[0]!.query('VACUUM ANALYZE usage_events');
  for (const admin of admins) await admin.end();
}
