/** The SQL of a filter, in one place: every read of `usage_events` gets its WHERE from here, so that every read of a span prunes partitions. */
import { DAY_MS } from '@outlay/kernel';
import { isUuid } from '@outlay/kernel/ids';
import type { EventFilter } from './event-filter';
import { runOf } from './prepare-event';

/** Collects the values of a statement; `add` answers the placeholder. */
export interface Params {
  readonly values: unknown[];
  add(value: unknown): string;
}

export function createParams(): Params {
  const values: unknown[] = [];
  return {
    values,
    add: (value) => `$${values.push(value)}`,
  };
}

/** An id's own time and `occurred_at` never lie further apart (checked before the insert). */
const ID_DISTANCE_MS = 35 * DAY_MS;

/** The smallest id of an instant. */
export function firstIdOf(timeMs: number): string {
  const hex = Math.max(0, Math.floor(timeMs)).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

const FIRST_KEY_ID = 'f0000000-0000-0000-0000-000000000000';

/**
 * Bounds `occurred_at` to [fromMs, toMs), and the id to 35 days around it or to the partitions of callers' own keys, so that Postgres
 * opens only the partitions that can hold such rows.
 */
export function spanConditions(span: { readonly fromMs?: number; readonly toMs?: number }, params: Params, alias = 'e'): string[] {
  const { fromMs, toMs } = span;
  const conditions: string[] = [];
  const idBounds: string[] = [];
  if (fromMs !== undefined) {
    conditions.push(`${alias}.occurred_at >= ${params.add(new Date(fromMs))}::timestamptz`);
    idBounds.push(`${alias}.id >= ${params.add(firstIdOf(fromMs - ID_DISTANCE_MS))}::uuid`);
  }
  if (toMs !== undefined) {
    conditions.push(`${alias}.occurred_at < ${params.add(new Date(toMs))}::timestamptz`);
    idBounds.push(`${alias}.id < ${params.add(firstIdOf(toMs + ID_DISTANCE_MS))}::uuid`);
  }
  // Without an upper bound the lower one alone lets the f partitions through.
  if (toMs !== undefined) conditions.push(`(${idBounds.join(' AND ')} OR ${alias}.id >= '${FIRST_KEY_ID}'::uuid)`);
  else conditions.push(...idBounds);
  return conditions;
}

/** Ids under which a run may stand that somebody names: our own id of it, or what the sender called it. */
export function runIdsOf(tenantId: string, text: string): string[] {
  const uuid = text.toLowerCase();
  return [...new Set([...(isUuid(uuid) ? [uuid] : []), runOf(tenantId, text).id])];
}

/** The model of a row as the rollups know it. */
export const modelOf = (alias: string): string => `coalesce(${alias}.model_served, ${alias}.model_requested)`;

/** What the measures count as failed. */
export const isFailed = (alias: string): string => `${alias}.status IN ('failed', 'aborted')`;

const EQUAL: readonly (readonly [name: keyof EventFilter, sql: (alias: string) => string])[] = [
  ['environment', (a) => `${a}.environment`], ['workflow', (a) => `${a}.workflow`], ['customerId', (a) => `${a}.customer_id`], ['userId', (a) => `${a}.user_id`],
  ['feature', (a) => `${a}.feature`], ['provider', (a) => `${a}.provider`], ['model', modelOf], ['kind', (a) => `${a}.kind`],
  ['costBasis', (a) => `${a}.cost_basis`], ['attemptKind', (a) => `${a}.attempt_kind`], ['outcome', (a) => `${a}.outcome`], ['requestId', (a) => `${a}.request_id`],
  ['promptVersion', (a) => `${a}.prompt_version`], ['policyVersion', (a) => `${a}.policy_version`], ['appVersion', (a) => `${a}.app_version`],
  ['normaliserVersion', (a) => `${a}.normaliser_version`], ['priceVersionId', (a) => `${a}.price_version_id`],
];

/** Everything of a filter but `search`, which must be resolved first (`resolve-search.ts`). May be empty. */
export function eventConditions(filter: EventFilter, tenantId: string, params: Params, alias = 'e'): string[] {
  const conditions = spanConditions(filter, params, alias);
  for (const [name, sql] of EQUAL) {
    const value = filter[name];
    if (value !== undefined) conditions.push(`${sql(alias)} = ${params.add(value)}`);
  }
  if (filter.status === 'failed_or_aborted') conditions.push(isFailed(alias));
  else if (filter.status !== undefined) conditions.push(`${alias}.status = ${params.add(filter.status)}`);
  if (filter.runId !== undefined) conditions.push(`${alias}.run_id = ANY (${params.add(runIdsOf(tenantId, filter.runId))}::uuid[])`);
  if (filter.untagged) conditions.push(`${alias}.subject = 'call' AND ${alias}.part = 0 AND (${alias}.customer_id IS NULL OR ${alias}.workflow IS NULL)`);
  return conditions;
}

export function whereSql(conditions: readonly string[]): string {
  return conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
}
