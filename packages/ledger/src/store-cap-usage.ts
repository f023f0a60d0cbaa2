/** SQL of `cap_scopes` and `cap_usage`: what users, features and keys used. */
import { parseDecimal, type Rational } from '@outlay/kernel';
import type { PoolClient } from 'pg';
import { APART_COLUMNS, APART_MEASURES, type ApartScope, isApartScope, SUBJECT_SQL } from './cap-scope';
import type { CounterAsk } from './counter-ask';
import { type Cut, formatCut, parseCut, rowsAtOrBelow } from './cut';
import { createParams, spanConditions } from './event-conditions';
import { FOLDED_SLOT } from './fold-rollups';

type Sums = Readonly<Record<string, Rational>>;

/** Sums by key, of scopes that are kept apart, from their counters where these are whole, else from the rows. `tokens` stand under one class. Run in a snapshot. */
export async function readApartScopes(tx: PoolClient, tenantId: string, asks: readonly CounterAsk[]): Promise<Map<string, Sums>> {
  const { rows: filled } = await tx.query<{ scope: string }>('SELECT scope FROM cap_scopes WHERE filled_at IS NOT NULL');
  const isKept = ({ scope }: CounterAsk): boolean => filled.some((each) => each.scope === scope);
  const found = await readKept(tx, asks.filter(isKept));
  for (const ask of asks.filter((each) => !isKept(each))) found.set(ask.key, await sumRows(tx, tenantId, ask));
  return found;
}

async function readKept(tx: PoolClient, asks: readonly CounterAsk[]): Promise<Map<string, Sums>> {
  if (asks.length === 0) return new Map();
  const { rows } = await tx.query<Record<string, string>>(
    `SELECT a.key, ${APART_COLUMNS.map((name) => `coalesce(sum(u.${name}), 0)::text AS ${name}`).join(', ')}
     FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[]) AS a (key, scope, subject, since, until)
     LEFT JOIN cap_usage u ON u.scope = a.scope AND u.subject = a.subject AND u.bucket >= a.since AND u.bucket < a.until GROUP BY a.key`,
    [asks.map(({ key }) => key), asks.map(({ scope }) => scope), asks.map(({ subject }) => subject), asks.map(({ fromMs }) => new Date(fromMs)), asks.map(({ toMs }) => new Date(toMs))]);
  return new Map(rows.map(({ key, ...sums }) => [key!, toSums(sums)]));
}

async function sumRows(tx: PoolClient, tenantId: string, { scope, subject, fromMs, toMs }: CounterAsk): Promise<Sums> {
  const params = createParams();
  const where = [`e.tenant_id = ${params.add(tenantId)}::uuid`, ...spanConditions({ fromMs, toMs }, params), `${SUBJECT_SQL[scope as ApartScope]} = ${params.add(subject)}`];
  const { rows } = await tx.query<Record<string, string>>(
    `SELECT ${APART_MEASURES.map(({ name, sql }) => `coalesce(sum(${sql}), 0)::text AS ${name}`).join(', ')} FROM usage_events e WHERE ${where.join(' AND ')}`, params.values);
  return toSums(rows[0]!);
}

const COLUMN_OF = { cost: 'ceiling_pico', units: 'units', tokens: 'tokens', calls: 'calls' } as const;

