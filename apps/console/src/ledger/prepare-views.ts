import type { Outputs } from '../api/trpc';
import { parseLedgerSearch, type LedgerSearch } from '../filters/search';

export type SavedView = Outputs['views']['list'][number];

/** The filters of a view as the URL holds them. What this version does not know falls out. */
export function searchOfView(view: Pick<SavedView, 'search'>): LedgerSearch {
  return parseLedgerSearch(view.search);
}

/** What a view keeps of the URL: an open row is nobody's filter. */
export function toViewSearch({ event: _event, ...search }: LedgerSearch): Omit<LedgerSearch, 'event'> {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined));
}

export function isSameSearch(a: LedgerSearch, b: LedgerSearch): boolean {
  const text = (search: LedgerSearch) => JSON.stringify(Object.entries(toViewSearch(search)).sort(([one], [other]) => (one < other ? -1 : 1)));
  return text(a) === text(b);
}

export interface ViewsState {
  readonly active: SavedView | null;
  /** The filters are no longer those of the active view. */
  readonly changed: boolean;
}

/** The view whose filters hold now; else the one that was opened last, changed since; else none. */
export function prepareViews(views: readonly SavedView[], search: LedgerSearch, openedId: string | null): ViewsState {
  const same = views.filter((view) => isSameSearch(searchOfView(view), search));
  const opened = views.find(({ id }) => id === openedId);
  const holds = same.find(({ id }) => id === openedId) ?? same[0];
  if (holds) return { active: holds, changed: false };
  return { active: opened ?? null, changed: opened !== undefined };
}
