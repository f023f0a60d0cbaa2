import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { DoorOpen } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useCan } from '../api/abilities';
import { useLiveRefresh } from '../api/live';
import { trpc, type Outputs } from '../api/trpc';
import { SearchBox } from '../filters/search-box';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { formatPlural } from '../ui/format-number';
import { Freshness } from '../ui/freshness';
import { Missing, Money } from '../ui/money';
import { PageBody, PageHeader } from '../ui/page';
import { TableSkeleton } from '../ui/skeleton';
import { Cell, HeaderCell, Row, Table } from '../ui/table';
import { RelativeTime } from '../ui/time';
import { toast } from '../ui/toast';
import { GateTabs } from './gate-tabs';
import { timeLeft } from './prepare-gate';

type Hold = Outputs['gate']['holds'][number];

const REFRESH_MS = 5_000;
const WIDE_ONLY = 'hidden md:table-cell';
const route = getRouteApi('/app/gate');

/** What open runs may still spend: caps count it until they finish, or their hold expires by itself. */
export function HoldsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const can = useCan();
  const [freeing, setFreeing] = useState<Hold | null>(null);
  const queries = useQueryClient();
  // A begin records nothing in the ledger, so no live message tells of it.
  const list = useQuery(trpc.gate.holds.queryOptions(search, { placeholderData: keepPreviousData, refetchInterval: REFRESH_MS }));
  const live = useLiveRefresh(trpc.gate.holds.pathKey());
  const holds = list.data ?? [];
  const filtered = search.customerId !== undefined || search.workflow !== undefined;
  const free = useMutation(trpc.gate.freeHold.mutationOptions({
    onSuccess: async ({ freed }) => {
      setFreeing(null);
      toast.success(freed ? 'Released: what it held is free' : 'It held nothing any more');
      await queries.invalidateQueries({ queryKey: trpc.gate.pathKey() });
    },
  }));
  return (
    <>
      <PageHeader title="Gate" width="wide" status={<Freshness at={list.data ? new Date(list.dataUpdatedAt).toISOString() : null} live={live} />}>
        <div className="space-y-3">
          <GateTabs here="/gate" />
          <div className="flex flex-wrap items-center gap-2">
            <SearchBox label="Customer" placeholder="Customer, exactly" value={search.customerId} onChange={(text) => void navigate({ search: (now) => ({ ...now, customerId: text }), replace: true })} />
            <SearchBox label="Workflow" placeholder="Workflow, exactly" value={search.workflow} onChange={(text) => void navigate({ search: (now) => ({ ...now, workflow: text }), replace: true })} />
            {list.data ? <span className="text-xs text-ink-3 tabular-nums">{formatPlural(holds.length, 'open hold')}</span> : null}
          </div>
        </div>
      </PageHeader>
      <PageBody>
        <Card flush className="overflow-hidden">
          {list.isPending ? <TableSkeleton rows={6} columns={5} /> : null}
          {list.isError && !list.data ? <ErrorState error={list.error} title="The holds could not be read" onRetry={() => void list.refetch()} retrying={list.isFetching} /> : null}
          {list.data && holds.length === 0 ? (
            <EmptyState icon={DoorOpen} title={filtered ? 'No open run matches' : 'No run is open'} actions={filtered ? <Button onClick={() => void navigate({ search: {} })}>Clear the filters</Button> : null}>
              {filtered ? 'Names are matched exactly.' : 'A run that begins at the gate holds what it may spend until it finishes. Here you see it, and can release one that hangs; it expires by itself too.'}
            </EmptyState>
          ) : null}
          {holds.length > 0 ? <HoldTable holds={holds} onFree={can('gate.manage') ? setFreeing : null} /> : null}
        </Card>
      </PageBody>
      <ConfirmDialog open={freeing !== null} onOpenChange={() => setFreeing(null)} title="Release this hold?" action="Release" onConfirm={() => freeing && free.mutate({ runId: freeing.runId })} busy={free.isPending} error={free.error}>
        What run {freeing?.runRef ?? freeing?.runId} has not spent is free at once. If it is still working, its further calls count as ungated; nothing of it is lost.
      </ConfirmDialog>
    </>
  );
}

function HoldTable({ holds, onFree }: { readonly holds: readonly Hold[]; readonly onFree: ((hold: Hold) => void) | null }) {
  const nowMs = useSecond();
  return (
    <div className="scroll-thin relative overflow-x-auto">
      <Table aria-label="Open holds">
        <thead>
          <tr>
            <HeaderCell>Run</HeaderCell>
            <HeaderCell className={WIDE_ONLY}>Begun</HeaderCell>
            <HeaderCell align="right" title="By itself, whatever happens to the run">Expires in</HeaderCell>
            <HeaderCell align="right" className={WIDE_ONLY}>Reserved</HeaderCell>
            <HeaderCell align="right" className={WIDE_ONLY}>Spent</HeaderCell>
            <HeaderCell align="right" title="What caps still count of it">Holds</HeaderCell>
            <HeaderCell />
          </tr>
        </thead>
        <tbody>
          {holds.map((hold) => (
            <Row key={hold.runId} data-testid="hold-row" className="hover:bg-surface-2">
              <Cell className="max-w-64 py-2">
                <Link to="/runs/$runId" params={{ runId: hold.runId }} className="block truncate rounded-xs font-medium text-ink underline-offset-4 hover:underline">
                  {hold.workflow || 'No workflow'}
                </Link>
                <p className="truncate text-xs text-ink-3">
                  {hold.customerId || 'no customer'}
                  {hold.userId ? `, ${hold.userId}` : ''}
                  {hold.runRef ? ` · ${hold.runRef}` : ''}
                </p>
                {hold.bounded ? null : <Badge title="Its size was not known: it reserves what such runs usually cost">estimated</Badge>}
              </Cell>
              <Cell className={WIDE_ONLY}>
                <RelativeTime at={hold.begunAt} />
              </Cell>
              <Cell align="right">{timeLeft(hold.expiresAt, nowMs)}</Cell>
              <Cell align="right" className={WIDE_ONLY}>
                <Money pico={hold.reservedPico} />
              </Cell>
              <Cell align="right" className={WIDE_ONLY}>
                {hold.calls === 0 ? <Missing reason="No call yet" /> : <Money pico={hold.spentPico} />}
              </Cell>
              <Cell align="right" className="font-medium text-ink">
                <Money pico={hold.remainingPico} />
              </Cell>
              <Cell align="right">
                {onFree ? (
                  <Button size="sm" aria-label={`Release the hold of run ${hold.runRef ?? hold.runId}`} onClick={() => onFree(hold)}>
                    Release
                  </Button>
                ) : null}
              </Cell>
            </Row>
          ))}
        </tbody>
      </Table>
    </div>
  );
}

/** The time, each second: a countdown in steps of five would jump. */
function useSecond(): number {
  const [nowMs, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return nowMs;
}
