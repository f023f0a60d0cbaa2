/** What made up the spend of a span, of one spender: calls, tokens and cost by model, who they were for, and the dearest runs. Rows of a short span, to explain a change by. */
import { TOKEN_CLASSES, type TokenClass } from '@outlay/kernel';
import type { PoolClient } from 'pg';
import { createParams, modelOf, spanConditions } from './event-conditions';
import { type SpendScope, spenderConditions } from './read-spend-series';

export interface ModelSpend {
  readonly provider: string;
  readonly model: string;
  readonly calls: number;
  /** Neither retries nor fallbacks. */
  readonly firstCalls: number;
  readonly tokens: Readonly<Record<TokenClass, number>>;
  /** Unpriced calls at their ceiling. */
  readonly costPico: bigint;
}

export interface SpendFacts {
  readonly models: readonly ModelSpend[];
  /** Pico-dollars by name; '' for those who name none. */
  readonly customers: ReadonlyMap<string, bigint>;
  readonly workflows: ReadonlyMap<string, bigint>;
}

interface Spender {
  readonly scope: SpendScope;
  readonly subject: string;
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

type FactRow = Readonly<Record<TokenClass, string>> & { grouping: number; provider: string | null; model: string | null; customer: string | null; workflow: string | null; calls: string; first_calls: string; pico: string };

export async function readSpendFacts(tx: PoolClient, span: Span, { scope, subject }: Spender): Promise<SpendFacts> {
  const params = createParams();
  const conditions = ["e.subject = 'call'", ...spanConditions(span, params), ...spenderConditions(scope, subject, params)];
  const call = 'CASE WHEN b.part = 0 THEN b.sign ELSE 0 END';
  const { rows } = await tx.query<FactRow>(
    `SELECT GROUPING(b.model, b.customer, b.workflow) AS grouping, b.provider, b.model, b.customer, b.workflow, sum(${call})::text AS calls,
       sum(CASE WHEN b.attempt_kind = 'first' OR b.attempt_kind IS NULL THEN ${call} ELSE 0 END)::text AS first_calls, sum(b.ceiling_pico)::text AS pico, ${TOKEN_CLASSES.map((name) => `sum(b.${name})::text AS ${name}`).join(', ')}
     FROM (SELECT e.*, coalesce(${modelOf('e')}, '') AS model, coalesce(e.customer_id, '') AS customer FROM usage_events e WHERE ${conditions.join(' AND ')}) b
     GROUP BY GROUPING SETS ((b.provider, b.model), (b.customer), (b.workflow))`, params.values);
  const models: ModelSpend[] = [];
  const customers = new Map<string, bigint>();
  const workflows = new Map<string, bigint>();
  for (const row of rows) {
    const costPico = BigInt(row.pico);
    if (row.grouping === 0b011) {
      models.push({
        provider: row.provider ?? '', model: row.model!, calls: Number(row.calls), firstCalls: Number(row.first_calls), costPico,
        tokens: Object.fromEntries(TOKEN_CLASSES.map((name) => [name, Number(row[name])])) as Record<TokenClass, number>,
      });
    } else if (row.grouping === 0b101) customers.set(row.customer!, costPico);
    else workflows.set(row.workflow ?? '', costPico);
  }
  return { models, customers, workflows };
}

export interface DearRun {
  readonly runId: string;
  readonly runRef: string | null;
  readonly customerId: string | null;
  readonly workflow: string | null;
  readonly calls: number;
  /** Within the span. */
  readonly costPico: bigint;
}

/** The dearest first. */
export async function readDearestRuns(tx: PoolClient, span: Span, { scope, subject }: Spender, most: number): Promise<DearRun[]> {
  const params = createParams();
  const conditions = ["e.subject = 'call'", 'e.run_id IS NOT NULL', ...spanConditions(span, params), ...spenderConditions(scope, subject, params)];
  const { rows } = await tx.query<{ run_id: string; run_ref: string | null; customer_id: string | null; workflow: string | null; calls: string; pico: string }>(
    `SELECT e.run_id::text, max(e.run_ref) AS run_ref, max(e.customer_id) AS customer_id, max(e.workflow) AS workflow, sum(CASE WHEN e.part = 0 THEN e.sign ELSE 0 END)::text AS calls, sum(e.ceiling_pico)::text AS pico
     FROM usage_events e WHERE ${conditions.join(' AND ')} GROUP BY e.run_id HAVING sum(e.ceiling_pico) > 0 ORDER BY sum(e.ceiling_pico) DESC, e.run_id LIMIT ${params.add(most)}`, params.values);
  return rows.map((row) => ({ runId: row.run_id, runRef: row.run_ref, customerId: row.customer_id, workflow: row.workflow, calls: Number(row.calls), costPico: BigInt(row.pico) }));
}

/** When the first row of the team in this span occurred; Unix ms, null without any. From the index alone. */
export async function readFirstRowMs(tx: PoolClient, span: Span): Promise<number | null> {
  const params = createParams();
  const { rows } = await tx.query<{ at: Date | null }>(`SELECT min(e.occurred_at) AS at FROM usage_events e WHERE ${spanConditions(span, params).join(' AND ')}`, params.values);
  return rows[0]!.at?.getTime() ?? null;
}
