import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useLiveActivity } from '../api/live';
import { trpc, trpcClient } from '../api/trpc';
import type { LedgerSearch, Range } from '../filters/search';
import { countNews } from './prepare-news';

export const DEFAULT_RANGE: Range = '7d';
const PAGE_SIZE = 100;
/** So many of the newest rows are looked at to say how many are new. */
const NEWS_SIZE = 100;

/**
 * The rows of the filters, page by page, newest first, and what they cost together. While the reader stands at the top, new events come in by
 * themselves; further down, or with a row open, they are counted and wait for a click, because rows that move under the
 * reader's eyes are worse than being a click behind.
 */
export function useLedgerRows(search: LedgerSearch, isReading: () => boolean) {
  const client = useQueryClient();
  const [news, setNews] = useState<string | null>(null);
  const filters = useMemo(() => (search.from ? search : { ...search, range: search.range ?? DEFAULT_RANGE }), [search]);
  const list = useInfiniteQuery(
    trpc.ledger.list.infiniteQueryOptions(
      { ...filters, limit: PAGE_SIZE },
      { getNextPageParam: (page) => page.nextCursor ?? undefined, placeholderData: keepPreviousData, staleTime: 30_000, refetchOnWindowFocus: false, refetchOnReconnect: false },
    ),
  );
  const total = useQuery(trpc.ledger.total.queryOptions(filters, { placeholderData: keepPreviousData, staleTime: 30_000, refetchOnWindowFocus: false }));
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.rows) ?? [], [list.data]);
  const refresh = () => {
    setNews(null);
    void client.invalidateQueries({ queryKey: trpc.ledger.list.pathKey() });
    // A sum that took too long is not asked for again with every event.
    if (total.data?.total !== null) void client.invalidateQueries({ queryKey: trpc.ledger.total.pathKey() });
  };
  const live = useLiveActivity(() => {
    void client.invalidateQueries({ queryKey: trpc.ledger.get.pathKey() });
    if ((list.data?.pages.length ?? 0) <= 1 && !isReading()) refresh();
    else void trpcClient.ledger.list.query({ ...filters, limit: NEWS_SIZE }).then((page) => setNews(countNews(rows, page.rows, page.nextCursor !== null)), () => undefined);
  });
  const showNews = () => {
    setNews(null);
    void client.resetQueries({ queryKey: trpc.ledger.list.pathKey() });
    void client.invalidateQueries({ queryKey: trpc.ledger.total.pathKey() });
  };
  return { list, rows, total, live, news, showNews };
}
