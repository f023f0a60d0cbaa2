import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ChevronLeft, Download, ScrollText, Users } from 'lucide-react';
import { trpc } from '../api/trpc';
import { CommonFilters, FilterRow } from '../filters/common-filters';
import { ComparisonFilter } from '../filters/comparison-filter';
import { summaryCsvUrl } from '../filters/export-url';
import { filtersOf, type ComparedSearch, type Range } from '../filters/search';
import { Button, buttonClass } from '../ui/button';
import { Callout } from '../ui/callout';
import { Card } from '../ui/card';
import { cx } from '../ui/cx';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { Freshness } from '../ui/freshness';
import { PageBody, PageHeader } from '../ui/page';
import { Skeleton, TableSkeleton } from '../ui/skeleton';
import { useLiveRefresh } from '../api/live';
import { CustomerCredits } from './customer-credits';
import { CustomerFigures, CustomerFiguresSkeleton } from './customer-figures';
import { CustomerLimits } from './customer-limits';
import { CustomerOutcomes } from './customer-outcomes';
import { CustomerPlanCard } from './customer-plan';
import { CustomerTrend } from './customer-trend';
import { CustomerUsers } from './customer-users';
import { ModelSpend, WorkflowSpend } from './customer-spend';
import { prepareCustomer } from './prepare-customer';

const DEFAULT_RANGE: Range = '30d';
const BESIDE = 'grid gap-4 *:min-w-0 sm:gap-5 lg:grid-cols-2';
const route = getRouteApi('/app/customers/$customerId');

/** One customer: what it costs, where that goes, who of its people causes it, and whether that is usual. */
export function CustomerPage() {
  const { customerId } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = ({ customerId: other, ...next }: Partial<ComparedSearch>) =>
    other !== undefined && other !== customerId
      ? void navigate({ to: '/customers/$customerId', params: { customerId: other }, search: (now: ComparedSearch) => ({ ...now, ...next }) })
      : void navigate({ search: (now: ComparedSearch) => ({ ...now, ...next, customerId: undefined }), replace: true, resetScroll: false });
  const { customerId: _other, ...narrowed } = filtersOf(search);
  const filters = { ...(narrowed.from ? narrowed : { ...narrowed, range: narrowed.range ?? DEFAULT_RANGE }), customerId };
  const customer = useQuery(trpc.customers.get.queryOptions(filters, { placeholderData: keepPreviousData }));
  const live = useLiveRefresh(trpc.customers.pathKey());
  // Another customer's figures are no placeholder for this one's.
  const data = customer.data?.customerId === customerId ? customer.data : undefined;
  const isEmpty = data && data.totals.calls === 0 && data.totals.usable === 0 && data.totals.unusable === 0;
  return (
    <>
      <PageHeader
        title={customerId}
        width="wide"
        status={<Freshness at={data?.freshAt ?? null} live={live} />}
        actions={
          <>
            <Link to="/ledger" search={filters} className={buttonClass('secondary', 'md')}>
              <ScrollText className="size-3.5" aria-hidden />
              <span className="sr-only sm:not-sr-only">Rows</span>
            </Link>
            <a href={data ? summaryCsvUrl(['workflow', 'model'], filters, data.range) : undefined} aria-disabled={data ? undefined : true} download className={buttonClass('secondary', 'md')} data-testid="export-csv">
              <Download className="size-3.5" aria-hidden />
              <span className="sr-only sm:not-sr-only">CSV</span>
            </a>
          </>
        }
      >
        <FilterRow>
          <Link to="/customers" search={filtersOf({ ...search, customerId: undefined })} className={buttonClass('ghost', 'sm', '-ml-1.5')}>
            <ChevronLeft className="size-3.5" aria-hidden />
            All customers
          </Link>
          <CommonFilters
            search={{ ...search, customerId }}
            fallback={DEFAULT_RANGE}
            onChange={(next) => ('customerId' in next && next.customerId === undefined ? void navigate({ to: '/customers', search: filtersOf(search) }) : change(next))}
            comparison={data ? <ComparisonFilter value={search.compare} span={data.range} onChange={(compare) => change({ compare })} /> : null}
          />
        </FilterRow>
      </PageHeader>
      <PageBody className={cx('space-y-4 transition-opacity sm:space-y-5', customer.isPlaceholderData && 'opacity-60')}>
        {customer.isError && !data ? (
          <Card flush>
            <ErrorState error={customer.error} title="The customer could not be read" onRetry={() => void customer.refetch()} retrying={customer.isFetching} />
          </Card>
        ) : null}
        {!data && !customer.isError ? <Loading /> : null}
        {isEmpty ? (
          <Card flush>
            <EmptyState
              icon={Users}
              title="No call of this customer here"
              actions={
                <>
                  <Link to="/customers" className={buttonClass()}>
                    All customers
                  </Link>
                  {search.range === '90d' ? null : <Button onClick={() => change({ range: '90d', from: undefined, to: undefined })}>Look at 90 days</Button>}
                </>
              }
            >
              Nothing in this range names the customer &quot;{customerId}&quot;, or the filters leave nothing.
            </EmptyState>
          </Card>
        ) : null}
        <div className={BESIDE}>
          <CustomerPlanCard customerId={customerId} />
          <CustomerLimits customerId={customerId} />
        </div>
        {data && !isEmpty ? (
          <>
            {data.outlier ? (
              <Callout tone="warning">
                <p data-testid="outlier-reason">
                  <span className="font-medium">Stands out: </span>
                  {data.outlier.sentence}
                </p>
              </Callout>
            ) : null}
            <CustomerFigures figures={prepareCustomer(data, search.compare !== 'none')} />
            <CustomerTrend points={data.trend} bucket={data.range.bucket} timeZone={data.timeZone} />
            <div className={BESIDE}>
              <WorkflowSpend workflows={data.workflows} filters={filters} />
              <ModelSpend models={data.models} filters={filters} />
            </div>
            <div className={BESIDE}>
              <CustomerUsers filters={filters} />
              <CustomerOutcomes filters={filters} />
            </div>
          </>
        ) : null}
        <CustomerCredits customerId={customerId} />
      </PageBody>
    </>
  );
}

function Loading() {
  return (
    <>
      <CustomerFiguresSkeleton />
      <Card>
        <Skeleton className="h-4 w-32" />
        <Skeleton className="mt-5 h-56 w-full rounded-md" />
      </Card>
      <Card flush>
        <TableSkeleton rows={6} columns={4} />
      </Card>
    </>
  );
}
