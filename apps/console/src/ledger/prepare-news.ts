import { formatPlural } from '../ui/format-number';

interface Identified {
  readonly id: string;
}

/** `12 new events`: how many of the newest rows are not on the page yet; null when it has them all. */
export function countNews(shown: readonly Identified[], newest: readonly Identified[], more: boolean): string | null {
  const known = new Set(shown.map(({ id }) => id));
  const fresh = newest.filter(({ id }) => !known.has(id)).length;
  if (fresh === 0) return null;
  return more && fresh === newest.length ? `${fresh} or more new events` : formatPlural(fresh, 'new event');
}
