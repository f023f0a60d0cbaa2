import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Download } from 'lucide-react';
import { trpc, type Outputs } from '../api/trpc';
import { summaryCsvUrl } from '../filters/export-url';
import { shortId } from '../ledger/prepare-row';
import { Badge, type Tone } from '../ui/badge';
import { Button, buttonClass } from '../ui/button';
import { Card } from '../ui/card';
import { cx } from '../ui/cx';
import { ErrorState } from '../ui/error-state';
import { formatCount, formatDuration } from '../ui/format-number';
import { Missing, Money } from '../ui/money';
import { TableSkeleton } from '../ui/skeleton';
import { Cell, HeaderCell, Row, Table } from '../ui/table';
import { Segmented } from '../ui/tabs';
import { RowTime } from '../ui/time';
import { RUN_STATES, type RunOrder, type RunState, type WorkflowSearch } from './workflow-search';

type ListedRun = Outputs['workflows']['runs']['rows'][number];

interface RunListProps {
  readonly workflow: string;
  /** The filters of the page, with its range. */
  readonly filters: Omit<WorkflowSearch, 'compare' | 'state' | 'order'>;
  /** The instants that are shown, for the file. */
  readonly span: { readonly from: string; readonly to: string };
  readonly state: RunState | undefined;
  readonly order: RunOrder;
  readonly onChange: (next: Pick<WorkflowSearch, 'state' | 'order'>) => void;
}

const PAGE_SIZE = 25;
export const STATE_TONES: Record<RunState, Tone> = { usable: 'positive', unusable: 'danger', open: 'accent', unknown: 'warning' };

/** The runs of the range, page by page; each leads to its own page. */
export function RunList({ workflow, filters, span, state, order, onChange }: RunListProps) {
  const list = useInfiniteQuery(
    trpc.workflows.runs.infiniteQueryOptions({ workflow, ...filters, state, order, limit: PAGE_SIZE }, { getNextPageParam: (page) => page.nextCursor ?? undefined, placeholderData: keepPreviousData }),
  );
  const rows = list.data?.pages.flatMap((page) => page.rows) ?? [];
  return (
    <Card
      title="Runs"
      flush
      className="scroll-mt-32 overflow-hidden"
      actions={
        <div className="flex flex-wrap items-center gap-2">
          <div className="no-scrollbar max-w-full overflow-x-auto">
            <Segmented
              label="Outcome"
              options={[{ value: 'all', label: 'All' }, ...RUN_STATES.map((each) => ({ value: each, label: <span className="capitalize">{each}</span> }))]}
              value={state ?? 'all'}
              onChange={(next) => onChange({ state: next === 'all' ? undefined : next, order })}
            />
          </div>
          <Segmented label="Order" options={[{ value: 'newest', label: 'Newest' }, { value: 'dearest', label: 'Dearest' }]} value={order} onChange={(next) => onChange({ state, order: next })} />
          <a href={summaryCsvUrl('run', { ...filters, workflow }, span)} download className={buttonClass('ghost', 'sm')} title="Every run of the range, whatever its outcome, summed from its ledger rows">
            <Download className="size-3.5" aria-hidden />
            Runs as CSV
          </a>
        </div>
      }
    >
      <div className={cx('border-t border-line transition-opacity', list.isPlaceholderData && 'opacity-60')} data-testid="run-list">
        {list.isPending ? <TableSkeleton rows={8} columns={6} /> : null}
        {list.isError && !list.data ? <ErrorState title="The runs could not be read" error={list.error} onRetry={() => void list.refetch()} retrying={list.isFetching} /> : null}
        {list.data && rows.length === 0 ? <p className="py-10 text-center text-sm text-ink-3">{state ? `No run of this range is ${state}.` : 'No run in this range.'}</p> : null}
        {rows.length > 0 ? <Runs rows={rows} /> : null}
        {list.hasNextPage ? (
          <div className="flex justify-center border-t border-line py-2">
            <Button look="ghost" size="sm" onClick={() => void list.fetchNextPage()} busy={list.isFetchingNextPage}>
              {list.isFetchNextPageError ? 'Loading failed. Try again' : 'Load more'}
            </Button>
          </div>
        ) : null}
      </div>
    </Card>
  );
}

