/** What a team spends from minute to minute, for whoever watches it: sums by short buckets, of the whole and of its greatest workflows, customers, models and keys. From rows, because rollups are too coarse. */
import { DAY_MS } from '@outlay/kernel';
import type { PoolClient } from 'pg';
import type { Database } from '@outlay/platform';
import { createParams, modelOf, type Params, spanConditions } from './event-conditions';

export const SPEND_SCOPES = ['tenant', 'workflow', 'customer', 'model', 'key'] as const;
export type SpendScope = (typeof SPEND_SCOPES)[number];

export interface SpendSeries {
  readonly scope: SpendScope;
  /** '' for the whole team; a key's id; else the name as it was sent. Rows that name none are in no series but the whole. */
  readonly subject: string;
  /** In no order, none twice, without the empty ones. US dollars as a float: to be watched, not to be billed. Unpriced calls count at their ceiling. */
  readonly points: readonly { readonly startMs: number; readonly usd: number }[];
}

export interface SpendSubjects {
  readonly workflow: readonly string[];
  readonly customer: readonly string[];
  readonly model: readonly string[];
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** `only`: of workflows, customers and models no others are told apart. */
export async function readSpendSeries(tx: PoolClient, span: Span & { readonly bucketMs: number }, only: SpendSubjects | null = null): Promise<SpendSeries[]> {
  const params = createParams();
  const conditions = ["e.subject = 'call'", ...spanConditions(span, params)];
  const named = (sql: string, names: readonly string[] | undefined): string => (names === undefined ? sql : `CASE WHEN ${sql} = ANY (${params.add(names)}::text[]) THEN ${sql} END`);
  // As text, shortest first: a series is one row, however many points it has.
  const { rows } = await tx.query<{ scope: number; subject: string | null; points: string }>(
    `SELECT x.scope, x.subject, string_agg(x.slot || ':' || x.pico, ',') AS points FROM (
       SELECT GROUPING(b.workflow, b.customer, b.model, b.key) AS scope, coalesce(b.workflow, b.customer, b.model, b.key) AS subject, b.slot, sum(b.pico)::text AS pico
       FROM (SELECT floor(extract(epoch FROM e.occurred_at) * 1000 / ${params.add(span.bucketMs)}::int)::bigint AS slot, ${named('e.workflow', only?.workflow)} AS workflow,
           ${named('e.customer_id', only?.customer)} AS customer, ${named(modelOf('e'), only?.model)} AS model, e.api_key_id::text AS key, e.ceiling_pico AS pico
         FROM usage_events e WHERE ${conditions.join(' AND ')}) b
       GROUP BY GROUPING SETS ((b.slot), (b.slot, b.workflow), (b.slot, b.customer), (b.slot, b.model), (b.slot, b.key)) HAVING sum(b.pico) <> 0) x
     GROUP BY x.scope, x.subject`, params.values);
  return rows.flatMap(({ scope, subject, points }): SpendSeries[] => {
    const name = SCOPE_OF_GROUPING.get(scope)!;
    if (name !== 'tenant' && subject === null) return [];
    return [{ scope: name, subject: subject ?? '', points: points.split(',').map((point) => pointOf(point, span.bucketMs)) }];
  });
}

/** GROUPING has a bit per dimension, the first one highest, set where the dimension is not part of the row's set. */
const SCOPE_OF_GROUPING = new Map<number, SpendScope>([[0b1111, 'tenant'], [0b0111, 'workflow'], [0b1011, 'customer'], [0b1101, 'model'], [0b1110, 'key']]);

function pointOf(text: string, bucketMs: number): { startMs: number; usd: number } {
  const colon = text.indexOf(':');
  return { startMs: Number(text.slice(0, colon)) * bucketMs, usd: Number(text.slice(colon + 1)) / 1e12 };
}

/** The greatest of each kind in a span, give or take the days at its ends: from the rollups of days, which are few. */
export async function readSpendSubjects(tx: PoolClient, span: Span, most: number): Promise<SpendSubjects> {
  // A team's day may begin up to a day before the one of UTC, or end after it.
  const values = [dayOf(span.fromMs - DAY_MS), dayOf(span.toMs + DAY_MS), most];
  const top = async (table: 'usage_rollup_day' | 'customer_rollup_day', column: string): Promise<string[]> => {
    const { rows } = await tx.query<{ name: string }>(
      `SELECT ${column} AS name FROM ${table} WHERE day >= $1::date AND day <= $2::date AND ${column} <> '' GROUP BY ${column} HAVING sum(ceiling_pico) > 0 ORDER BY sum(ceiling_pico) DESC, ${column} LIMIT $3`, values);
    return rows.map(({ name }) => name);
  };
  return { workflow: await top('usage_rollup_day', 'workflow'), customer: await top('customer_rollup_day', 'customer_id'), model: await top('usage_rollup_day', 'model') };
}

function dayOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

const TENANTS_AT_ONCE = 1_000;

/** Which of these teams recorded anything within the last so many milliseconds, by the database's clock. Reads as the writer, the only role that sees several tenants at once. */
export async function readActiveTenants(db: Database, tenantIds: readonly string[], withinMs: number): Promise<Set<string>> {
  const active = new Set<string>();
  for (let i = 0; i < tenantIds.length; i += TENANTS_AT_ONCE) {
    const client = await db.writer.connect();
    let broken: Error | undefined;
    try {
      await client.query('BEGIN READ ONLY');
      await client.query(`SELECT set_config('app.tenant_ids', $1, true)`, [`{${tenantIds.slice(i, i + TENANTS_AT_ONCE).join(',')}}`]);
      const { rows } = await client.query<{ tenant_id: string }>('SELECT DISTINCT tenant_id::text FROM usage_events WHERE recorded_at >= now() - make_interval(secs => $1 / 1000.0)', [withinMs]);
      await client.query('COMMIT');
      for (const { tenant_id: tenantId } of rows) active.add(tenantId);
    } catch (error) {
      await client.query('ROLLBACK').catch((rollbackError: Error) => { broken = rollbackError; });
      throw error;
    } finally {
      client.release(broken);
    }
  }
  return active;
}

/** Whose spend: conditions on the rows of one subject. */
export function spenderConditions(scope: SpendScope, subject: string, params: Params): string[] {
  switch (scope) {
    case 'tenant':
      return [];
    case 'workflow':
      return [`e.workflow = ${params.add(subject)}`];
    case 'customer':
      return [`e.customer_id = ${params.add(subject)}`];
    case 'model':
      return [`${modelOf('e')} = ${params.add(subject)}`];
    case 'key':
      return [`e.api_key_id = ${params.add(subject)}::uuid`];
  }
}
