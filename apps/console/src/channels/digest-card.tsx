import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useSession } from '../api/me';
import { trpc } from '../api/trpc';
import { Card } from '../ui/card';
import { ErrorState } from '../ui/error-state';
import { Checkbox } from '../ui/input';
import { Skeleton } from '../ui/skeleton';
import { toast } from '../ui/toast';

const WORDS = {
  daily: { label: 'Each morning', note: 'Yesterday by provider, workflow and customer, the forecast, leaks, and the top three things to do.' },
  weekly: { label: 'Each Monday', note: 'The same for the week that is over.' },
} as const;

/** Everybody for their own address. */
export function DigestCard() {
  const { me } = useSession();
  const queries = useQueryClient();
  const mine = useQuery(trpc.digests.mine.queryOptions());
  const after = (on: boolean) => ({
    onSuccess: async () => {
      toast.success(on ? 'The next one is yours' : 'No further one is sent to you');
      await queries.invalidateQueries({ queryKey: trpc.digests.pathKey() });
    },
    onError: (error: { readonly message: string }) => toast.error(error.message),
  });
  const subscribe = useMutation(trpc.digests.subscribe.mutationOptions(after(true)));
  const unsubscribe = useMutation(trpc.digests.unsubscribe.mutationOptions(after(false)));
  const busy = subscribe.isPending || unsubscribe.isPending;
  return (
    <Card title="Summaries by mail" description={`To ${me.user?.email ?? 'your own address'}, in the team's time zone`}>
      {mine.isPending ? <Skeleton className="h-12 w-full" /> : null}
      {mine.isError && !mine.data ? <ErrorState error={mine.error} title="Your summaries could not be read" onRetry={() => void mine.refetch()} retrying={mine.isFetching} className="py-4" /> : null}
      <div className="grid gap-3 sm:grid-cols-2">
        {(mine.data ?? []).map(({ kind, subscribed }) => (
          <label key={kind} className="flex cursor-pointer items-start gap-2.5 rounded-md border border-line p-3 text-sm hover:bg-surface-2">
            <Checkbox checked={subscribed} disabled={busy} onChange={(event) => (event.target.checked ? subscribe : unsubscribe).mutate({ kind })} />
            <span>
              <span className="font-medium text-ink">{WORDS[kind].label}</span>
              <span className="block text-xs text-ink-3">{WORDS[kind].note}</span>
            </span>
          </label>
        ))}
      </div>
    </Card>
  );
}