function Runs({ rows }: { readonly rows: readonly ListedRun[] }) {
  return (
    <>
      <div className="scroll-thin relative hidden overflow-x-auto sm:block">
        <Table aria-label="Runs">
          <thead>
            <tr>
              <HeaderCell>Run</HeaderCell>
              <HeaderCell>Last event</HeaderCell>
              <HeaderCell>Outcome</HeaderCell>
              <HeaderCell>Customer</HeaderCell>
              <HeaderCell align="right">Calls</HeaderCell>
              <HeaderCell align="right">Later attempts</HeaderCell>
              <HeaderCell align="right" title="From the first event to the last">Took</HeaderCell>
              <HeaderCell align="right">Cost</HeaderCell>
            </tr>
          </thead>
          <tbody>
            {rows.map((run) => (
              <Row key={run.runId} className="hover:bg-surface-2" data-testid="run-row">
                <Cell className="font-mono text-xs whitespace-nowrap">
                  <RunLink run={run} />
                </Cell>
                <Cell className="whitespace-nowrap tabular-nums">
                  <RowTime at={run.lastAt} />
                </Cell>
                <Cell>
                  <Badge tone={STATE_TONES[run.state]} dot>{run.state}</Badge>
                </Cell>
                <Cell className="max-w-40 truncate" title={run.customerId ?? undefined}>{run.customerId ?? <Missing reason="No customer named" />}</Cell>
                <Cell align="right">{formatCount(run.calls)}</Cell>
                <Cell align="right" className={run.retries > 0 ? 'text-warning' : ''}>{run.retries > 0 ? formatCount(run.retries) : <span className="text-ink-3">0</span>}</Cell>
                <Cell align="right">{formatDuration(Date.parse(run.lastAt) - Date.parse(run.firstAt))}</Cell>
                <Cell align="right" className="font-medium text-ink">
                  <RunCost run={run} />
                </Cell>
              </Row>
            ))}
          </tbody>
        </Table>
      </div>
      <ul aria-label="Runs" className="divide-y divide-line sm:hidden">
        {rows.map((run) => (
          <li key={run.runId}>
            <Link to="/runs/$runId" params={{ runId: run.runId }} className="block px-4 py-2.5 active:bg-surface-2" data-testid="run-row">
              <span className="flex items-center gap-2 text-sm">
                <span className="min-w-0 flex-1 truncate font-mono text-xs text-ink">{shortId(run.runRef ?? run.runId)}</span>
                <RunCost run={run} />
              </span>
              <span className="mt-1 flex items-center gap-2 text-xs text-ink-3">
                <Badge tone={STATE_TONES[run.state]} dot>{run.state}</Badge>
                <span className="min-w-0 flex-1 truncate">{[run.customerId, `${run.calls} calls`, run.retries > 0 ? `${run.retries} again` : null].filter(Boolean).join(', ')}</span>
                <RowTime at={run.lastAt} className="whitespace-nowrap tabular-nums" />
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}

function RunLink({ run }: { readonly run: ListedRun }) {
  const name = run.runRef ?? run.runId;
  return (
    <Link to="/runs/$runId" params={{ runId: run.runId }} title={name} className="rounded-xs text-ink underline-offset-4 hover:underline">
      {name.length > 24 ? shortId(name) : name}
    </Link>
  );
}

function RunCost({ run }: { readonly run: ListedRun }) {
  return (
    <>
      {run.unpriced > 0 ? <Badge tone="warning" className="mr-2" title={`${run.unpriced} calls without a price: the cost is not whole yet`}>unpriced</Badge> : null}
      <Money pico={run.costPico} form="row" />
    </>
  );
}
