import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { trpc } from '../api/trpc';
import { type DemoProgress, prepareDemo } from './prepare-demo';

const ASK_MS = 1_000;
const REFRESH_MS = 2_000;
/** What does not change by what is recorded. */
const APART = new Set(['auth', 'demo']);

/** How far the history of the active team is; while it moves, the figures on the screen are read again every two seconds. */
export function useDemoProgress(): DemoProgress | null | undefined {
  const client = useQueryClient();
  const { data } = useQuery(
    trpc.demo.progress.queryOptions(undefined, { staleTime: ASK_MS, refetchInterval: ({ state }) => (state.data === undefined || prepareDemo(state.data).moving ? ASK_MS : false) }),
  );
  const { moving } = prepareDemo(data);
  useEffect(() => {
    if (!moving) return;
    const refresh = () => void client.invalidateQueries({ predicate: ({ queryKey: [path] }) => !(Array.isArray(path) && APART.has(String(path[0]))) });
    const timer = setInterval(refresh, REFRESH_MS);
    return () => {
      clearInterval(timer);
      // The last rows came after the last round.
      refresh();
    };
  }, [moving, client]);
  return data;
}
