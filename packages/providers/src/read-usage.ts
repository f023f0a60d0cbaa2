/** What a provider counted, bucket by bucket, as one connection stores it: the newest revision of each row, at our prices, and beside it what the provider has billed of the same days. */
import { DAY_MS, DomainError, INPUT_CLASSES, TOKEN_CLASSES } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import type { PoolClient } from 'pg';
import type { BucketWidth } from './adapter';
import { findConnection } from './change-connection';
import { readBilledDays } from './store-bill';

type UsageGrouping = 'model' | 'key' | 'project';

export interface UsageAsk {
  readonly id: string;
  /** Absent: hours, or what there is of days and minutes. */
  readonly width?: BucketWidth | undefined;
  readonly by: UsageGrouping;
  /** The span ends before this moment (ISO); absent: now, or where the newest bucket ends if that is longer ago than a span. */
  readonly before?: string | undefined;
}

interface UsageSums {
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** At our prices, of the rows that have one. */
  readonly pricedPico: bigint;
  /** Rows that our price book has no price for. */
  readonly unpriced: number;
}

interface UsageCell extends UsageSums {
  readonly at: Date;
  /** '' where the provider names none; null for all that are not among the dearest. */
  readonly name: string | null;
  /** The provider may still change it. */
  readonly provisional: boolean;
}

interface UsageGroup extends UsageSums {
  readonly name: string;
  /** Of `pricedPico`, what is not final yet. */
  readonly provisionalPico: bigint;
  /** Rows that the provider corrected since it first said them. */
  readonly restated: number;
  /** Beside tokens: images, searches, seconds, ... */
  readonly extras: Readonly<Record<string, number>>;
}

interface UsageDay {
  /** UTC. */
  readonly day: string;
  /** What is known within minutes: counted by the provider, at our prices. Null where it counted nothing. */
  readonly pricedPico: bigint | null;
  readonly unpriced: number;
  /** What it bills, a day later; null until then. */
  readonly billedPico: bigint | null;
  /** It may still change its count, its bill, or both. */
  readonly provisional: boolean;
}

export interface ConnectionUsage {
  readonly width: BucketWidth;
  /** Those that the connection has anything of. */
  readonly widths: readonly BucketWidth[];
  readonly fromMs: number;
  readonly toMs: number;
  /** Begins of the first and the newest bucket of this width; null without any. */
  readonly oldest: Date | null;
  readonly newest: Date | null;
  /** In their order; a bucket without rows is absent, not zero. */
  readonly cells: readonly UsageCell[];
  /** The dearest first, at most `GROUPS_MAX`. */
  readonly groups: readonly UsageGroup[];
  /** Of `groups`, how many more there are. */
  readonly more: number;
  /** Of all groups. */
  readonly totals: Omit<UsageGroup, 'name' | 'extras'>;
  /** Whole UTC days of the span. */
  readonly days: readonly UsageDay[];
}

const WIDTH_MS: Readonly<Record<BucketWidth, number>> = { '1m': 60_000, '1h': 3_600_000, '1d': DAY_MS };
/** What one answer spans: as many columns as a screen can show. */
const SPAN_MS: Readonly<Record<BucketWidth, number>> = { '1m': 3 * 3_600_000, '1h': 7 * DAY_MS, '1d': 90 * DAY_MS };
const PREFERRED: readonly BucketWidth[] = ['1h', '1d', '1m'];
const COLUMNS: Readonly<Record<UsageGrouping, string>> = { model: 'model', key: 'api_key', project: 'project' };
/** Apart in the chart. */
const NAMED_MAX = 7;
const GROUPS_MAX = 100;
const OUTPUT_CLASSES = TOKEN_CLASSES.filter((name) => !(INPUT_CLASSES as readonly string[]).includes(name));

