/** SQL of what providers said: append-only revisions under a key that excludes amounts. The newest one holds; the same said again adds nothing. */
import { addRational, canonicalJson, formatRational, multiplyRational, parseDecimal, PICO_PER_USD, type Rational, roundHalfEven } from '@outlay/kernel';
import { sha256 } from '@outlay/kernel/ids';
import type { PoolClient } from 'pg';
import type { BucketWidth, CompleteSpan, CostRow, UsageBucket } from './adapter';

export interface PricedBucket extends UsageBucket {
  /** By our book; null where it has no price. */
  readonly pricedPico: bigint | null;
  readonly provisional: boolean;
}

/** Answers how many were new or restated. Rows of one page with one key are summed before: see `mergeBuckets`. */
export async function saveUsage(tx: PoolClient, tenantId: string, connectionId: string, syncId: string, buckets: readonly PricedBucket[]): Promise<number> {
  if (buckets.length === 0) return 0;
  const column = <T>(of: (bucket: PricedBucket) => T): T[] => buckets.map(of);
  const { rowCount } = await tx.query(
    `WITH said AS (
       SELECT * FROM unnest($4::text[], $5::timestamptz[], $6::text[], $7::jsonb[], $8::text[], $9::text[], $10::text[], $11::bigint[], $12::jsonb[], $13::numeric[], $14::boolean[])
         AS t (width, bucket, key_hash, dimensions, model, api_key, project, requests, quantities, priced_pico, provisional)
     ), known AS (
       SELECT DISTINCT ON (u.width, u.bucket, u.key_hash) u.width, u.bucket, u.key_hash, u.revision, u.requests, u.quantities, u.provisional, u.priced_pico
       FROM provider_usage u JOIN said s ON u.width = s.width AND u.bucket = s.bucket AND u.key_hash = decode(s.key_hash, 'hex')
       WHERE u.connection_id = $2 ORDER BY u.width, u.bucket, u.key_hash, u.revision DESC
     )
     INSERT INTO provider_usage (tenant_id, connection_id, sync_id, width, bucket, key_hash, revision, dimensions, model, api_key, project, requests, quantities, priced_pico, provisional)
     SELECT $1, $2, $3, s.width, s.bucket, decode(s.key_hash, 'hex'), coalesce(k.revision + 1, 0), s.dimensions, s.model, s.api_key, s.project, s.requests, s.quantities, s.priced_pico, s.provisional
     FROM said s LEFT JOIN known k ON k.width = s.width AND k.bucket = s.bucket AND k.key_hash = decode(s.key_hash, 'hex')
     WHERE k.revision IS NULL OR k.requests <> s.requests OR k.quantities <> s.quantities OR k.provisional <> s.provisional OR (k.priced_pico IS NULL AND s.priced_pico IS NOT NULL)
     ON CONFLICT DO NOTHING`,
    [tenantId, connectionId, syncId, column(({ width }) => width), column(({ bucket }) => bucket), column(({ dimensions }) => keyOf(dimensions)), column(({ dimensions }) => JSON.stringify(dimensions)), column(({ model }) => model),
      column(({ apiKey }) => apiKey), column(({ project }) => project), column(({ requests }) => requests), column(({ tokens, extras }) => JSON.stringify({ ...tokens, ...extras })), column(({ pricedPico }) => pricedPico?.toString() ?? null), column(({ provisional }) => provisional)],
  );
  return rowCount ?? 0;
}

export async function saveCosts(tx: PoolClient, tenantId: string, connectionId: string, syncId: string, rows: readonly (CostRow & { readonly provisional: boolean })[]): Promise<number> {
  if (rows.length === 0) return 0;
  const column = <T>(of: (row: CostRow & { readonly provisional: boolean }) => T): T[] => rows.map(of);
  const { rowCount } = await tx.query(
    `WITH said AS (
       SELECT * FROM unnest($4::date[], $5::text[], $6::jsonb[], $7::text[], $8::text[], $9::text[], $10::text[], $11::numeric[], $12::numeric[], $13::boolean[])
         AS t (day, key_hash, dimensions, model, api_key, project, line_item, amount_pico, quantity, provisional)
     ), known AS (
       SELECT DISTINCT ON (c.day, c.key_hash) c.day, c.key_hash, c.revision, c.amount_pico, c.quantity, c.provisional
       FROM provider_costs c JOIN said s ON c.day = s.day AND c.key_hash = decode(s.key_hash, 'hex') WHERE c.connection_id = $2 ORDER BY c.day, c.key_hash, c.revision DESC
     )
     INSERT INTO provider_costs (tenant_id, connection_id, sync_id, day, key_hash, revision, dimensions, model, api_key, project, line_item, amount_pico, quantity, provisional)
     SELECT $1, $2, $3, s.day, decode(s.key_hash, 'hex'), coalesce(k.revision + 1, 0), s.dimensions, s.model, s.api_key, s.project, s.line_item, s.amount_pico, s.quantity, s.provisional
     FROM said s LEFT JOIN known k ON k.day = s.day AND k.key_hash = decode(s.key_hash, 'hex')
     WHERE k.revision IS NULL OR k.amount_pico <> s.amount_pico OR k.quantity IS DISTINCT FROM s.quantity OR k.provisional <> s.provisional
     ON CONFLICT DO NOTHING`,
    [tenantId, connectionId, syncId, column(({ day }) => day), column(({ dimensions }) => keyOf(dimensions)), column(({ dimensions }) => JSON.stringify(dimensions)), column(({ model }) => model), column(({ apiKey }) => apiKey),
      column(({ project }) => project), column(({ lineItem }) => lineItem), column(({ amountUsd }) => picoText(amountUsd)), column(({ quantity }) => (quantity === null ? null : formatRational(quantity, 18))), column(({ provisional }) => provisional)],
  );
  return rowCount ?? 0;
}

