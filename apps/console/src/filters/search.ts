/**
 * The filters of Overview and Ledger as they stand in the URL: plain text under the API's own names, so that a link
 * reads like the filter it carries. Everything unknown or unreadable falls out instead of breaking the page.
 */
export const RANGES = ['1h', '24h', '7d', '30d', '90d'] as const;
export type Range = (typeof RANGES)[number];

/** What a page of figures stands beside: the span of the same length just before, or nothing. */
const COMPARISONS = ['previous', 'none'] as const;
export type Comparison = (typeof COMPARISONS)[number];

export const STATUSES = ['succeeded', 'failed', 'aborted', 'failed_or_aborted', 'unknown'] as const;
export const KINDS = ['usage', 'outcome', 'reversal', 'restatement'] as const;
export const ATTEMPT_KINDS = ['first', 'retry', 'fallback'] as const;
export const OUTCOMES = ['usable', 'unusable'] as const;
export const COST_BASES = ['priced', 'unpriced', 'estimated', 'provider_reported'] as const;

export interface OverviewSearch {
  readonly range?: Range;
  readonly from?: string;
  readonly to?: string;
  readonly environment?: string;
  readonly workflow?: string;
  readonly customerId?: string;
  readonly provider?: string;
  readonly model?: string;
}

/** For pages that set their figures against the period before; absent means `previous`. */
export interface ComparedSearch extends OverviewSearch {
  readonly compare?: Comparison;
}

export interface LedgerSearch extends OverviewSearch {
  readonly userId?: string;
  readonly feature?: string;
  readonly status?: (typeof STATUSES)[number];
  readonly kind?: (typeof KINDS)[number];
  readonly costBasis?: (typeof COST_BASES)[number];
  readonly attemptKind?: (typeof ATTEMPT_KINDS)[number];
  readonly outcome?: (typeof OUTCOMES)[number];
  readonly promptVersion?: string;
  readonly policyVersion?: string;
  readonly appVersion?: string;
  readonly normaliserVersion?: number;
  readonly priceVersionId?: string;
  readonly untagged?: true;
  readonly search?: string;
  /** The event whose drawer is open. */
  readonly event?: string;
}

type Raw = Record<string, unknown>;

export function parseOverviewSearch(raw: Raw): OverviewSearch {
  const from = instantOf(raw.from);
  const to = instantOf(raw.to);
  const span = from && to && from < to ? { from, to } : {};
  return compact({
    range: oneOf(RANGES, raw.range),
    ...span,
    environment: textOf(raw.environment),
    workflow: textOf(raw.workflow),
    customerId: textOf(raw.customerId),
    provider: textOf(raw.provider),
    model: textOf(raw.model),
  });
}

export function parseComparedSearch(raw: Raw): ComparedSearch {
  return compact({ ...parseOverviewSearch(raw), compare: oneOf(COMPARISONS, raw.compare) });
}

/** What the server narrows by: the comparison is a matter of the screen, and the server refuses what it does not know. */
export function filtersOf<Search extends ComparedSearch>({ compare: _compare, ...filters }: Search): Omit<Search, 'compare'> {
  return filters;
}

export function parseLedgerSearch(raw: Raw): LedgerSearch {
  return compact({
    ...parseOverviewSearch(raw),
    userId: textOf(raw.userId),
    feature: textOf(raw.feature),
    status: oneOf(STATUSES, raw.status),
    kind: oneOf(KINDS, raw.kind),
    costBasis: oneOf(COST_BASES, raw.costBasis),
    attemptKind: oneOf(ATTEMPT_KINDS, raw.attemptKind),
    outcome: oneOf(OUTCOMES, raw.outcome),
    promptVersion: textOf(raw.promptVersion),
    policyVersion: textOf(raw.policyVersion),
    appVersion: textOf(raw.appVersion),
    normaliserVersion: wholeOf(raw.normaliserVersion),
    priceVersionId: typeof raw.priceVersionId === 'string' && UUID.test(raw.priceVersionId) ? raw.priceVersionId : undefined,
    untagged: raw.untagged === 'true' || raw.untagged === true ? true : undefined,
    search: textOf(raw.search),
    event: textOf(raw.event),
  });
}

/** Query text to raw values: every value stays text, so that a customer called `007` keeps its zeros. */
export function parseSearchText(text: string): Raw {
  return Object.fromEntries(new URLSearchParams(text));
}

export function writeSearchText(search: Raw): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value !== undefined && value !== null && value !== '') params.set(name, String(value));
  }
  const text = params.toString();
  return text ? `?${text}` : '';
}

/** How many filters narrow the list, the range aside. */
export function countFilters(search: LedgerSearch & ComparedSearch): number {
  const { range: _range, from: _from, to: _to, compare: _compare, event: _event, provider, model, ...rest } = search;
  return Object.values(rest).filter((value) => value !== undefined).length + (provider || model ? 1 : 0);
}

function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.trim().slice(0, 255);
  return text === '' ? undefined : text;
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

function wholeOf(value: unknown): number | undefined {
  return /^\d{1,4}$/.test(String(value)) ? Number(value) : undefined;
}

function instantOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const time = Date.parse(value);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

function oneOf<const Values extends readonly string[]>(values: Values, value: unknown): Values[number] | undefined {
  return values.find((each) => each === value);
}

function compact<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;
}
