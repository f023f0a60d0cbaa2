/** Proves law 3 on live data: for a tenant, sum(events) = sum(rollups) = sum(runs), cell by cell, and names the first that differs. */
import type { PoolClient } from 'pg';
import type { FaultPlace } from './balance-checks';
import { MEASURES, NO_PLAN, ROLLUPS } from './measures';

type SumTable = 'runs' | 'usage_rollup' | 'usage_rollup_day' | 'customer_rollup' | 'customer_rollup_day';

export interface Imbalance {
  readonly table: SumTable;
  /** The cell or run at fault, in words. */
  readonly where: string;
  readonly measure: string;
  readonly ledger: string;
  readonly projection: string;
  readonly place: FaultPlace | null;
}

/** One table held against the events. `find` answers the first that differs; `count` how many runs or cells there are. */
export interface SumCheck {
  readonly table: SumTable;
  find(tx: PoolClient): Promise<Imbalance | null>;
  count(tx: PoolClient): Promise<number>;
}

const bucketOf = (instant: string): string => `date_bin('15 minutes', ${instant}, '2000-01-01T00:00:00Z')`;
const factMeasures = MEASURES.filter((measure) => measure.fact !== undefined);
const moveMeasures = MEASURES.filter((measure) => measure.move !== undefined);

/** A row for which an archived total speaks, whether it stands here still or not, is not counted a second time. */
const SPEAKS = 'NOT EXISTS (SELECT FROM archived_totals a WHERE e.id >= a.id_from AND e.id < a.id_to)';

/** Every run as the ledger alone tells it: sums of its rows, labels and outcome of the row that may name it. */
const LEDGER_RUNS = `
  SELECT run_id, sum(coalesce(cost_pico, 0))::bigint AS cost_pico, sum(ceiling_pico)::bigint AS ceiling_pico,
    sum(CASE WHEN subject = 'call' AND part = 0 THEN sign ELSE 0 END)::int AS calls,
    sum(CASE WHEN subject = 'call' AND part = 0 AND attempt_kind IN ('retry', 'fallback') THEN sign ELSE 0 END)::int AS retries,
    sum(CASE WHEN cost_basis = 'unpriced' THEN sign ELSE 0 END)::int AS unpriced
  FROM usage_events e WHERE run_id IS NOT NULL AND ${SPEAKS} GROUP BY run_id`;

const LEDGER_OUTCOMES = `
  SELECT DISTINCT ON (e.run_id) e.run_id, e.environment, coalesce(e.customer_id, '') AS customer_id, coalesce(e.workflow, '') AS workflow,
    coalesce(e.plan_version_id, '${NO_PLAN}') AS plan_version_id, e.outcome, e.occurred_at AS outcome_at, e.units
  FROM usage_events e WHERE e.subject = 'outcome' AND e.sign = 1 AND e.run_id IS NOT NULL AND ${SPEAKS} ORDER BY e.run_id, e.revision DESC`;

/** Outcomes as the ledger tells them, with what their runs cost: by rows that are here, and by what a run keeps of archived ones. */
const LEDGER_MOVES = `
  SELECT o.*, coalesce(s.cost_pico, 0) + coalesce(r.archived_cost_pico, 0) AS cost_pico
  FROM (
    ${LEDGER_OUTCOMES}
  ) o LEFT JOIN (${LEDGER_RUNS}) s USING (run_id) LEFT JOIN runs r USING (run_id)
  UNION ALL
  SELECT r.run_id, r.environment, r.customer_id, r.workflow, coalesce(r.plan_version_id, '${NO_PLAN}'), r.archived_outcome, r.outcome_at, r.units,
    coalesce(s.cost_pico, 0) + coalesce(r.archived_cost_pico, 0)
  FROM runs r LEFT JOIN (${LEDGER_RUNS}) s USING (run_id) WHERE r.archived_outcome IS NOT NULL`;

const ZONE = '(SELECT time_zone FROM tenants)';

function checkOf(table: SumTable, find: SumCheck['find']): SumCheck {
  return {
    table, find,
    count: async (tx) => {
      const { rows } = await tx.query<{ n: bigint }>(`SELECT count(*) AS n FROM ${table}`);
      return Number(rows[0]!.n);
    },
  };
}

