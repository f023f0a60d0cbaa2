import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ArrowLeft, History, Unplug } from 'lucide-react';
import { useState } from 'react';
import { useCan } from '../api/abilities';
import { useLiveRefresh } from '../api/live';
import { trpc, type Outputs } from '../api/trpc';
import { Badge } from '../ui/badge';
import { buttonClass } from '../ui/button';
import { Callout } from '../ui/callout';
import { Card } from '../ui/card';
import { cx } from '../ui/cx';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { Figure, FigureStrip, FigureStripSkeleton } from '../ui/figure-strip';
import { formatCount } from '../ui/format-number';
import { Freshness } from '../ui/freshness';
import { Missing } from '../ui/money';
import { PageBody, PageHeader } from '../ui/page';
import { TableSkeleton } from '../ui/skeleton';
import { Cell, HeaderCell, Row, Table } from '../ui/table';
import { RelativeTime, RowTime, useNow } from '../ui/time';
import { ConnectDialog, type Connection } from './connect-dialog';
import { ConnectionActions, NextRun } from './connection-list';
import { CAUSE_WORDS, lagWords, prepareTicks, progressWords, stateWords, SYNC_LOOKS, syncTook } from './prepare-connections';
import { providerName } from './provider-kinds';
import { UsageCard } from './usage-card';

type Sync = Outputs['providers']['syncs'][number];

const route = getRouteApi('/app/providers/$connectionId');
const RUNNING_MS = 1_000;
const REST_MS = 15_000;
const WIDE_ONLY = 'hidden md:table-cell';

/** One connection: how it stands, what its provider counts beside what it bills, and each sync of it with what it read. */
export function ConnectionPage() {
  const { connectionId } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const manages = useCan()('providers.manage');
  const [editing, setEditing] = useState(false);
  const list = useQuery(trpc.providers.list.queryOptions(undefined, { placeholderData: keepPreviousData, refetchInterval: (query) => (query.state.data?.some(({ progress }) => progress !== null) ? RUNNING_MS : REST_MS) }));
  const live = useLiveRefresh(trpc.providers.pathKey());
  const connection = list.data?.find(({ id }) => id === connectionId);
  return (
    <>
      <PageHeader
        title={connection?.name ?? 'Connection'}
        width="medium"
        status={
          <>
            {connection ? <Badge tone={stateWords(connection).tone} dot title={stateWords(connection).note}>{stateWords(connection).label}</Badge> : null}
            <Freshness at={list.data ? new Date(list.dataUpdatedAt).toISOString() : null} live={live} />
          </>
        }
        actions={connection && manages ? <ConnectionActions connection={connection} onChange={() => setEditing(true)} onRemoved={() => void navigate({ to: '/providers' })} /> : null}
      >
        <Link to="/providers" className="inline-flex items-center gap-1.5 rounded-xs text-sm text-ink-2 hover:text-ink">
          <ArrowLeft className="size-3.5" aria-hidden /> All providers
        </Link>
      </PageHeader>
      <PageBody width="medium" className="space-y-5">
        {list.isPending ? <FigureStripSkeleton /> : null}
        {list.isError && !list.data ? (
          <Card flush>
            <ErrorState error={list.error} title="The connection could not be read" onRetry={() => void list.refetch()} retrying={list.isFetching} />
          </Card>
        ) : null}
        {list.data && !connection ? (
          <Card flush>
            <EmptyState icon={Unplug} title="There is no such connection" actions={<Link to="/providers" className={buttonClass('secondary')}>All providers</Link>}>
              It was removed, or it belongs to another team.
            </EmptyState>
          </Card>
        ) : null}
        {connection ? <Standing connection={connection} /> : null}
        {connection ? <UsageCard connection={connection} search={search} onChange={(next) => void navigate({ search: (now) => ({ ...now, ...next }), replace: true, resetScroll: false })} /> : null}
        {connection ? <SyncHistory connection={connection} /> : null}
      </PageBody>
      {editing && connection && connection.provider !== 'import' ? <ConnectDialog kind={connection.provider} connection={connection} onClose={() => setEditing(false)} /> : null}
    </>
  );
}

