import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Download, FilterX, ShieldCheck } from 'lucide-react';
import { useLiveRefresh } from '../api/live';
import { trpc } from '../api/trpc';
import { SearchBox } from '../filters/search-box';
import { saveText } from '../plans/save-text';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { cx } from '../ui/cx';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { Freshness } from '../ui/freshness';
import { Select } from '../ui/input';
import { Missing } from '../ui/money';
import { PageBody, PageHeader } from '../ui/page';
import { TableSkeleton } from '../ui/skeleton';
import { Cell, HeaderCell, Row, Table } from '../ui/table';
import { RowTime } from '../ui/time';
import { DecisionDrawer } from './decision-drawer';
import { REASONS, VERDICTS, type DecisionsSearch } from './gate-search';
import { GateTabs } from './gate-tabs';
import { decisionsCsv, reasonText, VERDICT_TONES, type ListedDecision } from './prepare-gate';

const VERDICT_WORDS = { stopped: 'All but allowed', deny: 'Denied', degrade: 'Degraded', warn: 'Warned', allow: 'Allowed' } as const;
const WIDE_ONLY = 'hidden md:table-cell';
const REFRESH_MS = 5_000;
const route = getRouteApi('/app/gate/decisions');

/** Every begin: what was asked, what was decided, and why. */
export function DecisionsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { decision, ...filter } = search;
  const change = (next: Partial<DecisionsSearch>) => void navigate({ search: (now: DecisionsSearch) => ({ ...now, ...next }), replace: true, resetScroll: false });
  const list = useInfiniteQuery(trpc.gate.decisions.infiniteQueryOptions(filter, {
    getNextPageParam: (page) => page.nextCursor ?? undefined, placeholderData: keepPreviousData,
    // Older pages move under the reader's hand; only the first keeps itself fresh.
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) > 1 ? false : REFRESH_MS),
  }));
  const live = useLiveRefresh(trpc.gate.decisions.pathKey());
  const rows = list.data?.pages.flatMap((page) => page.rows) ?? [];
  const filtered = Object.keys(filter).length > 0;
  return (
    <>
      <PageHeader
        title="Gate"
        width="wide"
        status={<Freshness at={list.data ? new Date(list.dataUpdatedAt).toISOString() : null} live={live} />}
        actions={
          <Button icon={<Download className="size-3.5" aria-hidden />} disabled={rows.length === 0} title="The rows that are loaded" onClick={() => saveText('decisions.csv', decisionsCsv(rows))}>
            <span className="sr-only sm:not-sr-only">CSV</span>
          </Button>
        }
      >
        <div className="space-y-3">
          <GateTabs here="/gate/decisions" />
          <div className="flex flex-wrap items-center gap-2">
            <Select aria-label="Verdict" className="w-40" value={filter.verdict ?? ''} onChange={(event) => change({ verdict: VERDICTS.find((each) => each === event.target.value) })}>
              <option value="">Every verdict</option>
              {VERDICTS.map((each) => (
                <option key={each} value={each}>
                  {VERDICT_WORDS[each]}
                </option>
              ))}
            </Select>
            <Select aria-label="Reason" className="w-48" value={filter.reason ?? ''} onChange={(event) => change({ reason: REASONS.find((each) => each === event.target.value) })}>
              <option value="">Every reason</option>
              {REASONS.map((each) => (
                <option key={each} value={each}>
                  {reasonText(each)}
                </option>
              ))}
            </Select>
            <SearchBox label="Customer" placeholder="Customer, exactly" value={filter.customerId} onChange={(text) => change({ customerId: text })} />
            <SearchBox label="Workflow" placeholder="Workflow, exactly" value={filter.workflow} onChange={(text) => change({ workflow: text })} />
            <SearchBox label="Correlation id" placeholder="Correlation id" value={filter.requestId} onChange={(text) => change({ requestId: text })} />
            <SearchBox label="Run" placeholder="Run id" value={filter.runId} onChange={(text) => change({ runId: text })} />
          </div>
        </div>
      </PageHeader>
      <PageBody>
        <Card flush className={cx('overflow-hidden transition-opacity', list.isPlaceholderData && 'opacity-60')}>
          {list.isPending ? <TableSkeleton rows={10} columns={5} /> : null}
          {list.isError && !list.data ? <ErrorState error={list.error} title="The decisions could not be read" onRetry={() => void list.refetch()} retrying={list.isFetching} /> : null}
          {list.data && rows.length === 0 ? (
            <EmptyState
              icon={ShieldCheck}
              title={filtered ? 'No decision matches' : 'Nothing was decided yet'}
              actions={filtered ? <Button icon={<FilterX className="size-4" aria-hidden />} onClick={() => void navigate({ search: {} })}>Clear the filters</Button> : null}
            >
              {filtered ? 'Names and ids are matched exactly.' : 'Each run that begins at the gate is decided once: allowed, warned, degraded or denied, with the limits that were looked at. It can be decided again years later, with the same result.'}
            </EmptyState>
          ) : null}
          {rows.length > 0 ? <DecisionTable rows={rows} open={decision} onOpen={(id) => change({ decision: id })} /> : null}
          {list.hasNextPage ? (
            <div className="flex justify-center border-t border-line py-2.5">
              <Button look="ghost" size="sm" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
                Load more
              </Button>
            </div>
          ) : null}
        </Card>
      </PageBody>
      <DecisionDrawer id={decision ?? null} onClose={() => change({ decision: undefined })} />
    </>
  );
}

interface DecisionTableProps {
  readonly rows: readonly ListedDecision[];
  readonly open: string | undefined;
  readonly onOpen: (id: string) => void;
}

function DecisionTable({ rows, open, onOpen }: DecisionTableProps) {
  return (
    <div className="scroll-thin relative overflow-x-auto">
      <Table aria-label="Decisions">
        <thead>
          <tr>
            <HeaderCell>When</HeaderCell>
            <HeaderCell>Verdict</HeaderCell>
            <HeaderCell>Customer</HeaderCell>
            <HeaderCell className={WIDE_ONLY}>Workflow</HeaderCell>
            <HeaderCell className={WIDE_ONLY}>Environment</HeaderCell>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.id} data-testid="decision-row" className={cx('hover:bg-surface-2', row.id === open && 'bg-accent-soft')}>
              <Cell className="whitespace-nowrap">
                <button type="button" onClick={() => onOpen(row.id)} className="rounded-xs text-ink underline-offset-4 hover:underline">
                  <RowTime at={row.at} />
                </button>
              </Cell>
              <Cell className="py-1.5">
                <Badge tone={VERDICT_TONES[row.verdict]} dot>
                  {row.verdict}
                </Badge>
                {row.reason ? <span className="block text-xs text-ink-3 sm:ml-2 sm:inline">{reasonText(row.reason)}</span> : null}
              </Cell>
              <Cell className="max-w-48">
                <span className="block truncate">{row.customerId || <Missing reason="No customer" />}</span>
              </Cell>
              <Cell className={cx(WIDE_ONLY, 'max-w-56')}>
                <span className="block truncate">{row.workflow || <Missing reason="No workflow" />}</span>
              </Cell>
              <Cell className={WIDE_ONLY}>{row.environment}</Cell>
            </Row>
          ))}
        </tbody>
      </Table>
    </div>
  );
}
