/** One abort signal for a provider request, which follows others until it is told to let the request finish. */
export interface FollowedSignals {
  readonly signal: AbortSignal;
  /** From now on an abort of the others stops the request only if `mayStop` says so; else `onHeld` is told. */
  readonly setGate: (mayStop: () => boolean, onHeld: (reason: unknown) => void) => void;
  readonly abort: () => void;
  readonly release: () => void;
}

export function followSignals(...followed: (AbortSignal | undefined)[]): FollowedSignals {
  const controller = new AbortController();
  let gate: { readonly mayStop: () => boolean; readonly onHeld: (reason: unknown) => void } | undefined;
  const unfollow: (() => void)[] = [];
  for (const outer of followed) {
    if (!outer) continue;
    const follow = (): void => {
      if (!gate || gate.mayStop()) controller.abort(outer.reason);
      else gate.onHeld(outer.reason);
    };
    if (outer.aborted) {
      follow();
    } else {
      outer.addEventListener('abort', follow, { once: true });
      unfollow.push(() => outer.removeEventListener('abort', follow));
    }
  }
  return {
    signal: controller.signal,
    setGate: (mayStop, onHeld) => {
      gate = { mayStop, onHeld };
    },
    abort: () => controller.abort(),
    release: () => {
      for (const stop of unfollow) stop();
    },
  };
}
