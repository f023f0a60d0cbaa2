import { useQueryClient, type QueryKey } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useRef, useSyncExternalStore } from 'react';
import { trpcClient } from './trpc';

export type LiveState = 'live' | 'connecting' | 'offline';

const MIN_GAP_MS = 500;
const REOPEN_MS = 3_000;

/**
 * Calls `onActivity` when something of this team changed: at once, then at most every half second, and always once
 * more after a burst, so that the last change is never missed. After a reconnect it is called too, because changes
 * in between were not heard.
 */
export function useLiveActivity(onActivity: () => void, gapMs = MIN_GAP_MS): LiveState {
  const state = useSyncExternalStore(feed.watch, feed.state);
  const tell = useEffectEvent(onActivity);
  useEffect(() => {
    const throttle = createThrottle(() => tell(), gapMs);
    const leave = feed.listen(throttle.call);
    return () => {
      leave();
      throttle.cancel();
    };
  }, [gapMs]);
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

/** One connection a tab, whoever listens: the bell in the shell and what is on the page. */
export function createFeed(open: (handlers: StreamHandlers) => { close(): void }, clock: () => number = Date.now) {
  const listeners = new Set<() => void>();
  const watchers = new Set<() => void>();
  let state: LiveState = 'connecting';
  let connection: { close(): void } | null = null;
  let heardMs = 0;
  const tellAll = () => {
    heardMs = clock();
    for (const listener of listeners) listener();
  };
  const connect = () => {
    let openedOnce = false;
    return open({
      onState: (next) => {
        state = next;
        for (const watcher of watchers) watcher();
      },
      onOpen: () => {
        if (openedOnce) tellAll();
        openedOnce = true;
      },
      onData: tellAll,
    });
  };
  return {
    state: () => state,
    /** Whether a change was told since then: who read before may show what is not so any more. */
    heardSince: (atMs: number) => heardMs > atMs,
    watch: (watcher: () => void) => {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
    /** The first one opens the connection, the last one closes it. */
    listen: (listener: () => void) => {
      listeners.add(listener);
      connection ??= connect();
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        connection?.close();
        connection = null;
        state = 'connecting';
      };
    },
  };
}

const feed = createFeed(keepOpen);

/**
 * Reads the queries below these keys again whenever something of the team changed: one reading at a time, and one more for what came in between. Events that keep
 * coming faster than a long span can be read then delay its figures, but never starve them.
 */
export function useLiveRefresh(...queryKeys: readonly QueryKey[]): LiveState {
  return useLiveRefreshEvery(MIN_GAP_MS, ...queryKeys);
}

/** What was read may be of a little before it arrived. */
const READING_MS = 2_000;

/** As `useLiveRefresh`, at most once in this time. */
export function useLiveRefreshEvery(gapMs: number, ...queryKeys: readonly QueryKey[]): LiveState {
  const client = useQueryClient();
  // What was told while the page was away, nobody on it heard.
  const catchUp = useEffectEvent(() => {
    for (const queryKey of queryKeys) void client.invalidateQueries({ queryKey, predicate: ({ state: { dataUpdatedAt } }) => dataUpdatedAt > 0 && feed.heardSince(dataUpdatedAt - READING_MS) });
  });
  useEffect(() => catchUp(), []);
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
  return useLiveActivity(() => void refresh(), gapMs);
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