/** The subjects of a scope that used most, by their counters where these are whole, else by the rows: sums as `readApartScopes` tells them, the most first. */
export async function readApartSubjects(
  tx: PoolClient, tenantId: string, { scope, metric, fromMs, toMs }: { readonly scope: ApartScope; readonly metric: keyof typeof COLUMN_OF; readonly fromMs: number; readonly toMs: number }, limit: number,
): Promise<Map<string, Sums>> {
  const params = createParams();
  const isKept = (await tx.query('SELECT FROM cap_scopes WHERE scope = $1 AND filled_at IS NOT NULL', [scope])).rowCount === 1;
  const from = isKept
    ? `SELECT u.subject, ${APART_COLUMNS.map((name) => `sum(u.${name}) AS ${name}`).join(', ')} FROM cap_usage u
       WHERE u.scope = ${params.add(scope)} AND u.bucket >= ${params.add(new Date(fromMs))}::timestamptz AND u.bucket < ${params.add(new Date(toMs))}::timestamptz GROUP BY 1`
    : `SELECT ${SUBJECT_SQL[scope]} AS subject, ${APART_MEASURES.map(({ name, sql }) => `sum(${sql}) AS ${name}`).join(', ')} FROM usage_events e
       WHERE e.tenant_id = ${params.add(tenantId)}::uuid AND ${spanConditions({ fromMs, toMs }, params).join(' AND ')} AND ${SUBJECT_SQL[scope]} <> '' GROUP BY 1`;
  const { rows } = await tx.query<Record<string, string>>(
    `SELECT subject, ${APART_COLUMNS.map((name) => `coalesce(${name}, 0)::text AS ${name}`).join(', ')} FROM (${from}) s
     WHERE ${COLUMN_OF[metric]} > 0 ORDER BY s.${COLUMN_OF[metric]} DESC, subject LIMIT ${params.add(limit)}`, params.values);
  return new Map(rows.map(({ subject, ...sums }) => [subject!, toSums(sums)]));
}

function toSums({ tokens, ...others }: Readonly<Record<string, string>>): Sums {
  return Object.fromEntries([...Object.entries(others), ['input_uncached', tokens!] as const].map(([name, text]) => [name, parseDecimal(text)!]));
}

export async function hasScope(tx: PoolClient, scope: ApartScope): Promise<boolean> {
  return (await tx.query('SELECT FROM cap_scopes WHERE scope = $1', [scope])).rowCount === 1;
}

export async function insertScope(tx: PoolClient, tenantId: string, scope: ApartScope, cut: Cut): Promise<void> {
  await tx.query('INSERT INTO cap_scopes (tenant_id, scope, cut) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [tenantId, scope, formatCut(cut)]);
}

/** The team's scopes that are not filled, locked: whoever comes second finds them filled. */
export async function lockUnfilled(tx: PoolClient): Promise<{ readonly scope: ApartScope; readonly cut: Cut }[]> {
  const { rows } = await tx.query<{ scope: string; cut: string }>('SELECT scope, cut FROM cap_scopes WHERE filled_at IS NULL ORDER BY scope FOR UPDATE');
  return rows.flatMap(({ scope, cut }) => {
    const parsed = parseCut(cut);
    if (!parsed.ok || !isApartScope(scope)) throw new Error(`The cut of scope ${scope} cannot be read.`);
    return [{ scope, cut: parsed.value }];
  });
}

/** Adds the rows at or below the cut, from `fromMs` on, into the slot that no writer owns. */
export async function fillScope(tx: PoolClient, tenantId: string, { scope, cut }: { readonly scope: ApartScope; readonly cut: Cut }, fromMs: number): Promise<void> {
  const params = createParams();
  const name = params.add(scope);
  const where = [`e.tenant_id = ${params.add(tenantId)}::uuid`, ...spanConditions({ fromMs }, params), `${SUBJECT_SQL[scope]} <> ''`, rowsAtOrBelow(cut, params)];
  await tx.query(
    `INSERT INTO cap_usage AS r (tenant_id, scope, subject, bucket, slot, ${APART_COLUMNS.join(', ')})
     SELECT e.tenant_id, ${name}, ${SUBJECT_SQL[scope]}, date_bin('15 minutes', e.occurred_at, '2000-01-01T00:00:00Z'), ${FOLDED_SLOT}, ${APART_MEASURES.map(({ type, sql }) => `sum(${sql})::${type}`).join(', ')}
     FROM usage_events e WHERE ${where.join(' AND ')} GROUP BY 1, 3, 4
     ON CONFLICT (tenant_id, scope, subject, bucket, slot) DO UPDATE SET ${APART_COLUMNS.map((column) => `${column} = r.${column} + excluded.${column}`).join(', ')}`, params.values);
  await tx.query('UPDATE cap_scopes SET filled_at = now() WHERE scope = $1', [scope]);
}
