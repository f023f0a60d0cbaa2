import type { LedgerSearch, Range } from './search';

const HOUR_MS = 3_600_000;
const RANGE_MS: Record<Range, number> = { '1h': HOUR_MS, '24h': 24 * HOUR_MS, '7d': 168 * HOUR_MS, '30d': 720 * HOUR_MS, '90d': 2_160 * HOUR_MS };

/** The REST names of our filters: `/v1` speaks snake_case. */
const REST_NAMES = {
  environment: 'environment',
  workflow: 'workflow',
  customerId: 'customer_id',
  userId: 'user_id',
  feature: 'feature',
  provider: 'provider',
  model: 'model',
  status: 'status',
  kind: 'kind',
  costBasis: 'cost_basis',
  untagged: 'untagged',
  search: 'search',
} as const satisfies Partial<Record<keyof LedgerSearch, string>>;

/**
 * Where the browser downloads the ledger rows behind what is on the screen. A range becomes an instant pair, because a
 * file says what it holds; it ends at `nowMs`.
 */
export function exportUrl(format: 'csv' | 'jsonl', search: LedgerSearch, fallback: Range, nowMs: number): string {
  const params = new URLSearchParams();
  const span = spanOf(search, fallback, nowMs);
  params.set('from', span.from);
  params.set('to', span.to);
  for (const [name, restName] of Object.entries(REST_NAMES) as [keyof typeof REST_NAMES, string][]) {
    const value = search[name];
    if (value !== undefined) params.set(restName, String(value));
  }
  return `/v1/export/usage.${format}?${params.toString()}`;
}

/** The instants that a search covers. */
export function spanOf(search: LedgerSearch, fallback: Range, nowMs: number): { from: string; to: string } {
  if (search.from && search.to) return { from: search.from, to: search.to };
  return { from: new Date(nowMs - RANGE_MS[search.range ?? fallback]).toISOString(), to: new Date(nowMs).toISOString() };
}
