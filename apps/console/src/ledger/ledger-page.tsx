import { keepPreviousData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { ArrowUp, Download, FileJson, FileSpreadsheet } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import { useLiveActivity } from '../api/live';
import { trpc } from '../api/trpc';
import { exportUrl, spanOf } from '../filters/export-url';
import type { LedgerSearch, Range } from '../filters/search';
import { Button } from '../ui/button';
import { ErrorState } from '../ui/error-state';
import { Freshness } from '../ui/freshness';
import { Menu, MenuItem } from '../ui/menu';
import { PageHeader } from '../ui/page';
import { TableSkeleton } from '../ui/skeleton';
import { EventDrawer } from './event-drawer';
import { LedgerEmpty } from './ledger-empty';
import { LedgerFilters } from './ledger-filters';
import { LedgerTable } from './ledger-table';

const DEFAULT_RANGE: Range = '7d';
const PAGE_SIZE = 60;
const route = getRouteApi('/app/ledger');

export function LedgerPage() {
  const { event, ...search } = route.useSearch();
  const navigate = route.useNavigate();
  const change = useCallback(
    (next: Partial<LedgerSearch>, replace = true) => void navigate({ search: (now: LedgerSearch) => ({ ...now, ...next }), replace, resetScroll: false }),
    [navigate],
  );
  const openEvent = useCallback((id: string | undefined) => change({ event: id }, false), [change]);
  const { list, rows, live, news, showNews } = useLedgerRows(search);
  const at = list.dataUpdatedAt ? new Date(list.dataUpdatedAt).toISOString() : null;
  return (
    <div className="flex flex-col sm:h-[calc(100dvh-var(--shell-top)-var(--shell-bottom))]">
      <PageHeader title="Ledger" status={<Freshness at={at} live={live} />} actions={<ExportMenu search={search} />}>
        <LedgerFilters search={search} fallback={DEFAULT_RANGE} onChange={change} />
      </PageHeader>
      <div className="relative min-h-0 flex-1">
        {news ? (
          <div className="pointer-events-none absolute inset-x-0 top-12 z-20 flex justify-center">
            <Button look="primary" size="sm" className="appear pointer-events-auto rounded-full shadow-2" onClick={showNews} icon={<ArrowUp className="size-3.5" aria-hidden />}>
              New events
            </Button>
          </div>
        ) : null}
        {list.isError && !list.data ? <ErrorState error={list.error} title="The ledger could not be read" onRetry={() => void list.refetch()} retrying={list.isFetching} /> : null}
        {list.isPending ? <TableSkeleton rows={14} columns={6} /> : null}
        {list.data && rows.length === 0 ? <LedgerEmpty search={search} fallback={DEFAULT_RANGE} onChange={change} onClear={() => void navigate({ search: {} })} /> : null}
        {rows.length > 0 ? (
          <LedgerTable
            rows={rows}
            openId={event}
            onOpen={openEvent}
            stale={list.isPlaceholderData}
            more={{ has: list.hasNextPage, busy: list.isFetchingNextPage, failed: list.isFetchNextPageError, load: () => void list.fetchNextPage() }}
          />
        ) : null}
      </div>
      <EventDrawer id={event} rows={rows} onOpen={openEvent} onFilter={(next) => change({ ...next, event: undefined }, false)} />
    </div>
  );
}

/**
 * The rows of the filters, page by page, newest first. New events refresh the list while only its first page is loaded;
 * further down, rows that move under the reader's eyes would be worse than being a click behind.
 */
function useLedgerRows(search: LedgerSearch) {
  const client = useQueryClient();
  const [news, setNews] = useState(false);
  const filters = useMemo(() => (search.from ? search : { ...search, range: search.range ?? DEFAULT_RANGE }), [search]);
  const list = useInfiniteQuery(
    trpc.ledger.list.infiniteQueryOptions(
      { ...filters, limit: PAGE_SIZE },
      { getNextPageParam: (page) => page.nextCursor ?? undefined, placeholderData: keepPreviousData, staleTime: 30_000 },
    ),
  );
  const pages = list.data?.pages.length ?? 0;
  const live = useLiveActivity(() => {
    if (pages <= 1) void client.invalidateQueries({ queryKey: trpc.ledger.list.pathKey() });
    else setNews(true);
    void client.invalidateQueries({ queryKey: trpc.ledger.get.pathKey() });
  });
  const showNews = () => {
    setNews(false);
    void client.resetQueries({ queryKey: trpc.ledger.list.pathKey() });
  };
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.rows) ?? [], [list.data]);
  return { list, rows, live, news, showNews };
}

function ExportMenu({ search }: { readonly search: LedgerSearch }) {
  const download = (format: 'csv' | 'jsonl') => window.location.assign(exportUrl(format, search, spanOf(search, DEFAULT_RANGE, Date.now())));
  return (
    <Menu
      trigger={
        <Button icon={<Download className="size-3.5" aria-hidden />} data-testid="export-menu">
          <span className="sr-only sm:not-sr-only">Export</span>
        </Button>
      }
    >
      <MenuItem onSelect={() => download('csv')} icon={<FileSpreadsheet aria-hidden />}>
        These rows as CSV
      </MenuItem>
      <MenuItem onSelect={() => download('jsonl')} icon={<FileJson aria-hidden />}>
        These rows as JSON lines
      </MenuItem>
    </Menu>
  );
}
