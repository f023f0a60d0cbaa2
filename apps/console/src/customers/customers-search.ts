import { parseComparedSearch, type ComparedSearch } from '../filters/search';

const SPENDER_SORTS = ['cost', 'change', 'costPerUsable', 'usable', 'calls', 'failedCost', 'unusableCost', 'name'] as const;
export type SpenderSort = (typeof SPENDER_SORTS)[number];

export const PAGE_ROWS = 50;
const PAGE_MAX = 2_000;

export interface CustomersSearch extends ComparedSearch {
  readonly tab?: 'users';
  readonly search?: string;
  readonly sort?: SpenderSort;
  readonly order?: 'up';
  /** From 2 on; the first page is not in the URL. */
  readonly page?: number;
}

export function parseCustomersSearch(raw: Record<string, unknown>): CustomersSearch {
  const sort = SPENDER_SORTS.find((name) => name === raw.sort);
  const search = typeof raw.search === 'string' ? raw.search.trim().slice(0, 255) : '';
  const page = Number(raw.page);
  return {
    ...parseComparedSearch(raw),
    ...(raw.tab === 'users' ? { tab: 'users' } : {}),
    ...(search ? { search } : {}),
    ...(sort ? { sort } : {}),
    ...(raw.order === 'up' ? { order: 'up' } : {}),
    ...(Number.isInteger(page) && page > 1 && page <= PAGE_MAX ? { page } : {}),
  };
}

/** What narrows the figures; the rest is a matter of the screen. */
export function customerFilters<Search extends CustomersSearch>({ compare: _compare, tab: _tab, search: _search, sort: _sort, order: _order, page: _page, ...filters }: Search) {
  return filters;
}