/** Errors: `not_found`, `invalid_input` on `before`. */
export async function readConnectionUsage(db: Database, tenantId: string, { id, width: asked, by, before }: UsageAsk, nowMs = Date.now()): Promise<ConnectionUsage> {
  const beforeMs = before === undefined ? null : Date.parse(before);
  if (Number.isNaN(beforeMs)) throw new DomainError('invalid_input', { field: 'before', message: 'A moment such as 2026-11-21T10:00:00Z.' });
  return await db.withTenantSnapshot(tenantId, async (tx) => {
    await findConnection(tx, id);
    const ends = await readEnds(tx, id);
    const width = asked ?? PREFERRED.find((each) => ends.has(each)) ?? '1h';
    const { oldest = null, newest = null } = ends.get(width) ?? {};
    const toMs = endOf(width, { beforeMs, newestMs: newest?.getTime() ?? null, nowMs });
    const fromMs = toMs - SPAN_MS[width];
    const span = { id, width, by, fromMs, toMs };
    const groups = await readGroups(tx, span);
    return {
      width, widths: (['1m', '1h', '1d'] as const).filter((each) => ends.has(each)), fromMs, toMs, oldest, newest,
      cells: await readCells(tx, span), groups: groups.slice(0, GROUPS_MAX), more: Math.max(groups.length - GROUPS_MAX, 0), totals: totalsOf(groups),
      days: await readDays(tx, { id, width: PREFERRED.find((each) => ends.has(each)) ?? width, fromMs, toMs }),
    };
  });
}

function endOf(width: BucketWidth, { beforeMs, newestMs, nowMs }: { readonly beforeMs: number | null; readonly newestMs: number | null; readonly nowMs: number }): number {
  const size = WIDTH_MS[width];
  if (beforeMs !== null) return Math.ceil(beforeMs / size) * size;
  const now = Math.ceil(nowMs / size) * size;
  return newestMs !== null && newestMs < now - SPAN_MS[width] ? newestMs + size : now;
}

/** Both by the key of the table, however much there is. */
async function readEnds(tx: PoolClient, id: string): Promise<Map<BucketWidth, { readonly oldest: Date; readonly newest: Date }>> {
  const { rows } = await tx.query<{ width: BucketWidth; oldest: Date | null; newest: Date | null }>(
    `SELECT w.width, (SELECT min(u.bucket) FROM provider_usage u WHERE u.connection_id = $1 AND u.width = w.width) AS oldest, (SELECT max(u.bucket) FROM provider_usage u WHERE u.connection_id = $1 AND u.width = w.width) AS newest
     FROM unnest($2::text[]) AS w (width)`, [id, Object.keys(WIDTH_MS)]);
  return new Map(rows.flatMap(({ width, oldest, newest }) => (oldest === null || newest === null ? [] : [[width, { oldest, newest }] as const])));
}

interface Span {
  readonly id: string;
  readonly width: BucketWidth;
  readonly by: UsageGrouping;
  readonly fromMs: number;
  readonly toMs: number;
}

/** The newest revision of each row; what the provider took back is a revision of nothing, and is left out. */
const said = (by: UsageGrouping): string => `
  latest AS MATERIALIZED (
    SELECT DISTINCT ON (u.bucket, u.key_hash) u.bucket, coalesce(u.${COLUMNS[by]}, '') AS name, u.requests, u.quantities, u.priced_pico, u.provisional, u.revision
    FROM provider_usage u WHERE u.connection_id = $1 AND u.width = $2 AND u.bucket >= $3 AND u.bucket < $4 ORDER BY u.bucket, u.key_hash, u.revision DESC
  ), said AS MATERIALIZED (
    SELECT l.*, q.input, q.output FROM latest l CROSS JOIN LATERAL (
      SELECT coalesce(sum(value::numeric) FILTER (WHERE key = ANY ($5)), 0) AS input, coalesce(sum(value::numeric) FILTER (WHERE key = ANY ($6)), 0) AS output FROM jsonb_each_text(l.quantities)) q
    WHERE l.requests <> 0 OR l.quantities <> '{}'
  ), ranked AS (SELECT name, row_number() OVER (ORDER BY coalesce(sum(priced_pico), 0) DESC, sum(input + output) DESC, name) AS rank FROM said GROUP BY name)`;
const SUMS = `sum(s.requests)::text AS requests, sum(s.input)::text AS input, sum(s.output)::text AS output, coalesce(sum(trunc(s.priced_pico)), 0)::text AS priced, count(*) FILTER (WHERE s.priced_pico IS NULL)::int AS unpriced`;

interface SumsRow {
  readonly requests: string;
  readonly input: string;
  readonly output: string;
  readonly priced: string;
  readonly unpriced: number;
}

function valuesOf({ id, width, fromMs, toMs }: Span): unknown[] {
  return [id, width, new Date(fromMs), new Date(toMs), INPUT_CLASSES, OUTPUT_CLASSES];
}

function toSums({ requests, input, output, priced, unpriced }: SumsRow): UsageSums {
  return { requests: Number(requests), inputTokens: Number(input), outputTokens: Number(output), pricedPico: BigInt(priced), unpriced };
}

