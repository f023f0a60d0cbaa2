import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useLiveRefreshEvery } from '../api/live';
import { trpc, type Outputs } from '../api/trpc';

export type Notice = Outputs['notices']['list'][number];

/** Without word of a change. */
const LOOK_MS = 60_000;
/** A busy team commits all the time, and what the bell tells changes rarely. */
const LIVE_GAP_MS = 1_200;

const options = () => trpc.notices.list.queryOptions(undefined, { staleTime: LOOK_MS / 2, refetchInterval: LOOK_MS });

export function useNotices() {
  return useQuery(options());
}

/** Once, in the shell: what the bell tells is read again when something of the team changed. */
export function useLiveNotices(): void {
  useLiveRefreshEvery(LIVE_GAP_MS, trpc.notices.pathKey());
}

/** How many are new; 0 while that is not known. */
export function useUnreadCount(): number {
  const { data } = useNotices();
  return data?.filter(({ unread }) => unread).length ?? 0;
}

/** Only the count goes back at once: what is on the screen keeps its marks until the tray is opened anew. */
export function useMarkRead(): () => void {
  const client = useQueryClient();
  const { mutate } = useMutation(
    trpc.notices.markRead.mutationOptions({
      onSuccess: () => client.setQueryData(options().queryKey, (notices: readonly Notice[] | undefined) => notices?.map((notice) => ({ ...notice, unread: false }))),
    }),
  );
  return () => mutate();
}
