import { useQuery } from '@tanstack/react-query';
import { trpc, type Outputs } from '../api/trpc';

export type Erasure = NonNullable<Outputs['data']['erasure']>;

const RECHECK_MS = 60_000;

/** Whether somebody asked to delete the team; every member knows within a minute. */
export function useErasure() {
  return useQuery(trpc.data.erasure.queryOptions(undefined, { staleTime: RECHECK_MS, refetchInterval: RECHECK_MS }));
}
