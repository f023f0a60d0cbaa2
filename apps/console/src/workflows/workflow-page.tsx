import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ChevronLeft, Download, FileSpreadsheet, ScrollText, Settings2 } from 'lucide-react';
import { useRef, useState } from 'react';
import { useCan } from '../api/abilities';
import { trpc } from '../api/trpc';
import { FilterRow } from '../filters/common-filters';
import { ComparisonFilter } from '../filters/comparison-filter';
import { exportUrl, summaryCsvUrl } from '../filters/export-url';
import { Button, buttonClass } from '../ui/button';
import { Card } from '../ui/card';
import { cx } from '../ui/cx';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { Freshness } from '../ui/freshness';
import { Menu, MenuItem } from '../ui/menu';
import { PageBody, PageHeader } from '../ui/page';
import { Skeleton, TableSkeleton } from '../ui/skeleton';
import { AttemptsCard, ModelMixCard, OutcomesCard } from './breakdown-cards';
import { ContextCard } from './context-card';
import { DistributionCard } from './distribution-card';
import { FigureStrip, FigureStripSkeleton } from './figure-strip';
import { describeTime } from './prepare-settings';
import { prepareFigures, type WorkflowDetail } from './prepare-workflow';
import { describeUnitCost } from './prepare-workflows';
import { RunList } from './run-list';
import { SettingsDialog } from './settings-dialog';
import { useLiveRefresh } from '../api/live';
import { WorkflowFilters } from './workflow-filters';
import type { RunState, WorkflowSearch, WorkflowsSearch } from './workflow-search';
import { StateSentence, useWorkflowStates } from './workflow-states';

const route = getRouteApi('/app/workflows/$workflow');
const BESIDE = 'grid gap-4 *:min-w-0 sm:gap-5 xl:grid-cols-[minmax(0,1fr)_22rem]';

export function WorkflowPage() {
  const { workflow } = route.useParams();
  const { state, order, compare, ...search } = route.useSearch();
  const navigate = route.useNavigate();
  const can = useCan();
  const [editing, setEditing] = useState(false);
  const runs = useRef<HTMLDivElement>(null);
  const change = (next: Partial<WorkflowSearch>) => void navigate({ search: (now: WorkflowSearch) => ({ ...now, ...next }), replace: true, resetScroll: false });
  const filters = search.from ? search : { ...search, range: search.range ?? '7d' as const };
  const found = useQuery(trpc.workflows.get.queryOptions({ workflow, ...filters }, { placeholderData: keepPreviousData }));
  const judged = useWorkflowStates({ ...filters, workflow }).get(workflow);
  const live = useLiveRefresh(trpc.workflows.pathKey(), trpc.overview.pathKey());
  // The page before may have been another workflow's.
  const data = found.data?.workflow === workflow ? found.data : undefined;
  const showRuns = (next: RunState) => {
    change({ state: next });
    runs.current?.scrollIntoView({ block: 'start' });
  };
  return (
    <>
      <PageHeader
        title={workflow}
        width="wide"
        status={<Freshness at={data?.freshAt ?? null} live={live} />}
        actions={
          <>
            {data ? <ExportMenu detail={data} search={search} /> : null}
            {can('workflows.manage') ? (
              <Button onClick={() => setEditing(true)} disabled={!data} icon={<Settings2 className="size-3.5" aria-hidden />}>
                <span className="sr-only sm:not-sr-only">Settings</span>
              </Button>
            ) : null}
          </>
        }
      >
        <FilterRow>
          <WorkflowFilters search={search} onChange={change} comparison={data ? <ComparisonFilter value={compare} span={data.range} onChange={(next) => change({ compare: next })} /> : null} />
        </FilterRow>
      </PageHeader>
      <PageBody className={cx('space-y-4 transition-opacity sm:space-y-5', found.isPlaceholderData && 'opacity-60')}>
        {found.isError && !data ? (
          <Card flush>
            <ErrorState title="The workflow could not be read" error={found.error} onRetry={() => void found.refetch()} retrying={found.isFetching} />
          </Card>
        ) : null}
        {!data && !found.isError ? <Loading /> : null}
        {data && isUnknown(data) ? <Unknown workflow={workflow} onWiden={() => change({ range: '90d', from: undefined, to: undefined })} /> : null}
        {data && !isUnknown(data) ? (
          <>
            <Lead detail={data} search={search} />
            {judged ? <StateSentence {...judged} workflow={workflow} search={search} /> : null}
            <FigureStrip figures={prepareFigures(data, compare !== 'none')} />
            <div className={BESIDE}>
              <DistributionCard detail={data} />
              <OutcomesCard detail={data} onChoose={showRuns} />
            </div>
            <div className={BESIDE}>
              <ContextCard detail={data} compared={compare !== 'none'} />
              <ModelMixCard detail={data} search={search} compared={compare !== 'none'} />
            </div>
            <div className={cx(BESIDE, 'items-start')}>
              <div ref={runs} className="scroll-mt-32">
                <RunList workflow={workflow} filters={filters} span={data.range} state={state} order={order ?? 'newest'} onChange={change} />
              </div>
              <AttemptsCard detail={data} />
            </div>
          </>
        ) : null}
      </PageBody>
      {editing && data ? <SettingsDialog workflow={{ name: workflow, settings: data.settings }} onClose={() => setEditing(false)} /> : null}
    </>
  );
}

