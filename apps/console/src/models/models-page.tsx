import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Boxes, Download, FilterX } from 'lucide-react';
import { trpc } from '../api/trpc';
import { CommonFilters, FilterRow } from '../filters/common-filters';
import { ComparisonFilter } from '../filters/comparison-filter';
import { summaryCsvUrl } from '../filters/export-url';
import { countFilters, type Range } from '../filters/search';
import { Button, buttonClass } from '../ui/button';
import { Card } from '../ui/card';
import { cx } from '../ui/cx';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { Freshness } from '../ui/freshness';
import { PageBody, PageHeader } from '../ui/page';
import { TableSkeleton } from '../ui/skeleton';
import { useLiveRefresh } from '../api/live';
import { ModelDrawer } from './model-drawer';
import { ModelTable } from './model-table';
import { modelFilters, type ModelsSearch } from './models-search';
import { modelKey, prepareModels, prepareMoves } from './prepare-models';
import { PriceMovesCard } from './price-moves-card';

const DEFAULT_RANGE: Range = '30d';
const route = getRouteApi('/app/models');

/** What every model costs, how much of it comes from a cache, how fast and reliable it is, and which prices changed. */
export function ModelsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (next: Partial<ModelsSearch>) => void navigate({ search: (now: ModelsSearch) => ({ ...now, ...next }), replace: true, resetScroll: false });
  const narrowed = modelFilters(search);
  const filters = narrowed.from ? narrowed : { ...narrowed, range: narrowed.range ?? DEFAULT_RANGE };
  const list = useQuery(trpc.models.list.queryOptions(filters, { placeholderData: keepPreviousData }));
  const live = useLiveRefresh(trpc.models.pathKey());
  const { data } = list;
  const sorting = { key: search.sort ?? 'cost', descending: search.order !== 'up' } as const;
  const compares = search.compare !== 'none';
  const open = data?.models.find((each) => modelKey(each) === search.open);
  return (
    <>
      <PageHeader
        title="Models"
        width="wide"
        status={<Freshness at={data?.freshAt ?? null} live={live} />}
        actions={
          <a href={data ? summaryCsvUrl(['provider', 'model'], narrowed, data.range) : undefined} aria-disabled={data ? undefined : true} download className={buttonClass('secondary', 'md')} data-testid="export-csv">
            <Download className="size-3.5" aria-hidden />
            <span className="sr-only sm:not-sr-only">CSV</span>
          </a>
        }
      >
        <FilterRow>
          <CommonFilters
            search={search}
            fallback={DEFAULT_RANGE}
            onChange={change}
            comparison={data ? <ComparisonFilter value={search.compare} span={data.range} onChange={(compare) => change({ compare })} /> : null}
          />
        </FilterRow>
      </PageHeader>
      <PageBody className={cx('space-y-4 transition-opacity sm:space-y-5', list.isPlaceholderData && 'opacity-60')}>
        {list.isError && !data ? (
          <Card flush>
            <ErrorState error={list.error} title="The models could not be read" onRetry={() => void list.refetch()} retrying={list.isFetching} />
          </Card>
        ) : null}
        {!data && !list.isError ? (
          <Card flush>
            <TableSkeleton rows={8} columns={7} />
          </Card>
        ) : null}
        {data && data.models.length === 0 ? (
          <Card flush>
            <EmptyState
              icon={Boxes}
              title="No model was called here"
              actions={
                <>
                  {countFilters(narrowed) > 0 ? (
                    <Button icon={<FilterX className="size-4" aria-hidden />} onClick={() => void navigate({ search: {} })}>
                      Clear the filters
                    </Button>
                  ) : null}
                  {search.range === '90d' ? null : <Button onClick={() => change({ range: '90d', from: undefined, to: undefined })}>Look at 90 days</Button>}
                </>
              }
            >
              {countFilters(narrowed) > 0 ? 'Nothing in this range matches the filters.' : 'Calls appear here, by provider and model, as soon as one is recorded.'}
            </EmptyState>
          </Card>
        ) : null}
        {data && data.models.length > 0 ? (
          <>
            <PriceMovesCard moves={prepareMoves(data.models)} />
            <ModelTable
              rows={prepareModels(data.models, sorting, compares)}
              sorting={sorting}
              onSort={({ key, descending }) => change({ sort: key === 'cost' ? undefined : key, order: descending ? undefined : 'up' })}
              onOpen={(key) => change({ open: key, versus: undefined })}
              openKey={search.open}
            />
          </>
        ) : null}
      </PageBody>
      <ModelDrawer
        model={open}
        isLoading={search.open !== undefined && !data}
        openKey={search.open}
        filters={filters}
        used={data?.models ?? []}
        versus={search.versus}
        onVersus={(versus) => change({ versus })}
        onClose={() => change({ open: undefined, versus: undefined })}
      />
    </>
  );
}
