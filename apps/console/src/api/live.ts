import { useQueryClient } from '@tanstack/react-query';
import { useSubscription } from '@trpc/tanstack-react-query';
import { useEffect, useRef } from 'react';
import { trpc } from './trpc';

export type LiveState = 'live' | 'connecting' | 'offline';

const MIN_GAP_MS = 500;
const REOPEN_MS = 3_000;

/**
 * Calls `onActivity` when events of this team were committed: at once, then at most every half second, and always once
 * more after a burst, so that the last commit is never missed. After a reconnect it is called too, because commits
 * in between were not heard.
 */
export function useLiveActivity(onActivity: () => void): LiveState {
  const handler = useRef(onActivity);
  handler.current = onActivity;
  const schedule = useRef(createThrottle(() => handler.current(), MIN_GAP_MS));
  const connectedOnce = useRef(false);
  useEffect(() => {
    const throttle = schedule.current;
    return () => throttle.cancel();
  }, []);
  const { status, reset } = useSubscription(
    trpc.live.activity.subscriptionOptions(undefined, {
      onStarted: () => {
        if (connectedOnce.current) schedule.current.call();
        connectedOnce.current = true;
      },
      onData: () => schedule.current.call(),
    }),
  );
  useEffect(() => {
    // A server that drains ends the stream in order: that is no error, and nobody else would open it again.
    if (status !== 'idle' && status !== 'error') return;
    const timer = setTimeout(reset, REOPEN_MS);
    return () => clearTimeout(timer);
  }, [status, reset]);
  if (status === 'error') return 'offline';
  return status === 'pending' ? 'live' : 'connecting';
}

/** Refreshes every mounted query of the given domain whenever the ledger grew. */
export function useLiveQueries(paths: 'overview' | 'ledger'): LiveState {
  const client = useQueryClient();
  return useLiveActivity(() => {
    void client.invalidateQueries({ queryKey: paths === 'overview' ? trpc.overview.pathKey() : trpc.ledger.pathKey() });
  });
}

export interface Throttle {
  call(): void;
  cancel(): void;
}

/** Leading and trailing: runs at once, then at most once a gap while calls keep coming. */
export function createThrottle(run: () => void, gapMs: number): Throttle {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let again = false;
  const fire = () => {
    run();
    timer = setTimeout(() => {
      timer = null;
      if (!again) return;
      again = false;
      fire();
    }, gapMs);
  };
  return {
    call: () => {
      if (timer) again = true;
      else fire();
    },
    cancel: () => {
      if (timer) clearTimeout(timer);
      timer = null;
      again = false;
    },
  };
}