function Standing({ connection }: { readonly connection: Connection }) {
  const words = stateWords(connection);
  const settings = Object.entries(connection.settings).filter((entry): entry is [string, string | boolean] => typeof entry[1] === 'string' || typeof entry[1] === 'boolean');
  return (
    <>
      <FigureStrip label="How it stands">
        <Figure label="Last success" value={connection.lastSuccessAt ? <RelativeTime at={connection.lastSuccessAt} /> : <Missing reason="Not yet" />} note={connection.lastAttemptAt ? <>last asked <RelativeTime at={connection.lastAttemptAt} /></> : 'not asked yet'} />
        <Figure label="Behind" value={lagWords(connection) ?? <Missing reason="Nothing was read yet" />} note="by what is furthest ahead" />
        <Figure label="Next run" value={connection.nextSyncAt ? <NextRun at={connection.nextSyncAt} /> : <Missing reason="It is not asked" />} note={words.note} />
        <Figure label="Failures in a row" value={formatCount(connection.failures)} note={connection.failures === 0 ? 'it works' : 'the pause between tries grows'} />
      </FigureStrip>
      {connection.lastError && connection.state !== 'paused' ? <Callout tone="warning"><span className="break-words">{connection.lastError}</span></Callout> : null}
      {connection.progress ? <p role="status" className="text-sm text-ink-2 tabular-nums">{progressWords(connection.progress)}</p> : null}
      <Card title="Connection">
        <dl className="grid gap-x-8 gap-y-3 text-sm sm:grid-cols-2">
          <Fact name="Provider">{providerName(connection.provider)}</Fact>
          {connection.hint ? <Fact name="Key">ends in {connection.hint}; sealed, never shown</Fact> : null}
          {settings.map(([name, value]) => (
            <Fact key={name} name={name === 'baseUrl' ? 'Address' : name}>{String(value)}</Fact>
          ))}
          <Fact name="Connected">
            <RelativeTime at={connection.createdAt} /> by {connection.createdBy}
          </Fact>
        </dl>
      </Card>
    </>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-ink-3">{name}</dt>
      <dd className="mt-0.5 break-words text-ink">{children}</dd>
    </div>
  );
}

function SyncHistory({ connection }: { readonly connection: Connection }) {
  const syncs = useQuery(trpc.providers.syncs.queryOptions({ id: connection.id }, { placeholderData: keepPreviousData, refetchInterval: connection.progress ? RUNNING_MS : REST_MS }));
  const rows = syncs.data ?? [];
  return (
    <Card title="Syncs" description="The last 50, the newest first. What did not change is not stored again." flush className="overflow-hidden" actions={rows.length > 1 ? <Ticks syncs={rows} /> : null}>
      {syncs.isPending ? <TableSkeleton rows={5} columns={5} /> : null}
      {syncs.isError && !syncs.data ? <ErrorState error={syncs.error} title="The syncs could not be read" onRetry={() => void syncs.refetch()} retrying={syncs.isFetching} /> : null}
      {syncs.data && rows.length === 0 ? <EmptyState icon={History} title="No sync yet">The first one begins within a minute.</EmptyState> : null}
      {rows.length > 0 ? (
        <div className="scroll-thin relative overflow-x-auto border-t border-line">
          <Table aria-label="Syncs">
            <thead>
              <tr>
                <HeaderCell>Begun</HeaderCell>
                <HeaderCell>State</HeaderCell>
                <HeaderCell align="right" className={WIDE_ONLY}>Pages</HeaderCell>
                <HeaderCell align="right" className={WIDE_ONLY}>Rows read</HeaderCell>
                <HeaderCell align="right">Changed</HeaderCell>
                <HeaderCell align="right" className={WIDE_ONLY}>Took</HeaderCell>
              </tr>
            </thead>
            <tbody>
              {rows.map((sync) => (
                <SyncRow key={sync.id} sync={sync} />
              ))}
            </tbody>
          </Table>
        </div>
      ) : null}
    </Card>
  );
}

function SyncRow({ sync }: { readonly sync: Sync }) {
  const look = SYNC_LOOKS[sync.state];
  return (
    <Row data-testid="sync-row" data-state={sync.state} className="hover:bg-surface-2">
      <Cell className="py-2 align-top whitespace-nowrap">
        <RowTime at={sync.startedAt} />
        <span className="block text-xs text-ink-3">{CAUSE_WORDS[sync.cause]}</span>
      </Cell>
      <Cell className="py-2 align-top">
        <Badge tone={look.tone} dot>{look.label}</Badge>
        {sync.error ? <p className="mt-1 max-w-prose text-xs break-words text-ink-2">{sync.error}</p> : null}
        {sync.state === 'running' && sync.progress ? <p className="mt-1 text-xs text-ink-2">{sync.progress}</p> : null}
      </Cell>
      <Cell align="right" className={cx(WIDE_ONLY, 'py-2 align-top')}>{formatCount(sync.pages)}</Cell>
      <Cell align="right" className={cx(WIDE_ONLY, 'py-2 align-top')}>{formatCount(sync.rowsRead)}</Cell>
      <Cell align="right" className="py-2 align-top">{formatCount(sync.rowsChanged)}</Cell>
      <Cell align="right" className={cx(WIDE_ONLY, 'py-2 align-top')}>{syncTook(sync) ?? <Missing reason="It runs" />}</Cell>
    </Row>
  );
}

const TICKS = { done: 'bg-(--series-6)', failed: 'bg-(--series-4)', running: 'bg-(--series-1)' } as const;

/** The history at a glance: the table below says the same in words. */
function Ticks({ syncs }: { readonly syncs: readonly Sync[] }) {
  const nowMs = useNow();
  return (
    <div aria-hidden className="flex h-8 items-end gap-0.5">
      {prepareTicks(syncs, nowMs).map((tick) => (
        <span key={tick.key} title={tick.title} className={cx('w-1 rounded-t-xs', TICKS[tick.state])} style={{ height: `${tick.height * 100}%` }} />
      ))}
    </div>
  );
}
