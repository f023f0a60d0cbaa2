/**
 * The one statement that records: it inserts events, upserts runs from the rows really inserted, and adds to the rollups what
 * those rows and those runs changed. Written once, built from the lists of columns and measures.
 */
import { TOKEN_CLASSES } from '@outlay/kernel';
import { EVENT_COLUMNS } from './columns';
import { APART_COLUMNS, APART_MEASURES, APART_SUBJECT } from './cap-scope';
import { MEASURES, NO_PLAN, ROLLUPS } from './measures';

const columnNames = EVENT_COLUMNS.map(([name]) => name);
const params = EVENT_COLUMNS.map(([, type], i) => `$${i + 3}::${type}[]`).join(', ');
const selected = EVENT_COLUMNS.map(([name, , whenAbsent]) => (whenAbsent === undefined ? `i.${name}` : `coalesce(i.${name}, ${whenAbsent})`)).join(', ');

/** A quarter of an hour: midnight of every time zone falls on its edge. */
const bucketOf = (instant: string): string => `date_bin('15 minutes', ${instant}, '2000-01-01T00:00:00Z')`;

const sums = MEASURES.map(({ name, type }) => `sum(${name})::${type} AS ${name}`).join(', ');
const names = MEASURES.map(({ name }) => name).join(', ');
const factValues = MEASURES.map(({ name, fact, type }) => `(${fact ?? '0'})::${type} AS ${name}`).join(', ');
const moveValues = MEASURES.map(({ move, type }) => `(${move ?? '0'})::${type}`).join(', ');

function upsert(table: string, timeColumn: string, dimensions: readonly string[], source: string): string {
  const key = [`tenant_id`, timeColumn, ...dimensions];
  const added = MEASURES.map(({ name }) => `${name} = r.${name} + excluded.${name}`).join(', ');
  return `INSERT INTO ${table} AS r (${key.join(', ')}, slot, ${names}) SELECT ${key.join(', ')}, $1::smallint, ${names} FROM ${source}
    ON CONFLICT (${conflictKey(table, timeColumn)}) DO UPDATE SET ${added}`;
}

function conflictKey(table: string, timeColumn: string): string {
  return table.startsWith('usage')
    ? `tenant_id, ${timeColumn}, environment, workflow, provider, model, slot`
    : `tenant_id, customer_id, ${timeColumn}, workflow, plan_version_id, slot`;
}

function cells(kind: keyof typeof ROLLUPS): string {
  const { table, dayTable, dimensions } = ROLLUPS[kind];
  const key = dimensions.join(', ');
  return `
${kind}_cells AS (
  SELECT tenant_id, bucket, ${key}, ${sums} FROM facts GROUP BY tenant_id, bucket, ${key}
),
${kind}_days AS (
  SELECT c.tenant_id, (c.bucket AT TIME ZONE t.time_zone)::date AS day, ${key}, ${sums}
  FROM ${kind}_cells c JOIN tenants t ON t.id = c.tenant_id GROUP BY c.tenant_id, 2, ${key}
),
${kind}_written AS (${upsert(table, 'bucket', dimensions, `${kind}_cells`)}),
${kind}_days_written AS (${upsert(dayTable, 'day', dimensions, `${kind}_days`)})`;
}

/** Rows that a run's change moves between cells: minus what it was, plus what it is. */
function moves(direction: 1 | -1): string {
  const p = direction === 1 ? '' : 'prev_';
  return `SELECT tenant_id, ${direction} AS direction, ${p}environment AS environment, ${p}customer_id AS customer_id, ${p}workflow AS workflow,
      ${p}plan_version_id AS plan_version_id, ${p}cost_pico AS cost_pico, ${p}outcome AS outcome, ${p}outcome_at AS outcome_at, ${p}units AS units
    FROM runs_written WHERE ${p}outcome IS NOT NULL`;
}

/**
 * Which row names a run: the one with the least key. An outcome goes before every call, among calls the lowest id, of one event its newest
 * revision (so revisions count down from the greatest int); a reversal names nothing.
 */
const labelKey = `CASE
    WHEN e.sign < 0 THEN '9'
    WHEN e.subject = 'outcome' THEN '0' || (2147483647 - e.revision)::text
    ELSE '1' || coalesce(e.corrects, e.id)::text || (2147483647 - e.revision)::text
  END COLLATE "C"`;

