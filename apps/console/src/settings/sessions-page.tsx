import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { LogOut, Monitor, Smartphone } from 'lucide-react';
import { useState } from 'react';
import { readFailure } from '../api/read-failure';
import { trpc, type Outputs } from '../api/trpc';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { ErrorState } from '../ui/error-state';
import { PageBody, PageHeader } from '../ui/page';
import { TableSkeleton } from '../ui/skeleton';
import { RelativeTime } from '../ui/time';
import { toast } from '../ui/toast';
import { describeDevice } from './describe-device';

type Session = Outputs['sessions']['list'][number];

export function SessionsPage() {
  const client = useQueryClient();
  const list = useQuery(trpc.sessions.list.queryOptions());
  const [ending, setEnding] = useState(false);
  const refresh = () => client.invalidateQueries({ queryKey: trpc.sessions.pathKey() });
  const revoke = useMutation(
    trpc.sessions.revoke.mutationOptions({
      onSuccess: () => void toast.success('Session ended'),
      onError: (error) => void toast.error(readFailure(error).message),
      onSettled: refresh,
    }),
  );
  const revokeOthers = useMutation(
    trpc.sessions.revokeOthers.mutationOptions({
      onSuccess: () => {
        toast.success('All other sessions ended');
        setEnding(false);
      },
      onSettled: refresh,
    }),
  );
  const others = (list.data ?? []).filter((session) => !session.current).length;
  return (
    <>
      <PageHeader
        title="Sessions"
        sticky={false}
        width="narrow"
        actions={
          others > 0 ? (
            <Button icon={<LogOut className="size-4" aria-hidden />} onClick={() => setEnding(true)}>
              End all others
            </Button>
          ) : null
        }
      />
      <PageBody width="narrow">
        <p className="mb-4 text-sm text-ink-2">Where you are signed in, in all your teams. End what you do not know.</p>
        <Card flush className="overflow-hidden">
          {list.isPending ? <TableSkeleton rows={3} columns={3} /> : null}
          {list.isError && !list.data ? <ErrorState error={list.error} title="Your sessions could not be read" onRetry={() => void list.refetch()} retrying={list.isFetching} /> : null}
          <ul className="divide-y divide-line">
            {list.data?.map((session) => (
              <SessionItem key={session.id} session={session} busy={revoke.isPending && revoke.variables.id === session.id} onEnd={() => revoke.mutate({ id: session.id })} />
            ))}
          </ul>
        </Card>
      </PageBody>
      <ConfirmDialog
        open={ending}
        onOpenChange={setEnding}
        title="End all other sessions?"
        action="End them"
        busy={revokeOthers.isPending}
        error={revokeOthers.error}
        onConfirm={() => revokeOthers.mutate()}
      >
        Every other browser of yours is signed out at once. This one stays.
      </ConfirmDialog>
    </>
  );
}

function SessionItem({ session, busy, onEnd }: { readonly session: Session; readonly busy: boolean; readonly onEnd: () => void }) {
  const device = describeDevice(session.userAgent);
  const Icon = device.phone ? Smartphone : Monitor;
  return (
    <li className="flex items-center gap-4 px-4 py-3 sm:px-5">
      <span className="flex size-9 shrink-0 items-center justify-center rounded-md bg-surface-3 text-ink-3">
        <Icon className="size-4.5" strokeWidth={1.8} aria-hidden />
      </span>
      <div className="min-w-0 flex-1">
        <p className="flex items-center gap-2 text-sm font-medium text-ink" title={session.userAgent ?? undefined}>
          {device.name} {session.current ? <Badge tone="positive">this one</Badge> : null}
        </p>
        <p className="text-xs text-ink-3">
          {session.ip ? `${session.ip}, ` : ''}seen <RelativeTime at={session.lastSeenAt} />, signed in <RelativeTime at={session.createdAt} />
        </p>
      </div>
      {session.current ? null : (
        <Button size="sm" busy={busy} onClick={onEnd}>
          End
        </Button>
      )}
    </li>
  );
}
