import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Download, FilterX, Hourglass, Rocket, Search } from 'lucide-react';
import { useLiveRefresh } from '../api/live';
import { useSession } from '../api/me';
import { trpc } from '../api/trpc';
import { DemoButton } from '../demo/demo-button';
import { CommonFilters, FilterRow } from '../filters/common-filters';
import { ComparisonFilter } from '../filters/comparison-filter';
import { exportUrl, spanOf, summaryCsvUrl } from '../filters/export-url';
import { countFilters } from '../filters/search';
import { Button, buttonClass } from '../ui/button';
import { Card } from '../ui/card';
import { cx } from '../ui/cx';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { Freshness } from '../ui/freshness';
import { PageBody, PageHeader } from '../ui/page';
import { Skeleton, TableSkeleton } from '../ui/skeleton';
import { useNow } from '../ui/time';
import { askedOf, DEFAULT_RANGE, type Grouping, type MarginSearch } from './margin-search';
import { ModelsCard } from './models-card';
import { prepareSparks } from './prepare-sparks';
import { prepareStats } from './prepare-stats';
import { SpendSplitCard } from './spend-split-card';
import { StatStrip, StatStripSkeleton } from './stat-strip';
import { TrendCard } from './trend-card';
import { ProductLines } from './product-lines';
import { WorkflowTable } from './workflow-table';

/** A wide card and a narrow one, of one height. */
const BESIDE = 'grid gap-4 *:min-w-0 sm:gap-5 xl:grid-cols-[minmax(0,1fr)_20rem]';
const route = getRouteApi('/app/');

export function OverviewPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (next: Partial<MarginSearch>) => void navigate({ search: (now: MarginSearch) => ({ ...now, ...next }), replace: true });
  const asked = askedOf(search);
  const overview = useQuery(trpc.overview.get.queryOptions(asked, { placeholderData: keepPreviousData }));
  const live = useLiveRefresh(trpc.overview.pathKey());
  const nowMs = useNow();
  const { data } = overview;
  const span = data?.range ?? spanOf(asked, DEFAULT_RANGE, nowMs);
  return (
    <>
      <PageHeader
        title="Overview"
        width="wide"
        status={<Freshness at={data?.freshAt ?? null} live={live} />}
        actions={
          <a href={data ? exportUrl('csv', asked, data.range) : undefined} aria-disabled={data ? undefined : true} download className={buttonClass('secondary', 'md')} data-testid="export-csv">
            <Download className="size-3.5" aria-hidden />
            <span className="sr-only sm:not-sr-only">CSV</span>
          </a>
        }
      >
        <FilterRow>
          <CommonFilters search={search} fallback={DEFAULT_RANGE} onChange={change} comparison={<ComparisonFilter value={search.compare} span={span} onChange={(compare) => change({ compare })} />} />
        </FilterRow>
      </PageHeader>
      <PageBody className={cx('space-y-4 transition-opacity sm:space-y-5', overview.isPlaceholderData && 'opacity-60')}>
        {overview.isError && !data ? <Failed error={overview.error} onRetry={() => void overview.refetch()} retrying={overview.isFetching} /> : null}
        {!data && !overview.isError ? <Loading /> : null}
        {data && isEmpty(data.totals) ? <Nothing search={search} everSpent={data.previous !== null && !isEmpty(data.previous)} onClear={() => void navigate({ search: {} })} onWiden={() => change({ range: '90d', from: undefined, to: undefined })} /> : null}
        {data && !isEmpty(data.totals) ? (
          <>
            <StatStrip stats={prepareStats(data.totals, search.compare === 'none' ? null : data.previous)} sparks={prepareSparks(data.trend, { running: Date.parse(data.range.to) > nowMs })} search={search} span={data.range} />
            <div className={BESIDE}>
              <TrendCard
                points={data.trend}
                bucket={data.range.bucket}
                timeZone={data.timeZone}
                search={search}
                onGroup={(by) => change({ by: by === 'model' ? undefined : by })}
                onChoose={(by, name) => change(NARROWED[by](name))}
              />
              <SpendSplitCard totals={data.totals} />
            </div>
            <WorkflowTable workflows={data.workflows} rules={data.rules} decisionRules={data.decisionRules} search={search} span={data.range} csvUrl={summaryCsvUrl('workflow', asked, data.range)} />
            <ProductLines lines={data.lines} />
            <ModelsCard models={data.models} onChoose={({ provider, model }) => change({ provider, model })} />
          </>
        ) : null}
      </PageBody>
    </>
  );
}