/** Pico-dollars with twelve digits more: as exact as any provider writes. */
function picoText(usd: Rational): string {
  return formatRational(multiplyRational(usd, { num: PICO_PER_USD, den: 1n }), 12);
}

export function keyOf(dimensions: UsageBucket['dimensions']): string {
  return sha256(canonicalJson(dimensions));
}

/** Two results of a page with the same key are one: a provider may split what it groups by further. */
export function mergeBuckets(buckets: readonly UsageBucket[]): UsageBucket[] {
  const merged = new Map<string, UsageBucket>();
  for (const bucket of buckets) {
    const key = `${bucket.width}/${bucket.bucket}/${canonicalJson(bucket.dimensions)}`;
    const known = merged.get(key);
    merged.set(key, known === undefined ? bucket : { ...known, requests: known.requests + bucket.requests, tokens: addUp(known.tokens, bucket.tokens), extras: addUp(known.extras, bucket.extras) });
  }
  return [...merged.values()];
}

export function mergeCosts(rows: readonly CostRow[]): CostRow[] {
  const merged = new Map<string, CostRow>();
  for (const row of rows) {
    const key = `${row.day}/${canonicalJson(row.dimensions)}`;
    const known = merged.get(key);
    merged.set(key, known === undefined ? row : { ...known, amountUsd: addRational(known.amountUsd, row.amountUsd), quantity: known.quantity === null || row.quantity === null ? null : addRational(known.quantity, row.quantity) });
  }
  return [...merged.values()];
}

export interface SaidRow {
  readonly of: CompleteSpan['of'];
  /** The bucket's begin as ISO, or the day. */
  readonly at: string;
  readonly key: string;
}

/**
 * What stands in a span that the provider has said everything of, and was not said again, is nothing now: a further revision of zero. A day that moves from one project to another would
 * else be billed to both. Answers how many.
 */
export async function clearUnsaid(tx: PoolClient, connectionId: string, syncId: string, span: CompleteSpan, said: readonly SaidRow[]): Promise<number> {
  const ours = said.filter(({ of }) => of === span.of);
  const values = [connectionId, syncId, span.from, span.to, JSON.stringify(span.dimensions ?? {}), ours.map(({ at }) => at), ours.map(({ key }) => key)];
  const { rowCount } = span.of === 'costs'
    ? await tx.query(
      `INSERT INTO provider_costs (tenant_id, connection_id, sync_id, day, key_hash, revision, dimensions, model, api_key, project, line_item, amount_pico, quantity, provisional)
       SELECT k.tenant_id, k.connection_id, $2, k.day, k.key_hash, k.revision + 1, k.dimensions, k.model, k.api_key, k.project, k.line_item, 0, NULL, k.provisional
       FROM (SELECT DISTINCT ON (c.day, c.key_hash) c.* FROM provider_costs c WHERE c.connection_id = $1 AND c.day >= ($3::timestamptz AT TIME ZONE 'UTC')::date AND c.day < ($4::timestamptz AT TIME ZONE 'UTC')::date
             ORDER BY c.day, c.key_hash, c.revision DESC) k
       WHERE k.amount_pico <> 0 AND k.dimensions @> $5::jsonb AND NOT EXISTS (SELECT 1 FROM unnest($6::date[], $7::text[]) AS s (day, key_hash) WHERE s.day = k.day AND decode(s.key_hash, 'hex') = k.key_hash)`, values)
    : await tx.query(
      `INSERT INTO provider_usage (tenant_id, connection_id, sync_id, width, bucket, key_hash, revision, dimensions, model, api_key, project, requests, quantities, priced_pico, provisional)
       SELECT k.tenant_id, k.connection_id, $2, k.width, k.bucket, k.key_hash, k.revision + 1, k.dimensions, k.model, k.api_key, k.project, 0, '{}', 0, k.provisional
       FROM (SELECT DISTINCT ON (u.bucket, u.key_hash) u.* FROM provider_usage u WHERE u.connection_id = $1 AND u.width = $8 AND u.bucket >= $3::timestamptz AND u.bucket < $4::timestamptz
             ORDER BY u.bucket, u.key_hash, u.revision DESC) k
       WHERE (k.requests <> 0 OR k.quantities <> '{}') AND k.dimensions @> $5::jsonb
         AND NOT EXISTS (SELECT 1 FROM unnest($6::timestamptz[], $7::text[]) AS s (bucket, key_hash) WHERE s.bucket = k.bucket AND decode(s.key_hash, 'hex') = k.key_hash)`, [...values, span.of]);
  return rowCount ?? 0;
}

