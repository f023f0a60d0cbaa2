/** Runs the sums that `cell-pieces.ts` writes. */
import { BUCKET_MS } from '@outlay/kernel';
import type { PoolClient } from 'pg';
import { byModel, chooseSource, type CellContext, type Dimension, EDGE_MS, type Labels, piecesOf, type Source, type Span, type WholeDays, wholeBuckets } from './cell-pieces';
import { createParams, eventConditions, type Params } from './event-conditions';
import type { Measure } from './measures';

export interface SumQuery {
  readonly tenantId: string;
  readonly timeZone: string;
  readonly labels: Labels;
  /** Each span is summed for itself. */
  readonly spans: readonly Span[];
  readonly measures: readonly Measure[];
  /** Each set of dimensions gives its own rows; the empty set the totals. */
  readonly sets: readonly (readonly Dimension[])[];
  readonly step?: CellContext['step'];
  /** Only for the proof that every source gives the same numbers; the product lets it be chosen. */
  readonly source?: Source;
  /** At most so many rows; one more is read, so that the caller can tell. */
  readonly limit?: number;
}

export interface CellSum {
  readonly span: string;
  /** Index into `sets`. */
  readonly set: number;
  /** '' where a row names nothing; `day` is YYYY-MM-DD, `at` an ISO instant. */
  readonly keys: Readonly<Partial<Record<Dimension, string>>>;
  /** Whole numbers as text; `units` a decimal. */
  readonly values: Readonly<Record<string, string>>;
}

/** Run in a snapshot (`withTenantSnapshot`), so that sums of several questions agree. A group whose sums are all zero is left out. */
export async function sumCells(tx: PoolClient, query: SumQuery): Promise<CellSum[]> {
  const bySource = new Map<Source, number[]>();
  query.sets.forEach((set, index) => {
    const source = query.source ?? chooseSource(query.labels, set);
    bySource.set(source, [...(bySource.get(source) ?? []), index]);
  });
  const days = bySource.size === 1 && bySource.has('ledger') ? [] : await readWholeDays(tx, query);
  const callSpan = byModel(query.labels) && query.measures.some(({ move }) => move !== undefined) ? await readCallSpan(tx, query) : null;
  const sums: CellSum[] = [];
  for (const [source, indexes] of bySource) sums.push(...await sumFrom(tx, source, indexes, days, callSpan, query));
  return sums;
}

/** The cells of one set of dimensions, unsummed, for statements that rank and page over them: a UNION ALL whose parameters are in `params`. */
export async function cellsSql(tx: PoolClient, query: Omit<SumQuery, 'sets' | 'limit'>, dimensions: readonly Dimension[], params: Params): Promise<string> {
  const whole: SumQuery = { ...query, sets: [dimensions] };
  const source = query.source ?? chooseSource(query.labels, dimensions);
  const days = source === 'ledger' ? [] : await readWholeDays(tx, whole);
  const callSpan = byModel(query.labels) ? await readCallSpan(tx, whole) : null;
  const context: CellContext = { ...query, dimensions, callSpan, params };
  return query.spans.flatMap((span, i) => piecesOf(source, span, days[i] ?? null, context)).join('\nUNION ALL\n');
}

