import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { CircleCheck, Cog, RotateCcw } from 'lucide-react';
import { useCan } from '../api/abilities';
import { useLiveRefresh } from '../api/live';
import { readFailure } from '../api/read-failure';
import { trpc } from '../api/trpc';
import { SearchBox } from '../filters/search-box';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { cx } from '../ui/cx';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { formatCount, formatDuration } from '../ui/format-number';
import { Freshness } from '../ui/freshness';
import { Missing } from '../ui/money';
import { PageBody, PageHeader } from '../ui/page';
import { TableSkeleton } from '../ui/skeleton';
import { Cell, HeaderCell, Row, Table } from '../ui/table';
import { Segmented } from '../ui/tabs';
import { RelativeTime, useNow } from '../ui/time';
import { toast } from '../ui/toast';
import { allFailures, jobsSummary, QUEUE_LOOKS, queueState, rhythmWords, shownQueues, type FailureFacts, type QueueFacts } from './prepare-jobs';

const route = getRouteApi('/app/jobs');
const REFRESH_MS = 2_000;
const WIDE_ONLY = 'hidden md:table-cell';

/** The work behind the pages: what runs, what waits, what failed and why. */
export function JobsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const nowMs = useNow();
  const list = useQuery(trpc.jobs.list.queryOptions(undefined, { placeholderData: keepPreviousData, refetchInterval: REFRESH_MS }));
  const live = useLiveRefresh(trpc.jobs.pathKey());
  const all = list.data?.queues ?? [];
  const queues = shownQueues(all, { search: search.search, state: search.state }, nowMs);
  return (
    <>
      <PageHeader
        title="Jobs"
        width="wide"
        status={<Freshness at={list.data ? new Date(list.dataUpdatedAt).toISOString() : null} live={live} />}
        description={all.length > 0 ? `${jobsSummary(all)}${list.data?.backend ? `; kept in ${list.data.backend === 'redis' ? 'Redis' : 'Postgres'}` : ''}` : null}
      >
        <div className="flex flex-wrap items-center gap-2">
          <Segmented
            label="State"
            options={[{ value: 'all', label: 'All' }, { value: 'failed', label: 'Failed' }]}
            value={search.state ?? 'all'}
            onChange={(state) => void navigate({ search: (now) => ({ ...now, state: state === 'failed' ? 'failed' : undefined }), replace: true })}
          />
          <SearchBox label="Search jobs" placeholder="Name or what it does" value={search.search} onChange={(text) => void navigate({ search: (now) => ({ ...now, search: text }), replace: true })} />
        </div>
      </PageHeader>
      <PageBody className="space-y-5">
        {list.isPending ? <Card flush><TableSkeleton rows={8} columns={5} /></Card> : null}
        {list.isError && !list.data ? (
          <Card flush>
            <ErrorState error={list.error} title="The jobs could not be read" onRetry={() => void list.refetch()} retrying={list.isFetching} />
          </Card>
        ) : null}
        {list.data && all.length === 0 ? (
          <Card flush>
            <EmptyState icon={Cog} title="No queue is open in this process">
              The workers stand apart and share no queue with this server. Start it with the same REDIS_URL, or without one in a single process.
            </EmptyState>
          </Card>
        ) : null}
        {all.length > 0 && (search.state === 'failed' || allFailures(queues).length > 0) ? <FailureCard failures={allFailures(queues)} /> : null}
        {all.length > 0 && queues.length === 0 && search.state === undefined ? (
          <Card flush>
            <EmptyState icon={Cog} title="No job matches" actions={<Button onClick={() => void navigate({ search: {} })}>Show all jobs</Button>}>
              Nothing matches the filters.
            </EmptyState>
          </Card>
        ) : null}
        {queues.length > 0 ? <QueueTable queues={queues} nowMs={nowMs} /> : null}
      </PageBody>
    </>
  );
}

