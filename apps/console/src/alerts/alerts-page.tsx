import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { BellRing, ChevronRight, Download, FilterX } from 'lucide-react';
import { useCan } from '../api/abilities';
import { useLiveRefresh } from '../api/live';
import { trpc } from '../api/trpc';
import { saveText } from '../plans/save-text';
import { Badge } from '../ui/badge';
import { Button, buttonClass } from '../ui/button';
import { Card } from '../ui/card';
import { cx } from '../ui/cx';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { formatCount } from '../ui/format-number';
import { formatDateTime } from '../ui/format-time';
import { Freshness } from '../ui/freshness';
import { Select } from '../ui/input';
import { PageBody, PageHeader } from '../ui/page';
import { TableSkeleton } from '../ui/skeleton';
import { useNow, useTimeZone } from '../ui/time';
import { ALERT_KINDS, KIND_WORDS, STATE_TONES, STATE_WORDS } from './alert-shapes';
import { STATE_FILTERS, type AlertsSearch, type StateFilter } from './alerts-search';
import { AlertsTabs } from './alerts-tabs';
import { aboutText, alertsCsv, courseText, sortAlerts, type ListedAlert } from './prepare-alerts';
import { SeverityMark } from './severity-mark';

const FILTER_WORDS: Readonly<Record<StateFilter, string>> = { ...STATE_WORDS, all: 'Every state' };
const REFRESH_MS = 10_000;
const route = getRouteApi('/app/alerts');

/** The inbox: what is open and the worst of it on top, then what is over. */
export function AlertsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const can = useCan();
  const change = (next: Partial<AlertsSearch>) => void navigate({ search: (now: AlertsSearch) => ({ ...now, ...next }), replace: true, resetScroll: false });
  const list = useInfiniteQuery(trpc.alerts.list.infiniteQueryOptions(search, {
    getNextPageParam: (page) => page.nextCursor ?? undefined, placeholderData: keepPreviousData,
    // Alerts also end by themselves, without an event. Older pages move under the reader's hand; only the first keeps itself fresh.
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) > 1 ? false : REFRESH_MS),
  }));
  const live = useLiveRefresh(trpc.alerts.pathKey());
  const rows = sortAlerts(list.data?.pages.flatMap((page) => page.rows) ?? []);
  const filtered = Object.keys(search).length > 0;
  return (
    <>
      <PageHeader
        title="Alerts"
        width="medium"
        status={<Freshness at={list.data ? new Date(list.dataUpdatedAt).toISOString() : null} live={live} />}
        actions={
          <Button icon={<Download className="size-3.5" aria-hidden />} disabled={rows.length === 0} title="The alerts that are loaded" onClick={() => saveText('alerts.csv', alertsCsv(rows))}>
            <span className="sr-only sm:not-sr-only">CSV</span>
          </Button>
        }
      >
        <div className="space-y-3">
          <AlertsTabs here="/alerts" />
          <div className="grid grid-cols-2 items-center gap-2 sm:flex sm:flex-wrap">
            <Select aria-label="State" data-filter className="w-full sm:w-40" value={search.state ?? ''} onChange={(event) => change({ state: STATE_FILTERS.find((each) => each === event.target.value) })}>
              <option value="">Open</option>
              {STATE_FILTERS.map((each) => (
                <option key={each} value={each}>
                  {FILTER_WORDS[each]}
                </option>
              ))}
            </Select>
            <Select aria-label="Kind" className="w-full sm:w-48" value={search.kind ?? ''} onChange={(event) => change({ kind: ALERT_KINDS.find((each) => each === event.target.value) })}>
              <option value="">Every kind</option>
              {ALERT_KINDS.map((each) => (
                <option key={each} value={each}>
                  {KIND_WORDS[each]}
                </option>
              ))}
            </Select>
            {list.data ? <OpenCount counts={list.data.pages[0]?.counts} /> : null}
          </div>
        </div>
      </PageHeader>
      <PageBody width="medium">
        <Card flush className={cx('overflow-hidden transition-opacity', list.isPlaceholderData && 'opacity-60')}>
          {list.isPending ? <TableSkeleton rows={6} columns={3} /> : null}
          {list.isError && !list.data ? <ErrorState error={list.error} title="The alerts could not be read" onRetry={() => void list.refetch()} retrying={list.isFetching} /> : null}
          {list.data && rows.length === 0 ? (
            <EmptyState
              icon={BellRing}
              title={filtered ? 'No alert matches' : 'Nothing is wrong'}
              actions={filtered ? <Button icon={<FilterX className="size-4" aria-hidden />} onClick={() => void navigate({ search: {} })}>Show what is open</Button> : (
                <>
                  <Link to="/alerts/rules" className={buttonClass('primary')}>See what is watched</Link>
                  {can('channels.manage') ? <Link to="/channels" className={buttonClass()}>Say who is told</Link> : null}
                </>
              )}
            >
              {filtered ? 'Nothing matches the filters.' : 'Spikes, budgets, failing syncs and unpriced calls appear here within a minute, with the cause and what can be done. The owners are told by mail.'}
            </EmptyState>
          ) : null}
          {rows.length > 0 ? (
            <ul aria-label="Alerts" className="divide-y divide-line">
              {rows.map((row) => (
                <AlertLine key={row.id} alert={row} />
              ))}
            </ul>
          ) : null}
          {list.hasNextPage ? (
            <div className="flex justify-center border-t border-line py-2.5">
              <Button look="ghost" size="sm" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
                Load more
              </Button>
            </div>
          ) : null}
        </Card>
      </PageBody>
    </>
  );
}