const NARROWED: Record<Grouping, (name: string) => Partial<MarginSearch>> = {
  model: (model) => ({ model }),
  provider: (provider) => ({ provider }),
  workflow: (workflow) => ({ workflow }),
  customer: (customerId) => ({ customerId }),
};

function isEmpty(totals: { calls: number; usable: number; unusable: number }): boolean {
  return totals.calls === 0 && totals.usable === 0 && totals.unusable === 0;
}

function Failed(props: { readonly error: unknown; readonly onRetry: () => void; readonly retrying: boolean }) {
  return (
    <Card flush>
      <ErrorState title="The figures could not be read" {...props} />
    </Card>
  );
}

function Loading() {
  return (
    <>
      <StatStripSkeleton />
      <div className={BESIDE}>
        <Card>
          <Skeleton className="h-4 w-32" />
          <Skeleton className="mt-5 h-64 w-full rounded-md" />
          <Skeleton className="mt-4 h-4 w-3/4" />
          <Skeleton className="mt-3 h-4 w-1/2" />
        </Card>
        <Card>
          <Skeleton className="h-4 w-36" />
          <Skeleton className="mt-5 h-2.5 w-full" />
          {[0, 1, 2].map((row) => (
            <Skeleton key={row} className="mt-5 h-8 w-full" />
          ))}
        </Card>
      </div>
      <Card flush>
        <TableSkeleton rows={6} columns={6} />
      </Card>
    </>
  );
}

interface NothingProps {
  readonly search: MarginSearch;
  readonly everSpent: boolean;
  readonly onClear: () => void;
  readonly onWiden: () => void;
}

function Nothing({ search, everSpent, onClear, onWiden }: NothingProps) {
  const { tenant } = useSession();
  const filtered = countFilters(askedOf(search)) > 0;
  const wide = search.range === '90d';
  if (filtered || everSpent) {
    return (
      <Card flush>
        <EmptyState
          icon={Search}
          title="No events here"
          actions={
            <>
              {filtered ? (
                <Button onClick={onClear} icon={<FilterX className="size-4" aria-hidden />}>
                  Clear the filters
                </Button>
              ) : null}
              {wide ? null : <Button onClick={onWiden}>Look at 90 days</Button>}
            </>
          }
        >
          {filtered ? 'Nothing in this range matches the filters.' : 'Nothing was recorded in this range.'}
        </EmptyState>
      </Card>
    );
  }
  if (tenant.demo) {
    return (
      <Card flush>
        <EmptyState icon={Hourglass} title="The history is being written" actions={wide ? null : <Button onClick={onWiden}>Look at 90 days</Button>}>
          Eight weeks of made-up events, the newest day first. Figures stand here within seconds.
        </EmptyState>
      </Card>
    );
  }
  return (
    <Card flush>
      <EmptyState
        icon={Rocket}
        title="No events yet"
        actions={
          <>
            <Link to="/start" className={buttonClass('primary')}>
              Send the first event
            </Link>
            <DemoButton />
            {wide ? null : <Button onClick={onWiden}>Look at 90 days</Button>}
          </>
        }
      >
        Create a key, wrap your OpenAI or Anthropic client, and the cost of your first call stands here within a second.
      </EmptyState>
    </Card>
  );
}