/** What the rest of the statement reads of a new row. Without the long columns: it is copied once for each step that follows. */
const returned = [
  'tenant_id', 'run_id', 'sign', 'subject', 'part', 'occurred_at', 'cost_pico', 'ceiling_pico', 'attempt_kind', 'cost_basis', 'id', 'corrects', 'revision', 'run_ref',
  'environment', 'customer_id', 'workflow', 'plan_version_id', 'outcome', 'units', 'provider', 'model_served', 'model_requested', 'status', 'latency_ms', ...TOKEN_CLASSES,
];

const insertEvents = (columns: readonly string[]): string => `
WITH input AS (
  SELECT * FROM unnest(${params}) AS t (${columnNames.join(', ')})
),
inserted AS (
  INSERT INTO usage_events AS e (${columnNames.join(', ')}, recorded_at, writer_slot, batch)
  SELECT ${selected}, clock_timestamp(), $1::smallint, $2::bigint FROM input i
  ON CONFLICT (tenant_id, id) DO NOTHING
  RETURNING ${columns.map((name) => `e.${name}`).join(', ')}
)`;

/** What users, features and keys used, for the teams and scopes that have a cap on them. */
const apart = `,
apart AS (
  SELECT e.tenant_id, s.scope, ${APART_SUBJECT} AS subject, ${bucketOf('e.occurred_at')} AS bucket, ${APART_MEASURES.map(({ name, type, sql }) => `(${sql})::${type} AS ${name}`).join(', ')}
  FROM inserted e JOIN cap_scopes s ON s.tenant_id = e.tenant_id
),
apart_written AS (
  INSERT INTO cap_usage AS r (tenant_id, scope, subject, bucket, slot, ${APART_COLUMNS.join(', ')})
  SELECT tenant_id, scope, subject, bucket, $1::smallint, ${APART_MEASURES.map(({ name, type }) => `sum(${name})::${type}`).join(', ')} FROM apart WHERE subject <> '' GROUP BY tenant_id, scope, subject, bucket
  ON CONFLICT (tenant_id, scope, subject, bucket, slot) DO UPDATE SET ${APART_COLUMNS.map((name) => `${name} = r.${name} + excluded.${name}`).join(', ')}
)`;

