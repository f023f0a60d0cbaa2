/** Abort signals: listening to those of others, and the one of a provider request. */
interface Hub {
  readonly waiting: Set<() => void>;
  readonly tell: () => void;
}

/** One listener a signal, however many wait: a signal may outlive many runs, and Node reports a leak at eleven listeners. */
const hubs = new WeakMap<AbortSignal, Hub>();

/** Calls `fn` when the signal aborts, not when it has aborted before. Returns the function that stops waiting. */
export function onAbort(signal: AbortSignal, fn: () => void): () => void {
  const hub = hubs.get(signal) ?? openHub(signal);
  // An entry of its own: the same function may wait twice.
  const entry = (): void => fn();
  hub.waiting.add(entry);
  return () => {
    hub.waiting.delete(entry);
    if (hub.waiting.size > 0 || hubs.get(signal) !== hub) return;
    hubs.delete(signal);
    signal.removeEventListener('abort', hub.tell);
  };
}

function openHub(signal: AbortSignal): Hub {
  const waiting = new Set<() => void>();
  const tell = (): void => {
    hubs.delete(signal);
    for (const entry of waiting) entry();
  };
  const hub = { waiting, tell };
  hubs.set(signal, hub);
  signal.addEventListener('abort', tell, { once: true });
  return hub;
}

/** One signal for a provider request, which follows others until it is told to let the request finish. */
export interface FollowedSignals {
  readonly signal: AbortSignal;
  /** From now on an abort of the others stops the request only if `mayStop` says so; else `onHeld` is told. */
  readonly setGate: (mayStop: () => boolean, onHeld: (reason: unknown) => void) => void;
  readonly abort: () => void;
  readonly release: () => void;
}

export function followSignals(...followed: readonly (AbortSignal | undefined)[]): FollowedSignals {
  const controller = new AbortController();
  let gate: { readonly mayStop: () => boolean; readonly onHeld: (reason: unknown) => void } | undefined;
  const unfollow: (() => void)[] = [];
  for (const outer of followed) {
    if (!outer) continue;
    const follow = (): void => {
      if (!gate || gate.mayStop()) controller.abort(outer.reason);
      else gate.onHeld(outer.reason);
    };
    if (outer.aborted) follow();
    else unfollow.push(onAbort(outer, follow));
  }
  return {
    signal: controller.signal,
    setGate: (mayStop, onHeld) => {
      gate = { mayStop, onHeld };
    },
    abort: () => controller.abort(),
    release: () => {
      for (const stop of unfollow.splice(0)) stop();
    },
  };
}
