/**
 * What a customer may be charged for, from the ledger's rows: units of outcomes and tokens of calls, by the snapshot that each row names, workflow and local day. Signed sums, so
 * corrections are in them. `estimated` rows never count for money. What any of it costs is not decided here.
 */
import type { PoolClient } from 'pg';
import { TOKEN_CLASSES } from '@outlay/kernel';
import { type Cut, rowsAtOrBelow } from './cut';
import { createParams, firstIdOf, type Params, spanConditions } from './event-conditions';

export interface ChargeableQuery {
  readonly customerIds: readonly string[];
  /** [fromMs, toMs) of `occurred_at`. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Whose days. */
  readonly timeZone: string;
  /** False: nobody charges for tokens, and they are told as zero; the outcomes of all calls need not be looked up. */
  readonly tokens?: boolean;
  /** Exactly these rows; absent: all that there are. */
  readonly cut?: Cut;
  /** The cut was read in this same snapshot: then how a run ended is what `runs` says now, and need not be looked up among the rows of all months. */
  readonly isPresent?: boolean;
}

/** Amounts are decimals. `usable` leaves out outcomes that were unusable, and calls of runs that ended so. */
export interface ChargeableRow {
  readonly customerId: string;
  /** SHA-256 of the snapshot, hex; null for rows of customers without a plan. */
  readonly snapshotHash: string | null;
  readonly workflow: string;
  /** Local date. */
  readonly day: string;
  readonly units: string;
  readonly unitsUsable: string;
  readonly tokens: string;
  readonly tokensUsable: string;
  /** Pico-dollars of what it cost; unpriced rows add nothing. */
  readonly costPico: string;
}

const DAY_MS = 86_400_000;
/** An outcome's id carries the time of its run, and may lie 35 days from it, as the call's may. */
const OUTCOME_DISTANCE_MS = 71 * DAY_MS;
const TOKENS = TOKEN_CLASSES.map((name) => `e.${name}`).join(' + ');

/** Rows in the order of customer, day, workflow, snapshot. */
export async function readChargeable(tx: Pick<PoolClient, 'query'>, tenantId: string, { customerIds, fromMs, toMs, timeZone, tokens = true, cut, isPresent = false }: ChargeableQuery): Promise<ChargeableRow[]> {
  const params = createParams();
  const tenant = `${params.add(tenantId)}::uuid`;
  const where = [`e.tenant_id = ${tenant}`, `e.customer_id = ANY (${params.add(customerIds)}::text[])`, ...spanConditions({ fromMs, toMs }, params), ...(cut === undefined ? [] : [rowsAtOrBelow(cut, params)])];
  const { rows } = await tx.query<ChargeableRow>(
    // Days and hashes are spelled out once a group, and wide columns stay behind: that halves it.
    `WITH facts AS MATERIALIZED (
       SELECT e.customer_id, e.run_id, e.subject, e.outcome, e.units, e.workflow, e.snapshot_hash, e.cost_pico, (e.occurred_at AT TIME ZONE ${params.add(timeZone)})::date AS day, ${tokens ? TOKENS : '0'} AS tokens
       FROM usage_events e WHERE ${where.join(' AND ')} AND e.cost_basis <> 'estimated'
     ), failed AS (${!tokens ? NO_RUNS : isPresent ? failedNow(tenant) : failedRuns(params, tenant, { fromMs, toMs, cut })})
     SELECT e.customer_id AS "customerId", encode(e.snapshot_hash, 'hex') AS "snapshotHash", coalesce(e.workflow, '') AS workflow, e.day::text AS day,
       coalesce(sum(e.units) FILTER (WHERE e.subject = 'outcome'), 0)::text AS units,
       coalesce(sum(e.units) FILTER (WHERE e.subject = 'outcome' AND e.outcome = 'usable'), 0)::text AS "unitsUsable",
       coalesce(sum(e.tokens) FILTER (WHERE e.subject = 'call'), 0)::text AS tokens,
       coalesce(sum(e.tokens) FILTER (WHERE e.subject = 'call' AND f.run_id IS NULL), 0)::text AS "tokensUsable",
       coalesce(sum(e.cost_pico), 0)::text AS "costPico"
     FROM facts e LEFT JOIN failed f ON f.run_id = e.run_id
     GROUP BY e.customer_id, e.snapshot_hash, e.workflow, e.day ORDER BY 1, 4, 3, 2`, params.values);
  return rows;
}

const NO_RUNS = 'SELECT NULL::uuid AS run_id WHERE false';

/** Runs of the facts whose outcome is unusable now. */
function failedNow(tenant: string): string {
  return `SELECT r.run_id FROM runs r WHERE r.tenant_id = ${tenant} AND r.outcome = 'unusable' AND r.run_id IN (SELECT run_id FROM facts WHERE subject = 'call' AND run_id IS NOT NULL)`;
}

/** The same at the cut. */
function failedRuns(params: Params, tenant: string, { fromMs, toMs, cut }: Pick<ChargeableQuery, 'fromMs' | 'toMs' | 'cut'>): string {
  const ids = `((o.id >= ${params.add(firstIdOf(fromMs - OUTCOME_DISTANCE_MS))}::uuid AND o.id < ${params.add(firstIdOf(toMs + OUTCOME_DISTANCE_MS))}::uuid) OR o.id >= 'f0000000-0000-0000-0000-000000000000'::uuid)`;
  const atCut = cut === undefined ? '' : ` AND ${rowsAtOrBelow(cut, params, 'o')}`;
  return `SELECT o.run_id FROM usage_events o WHERE o.tenant_id = ${tenant} AND o.subject = 'outcome' AND o.outcome = 'unusable' AND ${ids}${atCut}
         AND o.run_id IN (SELECT run_id FROM facts WHERE subject = 'call' AND run_id IS NOT NULL)
       GROUP BY o.run_id HAVING sum(o.sign) > 0`;
}

/** Bodies by hash (hex). */
export async function readSnapshots(tx: Pick<PoolClient, 'query'>, tenantId: string, hashes: readonly string[]): Promise<Map<string, unknown>> {
  if (hashes.length === 0) return new Map();
  const { rows } = await tx.query<{ hash: string; body: unknown }>(
    `SELECT encode(hash, 'hex') AS hash, body FROM snapshots WHERE tenant_id = $1 AND hash = ANY (SELECT decode(h, 'hex') FROM unnest($2::text[]) AS t (h))`, [tenantId, hashes]);
  return new Map(rows.map(({ hash, body }) => [hash, body]));
}

/** The snapshot of a customer's last row with a plan, at or before a moment; null without one. Reads half a year back, no further. */
export async function readLastSnapshot(tx: Pick<PoolClient, 'query'>, tenantId: string, customerId: string, atMs: number): Promise<unknown> {
  const params = createParams();
  const where = [`e.tenant_id = ${params.add(tenantId)}::uuid`, `e.customer_id = ${params.add(customerId)}`, ...spanConditions({ fromMs: atMs - 183 * DAY_MS, toMs: atMs + 1 }, params)];
  const { rows } = await tx.query<{ body: unknown }>(
    `SELECT s.body FROM (
       SELECT e.tenant_id, e.snapshot_hash FROM usage_events e WHERE ${where.join(' AND ')} AND e.plan_version_id IS NOT NULL AND e.snapshot_hash IS NOT NULL
       ORDER BY e.occurred_at DESC, e.id DESC LIMIT 1) e JOIN snapshots s ON s.tenant_id = e.tenant_id AND s.hash = e.snapshot_hash`, params.values);
  return rows[0]?.body ?? null;
}
