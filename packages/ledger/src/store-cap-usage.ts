/** SQL of what users, features and keys used: rollups do not know them. */
import type { Rational } from '@outlay/kernel';
import { parseDecimal, TOKEN_CLASSES } from '@outlay/kernel';
import type { PoolClient } from 'pg';
import type { CounterAsk } from './counter-ask';
import { createParams, spanConditions } from './event-conditions';

export type ApartScope = 'user' | 'feature' | 'key';

/** How a row names the subject of a scope. */
export const SUBJECT_SQL: Readonly<Record<ApartScope, string>> = { user: 'e.user_id', feature: 'e.feature', key: 'e.api_key_id::text' };

/** What one row adds, signed. Of `usage_events` as `e`. */
export const APART_MEASURES = [
  ['ceiling_pico', 'bigint', `CASE WHEN e.subject = 'call' THEN e.ceiling_pico ELSE 0 END`],
  ['tokens', 'bigint', `CASE WHEN e.subject = 'call' THEN ${TOKEN_CLASSES.map((name) => `e.${name}`).join(' + ')} ELSE 0 END`],
  ['calls', 'bigint', `CASE WHEN e.subject = 'call' AND e.part = 0 THEN e.sign ELSE 0 END`],
  ['units', 'numeric', `CASE WHEN e.subject = 'outcome' THEN coalesce(e.units, 0) ELSE 0 END`],
] as const;

type Sums = Readonly<Record<string, Rational>>;

/** Sums by key. `tokens` stand in one class: their sum is asked for. */
export async function readApartScopes(tx: PoolClient, tenantId: string, asks: readonly CounterAsk[]): Promise<Map<string, Sums>> {
  const found = new Map<string, Sums>();
  for (const ask of asks) found.set(ask.key, await sumRows(tx, tenantId, ask));
  return found;
}

async function sumRows(tx: PoolClient, tenantId: string, { scope, subject, fromMs, toMs }: CounterAsk): Promise<Sums> {
  const params = createParams();
  const where = [`e.tenant_id = ${params.add(tenantId)}::uuid`, ...spanConditions({ fromMs, toMs }, params), `${SUBJECT_SQL[scope as ApartScope]} = ${params.add(subject)}`];
  const { rows } = await tx.query<Record<string, string>>(
    `SELECT ${APART_MEASURES.map(([name, , sql]) => `coalesce(sum(${sql}), 0)::text AS ${name}`).join(', ')} FROM usage_events e WHERE ${where.join(' AND ')}`, params.values);
  return toSums(rows[0]!);
}

function toSums({ tokens, ...others }: Readonly<Record<string, string>>): Sums {
  return Object.fromEntries([...Object.entries(others), ['input_uncached', tokens!] as const].map(([name, text]) => [name, parseDecimal(text)!]));
}