export const SUM_CHECKS: readonly SumCheck[] = [
  checkOf('runs', async (tx) => (await findRunImbalance(tx)) ?? (await findArchivedImbalance(tx))),
  ...(['usage', 'customer'] as const).flatMap((kind) => {
    const { table, dayTable, dimensions } = ROLLUPS[kind];
    return [
      checkOf(table, (tx) => findCellImbalance(tx, table, 'bucket', dimensions, bucketOf)),
      checkOf(dayTable, (tx) => findCellImbalance(tx, dayTable, 'day', dimensions, (instant) => `(${bucketOf(instant)} AT TIME ZONE ${ZONE})::date`)),
    ];
  }),
];

/** At most one imbalance a table. Run inside `withTenant`, in one repeatable-read transaction, so that the sums are of one moment. */
export async function findImbalances(tx: PoolClient): Promise<Imbalance[]> {
  const found: Imbalance[] = [];
  for (const check of SUM_CHECKS) {
    const imbalance = await check.find(tx);
    if (imbalance) found.push(imbalance);
  }
  return found;
}

async function findRunImbalance(tx: PoolClient): Promise<Imbalance | null> {
  const measures = ['cost_pico', 'ceiling_pico', 'calls', 'retries', 'unpriced'];
  const { rows } = await tx.query<Record<string, unknown>>(`
    SELECT coalesce(r.run_id, l.run_id)::text AS place, r.outcome AS run_outcome, coalesce(o.outcome, r.archived_outcome) AS ledger_outcome,
      ${measures.map((m) => `(coalesce(l.${m}, 0) + coalesce(r.archived_${m}, 0))::text AS ledger_${m}, coalesce(r.${m}, 0)::text AS run_${m}`).join(', ')}
    FROM (${LEDGER_RUNS}) l FULL JOIN runs r USING (run_id) LEFT JOIN (${LEDGER_OUTCOMES}) o ON o.run_id = coalesce(r.run_id, l.run_id)
    WHERE r.outcome IS DISTINCT FROM coalesce(o.outcome, r.archived_outcome)
      OR ${measures.map((m) => `coalesce(l.${m}, 0) + coalesce(r.archived_${m}, 0) <> coalesce(r.${m}, 0)`).join(' OR ')}
    ORDER BY 1 LIMIT 1`);
  const row = rows[0];
  if (!row) return null;
  const measure = measures.find((m) => row[`ledger_${m}`] !== row[`run_${m}`]) ?? 'outcome';
  const runId = String(row['place']);
  return { table: 'runs', where: `run ${runId}`, measure, ledger: String(row[`ledger_${measure}`]), projection: String(row[`run_${measure}`]), place: { kind: 'run', runId } };
}

/** What runs keep of archived rows must be what the totals say of runs. */
async function findArchivedImbalance(tx: PoolClient): Promise<Imbalance | null> {
  const measures = ['cost_pico', 'ceiling_pico', 'calls', 'retries', 'unpriced'];
  const { rows: [row] } = await tx.query<Record<string, string>>(`
    SELECT ${measures.map((m) => `t.${m}::text AS total_${m}, r.${m}::text AS runs_${m}`).join(', ')}
    FROM (SELECT ${measures.map((m) => `coalesce(sum((totals -> 'runs' ->> '${m}')::numeric), 0) AS ${m}`).join(', ')} FROM archived_totals) t,
      (SELECT ${measures.map((m) => `coalesce(sum(archived_${m}), 0) AS ${m}`).join(', ')} FROM runs) r`);
  const measure = measures.find((m) => row![`total_${m}`] !== row![`runs_${m}`]);
  return measure === undefined ? null : { table: 'runs', where: 'archived months', measure, ledger: row![`total_${measure}`]!, projection: row![`runs_${measure}`]!, place: null };
}