function FailureCard({ failures }: { readonly failures: readonly FailureFacts[] }) {
  const manages = useCan()('jobs.manage');
  const queries = useQueryClient();
  const retry = useMutation(trpc.jobs.retry.mutationOptions({
    onSuccess: () => toast.success('It is tried again now'),
    onError: (error) => void toast.error(readFailure(error).message),
    onSettled: () => queries.invalidateQueries({ queryKey: trpc.jobs.pathKey() }),
  }));
  if (failures.length === 0) {
    return (
      <Card flush>
        <EmptyState icon={CircleCheck} title="Nothing failed">
          A job that fails is tried again by itself; one that gave up stands here with its reason.
        </EmptyState>
      </Card>
    );
  }
  return (
    <Card title="What failed" description="Tried as often as it is, then given up. What is tried again runs at once." flush className="overflow-hidden">
      <ul aria-label="Failed jobs" className="divide-y divide-line border-t border-line">
        {failures.map((failure) => (
          <li key={`${failure.queue} ${failure.id}`} data-testid="failed-job" className="flex flex-wrap items-start gap-x-4 gap-y-2 px-4 py-3 sm:flex-nowrap sm:px-5">
            <div className="min-w-0 flex-1">
              <p className="flex flex-wrap items-baseline gap-x-2 text-sm font-medium text-ink">
                {failure.queue}
                <span className="text-xs font-normal text-ink-3">
                  {failure.failedAt ? <RelativeTime at={failure.failedAt} /> : null} · tried {formatCount(failure.attempts)} {failure.attempts === 1 ? 'time' : 'times'}
                  {failure.ofAll ? ' · a round over all teams' : null}
                </span>
              </p>
              <p className="mt-0.5 text-sm break-words text-ink-2">{failure.reason || 'No reason was given.'}</p>
            </div>
            {manages ? (
              <Button size="sm" icon={<RotateCcw className="size-3.5" aria-hidden />} busy={retry.isPending && retry.variables.id === failure.id && retry.variables.queue === failure.queue} onClick={() => retry.mutate({ queue: failure.queue, id: failure.id })} aria-label={`Try ${failure.queue} again`}>
                Try again
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
    </Card>
  );
}

function QueueTable({ queues, nowMs }: { readonly queues: readonly QueueFacts[]; readonly nowMs: number }) {
  return (
    <Card flush className="overflow-hidden">
      <div className="scroll-thin relative overflow-x-auto">
        <Table aria-label="Queues">
          <thead>
            <tr>
              <HeaderCell>Job</HeaderCell>
              <HeaderCell>State</HeaderCell>
              <HeaderCell align="right" className={WIDE_ONLY}>Waiting</HeaderCell>
              <HeaderCell align="right" className={WIDE_ONLY}>Running</HeaderCell>
              <HeaderCell align="right" className={WIDE_ONLY} title="Of all teams">Failed</HeaderCell>
              <HeaderCell align="right">Last done</HeaderCell>
              <HeaderCell align="right" className={WIDE_ONLY}>Took</HeaderCell>
              <HeaderCell align="right" className={WIDE_ONLY}>Next</HeaderCell>
            </tr>
          </thead>
          <tbody>
            {queues.map((queue) => {
              const look = QUEUE_LOOKS[queueState(queue, nowMs)];
              return (
                <Row key={queue.name} data-testid="queue-row" className="hover:bg-surface-2">
                  <Cell className="py-2">
                    <span className="block font-medium text-ink">{queue.name}</span>
                    <span className="block text-xs text-ink-3">
                      {queue.words ? `${queue.words} ` : null}
                      <span className="whitespace-nowrap first-letter:uppercase inline-block">{rhythmWords(queue.everyMs)}.</span>
                    </span>
                  </Cell>
                  <Cell>
                    <Badge tone={look.tone} dot title={look.note}>{look.label}</Badge>
                  </Cell>
                  <Cell align="right" className={WIDE_ONLY}>{formatCount(queue.waiting)}</Cell>
                  <Cell align="right" className={WIDE_ONLY}>{formatCount(queue.active)}</Cell>
                  <Cell align="right" className={cx(WIDE_ONLY, queue.failed > 0 && 'text-danger')}>{formatCount(queue.failed)}</Cell>
                  <Cell align="right">{queue.lastDoneAt ? <RelativeTime at={queue.lastDoneAt} /> : <Missing reason="Not in the last day" />}</Cell>
                  <Cell align="right" className={WIDE_ONLY}>{queue.lastTookMs === null ? <Missing reason="Not known" /> : formatDuration(queue.lastTookMs)}</Cell>
                  <Cell align="right" className={WIDE_ONLY}>{queue.nextAt === null ? <Missing reason="When asked" /> : Date.parse(queue.nextAt) <= nowMs ? 'now' : <RelativeTime at={queue.nextAt} />}</Cell>
                </Row>
              );
            })}
          </tbody>
        </Table>
      </div>
    </Card>
  );
}