function AlertLine({ alert }: { readonly alert: ListedAlert }) {
  const timeZone = useTimeZone();
  const nowMs = useNow();
  const muted = alert.mutedUntil && Date.parse(alert.mutedUntil) > nowMs && alert.state !== 'resolved' ? alert.mutedUntil : null;
  return (
    <li data-testid="alert-row">
      <Link to="/alerts/$alertId" params={{ alertId: alert.id }} className="group flex items-start gap-3 px-4 py-3.5 transition-colors hover:bg-surface-2 focus-visible:outline-offset-[-2px] sm:px-5">
        <SeverityMark severity={alert.severity} className={cx('mt-0.5', alert.state === 'resolved' && 'opacity-50')} />
        <span className="min-w-0 flex-1">
          <span className={cx('block text-sm font-medium', alert.state === 'resolved' ? 'text-ink-2' : 'text-ink')}>{alert.title}</span>
          <span className="mt-1 flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-ink-3">
            <Badge tone={STATE_TONES[alert.state]} dot>
              {STATE_WORDS[alert.state].toLowerCase()}
            </Badge>
            {muted ? <Badge title={`No message until ${formatDateTime(muted, timeZone)}`}>muted</Badge> : null}
            <span>{aboutText(alert)}</span>
            <span aria-hidden>·</span>
            <span>{courseText(alert, timeZone, nowMs)}</span>
          </span>
        </span>
        <ChevronRight className="mt-1.5 size-4 shrink-0 text-ink-3 opacity-0 transition-opacity group-hover:opacity-100 group-focus-visible:opacity-100" aria-hidden />
      </Link>
    </li>
  );
}

function OpenCount({ counts }: { readonly counts: Readonly<Partial<Record<string, number>>> | undefined }) {
  const open = (counts?.['firing'] ?? 0) + (counts?.['pending'] ?? 0) + (counts?.['acknowledged'] ?? 0);
  return (
    <p role="status" className="text-xs text-ink-3 tabular-nums">
      {open === 0 ? 'Nothing open' : `${formatCount(open)} open`}
      {counts?.['firing'] ? `, ${formatCount(counts['firing'])} firing` : ''}
    </p>
  );
}