/** Neither seen on any day nor set up: a misspelt link, or a workflow that is still to come. */
function isUnknown({ configured, lastDay }: WorkflowDetail): boolean {
  return !configured && lastDay === null;
}

/** What one outcome costs, in a sentence, and what the team says of it. */
function Lead({ detail, search }: { readonly detail: WorkflowDetail; readonly search: WorkflowsSearch }) {
  const { settings, totals } = detail;
  const cost = describeUnitCost(totals.costPerUsablePico, settings.unitName);
  return (
    <div className="space-y-1">
      <Link to="/workflows" search={search} className="-ml-1 inline-flex items-center gap-0.5 rounded-xs pr-1 text-xs text-ink-3 hover:text-ink">
        <ChevronLeft className="size-3.5" aria-hidden />
        All workflows
      </Link>
      <p className="text-lg font-semibold text-ink" data-testid="unit-cost">{cost ?? 'No usable outcome in this range'}</p>
      <p className="max-w-3xl text-sm text-ink-3">
        {settings.usableMeans ? `Usable means: ${settings.usableMeans} ` : ''}
        {`A run without outcome is given up after ${describeTime(settings.timeToLiveMs)}.`}
      </p>
    </div>
  );
}

function ExportMenu({ detail, search }: { readonly detail: WorkflowDetail; readonly search: Omit<WorkflowSearch, 'compare' | 'state' | 'order'> }) {
  const filters = { ...search, workflow: detail.workflow };
  return (
    <Menu
      trigger={
        <Button icon={<Download className="size-3.5" aria-hidden />} data-testid="export-menu">
          <span className="sr-only sm:not-sr-only">CSV</span>
        </Button>
      }
    >
      <MenuItem onSelect={() => window.location.assign(summaryCsvUrl('run', filters, detail.range))} icon={<FileSpreadsheet aria-hidden />}>
        A line for each run
      </MenuItem>
      <MenuItem onSelect={() => window.location.assign(summaryCsvUrl('model', filters, detail.range))} icon={<FileSpreadsheet aria-hidden />}>
        A line for each model
      </MenuItem>
      <MenuItem onSelect={() => window.location.assign(exportUrl('csv', filters, detail.range))} icon={<ScrollText aria-hidden />}>
        Every ledger row
      </MenuItem>
    </Menu>
  );
}

function Unknown({ workflow, onWiden }: { readonly workflow: string; readonly onWiden: () => void }) {
  return (
    <Card flush>
      <EmptyState
        icon={ScrollText}
        title="No event names this workflow"
        actions={
          <>
            <Link to="/workflows" search={{}} className={buttonClass('primary')}>
              All workflows
            </Link>
            <Button onClick={onWiden}>Look at 90 days</Button>
          </>
        }
      >
        Nothing of this team was ever recorded under <code className="rounded-xs bg-surface-3 px-1 py-0.5 text-xs break-all">{workflow}</code>, and nobody has set it up. Names are told apart letter for letter.
      </EmptyState>
    </Card>
  );
}

function Loading() {
  return (
    <>
      <Skeleton className="h-6 w-72" />
      <FigureStripSkeleton />
      <div className={BESIDE}>
        <Card>
          <Skeleton className="h-4 w-32" />
          <Skeleton className="mt-5 h-52 w-full rounded-md" />
        </Card>
        <Card>
          <Skeleton className="h-4 w-36" />
          {[0, 1, 2, 3].map((row) => (
            <Skeleton key={row} className="mt-4 h-8 w-full" />
          ))}
        </Card>
      </div>
      <Card flush>
        <TableSkeleton rows={8} columns={6} />
      </Card>
    </>
  );
}
