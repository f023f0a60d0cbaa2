import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Cable, Plus } from 'lucide-react';
import { useState } from 'react';
import { useCan } from '../api/abilities';
import { useLiveRefresh } from '../api/live';
import { trpc } from '../api/trpc';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { Freshness } from '../ui/freshness';
import { PageBody, PageHeader } from '../ui/page';
import { TableSkeleton } from '../ui/skeleton';
import { ComparisonCard } from './comparison-card';
import { ChooseDialog, ConnectDialog, type Connection } from './connect-dialog';
import { ConnectGuideLink } from './connect-guide-link';
import { ConnectionList } from './connection-list';
import { ImportDialog } from './import-dialog';
import { connectionsSummary, sortConnections } from './prepare-connections';
import type { ProvidersSearch } from './providers-search';

const route = getRouteApi('/app/providers');
const RUNNING_MS = 1_000;
const REST_MS = 15_000;

/** What is connected and how it stands, and what all providers say beside the ledger. */
export function ProvidersPage() {
  const { range = '30d', by = 'provider', connect } = route.useSearch();
  const navigate = route.useNavigate();
  const manages = useCan()('providers.manage');
  const [editing, setEditing] = useState<Connection | null>(null);
  const list = useQuery(trpc.providers.list.queryOptions(undefined, {
    placeholderData: keepPreviousData,
    // Syncs announce themselves; this is for a notice that was lost.
    refetchInterval: (query) => (query.state.data?.some(({ progress, state }) => progress !== null || state === 'waiting') ? RUNNING_MS : REST_MS),
  }));
  const live = useLiveRefresh(trpc.providers.pathKey());
  const change = (next: Partial<ProvidersSearch>) => void navigate({ search: (now) => ({ ...now, ...next }), replace: true, resetScroll: false });
  const open = (next: ProvidersSearch['connect']) => void navigate({ search: (now) => ({ ...now, connect: next }), replace: connect !== undefined, resetScroll: false });
  const connections = sortConnections(list.data ?? []);
  const add = manages ? (
    <Button look="primary" icon={<Plus className="size-4" aria-hidden />} onClick={() => open('new')}>
      Connect a provider
    </Button>
  ) : null;
  const kind = connect === 'new' || connect === 'import' ? undefined : connect;
  return (
    <>
      <PageHeader
        title="Providers"
        width="wide"
        status={<Freshness at={list.data ? new Date(list.dataUpdatedAt).toISOString() : null} live={live} />}
        description={connections.length > 0 ? <span aria-live="polite">{connectionsSummary(connections)}</span> : null}
        actions={connections.length > 0 ? add : null}
      />
      <PageBody className="space-y-5">
        {list.isPending ? <Card flush><TableSkeleton rows={3} columns={5} /></Card> : null}
        {list.isError && !list.data ? (
          <Card flush>
            <ErrorState error={list.error} title="The connections could not be read" onRetry={() => void list.refetch()} retrying={list.isFetching} />
          </Card>
        ) : null}
        {list.data && connections.length === 0 ? (
          <Card flush>
            <EmptyState icon={Cable} title="No provider is connected" actions={add}>
              With a key that reads usage and cost, Outlay sees what you are billed: also by keys that do not pass through it. A spike is noticed within minutes, and every bill is compared with the ledger.
              {manages ? null : ' Owners and admins connect one.'}
              <span className="mt-2 block">
                <ConnectGuideLink />
              </span>
            </EmptyState>
          </Card>
        ) : null}
        {connections.length > 0 ? <ConnectionList connections={connections} onChange={manages ? setEditing : null} /> : null}
        <ComparisonCard range={range} by={by} onChange={(next) => change(next.by ? { by: next.by === 'model' ? 'model' : undefined } : { range: next.range })} />
      </PageBody>
      {manages && connect === 'new' ? <ChooseDialog onChoose={open} onImport={() => open('import')} onClose={() => open(undefined)} /> : null}
      {manages && connect === 'import' ? <ImportDialog onBack={() => open('new')} onClose={() => open(undefined)} /> : null}
      {manages && kind ? <ConnectDialog key={kind} kind={kind} connection={null} onBack={() => open('new')} onClose={() => open(undefined)} /> : null}
      {editing && editing.provider !== 'import' ? <ConnectDialog kind={editing.provider} connection={editing} onClose={() => setEditing(null)} /> : null}
    </>
  );
}