function addUp<K extends string>(a: Readonly<Partial<Record<K, number>>>, b: Readonly<Partial<Record<K, number>>>): Record<K, number> {
  const sum = { ...a } as Record<K, number>;
  for (const [name, value] of Object.entries(b) as [K, number][]) sum[name] = (sum[name] ?? 0) + value;
  return sum;
}

export interface BilledRow {
  readonly connectionId: string;
  readonly provider: string;
  readonly day: string;
  readonly model: string | null;
  readonly apiKey: string | null;
  readonly project: string | null;
  readonly lineItem: string | null;
  readonly dimensions: Readonly<Record<string, string | null>>;
  readonly amountPico: bigint;
  readonly quantity: string | null;
  readonly provisional: boolean;
}

/** `[from, to)`, UTC days. */
export async function readBilledDays(tx: PoolClient, span: { readonly from: string; readonly to: string; readonly connectionId?: string }): Promise<BilledRow[]> {
  const { rows } = await tx.query<{ connection_id: string; provider: string; day: string; model: string | null; api_key: string | null; project: string | null; line_item: string | null; dimensions: Record<string, string | null>; amount_pico: string; quantity: string | null; provisional: boolean }>(
    `SELECT DISTINCT ON (c.connection_id, c.day, c.key_hash) c.connection_id, p.provider, to_char(c.day, 'YYYY-MM-DD') AS day, c.model, c.api_key, c.project, c.line_item, c.dimensions, c.amount_pico::text, c.quantity::text, c.provisional
     FROM provider_costs c JOIN provider_connections p ON p.tenant_id = c.tenant_id AND p.id = c.connection_id
     WHERE c.day >= $1::date AND c.day < $2::date AND ($3::uuid IS NULL OR c.connection_id = $3) ORDER BY c.connection_id, c.day, c.key_hash, c.revision DESC`,
    [span.from, span.to, span.connectionId ?? null],
  );
  return rows.map((row) => ({
    connectionId: row.connection_id, provider: row.provider, day: row.day, model: row.model, apiKey: row.api_key, project: row.project, lineItem: row.line_item, dimensions: row.dimensions,
    amountPico: roundHalfEven(parseDecimal(row.amount_pico)!, 1n), quantity: row.quantity, provisional: row.provisional,
  }));
}

export interface BilledUsage {
  readonly connectionId: string;
  readonly provider: string;
  readonly bucket: Date;
  readonly model: string | null;
  readonly apiKey: string | null;
  readonly project: string | null;
  readonly dimensions: Readonly<Record<string, string | null>>;
  readonly requests: number;
  readonly quantities: Readonly<Record<string, number>>;
  readonly pricedPico: bigint | null;
  readonly provisional: boolean;
}

/** `[fromMs, toMs)`, of one width. */
export async function readUsageBuckets(tx: PoolClient, span: { readonly fromMs: number; readonly toMs: number; readonly width: BucketWidth; readonly connectionId?: string }): Promise<BilledUsage[]> {
  const { rows } = await tx.query<{ connection_id: string; provider: string; bucket: Date; model: string | null; api_key: string | null; project: string | null; dimensions: Record<string, string | null>; requests: bigint; quantities: Record<string, number>; priced_pico: string | null; provisional: boolean }>(
    `SELECT DISTINCT ON (u.connection_id, u.bucket, u.key_hash) u.connection_id, p.provider, u.bucket, u.model, u.api_key, u.project, u.dimensions, u.requests, u.quantities, u.priced_pico::text, u.provisional
     FROM provider_usage u JOIN provider_connections p ON p.tenant_id = u.tenant_id AND p.id = u.connection_id
     WHERE u.width = $1 AND u.bucket >= $2 AND u.bucket < $3 AND ($4::uuid IS NULL OR u.connection_id = $4) ORDER BY u.connection_id, u.bucket, u.key_hash, u.revision DESC`,
    [span.width, new Date(span.fromMs), new Date(span.toMs), span.connectionId ?? null],
  );
  return rows.map((row) => ({
    connectionId: row.connection_id, provider: row.provider, bucket: row.bucket, model: row.model, apiKey: row.api_key, project: row.project, dimensions: row.dimensions, requests: Number(row.requests),
    quantities: row.quantities, pricedPico: row.priced_pico === null ? null : BigInt(row.priced_pico.replace(/\..*$/, '')), provisional: row.provisional,
  }));
}