async function readCells(tx: PoolClient, span: Span): Promise<UsageCell[]> {
  const { rows } = await tx.query<SumsRow & { at: Date; name: string | null; provisional: boolean }>(
    `WITH ${said(span.by)} SELECT s.bucket AS at, CASE WHEN r.rank <= ${NAMED_MAX} THEN s.name END AS name, bool_or(s.provisional) AS provisional, ${SUMS}
     FROM said s JOIN ranked r USING (name) GROUP BY 1, 2 ORDER BY 1, min(r.rank)`, valuesOf(span));
  return rows.map(({ at, name, provisional, ...sums }) => ({ at, name, provisional, ...toSums(sums) }));
}

async function readGroups(tx: PoolClient, span: Span): Promise<UsageGroup[]> {
  const { rows } = await tx.query<SumsRow & { name: string; provisional_pico: string; restated: number; extras: Record<string, number> | null }>(
    `WITH ${said(span.by)}, beside AS (
       SELECT name, jsonb_object_agg(key, many) AS extras FROM (
         SELECT s.name, q.key, sum(q.value::numeric) AS many FROM said s CROSS JOIN LATERAL jsonb_each_text(s.quantities) q WHERE q.key <> ALL ($5) AND q.key <> ALL ($6) GROUP BY 1, 2) each GROUP BY name
     )
     SELECT s.name, coalesce(sum(trunc(s.priced_pico)) FILTER (WHERE s.provisional), 0)::text AS provisional_pico, count(*) FILTER (WHERE s.revision > 0)::int AS restated, b.extras, ${SUMS}
     FROM said s JOIN ranked r USING (name) LEFT JOIN beside b USING (name) GROUP BY s.name, r.rank, b.extras ORDER BY r.rank`, valuesOf(span));
  return rows.map(({ name, provisional_pico, restated, extras, ...sums }) => ({ name, provisionalPico: BigInt(provisional_pico), restated, extras: extras ?? {}, ...toSums(sums) }));
}

function totalsOf(groups: readonly UsageGroup[]): ConnectionUsage['totals'] {
  const none = { requests: 0, inputTokens: 0, outputTokens: 0, pricedPico: 0n, unpriced: 0, provisionalPico: 0n, restated: 0 };
  return groups.reduce((sum, each) => ({
    requests: sum.requests + each.requests, inputTokens: sum.inputTokens + each.inputTokens, outputTokens: sum.outputTokens + each.outputTokens, pricedPico: sum.pricedPico + each.pricedPico,
    unpriced: sum.unpriced + each.unpriced, provisionalPico: sum.provisionalPico + each.provisionalPico, restated: sum.restated + each.restated,
  }), none);
}

async function readDays(tx: PoolClient, { id, width, fromMs, toMs }: Omit<Span, 'by'>): Promise<UsageDay[]> {
  const [dayFromMs, dayToMs] = [Math.floor(fromMs / DAY_MS) * DAY_MS, Math.ceil(toMs / DAY_MS) * DAY_MS];
  const { rows } = await tx.query<{ day: string; priced: string; unpriced: number; provisional: boolean }>(
    `SELECT to_char(bucket AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, coalesce(sum(trunc(priced_pico)), 0)::text AS priced, count(*) FILTER (WHERE priced_pico IS NULL)::int AS unpriced, bool_or(provisional) AS provisional
     FROM (SELECT DISTINCT ON (u.bucket, u.key_hash) u.bucket, u.requests, u.quantities, u.priced_pico, u.provisional
           FROM provider_usage u WHERE u.connection_id = $1 AND u.width = $2 AND u.bucket >= $3 AND u.bucket < $4 ORDER BY u.bucket, u.key_hash, u.revision DESC) latest
     WHERE requests <> 0 OR quantities <> '{}' GROUP BY 1`, [id, width, new Date(dayFromMs), new Date(dayToMs)]);
  const days = new Map<string, UsageDay>(rows.map(({ day, priced, ...rest }) => [day, { day, pricedPico: BigInt(priced), billedPico: null, ...rest }]));
  for (const { day, amountPico, provisional } of await readBilledDays(tx, { from: dayOf(dayFromMs), to: dayOf(dayToMs), connectionId: id })) {
    const known = days.get(day) ?? { day, pricedPico: null, unpriced: 0, billedPico: null, provisional: false };
    days.set(day, { ...known, billedPico: (known.billedPico ?? 0n) + amountPico, provisional: known.provisional || provisional });
  }
  return [...days.values()].sort((a, b) => (a.day < b.day ? -1 : 1));
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
