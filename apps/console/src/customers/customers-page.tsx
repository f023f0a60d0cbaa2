import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Download } from 'lucide-react';
import { trpc } from '../api/trpc';
import { CommonFilters, FilterRow } from '../filters/common-filters';
import { ComparisonFilter } from '../filters/comparison-filter';
import { summaryCsvUrl } from '../filters/export-url';
import { SearchBox } from '../filters/search-box';
import type { Range } from '../filters/search';
import { buttonClass } from '../ui/button';
import { Freshness } from '../ui/freshness';
import { PageBody, PageHeader } from '../ui/page';
import { Tabs } from '../ui/tabs';
import { useLiveRefresh } from '../api/live';
import { customerFilters, PAGE_ROWS, type CustomersSearch } from './customers-search';
import { SpenderPanel } from './spender-panel';

/** Users stand in no rollup: their page reads the ledger, and a week of it is there at once. */
const DEFAULT_RANGES: Record<'customers' | 'users', Range> = { customers: '30d', users: '7d' };
const TABS = [
  { value: 'customers', label: 'Customers' },
  { value: 'users', label: 'Users' },
] as const;
const route = getRouteApi('/app/customers');

/** Customers and their users: what each costs, what came of it, and who stands out. */
export function CustomersPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  /** Whatever changes, the page begins at its first rows again. */
  const change = (next: Partial<CustomersSearch>) => void navigate({ search: (now: CustomersSearch) => ({ ...now, page: undefined, ...next }), replace: true, resetScroll: false });
  const tab = search.tab ?? 'customers';
  const narrowed = customerFilters(search);
  const filters = narrowed.from ? narrowed : { ...narrowed, range: narrowed.range ?? DEFAULT_RANGES[tab] };
  const page = search.page ?? 1;
  const asked = { ...filters, search: search.search, sort: search.sort, descending: search.order !== 'up', offset: (page - 1) * PAGE_ROWS };
  const customers = useQuery(trpc.customers.list.queryOptions(asked, { placeholderData: keepPreviousData, enabled: tab === 'customers' }));
  const users = useQuery(trpc.customers.users.queryOptions(asked, { placeholderData: keepPreviousData, enabled: tab === 'users' }));
  const list = tab === 'users' ? users : customers;
  const live = useLiveRefresh(trpc.customers.pathKey());
  const { data } = list;
  return (
    <>
      <PageHeader
        title={tab === 'users' ? 'Users' : 'Customers'}
        width="wide"
        status={<Freshness at={data?.freshAt ?? null} live={live} />}
        actions={
          <a
            href={data ? summaryCsvUrl(tab === 'users' ? ['customer', 'user'] : 'customer', narrowed, data.range) : undefined}
            aria-disabled={data ? undefined : true}
            download
            title={search.search ? 'Everybody in the range and the filters, not only whom the search found' : undefined}
            className={buttonClass('secondary', 'md')}
            data-testid="export-csv"
          >
            <Download className="size-3.5" aria-hidden />
            <span className="sr-only sm:not-sr-only">CSV</span>
          </a>
        }
      >
        <FilterRow>
          <SearchBox
            key={tab}
            label={tab === 'users' ? 'Search users' : 'Search customers'}
            placeholder={tab === 'users' ? 'User id' : 'Customer id'}
            value={search.search}
            onChange={(text) => change({ search: text })}
          />
          <CommonFilters
            search={search}
            fallback={DEFAULT_RANGES[tab]}
            onChange={change}
            comparison={data ? <ComparisonFilter value={search.compare} span={data.range} onChange={(compare) => change({ compare })} /> : null}
          />
        </FilterRow>
      </PageHeader>
      <PageBody>
        <Tabs label="Who" options={TABS} value={tab} onChange={(next) => change({ tab: next === 'users' ? 'users' : undefined, search: undefined, sort: undefined, order: undefined })}>
          <SpenderPanel
            label={tab === 'users' ? 'Users' : 'Customers'}
            query={list}
            search={search}
            filters={filters}
            page={page}
            onChange={change}
            onClear={() => void navigate({ search: tab === 'users' ? { tab } : {} })}
          />
        </Tabs>
      </PageBody>
    </>
  );
}
