import { getRouteApi } from '@tanstack/react-router';
import { ArrowUp } from 'lucide-react';
import { useCallback, useRef } from 'react';
import type { LedgerSearch } from '../filters/search';
import { Button } from '../ui/button';
import { ErrorState } from '../ui/error-state';
import { Freshness } from '../ui/freshness';
import { PageHeader } from '../ui/page';
import { TableSkeleton } from '../ui/skeleton';
import { EventDrawer } from './event-drawer';
import { ExportMenu } from './export-menu';
import { LedgerEmpty } from './ledger-empty';
import { LedgerFilters } from './ledger-filters';
import { LedgerTable, type LedgerTableHandle } from './ledger-table';
import { LedgerTotal } from './ledger-total';
import { SavedViews } from './saved-views';
import { DEFAULT_RANGE, useLedgerRows } from './use-ledger-rows';

const route = getRouteApi('/app/ledger');

export function LedgerPage() {
  const { event, ...search } = route.useSearch();
  const navigate = route.useNavigate();
  const table = useRef<LedgerTableHandle>(null);
  const change = useCallback(
    (next: Partial<LedgerSearch>, replace = true) => void navigate({ search: (now: LedgerSearch) => ({ ...now, ...next }), replace, resetScroll: false }),
    [navigate],
  );
  const openEvent = useCallback((id: string | undefined) => change({ event: id }, false), [change]);
  const { list, rows, total, live, news, showNews } = useLedgerRows(search, () => event !== undefined || (table.current?.isScrolled() ?? false));
  const at = list.dataUpdatedAt ? new Date(list.dataUpdatedAt).toISOString() : null;
  return (
    <div className="flex flex-col sm:h-[calc(100dvh-var(--shell-top)-var(--shell-bottom))]">
      <PageHeader
        title="Ledger"
        status={<Freshness at={at} live={live} />}
        actions={
          <>
            <SavedViews search={search} onOpen={(view) => void navigate({ search: view })} />
            <ExportMenu search={search} total={total.isPlaceholderData ? undefined : total.data} />
          </>
        }
      >
        <LedgerFilters search={search} fallback={DEFAULT_RANGE} onChange={change} />
        <LedgerTotal total={total.data?.total} stale={total.isPlaceholderData} failed={total.isError && !total.data} />
      </PageHeader>
      <div className="relative min-h-0 flex-1">
        {news ? (
          <div className="pointer-events-none fixed inset-x-0 bottom-[calc(var(--shell-bottom)+0.75rem)] z-20 flex justify-center sm:absolute sm:top-12 sm:bottom-auto">
            <Button
              look="primary"
              size="sm"
              className="appear pointer-events-auto rounded-full shadow-2"
              onClick={() => {
                showNews();
                table.current?.scrollToTop();
              }}
              icon={<ArrowUp className="size-3.5" aria-hidden />}
            >
              {news}
            </Button>
          </div>
        ) : null}
        {list.isError && !list.data ? <ErrorState error={list.error} title="The ledger could not be read" onRetry={() => void list.refetch()} retrying={list.isFetching} /> : null}
        {list.isPending ? <TableSkeleton rows={14} columns={6} /> : null}
        {list.data && rows.length === 0 ? <LedgerEmpty search={search} fallback={DEFAULT_RANGE} onChange={change} onClear={() => void navigate({ search: {} })} /> : null}
        {rows.length > 0 ? (
          <LedgerTable
            ref={table}
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
