import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ChartColumnStacked, Download } from 'lucide-react';
import { useLiveRefresh } from '../api/live';
import { trpc } from '../api/trpc';
import { CommonFilters, FilterRow } from '../filters/common-filters';
import { ComparisonFilter } from '../filters/comparison-filter';
import { spanOf, summaryCsvUrl } from '../filters/export-url';
import { spanBefore } from '../filters/spans';
import { Button, buttonClass } from '../ui/button';
import { Card } from '../ui/card';
import { cx } from '../ui/cx';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { FigureStripSkeleton } from '../ui/figure-strip';
import { Freshness } from '../ui/freshness';
import { PageBody, PageHeader } from '../ui/page';
import { Skeleton, TableSkeleton } from '../ui/skeleton';
import { useNow } from '../ui/time';
import { prepareSpendRows } from './prepare-spend';
import { SpendChart } from './spend-chart';
import { SpendFigures } from './spend-figures';
import { askedOf, DEFAULT_RANGE, narrowedTo, type SpendSearch } from './spend-search';
import { SpendTable } from './spend-table';

const route = getRouteApi('/app/spend');

/** What is spent, step by step and by whom, with what is expected next and the incidents that stood in it. */
export function SpendPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const nowMs = useNow();
  const change = (next: Partial<SpendSearch>) => void navigate({ search: (now: SpendSearch) => ({ ...now, ...next }), replace: true, resetScroll: false });
  const by = search.by ?? 'workflow';
  const asked = askedOf(search);
  const series = useQuery(trpc.spend.series.queryOptions({ ...asked, groupBy: by }, { placeholderData: keepPreviousData }));
  const { data } = series;
  const span = data?.range ?? spanOf(asked, DEFAULT_RANGE, nowMs);
  const { range: _range, from: _from, to: _to, ...labels } = asked;
  const earlier = data && search.compare !== 'none' ? spanBefore(data.range) : null;
  const before = useQuery(trpc.spend.series.queryOptions({ ...labels, from: earlier?.from, to: earlier?.to, groupBy: by, width: 'day' }, { enabled: earlier !== null, placeholderData: keepPreviousData, staleTime: 60_000 }));
  const live = useLiveRefresh(trpc.spend.pathKey());
  const compared = earlier !== null && before.data ? before.data : null;
  const empty = data?.points.every(({ pico }) => pico === null) ?? false;
  return (
    <>
      <PageHeader
        title="Spend"
        width="wide"
        status={<Freshness at={data?.freshAt ?? null} live={live} />}
        actions={
          <a href={data ? summaryCsvUrl(['day', by], asked, data.range) : undefined} aria-disabled={data ? undefined : true} download className={buttonClass('secondary', 'md')} data-testid="export-csv">
            <Download className="size-3.5" aria-hidden />
            <span className="sr-only sm:not-sr-only">CSV</span>
          </a>
        }
      >
        <FilterRow>
          <CommonFilters search={search} fallback={DEFAULT_RANGE} onChange={change} comparison={<ComparisonFilter value={search.compare} span={span} onChange={(compare) => change({ compare })} />} />
        </FilterRow>
      </PageHeader>
      <PageBody className={cx('space-y-4 transition-opacity sm:space-y-5', series.isPlaceholderData && 'opacity-60')}>
        {series.isError && !data ? (
          <Card flush>
            <ErrorState error={series.error} title="The spend could not be read" onRetry={() => void series.refetch()} retrying={series.isFetching} />
          </Card>
        ) : null}
        {series.isPending ? <Loading /> : null}
        {data && empty ? (
          <Card flush>
            <EmptyState
              icon={ChartColumnStacked}
              title="Nothing was spent in this range"
              actions={
                <>
                  <Button onClick={() => change({ range: '90d', from: undefined, to: undefined })}>Look at 90 days</Button>
                  <Link to="/start" className={buttonClass('primary')}>Record the first event</Link>
                </>
              }
            >
              As soon as calls are recorded, each one is in the figures of this page within two seconds.
            </EmptyState>
          </Card>
        ) : null}
        {data && !empty ? (
          <>
            <SpendFigures series={data} before={compared?.totalPico ?? null} />
            <SpendChart series={data} by={by} nowMs={nowMs} onGroup={(next) => change({ by: next === 'workflow' ? undefined : next })} onChoose={(name) => change(narrowedTo(by, name))} />
            <SpendTable rows={prepareSpendRows(data.groups, compared?.groups ?? null, by)} by={by} onChoose={(name) => change(narrowedTo(by, name))} csvUrl={summaryCsvUrl(by, asked, data.range)} />
          </>
        ) : null}
      </PageBody>
    </>
  );
}

function Loading() {
  return (
    <>
      <FigureStripSkeleton />
      <Card>
        <Skeleton className="h-4 w-32" />
        <Skeleton className="mt-5 h-72 w-full rounded-md" />
      </Card>
      <Card flush>
        <TableSkeleton rows={6} columns={5} />
      </Card>
    </>
  );
}
