import type { ActivityFeed } from './activity-feed';

export interface WatchOptions {
  /** At most one answer in this time; what came in between is added up. */
  readonly gapMs: number;
  /** How often `mayGoOn` is asked while the stream is open. */
  readonly checkMs: number;
  /** False ends the stream: the session ended, or the person left the team. */
  readonly mayGoOn: () => Promise<boolean>;
  readonly signal: AbortSignal;
}

/** How many events were committed since the answer before: at once when it is quiet, else every `gapMs`. */
export async function* watchActivity(feed: ActivityFeed, tenantId: string, options: WatchOptions): AsyncGenerator<number, void> {
  const { gapMs, checkMs, mayGoOn, signal } = options;
  let accepted = 0;
  let wake: () => void = () => undefined;
  const stop = feed.subscribe(tenantId, (count) => {
    accepted += count;
    wake();
  });
  const onAbort = (): void => wake();
  signal.addEventListener('abort', onAbort);

  /** Until something happens, or this much time has passed. */
  const pause = (ms: number, wakeable: boolean): Promise<void> => new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    wake = () => {
      if (!wakeable && !signal.aborted) return;
      clearTimeout(timer);
      resolve();
    };
  });

  try {
    let checkedMs = performance.now();
    while (!signal.aborted) {
      if (accepted === 0) await pause(Math.max(0, checkedMs + checkMs - performance.now()), true);
      if (signal.aborted) return;
      if (performance.now() - checkedMs >= checkMs) {
        if (!(await mayGoOn())) return;
        checkedMs = performance.now();
      }
      if (accepted === 0) continue;
      const count = accepted;
      accepted = 0;
      yield count;
      await pause(gapMs, false);
    }
  } finally {
    stop();
    signal.removeEventListener('abort', onAbort);
  }
}