async function findCellImbalance(
  tx: PoolClient, table: SumTable, time: 'bucket' | 'day', dimensions: readonly string[], timeOf: (instant: string) => string,
): Promise<Imbalance | null> {
  const { rows: [archive] } = await tx.query<{ any: boolean }>('SELECT EXISTS (SELECT FROM archived_totals) AS any');
  const archived = archive!.any;
  const key = [time, ...dimensions];
  const ofFact: Record<string, string> = {
    environment: 'e.environment', workflow: `coalesce(e.workflow, '')`, provider: `coalesce(e.provider, '')`, model: `coalesce(e.model_served, e.model_requested, '')`,
    customer_id: `coalesce(e.customer_id, '')`, plan_version_id: `coalesce(e.plan_version_id, '${NO_PLAN}')`,
  };
  const ofMove: Record<string, string> = { ...ofFact, environment: 'm.environment', workflow: 'm.workflow', provider: `''`, model: `''`, customer_id: 'm.customer_id', plan_version_id: 'm.plan_version_id' };
  const names = MEASURES.map(({ name }) => name);
  // Up to the last archived row, cells cannot be told apart any more: there all of them together are compared, with the archived totals among the facts.
  const last = `(SELECT ${timeOf('max(occurred_to)')} FROM archived_totals)`;
  const merge = (source: string, measures: string): string => (archived
    ? `SELECT ${key.map((k) => (k === time ? `greatest(x.${k}, ${last}) AS ${k}` : `CASE WHEN x.${time} <= ${last} THEN ${k === 'plan_version_id' ? `'${NO_PLAN}'` : `''`} ELSE x.${k} END AS ${k}`)).join(', ')}, ${measures} FROM ${source} x`
    : `SELECT ${key.join(', ')}, ${measures} FROM ${source} x`);
  const { rows } = await tx.query<Record<string, unknown>>(`
    WITH told AS (
      SELECT ${timeOf('e.occurred_at')} AS ${time}, ${dimensions.map((d) => `${ofFact[d]} AS ${d}`).join(', ')},
        ${factMeasures.map(({ name, fact }) => `(${fact})::numeric AS ${name}`).join(', ')}, ${moveMeasures.map(({ name }) => `0::numeric AS ${name}`).join(', ')}
      FROM usage_events e WHERE e.subject = 'call' AND ${SPEAKS}
      UNION ALL
      SELECT ${timeOf('a.occurred_to')}, ${dimensions.map((d) => (d === 'plan_version_id' ? `'${NO_PLAN}'::uuid` : `''`)).join(', ')},
        ${factMeasures.map(({ name }) => `coalesce((a.totals -> 'measures' ->> '${name}')::numeric, 0)`).join(', ')}, ${moveMeasures.map(() => '0::numeric').join(', ')}
      FROM archived_totals a
      UNION ALL
      SELECT ${timeOf('m.outcome_at')}, ${dimensions.map((d) => ofMove[d]).join(', ')},
        ${factMeasures.map(() => '0::numeric').join(', ')}, ${moveMeasures.map(({ move }) => `(${move})::numeric`).join(', ')}
      FROM (SELECT o.*, 1 AS direction FROM (${LEDGER_MOVES}) o) m
    ), ledger AS (
      SELECT ${key.join(', ')}, ${names.map((name) => `sum(${name}) AS ${name}`).join(', ')} FROM (${merge('told', names.join(', '))}) y GROUP BY ${key.join(', ')}
    ), projection AS (
      SELECT ${key.join(', ')}, ${names.map((name) => `sum(${name}) AS ${name}`).join(', ')} FROM (${merge(table, names.join(', '))}) y GROUP BY ${key.join(', ')}
    )
    SELECT concat_ws(' / ', ${key.map((k) => `nullif(nullif(${k}::text, ''), '${NO_PLAN}')`).join(', ')}) AS place,
      ${time === 'bucket' ? `bucket AS starts, bucket + interval '15 minutes' AS ends` : `day::timestamp AT TIME ZONE ${ZONE} AS starts, (day + 1)::timestamp AT TIME ZONE ${ZONE} AS ends`},
      ${dimensions.map((d) => `${d}::text AS label_${d}`).join(', ')},
      ${names.map((name) => `trim_scale(coalesce(l.${name}, 0))::text AS ledger_${name}, trim_scale(coalesce(p.${name}, 0)::numeric)::text AS projection_${name}`).join(', ')}
    FROM ledger l FULL JOIN projection p USING (${key.join(', ')})
    WHERE ${names.map((name) => `coalesce(l.${name}, 0) <> coalesce(p.${name}, 0)`).join(' OR ')} ORDER BY 1 LIMIT 1`);
  const row = rows[0];
  if (!row) return null;
  const measure = names.find((name) => row[`ledger_${name}`] !== row[`projection_${name}`]) ?? names[0]!;
  return {
    table, where: String(row['place']), measure, ledger: String(row[`ledger_${measure}`]), projection: String(row[`projection_${measure}`]), place: placeOf(row),
  };
}

/** Archived cells are compared as one: they name no label. */
function placeOf(row: Record<string, unknown>): FaultPlace {
  const label = (name: string, column = name): Record<string, string> => (row[`label_${column}`] ? { [name]: String(row[`label_${column}`]) } : {});
  return {
    kind: 'rows', from: (row['starts'] as Date).toISOString(), to: (row['ends'] as Date).toISOString(),
    ...label('environment'), ...label('workflow'), ...label('provider'), ...label('model'), ...label('customerId', 'customer_id'),
  };
}
