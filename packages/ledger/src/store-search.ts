/** SQL of the search over everything: each statement walks an index and stops early, whatever the size of the ledger. */
import type { PoolClient } from 'pg';

export interface FoundRun {
  readonly runId: string;
  readonly runRef: string | null;
  readonly workflow: string;
  readonly customerId: string;
  readonly costPico: bigint;
  readonly outcome: string | null;
  readonly lastAt: Date;
}

const RUN = 'run_id::text AS "runId", run_ref AS "runRef", workflow, customer_id AS "customerId", cost_pico AS "costPico", outcome, last_at AS "lastAt"';

/** Runs between two ids, both included. */
export async function findRunsByIds(tx: PoolClient, ids: readonly string[], span: { readonly first: string; readonly last: string } | null, limit: number): Promise<FoundRun[]> {
  const { rows } = await tx.query<FoundRun>(
    `SELECT ${RUN} FROM runs WHERE run_id = ANY ($1::uuid[]) UNION SELECT ${RUN} FROM (SELECT * FROM runs WHERE run_id BETWEEN $2::uuid AND $3::uuid ORDER BY run_id LIMIT $4) r LIMIT $4`,
    [ids, span?.first ?? null, span?.last ?? null, limit]);
  return rows;
}

/** Runs whose sender's name begins with the text, among the latest ones: names have no index of their own. */
export async function findLatestRuns(tx: PoolClient, text: string, among: number, limit: number): Promise<FoundRun[]> {
  const { rows } = await tx.query<FoundRun>(
    `SELECT ${RUN} FROM (SELECT * FROM runs ORDER BY last_at DESC LIMIT $2) r WHERE starts_with(lower(run_ref), lower($1)) ORDER BY last_at DESC LIMIT $3`, [text, among, limit]);
  return rows;
}

export interface FoundEvent {
  readonly id: string;
  readonly kind: string;
  readonly occurredAt: Date;
  readonly provider: string | null;
  readonly model: string | null;
  readonly costPico: bigint | null;
}

export async function findEventsByIds(tx: PoolClient, span: { readonly first: string; readonly last: string }, limit: number): Promise<FoundEvent[]> {
  const { rows } = await tx.query<FoundEvent>(
    `SELECT id::text AS id, kind, occurred_at AS "occurredAt", provider, coalesce(model_served, model_requested) AS model, cost_pico AS "costPico"
     FROM usage_events e WHERE e.id BETWEEN $1::uuid AND $2::uuid ORDER BY e.id LIMIT $3`, [span.first, span.last, limit]);
  return rows;
}

export interface FoundRequest {
  readonly requestId: string;
  /** At most `limit`. */
  readonly events: number;
  readonly lastAt: Date;
}

export async function findRequest(tx: PoolClient, requestId: string, limit: number): Promise<FoundRequest | null> {
  const { rows } = await tx.query<{ events: number; last_at: Date | null }>(
    `SELECT count(*)::int AS events, max(occurred_at) AS last_at FROM (SELECT e.occurred_at FROM usage_events e WHERE e.request_id = $1 LIMIT $2) r`, [requestId, limit]);
  const { events, last_at: lastAt } = rows[0]!;
  return lastAt === null ? null : { requestId, events, lastAt };
}

export interface FoundName {
  readonly name: string;
  readonly costPico: bigint;
}

/**
 * Customers whose id begins with one of the texts, with their cost since a day. One probe of the index a customer, `probes` at most for each text:
 * sorted by the database's rules, ids that begin alike stand side by side.
 */
export async function findCustomers(tx: PoolClient, texts: readonly string[], since: string, probes: number, limit: number): Promise<FoundName[]> {
  const { rows } = await tx.query<FoundName>(
    `WITH RECURSIVE step (begin, name, n) AS (
       SELECT t.begin, (SELECT r.customer_id FROM customer_rollup_day r WHERE r.customer_id >= t.begin ORDER BY r.customer_id LIMIT 1), 1 FROM unnest($1::text[]) AS t (begin)
       UNION ALL
       SELECT s.begin, (SELECT r.customer_id FROM customer_rollup_day r WHERE r.customer_id > s.name ORDER BY r.customer_id LIMIT 1), s.n + 1
       FROM step s WHERE s.name IS NOT NULL AND s.n < $3
     ), names AS (SELECT DISTINCT s.name FROM step s WHERE starts_with(s.name, s.begin) ORDER BY s.name LIMIT $4)
     SELECT n.name, coalesce((SELECT sum(r.cost_pico) FROM customer_rollup_day r WHERE r.customer_id = n.name AND r.day >= $2::date), 0)::bigint AS "costPico"
     FROM names n ORDER BY "costPico" DESC, n.name`, [texts, since, probes, limit]);
  return rows;
}

export interface NamedCells {
  readonly workflow: string;
  readonly provider: string;
  readonly model: string;
  readonly costPico: bigint;
}

/** What has cells since a day and a workflow or model with the text in its name. */
export async function findNamedCells(tx: PoolClient, text: string, since: string): Promise<NamedCells[]> {
  const { rows } = await tx.query<NamedCells>(
    `SELECT workflow, provider, model, sum(cost_pico)::bigint AS "costPico" FROM usage_rollup_day
     WHERE day >= $2::date AND (strpos(lower(workflow), $1) > 0 OR strpos(lower(model), $1) > 0 OR strpos(lower(provider), $1) > 0)
     GROUP BY workflow, provider, model`, [text.toLowerCase(), since]);
  return rows;
}
