import { parseComparedSearch, type ComparedSearch } from '../filters/search';

const MODEL_SORTS = ['name', 'cost', 'change', 'costPerMillion', 'calls', 'cacheShare', 'latency', 'failedShare'] as const;
export type ModelSort = (typeof MODEL_SORTS)[number];

export interface ModelsSearch extends ComparedSearch {
  /** The model whose drawer is open, as `provider/model`. */
  readonly open?: string;
  /** What its tokens are priced at instead, as `provider/model`. */
  readonly versus?: string;
  readonly sort?: ModelSort;
  readonly order?: 'up';
}

export function parseModelsSearch(raw: Record<string, unknown>): ModelsSearch {
  const text = (name: string) => (typeof raw[name] === 'string' && raw[name] !== '' ? { [name]: raw[name].slice(0, 512) } : {});
  const sort = MODEL_SORTS.find((name) => name === raw.sort);
  return { ...parseComparedSearch(raw), ...text('open'), ...text('versus'), ...(sort ? { sort } : {}), ...(raw.order === 'up' ? { order: 'up' } : {}) };
}

/** What narrows the figures; the rest is a matter of the screen. */
export function modelFilters<Search extends ModelsSearch>({ compare: _compare, open: _open, versus: _versus, sort: _sort, order: _order, ...filters }: Search) {
  return filters;
}
