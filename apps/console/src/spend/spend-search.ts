import { filtersOf, parseComparedSearch, type ComparedSearch, type Range } from '../filters/search';

const GROUPINGS = ['workflow', 'provider', 'model', 'customer'] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** Spend's part of the URL. */
export interface SpendSearch extends ComparedSearch {
  /** Absent: by workflow. */
  readonly by?: Grouping;
}

export const DEFAULT_RANGE: Range = '30d';

export function parseSpendSearch(raw: Record<string, unknown>): SpendSearch {
  const by = GROUPINGS.find((each) => each === raw['by']);
  return { ...parseComparedSearch(raw), ...(by ? { by } : {}) };
}

/** What the server is asked: filters and span, nothing of how they are shown. */
export function askedOf({ by: _by, ...search }: SpendSearch): Omit<ComparedSearch, 'compare'> {
  const filters = filtersOf(search);
  return filters.from ? filters : { ...filters, range: filters.range ?? DEFAULT_RANGE };
}

/** The page narrowed to one of the groups. */
export function narrowedTo(by: Grouping, name: string): Partial<SpendSearch> {
  return { workflow: { workflow: name }, provider: { provider: name }, model: { model: name }, customer: { customerId: name } }[by];
}
