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
  attemptKind: 'attempt_kind',
  outcome: 'outcome',
  promptVersion: 'prompt_version',
  policyVersion: 'policy_version',
  appVersion: 'app_version',
  normaliserVersion: 'normaliser_version',
  priceVersionId: 'price_version_id',
  untagged: 'untagged',
  search: 'search',
} as const satisfies Partial<Record<keyof LedgerSearch, string>>;

/**
 * Where the browser downloads the ledger rows behind what is on the screen. The span is a pair of instants and never a
 * range, because a file says what it holds.
 */
export function exportUrl(format: 'csv' | 'jsonl', search: LedgerSearch, span: Span): string {
  const params = paramsOf(search, span);
  if (format === 'csv') params.set('bom', 'true');
  return `/v1/export/usage.${format}?${params.toString()}`;
}

/** By what a table can be grouped; the api knows the same. */
export type SummaryGrouping = 'workflow' | 'model' | 'provider' | 'customer' | 'user' | 'feature' | 'environment' | 'day' | 'run' | 'status' | 'cost_basis' | 'attempt_kind';

/** Where the browser downloads a table by group, computed from the ledger's rows: its cost column sums to what the screen shows. */
export function summaryCsvUrl(groupBy: SummaryGrouping | readonly SummaryGrouping[], search: LedgerSearch, span: Span): string {
  const params = paramsOf(search, span);
  params.set('group_by', String(groupBy));
  params.set('bom', 'true');
  return `/v1/export/summary.csv?${params.toString()}`;
}

function paramsOf(search: LedgerSearch, span: Span): URLSearchParams {
  const params = new URLSearchParams({ from: span.from, to: span.to });
  for (const [name, restName] of Object.entries(REST_NAMES) as [keyof typeof REST_NAMES, string][]) {
    const value = search[name];
    if (value !== undefined) params.set(restName, String(value));
  }
  return params;
}

export interface Span {
  readonly from: string;
  readonly to: string;
}

/** The instants that a search covers; a range ends at `nowMs`. */
export function spanOf(search: LedgerSearch, fallback: Range, nowMs: number): Span {
  if (search.from && search.to) return { from: search.from, to: search.to };
  return { from: new Date(nowMs - RANGE_MS[search.range ?? fallback]).toISOString(), to: new Date(nowMs).toISOString() };
}
