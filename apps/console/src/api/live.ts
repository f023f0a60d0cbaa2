import { useQueryClient, type QueryKey } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { trpcClient } from './trpc';

export type LiveState = 'live' | 'connecting' | 'offline';

const MIN_GAP_MS = 500;
const REOPEN_MS = 3_000;

/**
 * Calls `onActivity` when events of this team were committed: at once, then at most every half second, and always once
 * more after a burst, so that the last commit is never missed. After a reconnect it is called too, because commits
 * in between were not heard.
 */
export function useLiveActivity(onActivity: () => void): LiveState {
  const [state, setState] = useState<LiveState>('connecting');
  const tell = useEffectEvent(onActivity);
  useEffect(() => {
    const throttle = createThrottle(() => tell(), MIN_GAP_MS);
    let openedOnce = false;
    const stream = keepOpen({
      onState: setState,
      onOpen: () => {
        if (openedOnce) throttle.call();
        openedOnce = true;
      },
      onData: () => throttle.call(),
    });
    return () => {
      throttle.cancel();
      stream.close();
    };
  }, []);
  return state;
}

interface StreamHandlers {
  readonly onState: (state: LiveState) => void;
  readonly onOpen: () => void;
  readonly onData: () => void;
}

/**
 * The live connection while the page can be seen. A hidden tab gives it back, because a browser opens only six
 * connections to one address, and a seventh tab would then load for ever.
 */
function keepOpen({ onState, onOpen, onData }: StreamHandlers): { close(): void } {
  let stream: { unsubscribe(): void } | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = () => {
    clearTimeout(timer);
    stream?.unsubscribe();
    stream = null;
  };
  const reopenLater = () => {
    stop();
    timer = setTimeout(open, REOPEN_MS);
  };
  function open(): void {
    stop();
    stream = trpcClient.live.activity.subscribe(undefined, {
      onStarted: () => {
        onState('live');
        onOpen();
      },
      onData,
      onConnectionStateChange: ({ state }) => state === 'connecting' && onState('connecting'),
      onError: () => {
        onState('offline');
        reopenLater();
      },
      // A server that drains ends the stream in order: that is no error, and nobody else would open it again.
      onComplete: () => {
        onState('connecting');
        reopenLater();
      },
    });
  }
  const onVisibility = () => (document.hidden ? stop() : open());
  document.addEventListener('visibilitychange', onVisibility);
  if (!document.hidden) open();
  return {
    close: () => {
      document.removeEventListener('visibilitychange', onVisibility);
      stop();
    },
  };
}

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