function recordStatement(withApart: boolean): string {
  return `${insertEvents(withApart ? [...returned, 'user_id', 'feature', 'api_key_id'] : returned)},
run_labels AS (
  SELECT DISTINCT ON (e.tenant_id, e.run_id) e.tenant_id, e.run_id, ${labelKey} AS label_key, e.subject, e.sign, e.revision, e.run_ref,
    e.environment, coalesce(e.customer_id, '') AS customer_id, coalesce(e.workflow, '') AS workflow, e.plan_version_id, e.outcome, e.occurred_at, e.units
  FROM inserted e WHERE e.run_id IS NOT NULL ORDER BY e.tenant_id, e.run_id, label_key
),
run_sums AS (
  SELECT e.tenant_id, e.run_id, sum(coalesce(e.cost_pico, 0))::bigint AS cost_pico, sum(e.ceiling_pico)::bigint AS ceiling_pico,
    sum(CASE WHEN e.subject = 'call' AND e.part = 0 THEN e.sign ELSE 0 END) AS calls,
    sum(CASE WHEN e.subject = 'call' AND e.part = 0 AND e.attempt_kind IN ('retry', 'fallback') THEN e.sign ELSE 0 END) AS retries,
    sum(CASE WHEN e.cost_basis = 'unpriced' THEN e.sign ELSE 0 END) AS unpriced,
    min(e.occurred_at) AS first_at, max(e.occurred_at) AS last_at
  FROM inserted e WHERE e.run_id IS NOT NULL GROUP BY e.tenant_id, e.run_id
),
runs_written AS (
  INSERT INTO runs AS r (tenant_id, run_id, run_ref, label_key, environment, customer_id, workflow, plan_version_id, cost_pico, ceiling_pico, calls,
    retries, unpriced, outcome_revision, outcome, outcome_at, units, first_at, last_at, open_until)
  SELECT s.tenant_id, s.run_id, l.run_ref, l.label_key, l.environment, l.customer_id, l.workflow, l.plan_version_id, s.cost_pico, s.ceiling_pico, s.calls,
    s.retries, s.unpriced, CASE WHEN l.outcome IS NOT NULL AND l.sign > 0 THEN l.revision ELSE -1 END,
    CASE WHEN l.sign > 0 THEN l.outcome END, CASE WHEN l.outcome IS NOT NULL AND l.sign > 0 THEN l.occurred_at END,
    CASE WHEN l.outcome IS NOT NULL AND l.sign > 0 THEN l.units END, s.first_at, s.last_at,
    s.last_at + make_interval(secs => coalesce(w.time_to_live_ms, 86400000) / 1000.0)
  FROM run_sums s JOIN run_labels l USING (tenant_id, run_id) LEFT JOIN workflows w ON w.tenant_id = s.tenant_id AND w.name = l.workflow
  ORDER BY s.tenant_id, s.run_id
  ON CONFLICT (tenant_id, run_id) DO UPDATE SET
    prev_environment = r.environment, prev_customer_id = r.customer_id, prev_workflow = r.workflow, prev_plan_version_id = r.plan_version_id,
    prev_cost_pico = r.cost_pico, prev_outcome = r.outcome, prev_outcome_at = r.outcome_at, prev_units = r.units,
    run_ref = coalesce(r.run_ref, excluded.run_ref),
    label_key = least(r.label_key, excluded.label_key),
    environment = CASE WHEN excluded.label_key < r.label_key THEN excluded.environment ELSE r.environment END,
    customer_id = CASE WHEN excluded.label_key < r.label_key THEN excluded.customer_id ELSE r.customer_id END,
    workflow = CASE WHEN excluded.label_key < r.label_key THEN excluded.workflow ELSE r.workflow END,
    plan_version_id = CASE WHEN excluded.label_key < r.label_key THEN excluded.plan_version_id ELSE r.plan_version_id END,
    cost_pico = r.cost_pico + excluded.cost_pico, ceiling_pico = r.ceiling_pico + excluded.ceiling_pico,
    calls = r.calls + excluded.calls, retries = r.retries + excluded.retries, unpriced = r.unpriced + excluded.unpriced,
    outcome_revision = greatest(r.outcome_revision, excluded.outcome_revision),
    outcome = CASE WHEN excluded.outcome_revision > r.outcome_revision THEN excluded.outcome ELSE r.outcome END,
    outcome_at = CASE WHEN excluded.outcome_revision > r.outcome_revision THEN excluded.outcome_at ELSE r.outcome_at END,
    units = CASE WHEN excluded.outcome_revision > r.outcome_revision THEN excluded.units ELSE r.units END,
    first_at = least(r.first_at, excluded.first_at), last_at = greatest(r.last_at, excluded.last_at),
    open_until = greatest(r.open_until, excluded.open_until)
  RETURNING r.*
),
run_moves AS (
  ${moves(-1)}
  UNION ALL
  ${moves(1)}
),
facts AS (
  SELECT e.tenant_id, ${bucketOf('e.occurred_at')} AS bucket, e.environment, coalesce(e.workflow, '') AS workflow, coalesce(e.provider, '') AS provider,
    coalesce(e.model_served, e.model_requested, '') AS model, coalesce(e.customer_id, '') AS customer_id,
    coalesce(e.plan_version_id, '${NO_PLAN}') AS plan_version_id, ${factValues}
  FROM inserted e WHERE e.subject = 'call'
  UNION ALL
  SELECT m.tenant_id, ${bucketOf('m.outcome_at')}, m.environment, m.workflow, '', '', m.customer_id, coalesce(m.plan_version_id, '${NO_PLAN}'), ${moveValues}
  FROM run_moves m
),${cells('usage')},${cells('customer')}${withApart ? apart : ''}
SELECT count(*)::int AS inserted FROM inserted`;
}

/** $1 slot, $2 batch, $3... one array a column. Answers one row: `inserted`, how many events were new. */
export const RECORD_STATEMENT = recordStatement(false);

/** The same for a group in which some team counts users, features or keys apart. */
export const RECORD_APART_STATEMENT = recordStatement(true);

/** The same without runs and rollups: the bench's measure of what they cost. The product never runs it. */
export const INSERT_ONLY_STATEMENT = `${insertEvents(returned)} SELECT count(*)::int AS inserted FROM inserted`;

/** $1 tenant ids, $2 ids: what stands in the ledger under these ids. */
export const READ_BACK_STATEMENT = `
SELECT e.tenant_id, e.id, encode(e.input_hash, 'hex') AS input_hash, e.writer_slot, e.batch
FROM unnest($1::uuid[], $2::uuid[]) AS asked (tenant_id, id) JOIN usage_events e ON e.tenant_id = asked.tenant_id AND e.id = asked.id`;
