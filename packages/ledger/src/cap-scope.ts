/** Scopes that no rollup knows: what a row adds to the counters of its user, its feature and its key. SQL over a row of `usage_events` as `e`; signed, as every measure is. */
import { TOKEN_CLASSES } from '@outlay/kernel';

export const CAP_SCOPES_APART = ['user', 'feature', 'key'] as const;
export type ApartScope = (typeof CAP_SCOPES_APART)[number];

export const SUBJECT_SQL: Readonly<Record<ApartScope, string>> = { user: 'e.user_id', feature: 'e.feature', key: 'e.api_key_id::text' };

/** The same with the scope of `cap_scopes` as `s`. */
export const APART_SUBJECT = `CASE s.scope ${Object.entries(SUBJECT_SQL).map(([scope, sql]) => `WHEN '${scope}' THEN ${sql}`).join(' ')} END`;

/** Estimated and unpriced rows count: a cap does not wait for the truth. */
export const APART_MEASURES = [
  { name: 'ceiling_pico', type: 'bigint', sql: `CASE WHEN e.subject = 'call' THEN e.ceiling_pico ELSE 0 END` },
  { name: 'tokens', type: 'bigint', sql: `CASE WHEN e.subject = 'call' THEN ${TOKEN_CLASSES.map((name) => `e.${name}::bigint`).join(' + ')} ELSE 0 END` },
  { name: 'calls', type: 'bigint', sql: `CASE WHEN e.subject = 'call' AND e.part = 0 THEN e.sign ELSE 0 END` },
  { name: 'units', type: 'numeric', sql: `CASE WHEN e.subject = 'outcome' THEN coalesce(e.units, 0) ELSE 0 END` },
] as const;

export const APART_COLUMNS: readonly string[] = APART_MEASURES.map(({ name }) => name);

export function isApartScope(scope: string): scope is ApartScope {
  return (CAP_SCOPES_APART as readonly string[]).includes(scope);
}
