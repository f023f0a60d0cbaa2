import { FilterX, Gauge, Search, Users } from 'lucide-react';
import { countFilters, type OverviewSearch } from '../filters/search';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { cx } from '../ui/cx';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { formatCount, formatPlural } from '../ui/format-number';
import { TableSkeleton } from '../ui/skeleton';
import { customerFilters, PAGE_ROWS, type CustomersSearch } from './customers-search';
import { OutliersCard } from './outliers-card';
import { PagerBar } from './pager-bar';
import { preparePager, prepareSpenders, type SpenderList } from './prepare-spenders';
import { SpenderTable } from './spender-table';

interface SpenderPanelProps {
  readonly label: 'Customers' | 'Users';
  readonly query: {
    readonly data: SpenderList | undefined;
    readonly isError: boolean;
    readonly error: unknown;
    readonly isFetching: boolean;
    readonly isPlaceholderData: boolean;
    readonly refetch: () => unknown;
  };
  readonly search: CustomersSearch;
  readonly filters: OverviewSearch;
  readonly page: number;
  readonly onChange: (next: Partial<CustomersSearch>) => void;
  readonly onClear: () => void;
}

/** One tab: who stands out, then everybody. */
export function SpenderPanel({ label, query, search, filters, page, onChange, onClear }: SpenderPanelProps) {
  const { data, isError, error, isFetching, isPlaceholderData } = query;
  const noun = label === 'Users' ? 'user' : 'customer';
  if (!data) {
    return (
      // Padding, not a margin: a margin would move the panel itself once the rows are there.
      <div className="pt-4 sm:pt-5">
        <Card flush>
          {isError ? <ErrorState error={error} title={`The ${noun}s could not be read`} onRetry={() => void query.refetch()} retrying={isFetching} /> : <TableSkeleton rows={10} columns={7} />}
        </Card>
      </div>
    );
  }
  if (data.tooMany) return <TooMany calls={data.tooMany.calls} callsMax={data.tooMany.callsMax} label={label} onNarrow={() => onChange({ range: '24h', from: undefined, to: undefined })} />;
  const sorting = { key: search.sort ?? 'cost', descending: search.order !== 'up' } as const;
  const links = { ...filters, compare: search.compare };
  const pager = preparePager(data.matched, page, PAGE_ROWS);
  return (
    <div className={cx('space-y-4 pt-4 transition-opacity sm:space-y-5 sm:pt-5', isPlaceholderData && 'opacity-60')}>
      {data.count > 0 ? <OutliersCard noun={noun} outliers={data.outliers} count={data.outlierCount} search={links} /> : null}
      <Card flush className="overflow-hidden">
        {data.matched === 0 || data.rows.length === 0 ? (
          <Nothing noun={noun} search={search} hasRows={data.matched > 0} onChange={onChange} onClear={onClear} />
        ) : (
          <>
            <p className="border-b border-line px-4 py-2.5 text-xs text-ink-3 tabular-nums sm:px-5" aria-live="polite">
              {search.search ? `${formatCount(data.matched)} of ${formatPlural(data.count, noun)} match` : formatPlural(data.count, noun)}
            </p>
            <SpenderTable label={label} rows={prepareSpenders(data, search.compare !== 'none')} sorting={sorting} onSort={({ key, descending }) => onChange({ sort: key === 'cost' ? undefined : key, order: descending ? undefined : 'up' })} search={links} />
            {pager ? <PagerBar pager={pager} onPage={(next) => onChange({ page: next > 1 ? next : undefined })} /> : null}
          </>
        )}
      </Card>
    </div>
  );
}

interface NothingProps {
  readonly noun: 'customer' | 'user';
  readonly search: CustomersSearch;
  /** There are some, but not on this page. */
  readonly hasRows: boolean;
  readonly onChange: SpenderPanelProps['onChange'];
  readonly onClear: () => void;
}

function Nothing({ noun, search, hasRows, onChange, onClear }: NothingProps) {
  if (hasRows) {
    return (
      <EmptyState icon={Search} title="The list ends before this page" actions={<Button onClick={() => onChange({ page: undefined })}>To the first page</Button>}>
        It has become shorter, or the link is old.
      </EmptyState>
    );
  }
  const isNarrowed = search.search !== undefined || countFilters(customerFilters(search)) > 0;
  return (
    <EmptyState
      icon={isNarrowed ? Search : Users}
      title={search.search ? `No ${noun} with "${search.search}" in the name` : `No ${noun} here`}
      actions={
        <>
          {isNarrowed ? (
            <Button icon={<FilterX className="size-4" aria-hidden />} onClick={onClear}>
              Clear search and filters
            </Button>
          ) : null}
          {search.range === '90d' ? null : <Button onClick={() => onChange({ range: '90d', from: undefined, to: undefined })}>Look at 90 days</Button>}
        </>
      }
    >
      {isNarrowed ? 'Nothing in this range matches.' : `Send ${noun}_id with your calls, and each ${noun} appears here with what it costs.`}
    </EmptyState>
  );
}

function TooMany({ calls, callsMax, label, onNarrow }: { readonly calls: number; readonly callsMax: number; readonly label: string; readonly onNarrow: () => void }) {
  return (
    <Card flush className="mt-5">
      <EmptyState icon={Gauge} title="Too many calls to look through at once" actions={<Button onClick={onNarrow}>Look at 24 hours</Button>}>
        {label === 'Users' ? 'Users are found in the ledger itself, row by row' : 'With these filters, customers are found in the ledger itself, row by row'}: {formatCount(calls)} calls lie in this range and the one before, and {formatCount(callsMax)} can be
        read while you wait. Choose a shorter range{label === 'Users' ? ', or one customer' : ', or clear the filters by environment and model'}.
      </EmptyState>
    </Card>
  );
}
