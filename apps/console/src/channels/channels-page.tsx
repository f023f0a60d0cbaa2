import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Megaphone, Plus } from 'lucide-react';
import { useState } from 'react';
import { useCan } from '../api/abilities';
import { useLiveRefresh } from '../api/live';
import { trpc, type Outputs } from '../api/trpc';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { Freshness } from '../ui/freshness';
import { PageBody, PageHeader } from '../ui/page';
import { TableSkeleton } from '../ui/skeleton';
import { ChannelDialog } from './channel-dialog';
import { ChannelLine } from './channel-line';
import { DeliveryLog } from './delivery-log';
import { DigestCard } from './digest-card';

export type Channel = Outputs['channels']['list'][number];

const route = getRouteApi('/app/channels');

/** Who is told, by which way, and what came of it. */
export function ChannelsPage() {
  const { channel } = route.useSearch();
  const navigate = route.useNavigate();
  const can = useCan();
  const [editing, setEditing] = useState<Channel | 'new' | null>(null);
  const channels = useQuery(trpc.channels.list.queryOptions());
  const live = useLiveRefresh(trpc.channels.pathKey(), trpc.digests.pathKey());
  const manages = can('channels.manage');
  const add = manages ? (
    <Button look="primary" icon={<Plus className="size-4" aria-hidden />} onClick={() => setEditing('new')}>
      Add a channel
    </Button>
  ) : null;
  return (
    <>
      <PageHeader title="Channels" width="medium" status={<Freshness at={channels.data ? new Date(channels.dataUpdatedAt).toISOString() : null} live={live} />} actions={add} />
      <PageBody width="medium" className="space-y-4 sm:space-y-5">
        <Card flush className="overflow-hidden" title="Where alerts are told" description="A rule names the channels that it tells">
          {channels.isPending ? <TableSkeleton rows={3} columns={3} /> : null}
          {channels.isError && !channels.data ? <ErrorState error={channels.error} title="The channels could not be read" onRetry={() => void channels.refetch()} retrying={channels.isFetching} /> : null}
          {channels.data?.length === 0 ? (
            <EmptyState icon={Megaphone} title="No channel yet" actions={add}>
              Add e-mail, Slack or a webhook, press its test button, and choose it in the rules.
            </EmptyState>
          ) : null}
          {channels.data && channels.data.length > 0 ? (
            <ul aria-label="Channels" className="divide-y divide-line border-t border-line">
              {channels.data.map((each) => (
                <ChannelLine key={each.id} channel={each} manages={manages} onEdit={() => setEditing(each)} />
              ))}
            </ul>
          ) : null}
        </Card>
        <DigestCard />
        <DeliveryLog channels={channels.data ?? []} chosen={channel} manages={manages} onChoose={(id) => void navigate({ search: id === undefined ? {} : { channel: id }, replace: true, resetScroll: false })} />
      </PageBody>
      {editing === null ? null : <ChannelDialog channel={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
    </>
  );
}