async function sumFrom(
  tx: PoolClient, source: Source, indexes: readonly number[], days: readonly (WholeDays | null)[], callSpan: CellContext['callSpan'], query: SumQuery,
): Promise<CellSum[]> {
  const params = createParams();
  const sets = indexes.map((index) => query.sets[index]!);
  const dimensions = [...new Set(sets.flat())];
  const context: CellContext = { ...query, dimensions, callSpan, params };
  const pieces = query.spans.flatMap((span, i) => piecesOf(source, span, days[i] ?? null, context));
  const texts = dimensions.map((name) => (name === 'at' ? `(extract(epoch FROM x.at) * 1000)::bigint::text AS at` : `x.${name}::text AS ${name}`));
  const grouping = dimensions.length === 0 ? '0' : `GROUPING(${dimensions.map((name) => `x.${name}`).join(', ')})`;
  const { rows } = await tx.query<Record<string, string> & { grouping: number }>(
    `SELECT x.span, ${grouping} AS grouping${texts.map((text) => `, ${text}`).join('')}, ${query.measures.map(({ name }) => `trim_scale(sum(x.${name})::numeric)::text AS ${name}`).join(', ')}
     FROM (${pieces.join('\nUNION ALL\n')}) x
     GROUP BY GROUPING SETS (${sets.map((set) => `(${['x.span', ...set.map((name) => `x.${name}`)].join(', ')})`).join(', ')})
     HAVING ${query.measures.map(({ name }) => `sum(x.${name}) <> 0`).join(' OR ')}
     ${query.limit === undefined ? '' : `LIMIT ${params.add(query.limit + 1)}`}`, params.values);
  // GROUPING has a bit per dimension, the first one highest, set where the dimension is not part of the row's set.
  const indexOfGrouping = new Map(sets.map((set, i) => [dimensions.reduce((bits, name) => bits * 2 + (set.includes(name) ? 0 : 1), 0), indexes[i]!]));
  return rows.map((row) => {
    const set = indexOfGrouping.get(row.grouping)!;
    return {
      span: row.span!, set,
      keys: Object.fromEntries(query.sets[set]!.map((name) => [name, name === 'at' ? new Date(Number(row.at)).toISOString() : row[name]!])),
      values: Object.fromEntries(query.measures.map(({ name }) => [name, row[name]!])),
    };
  });
}

/** Which local days lie wholly inside of each span, by the same time zone rules that made the day rows. */
async function readWholeDays(tx: PoolClient, query: SumQuery): Promise<(WholeDays | null)[]> {
  const whole = query.spans.map((span) => wholeBuckets(span));
  const { rows } = await tx.query<{ first_day: string; end_day: string; head_end: Date | null; tail_start: Date | null }>(
    `SELECT d.first_day, d.end_day,
       (SELECT max(t) + interval '${BUCKET_MS} ms' FROM generate_series(d.a, least(d.b, d.a + interval '${EDGE_MS} ms') - interval '${BUCKET_MS} ms', interval '${BUCKET_MS} ms') t WHERE (t AT TIME ZONE $1)::date < d.first_day) AS head_end,
       (SELECT min(t) FROM generate_series(greatest(d.a, d.b - interval '${EDGE_MS} ms'), d.b - interval '${BUCKET_MS} ms', interval '${BUCKET_MS} ms') t WHERE (t AT TIME ZONE $1)::date >= d.end_day) AS tail_start
     FROM (SELECT s.a, s.b, s.n, CASE WHEN ((s.a - interval '1 microsecond') AT TIME ZONE $1)::date < (s.a AT TIME ZONE $1)::date THEN (s.a AT TIME ZONE $1)::date
         ELSE (s.a AT TIME ZONE $1)::date + 1 END AS first_day, (s.b AT TIME ZONE $1)::date AS end_day
       FROM unnest($2::timestamptz[], $3::timestamptz[]) WITH ORDINALITY AS s (a, b, n)) d ORDER BY d.n`,
    [query.timeZone, whole.map((span) => (span ? new Date(span.fromMs) : null)), whole.map((span) => (span ? new Date(span.toMs) : null))]);
  return rows.map((row, i) => (whole[i] === null ? null : {
    firstDay: row.first_day, endDay: row.end_day, headEndMs: row.head_end?.getTime() ?? null, tailStartMs: row.tail_start?.getTime() ?? null,
  }));
}

/** First and last call of the runs whose outcome is asked for: a run may begin long before its outcome. Null without any outcome. */
async function readCallSpan(tx: PoolClient, query: SumQuery): Promise<CellContext['callSpan']> {
  const { provider: _provider, model: _model, ...labels } = query.labels;
  const params = createParams();
  const fromMs = Math.min(...query.spans.map((span) => span.fromMs));
  const toMs = Math.max(...query.spans.map((span) => span.toMs));
  const where = ["e.subject = 'outcome'", ...eventConditions({ ...labels, fromMs, toMs }, query.tenantId, params)];
  const { rows } = await tx.query<{ first_at: Date | null; last_at: Date | null }>(
    `SELECT min(r.first_at) AS first_at, max(r.last_at) AS last_at FROM usage_events e JOIN runs r ON r.run_id = e.run_id WHERE ${where.join(' AND ')}`, params.values);
  const { first_at: first, last_at: last } = rows[0]!;
  return first === null || last === null ? null : { fromMs: first.getTime(), toMs: last.getTime() + 1 };
}
