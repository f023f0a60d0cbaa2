/**
 * Runs and rollups of a grown ledger, made from its rows at once: a writer would need hours for ten million. Built from the product's own
 * list of measures, and proved by its own trial balance.
 */
import { findImbalances, rebuildDays } from '@outlay/ledger';
import { FOLDED_SLOT, MEASURES, NO_PLAN, ROLLUPS } from '@outlay/ledger/bench';
import pg from 'pg';
import type { BenchDatabase } from './bench-database';

/** Of whole runs only, each with one outcome, whose labels its calls share. */
const RUNS = `
  INSERT INTO runs (tenant_id, run_id, label_key, environment, customer_id, workflow, cost_pico, ceiling_pico, calls, retries, unpriced, outcome_revision,
    outcome, outcome_at, units, first_at, last_at, open_until)
  SELECT e.tenant_id, e.run_id, '02147483647', min(e.environment), min(e.customer_id), min(e.workflow), sum(coalesce(e.cost_pico, 0)), sum(e.ceiling_pico),
    count(*) FILTER (WHERE e.subject = 'call'), count(*) FILTER (WHERE e.subject = 'call' AND e.attempt_kind IN ('retry', 'fallback')),
    count(*) FILTER (WHERE e.cost_basis = 'unpriced'), 0, min(e.outcome), min(e.occurred_at) FILTER (WHERE e.outcome IS NOT NULL),
    min(e.units), min(e.occurred_at), max(e.occurred_at), max(e.occurred_at) + interval '1 day'
  FROM usage_events e GROUP BY e.tenant_id, e.run_id`;

const BUCKET = (instant: string): string => `date_bin('15 minutes', ${instant}, '2000-01-01T00:00:00Z')`;

const OF_FACT: Readonly<Record<string, string>> = {
  environment: 'e.environment', workflow: `coalesce(e.workflow, '')`, provider: `coalesce(e.provider, '')`, model: `coalesce(e.model_served, e.model_requested, '')`,
  customer_id: `coalesce(e.customer_id, '')`, plan_version_id: `coalesce(e.plan_version_id, '${NO_PLAN}')`,
};
/** An outcome names no model. */
const OF_MOVE: Readonly<Record<string, string>> = {
  environment: 'm.environment', workflow: 'm.workflow', provider: `''`, model: `''`, customer_id: 'm.customer_id', plan_version_id: `coalesce(m.plan_version_id, '${NO_PLAN}')`,
};

function cellsOf(kind: keyof typeof ROLLUPS): string {
  const { table, dimensions } = ROLLUPS[kind];
  const half = (tenant: string, instant: string, of: Readonly<Record<string, string>>, value: 'fact' | 'move', from: string): string => `
    SELECT ${tenant}, ${BUCKET(instant)}, ${dimensions.map((name) => of[name]).join(', ')}, ${MEASURES.map((measure) => `sum(${measure[value] ?? '0'})`).join(', ')}
    FROM ${from} GROUP BY ${['1', '2', ...dimensions.map((_, i) => String(i + 3))].join(', ')}`;
  const key = ['tenant_id', 'bucket', ...dimensions].join(', ');
  const names = MEASURES.map(({ name }) => name).join(', ');
  return `
    INSERT INTO ${table} (${key}, slot, ${names})
    SELECT ${key}, ${FOLDED_SLOT}, ${MEASURES.map(({ name, type }) => `sum(${name})::${type}`).join(', ')}
    FROM (${half('e.tenant_id', 'e.occurred_at', OF_FACT, 'fact', `usage_events e WHERE e.subject = 'call'`)}
      UNION ALL ${half('m.tenant_id', 'm.outcome_at', OF_MOVE, 'move', '(SELECT r.*, 1 AS direction FROM runs r WHERE r.outcome IS NOT NULL) m')}
    ) cells (${key}, ${names}) GROUP BY ${key}`;
}

/** Fills `runs` and all four rollups of a ledger that has none of them, then proves that they say what the rows say. Throws when one does not. */
export async function projectLedger(bench: BenchDatabase, progress: (text: string) => void): Promise<void> {
  const admin = new pg.Client({ connectionString: bench.adminUrl });
  await admin.connect();
  try {
    await admin.query(`SET synchronous_commit = off; SET work_mem = '256MB'`);
    progress('runs from the rows');
    await admin.query(RUNS);
    for (const kind of ['usage', 'customer'] as const) {
      progress(`cells of ${ROLLUPS[kind].table} from the rows`);
      await admin.query(cellsOf(kind));
    }
    await admin.query('BEGIN');
    await rebuildDays((sql, values) => admin.query(sql, [...values]), bench.tenantId);
    await admin.query('COMMIT');
    await admin.query('VACUUM ANALYZE runs, usage_rollup, usage_rollup_day, customer_rollup, customer_rollup_day');
  } finally {
    await admin.end();
  }
  progress('proving the books');
  const imbalances = await bench.db.withTenantSnapshot(bench.tenantId, async (tx) => {
    await tx.query(`SET LOCAL statement_timeout = 0; SET LOCAL work_mem = '256MB'`);
    return await findImbalances(tx);
  });
  if (imbalances.length > 0) throw new Error(`The grown ledger's books do not agree: ${JSON.stringify(imbalances)}`);
}
