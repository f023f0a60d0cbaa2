import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Download, FilterX, Plus, Search, Workflow } from 'lucide-react';
import { useState } from 'react';
import { useCan } from '../api/abilities';
import { trpc } from '../api/trpc';
import { FilterRow } from '../filters/common-filters';
import { summaryCsvUrl } from '../filters/export-url';
import { filtersOf, type Range } from '../filters/search';
import { Button, buttonClass } from '../ui/button';
import { Card } from '../ui/card';
import { cx } from '../ui/cx';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { Freshness } from '../ui/freshness';
import { PageBody, PageHeader } from '../ui/page';
import { TableSkeleton } from '../ui/skeleton';
import { SettingsDialog } from './settings-dialog';
import { useWorkflowStates } from './workflow-states';
import { useLiveRefresh } from '../api/live';
import { WorkflowFilters } from './workflow-filters';
import type { WorkflowsSearch } from './workflow-search';
import { WorkflowsTable } from './workflows-table';

export const DEFAULT_RANGE: Range = '7d';
const route = getRouteApi('/app/workflows');

export function WorkflowsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const can = useCan();
  const [adding, setAdding] = useState(false);
  const change = (next: Partial<WorkflowsSearch>) => void navigate({ search: (now: WorkflowsSearch) => ({ ...now, ...next }), replace: true });
  const filters = filtersOf(search.from ? search : { ...search, range: search.range ?? DEFAULT_RANGE });
  const list = useQuery(trpc.workflows.list.queryOptions(filters, { placeholderData: keepPreviousData }));
  const states = useWorkflowStates(filters);
  const live = useLiveRefresh(trpc.workflows.pathKey(), trpc.overview.pathKey());
  const { data } = list;
  const add = can('workflows.manage') ? (
    <Button onClick={() => setAdding(true)} icon={<Plus className="size-3.5" aria-hidden />}>
      Set up a workflow
    </Button>
  ) : null;
  return (
    <>
      <PageHeader
        title="Workflows"
        width="wide"
        status={<Freshness at={data?.freshAt ?? null} live={live} />}
        actions={
          <>
            <a href={data ? summaryCsvUrl('workflow', filters, data.range) : undefined} aria-disabled={data ? undefined : true} download className={buttonClass('secondary', 'md')} data-testid="export-csv">
              <Download className="size-3.5" aria-hidden />
              <span className="sr-only sm:not-sr-only">CSV</span>
            </a>
            {add}
          </>
        }
      >
        <FilterRow>
          <WorkflowFilters search={search} onChange={change} />
        </FilterRow>
      </PageHeader>
      <PageBody className={cx('transition-opacity', list.isPlaceholderData && 'opacity-60')}>
        {list.isError && !data ? (
          <Card flush>
            <ErrorState title="The workflows could not be read" error={list.error} onRetry={() => void list.refetch()} retrying={list.isFetching} />
          </Card>
        ) : null}
        {!data && !list.isError ? (
          <Card flush>
            <TableSkeleton rows={6} columns={8} />
          </Card>
        ) : null}
        {data && data.workflows.length === 0 ? <Nothing search={search} add={add} onChange={change} /> : null}
        {data && data.workflows.length > 0 ? (
          <>
            <WorkflowsTable
              workflows={data.workflows}
              search={search}
              states={states}
            />
            <p className="mt-3 px-1 text-xs text-ink-3">
              A run counts where its last event lies; its cost is that of all its calls.{' '}
              {data.percentiles === 'exact' ? 'Percentiles are exact: the cost of the run at that rank.' : 'So many runs are in this range that p50 and p95 are estimated from counts by cost; a workflow\'s own page has them exactly.'}
            </p>
          </>
        ) : null}
      </PageBody>
      {adding ? <SettingsDialog workflow={null} onClose={() => setAdding(false)} /> : null}
    </>
  );
}

interface NothingProps {
  readonly search: WorkflowsSearch;
  readonly add: React.ReactNode;
  readonly onChange: (next: Partial<WorkflowsSearch>) => void;
}

function Nothing({ search, add, onChange }: NothingProps) {
  const filtered = search.environment !== undefined || search.customerId !== undefined;
  const wide = search.range === '90d' && !search.from;
  return (
    <Card flush>
      <EmptyState
        icon={filtered ? Search : Workflow}
        title={filtered ? 'No workflow matches' : 'No workflow in this range'}
        actions={
          <>
            {filtered ? (
              <Button onClick={() => onChange({ environment: undefined, customerId: undefined })} icon={<FilterX className="size-4" aria-hidden />}>
                Clear the filters
              </Button>
            ) : null}
            {wide ? null : <Button onClick={() => onChange({ range: '90d', from: undefined, to: undefined })}>Look at 90 days</Button>}
            {filtered ? null : (
              <Link to="/docs/$guide" params={{ guide: 'runs' }} className={buttonClass('secondary')}>
                How runs are sent
              </Link>
            )}
            {filtered ? null : add}
          </>
        }
      >
        {filtered ? 'Nothing in this range matches the filters.' : 'A workflow appears with the first event that names it. You can say before that what its outcome is called and should cost.'}
      </EmptyState>
    </Card>
  );
}
