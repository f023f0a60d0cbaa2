/**
 * Sums of the ledger by label and time, as SQL. Where a rollup covers the question it is read: whole days from the day form, the rest of the
 * span by quarters of an hour, and what is left at both ends from the ledger itself. What no rollup covers comes from the ledger
 * alone. Every way gives the same numbers (law 3), because all are built from the one list of measures. Pure.
 */
import { BUCKET_MS, bucketStartMs } from '@outlay/kernel';
import { eventConditions, modelOf, type Params, spanConditions } from './event-conditions';
import type { LabelFilter } from './event-filter';
import { type Measure, ROLLUPS } from './measures';

export type Dimension = 'environment' | 'workflow' | 'provider' | 'model' | 'customer_id' | 'user_id' | 'day' | 'at';
export type Source = 'usage' | 'customer' | 'ledger';
export type Labels = Omit<LabelFilter, 'fromMs' | 'toMs'>;

export interface Span {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** The whole local days of a span: [firstDay, endDay), none when they are equal or crossed. Found by Postgres, which also made the days. */
export interface WholeDays {
  readonly firstDay: string;
  readonly endDay: string;
  /** Up to here, and from here on, quarters of an hour lie outside of the whole days; null where none does. */
  readonly headEndMs: number | null;
  readonly tailStartMs: number | null;
}

export interface CellContext {
  readonly tenantId: string;
  readonly timeZone: string;
  readonly labels: Labels;
  readonly dimensions: readonly Dimension[];
  readonly measures: readonly Measure[];
  /** Steps of the dimension `at`. */
  readonly step?: { readonly ms: number; readonly originMs: number };
  /** When calls of the runs with an outcome in question happened; needed only with a filter by provider or model. */
  readonly callSpan: { readonly fromMs: number; readonly toMs: number } | null;
  readonly params: Params;
}

const NOT_IN_USAGE = ['customerId', 'userId', 'feature'] as const satisfies (keyof Labels)[];
const NOT_IN_CUSTOMER = ['environment', 'provider', 'model', 'userId', 'feature'] as const satisfies (keyof Labels)[];

/** The cheapest source that can answer exactly. */
export function chooseSource(labels: Labels, dimensions: readonly Dimension[]): Source {
  if (dimensions.includes('user_id')) return 'ledger';
  if (NOT_IN_USAGE.every((name) => labels[name] === undefined) && !dimensions.includes('customer_id')) return 'usage';
  const apart = (['environment', 'provider', 'model'] as const).some((name) => dimensions.includes(name));
  return NOT_IN_CUSTOMER.every((name) => labels[name] === undefined) && !apart ? 'customer' : 'ledger';
}

/** An outcome belongs to a run, not to a model: by provider or model it is found through the run's calls. */
export function byModel(labels: Labels): boolean {
  return labels.provider !== undefined || labels.model !== undefined;
}

/** The part of a span that lies on the edges of buckets; null when there is none. */
export function wholeBuckets(span: Span): { readonly fromMs: number; readonly toMs: number } | null {
  const fromMs = bucketStartMs(span.fromMs + BUCKET_MS - 1);
  const toMs = bucketStartMs(span.toMs);
  return fromMs < toMs ? { fromMs, toMs } : null;
}

/** SELECTs with the columns `span`, the dimensions and the measures, to be joined by UNION ALL. At least one. */
export function piecesOf(source: Source, span: Span, days: WholeDays | null, context: CellContext): string[] {
  const whole = source === 'ledger' ? null : wholeBuckets(span);
  const outcomesApart = byModel(context.labels);
  const hasOutcomes = context.measures.some(({ move }) => move !== undefined);
  const pieces: string[] = [];
  const read = (fromMs: number, toMs: number): void => {
    if (fromMs >= toMs) return;
    const part = { name: span.name, fromMs, toMs };
    pieces.push(ledgerFacts(part, context));
    if (hasOutcomes && !outcomesApart) pieces.push(ledgerOutcomes(part, context));
  };
  if (whole === null) {
    read(span.fromMs, span.toMs);
  } else {
    read(span.fromMs, whole.fromMs);
    pieces.push(...rollupPieces(source === 'customer' ? 'customer' : 'usage', { ...whole, name: span.name }, days, context));
    read(whole.toMs, span.toMs);
  }
  if (hasOutcomes && outcomesApart && context.callSpan !== null) pieces.push(ledgerOutcomes(span, context));
  return pieces;
}

/** An edge of whole days is shorter than this, whatever the clocks do. */
export const EDGE_MS = 26 * 3_600_000;

function rollupPieces(kind: keyof typeof ROLLUPS, span: Span, days: WholeDays | null, context: CellContext): string[] {
  const { params } = context;
  // Lazily, because Postgres refuses a parameter that no part of the statement uses.
  const dayOfBucket = (): string => `(r.bucket AT TIME ZONE ${params.add(context.timeZone)})::date`;
  const fine = (from: number, to: number, edge?: { readonly than: '<' | '>='; readonly day: string }): string => {
    const time = `r.bucket >= ${params.add(new Date(from))}::timestamptz AND r.bucket < ${params.add(new Date(to))}::timestamptz`;
    const outside = edge === undefined ? '' : ` AND ${dayOfBucket()} ${edge.than} ${params.add(edge.day)}::date`;
    return rollupPiece(ROLLUPS[kind].table, span.name, time + outside, { day: dayOfBucket, at: 'r.bucket' }, kind, context);
  };
  if (days === null || days.firstDay >= days.endDay || context.dimensions.includes('at')) return [fine(span.fromMs, span.toMs)];
  const whole = `r.day >= ${params.add(days.firstDay)}::date AND r.day < ${params.add(days.endDay)}::date`;
  return [
    ...(days.headEndMs === null ? [] : [fine(span.fromMs, days.headEndMs, { than: '<', day: days.firstDay })]),
    rollupPiece(ROLLUPS[kind].dayTable, span.name, whole, { day: () => 'r.day', at: '' }, kind, context),
    ...(days.tailStartMs === null ? [] : [fine(days.tailStartMs, span.toMs, { than: '>=', day: days.endDay })]),
  ];
}

const LABEL_OF: Partial<Record<Dimension, keyof Labels>> = { environment: 'environment', workflow: 'workflow', provider: 'provider', model: 'model', customer_id: 'customerId' };

function rollupPiece(
  table: string, span: string, time: string, times: { readonly day: () => string; readonly at: string }, kind: keyof typeof ROLLUPS, context: CellContext,
): string {
  const conditions = [time];
  for (const dimension of ROLLUPS[kind].dimensions) {
    const name = dimension === 'plan_version_id' ? undefined : LABEL_OF[dimension];
    const value = name === undefined ? undefined : context.labels[name];
    if (value !== undefined) conditions.push(`r.${dimension} = ${context.params.add(value)}`);
  }
  const columns = context.dimensions.map((dimension) => (dimension === 'day' ? times.day() : dimension === 'at' ? steps(times.at, context) : `r.${dimension}`));
  return select(span, columns, context.measures.map(({ name, of = [name] }) => of.map((each) => `r.${each}`).join(' + ')), `${table} r WHERE ${conditions.join(' AND ')}`, context);
}

function ledgerFacts(span: Span, context: CellContext): string {
  const where = ["e.subject = 'call'", ...eventConditions({ ...context.labels, fromMs: span.fromMs, toMs: span.toMs }, context.tenantId, context.params)];
  const values = context.measures.map(({ fact, type }) => `(${fact ?? '0'})::${type}`);
  return select(span.name, ledgerColumns(context), values, `usage_events e WHERE ${where.join(' AND ')}`, context);
}

/**
 * Outcomes as signed rows: a correction's reversal takes out what its original stated. The cost is the run's; narrowed by provider or
 * model it is that of the run's matching calls, and a run without such a call does not count.
 */
function ledgerOutcomes(span: Span, context: CellContext): string {
  const { params, labels } = context;
  const { provider, model, ...others } = labels;
  const where = ["e.subject = 'outcome'", ...eventConditions({ ...others, fromMs: span.fromMs, toMs: span.toMs }, context.tenantId, params)];
  const narrowed = byModel(labels) && context.callSpan !== null;
  const matching = narrowed ? `JOIN (
      SELECT c.run_id, sum(coalesce(c.cost_pico, 0))::bigint AS cost_pico FROM usage_events c
      WHERE ${["c.subject = 'call'", 'c.run_id IS NOT NULL', ...spanConditions(context.callSpan!, params, 'c'),
        ...(provider === undefined ? [] : [`c.provider = ${params.add(provider)}`]), ...(model === undefined ? [] : [`${modelOf('c')} = ${params.add(model)}`])].join(' AND ')}
      GROUP BY c.run_id HAVING sum(c.sign) > 0) c ON c.run_id = e.run_id` : '';
  const values = context.measures.map(({ move, type }) => `(${move ?? '0'})::${type}`);
  // By model, an outcome stands apart from every model, as it does in the rollup.
  const columns = ledgerColumns(context).map((column, i) => (['provider', 'model'].includes(context.dimensions[i]!) ? "''" : column));
  return select(span.name, columns, values, `usage_events e JOIN runs r ON r.run_id = e.run_id ${matching}
    CROSS JOIN LATERAL (SELECT e.sign AS direction, e.outcome, ${narrowed ? 'c' : 'r'}.cost_pico, e.sign * e.units AS units) m WHERE ${where.join(' AND ')}`, context);
}

function ledgerColumns(context: CellContext): string[] {
  return context.dimensions.map((dimension) => {
    switch (dimension) {
      case 'environment':
        return 'e.environment';
      case 'model':
        return `coalesce(${modelOf('e')}, '')`;
      case 'day':
        return `(e.occurred_at AT TIME ZONE ${context.params.add(context.timeZone)})::date`;
      case 'at':
        return steps('e.occurred_at', context);
      default:
        return `coalesce(e.${dimension}, '')`;
    }
  });
}

function steps(instant: string, { step, params }: CellContext): string {
  const { ms, originMs } = step!;
  return `date_bin(${params.add(`${ms / 1_000} seconds`)}::interval, ${instant}, ${params.add(new Date(originMs))}::timestamptz)`;
}

function select(span: string, columns: readonly string[], values: readonly string[], from: string, context: CellContext): string {
  const named = [...columns.map((sql, i) => `${sql} AS ${context.dimensions[i]!}`), ...values.map((sql, i) => `${sql} AS ${context.measures[i]!.name}`)];
  return `SELECT ${context.params.add(span)}::text AS span, ${named.join(', ')} FROM ${from}`;
}
