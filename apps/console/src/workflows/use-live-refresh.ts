import { useQueryClient, type QueryKey } from '@tanstack/react-query';
import { useRef } from 'react';
import { useLiveActivity, type LiveState } from '../api/live';

/**
 * Reads the queries below these keys again whenever the ledger grew: one reading at a time, and one more for what came in between. Events that keep
 * coming faster than a long span can be read then delay its figures, but never starve them.
 */
export function useLiveRefresh(...queryKeys: readonly QueryKey[]): LiveState {
  const client = useQueryClient();
  const round = useRef({ running: false, again: false });
  const refresh = async () => {
    if (round.current.running) {
      round.current.again = true;
      return;
    }
    round.current = { running: true, again: false };
    await Promise.all(queryKeys.map((queryKey) => client.invalidateQueries({ queryKey })));
    const { again } = round.current;
    round.current = { running: false, again: false };
    if (again) await refresh();
  };
  return useLiveActivity(() => void refresh());
}
