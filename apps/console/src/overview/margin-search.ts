import type { Span } from '../filters/export-url';
import { filtersOf, parseComparedSearch, type ComparedSearch, type LedgerSearch, type Range } from '../filters/search';

/** By what the trend is told apart. */
const GROUPINGS = ['model', 'provider', 'workflow', 'customer'] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** Overview's part of the URL. */
export interface MarginSearch extends ComparedSearch {
  /** Absent: by model. */
  readonly by?: Grouping;
}

/** Money leaks over weeks: a day shows the accident, not the habit. */
export const DEFAULT_RANGE: Range = '30d';

export function parseMarginSearch(raw: Record<string, unknown>): MarginSearch {
  const by = GROUPINGS.find((each) => each === raw.by);
  return { ...parseComparedSearch(raw), ...(by ? { by } : {}) };
}

/** What the server is asked: filters and span, nothing of how they are shown. */
export function askedOf({ by: _by, ...search }: MarginSearch): Omit<ComparedSearch, 'compare'> {
  const filters = filtersOf(search);
  return filters.from ? filters : { ...filters, range: filters.range ?? DEFAULT_RANGE };
}

/** The ledger's page with the rows of this screen, narrowed further. By instants, because Overview begins with a whole day and the ledger's ranges do not: the sum there is the figure here. */
export function ledgerOf(search: MarginSearch, narrowed: LedgerSearch, { from, to }: Span): LedgerSearch {
  const { range: _range, ...filters } = askedOf(search);
  return { ...filters, from, to, ...narrowed };
}
