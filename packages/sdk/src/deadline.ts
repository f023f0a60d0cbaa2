/** The signal of one attempt: the caller's own, and the time an attempt may take. */
import { OutlayError } from './errors.js';
import { onAbort } from './signals.js';

export interface Deadline {
  readonly signal: AbortSignal;
  /** Rejects with `attempt_timeout` when the work takes too long; the work itself is told by the signal. */
  readonly race: <V>(work: Promise<V>) => Promise<V>;
  /** The attempt has settled; a stream that it returned still follows the caller's signal. */
  readonly stop: () => void;
  /** Nothing of the attempt is left: lets go of the caller's signal, which may outlive many runs. */
  readonly release: () => void;
}

export function createDeadline(outer: AbortSignal | undefined, timeoutMs: number | undefined): Deadline {
  const controller = new AbortController();
  const follow = (): void => controller.abort(outer?.reason);
  let unfollow: (() => void) | undefined;
  if (outer?.aborted) follow();
  else if (outer) unfollow = onAbort(outer, follow);
  let timer: ReturnType<typeof setTimeout> | undefined;

  return {
    signal: controller.signal,
    race: (work) => {
      if (timeoutMs === undefined) return work;
      const late = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => {
          const error = new OutlayError('attempt_timeout', { field: 'timeoutMs', message: `The attempt took longer than ${timeoutMs} ms.` });
          reject(error);
          controller.abort(error);
        }, timeoutMs);
      });
      return Promise.race([work, late]);
    },
    stop: () => clearTimeout(timer),
    release: () => unfollow?.(),
  };
}

/** False when the caller aborted meanwhile. */
export async function sleepUnlessAborted(ms: number, signal: AbortSignal | undefined): Promise<boolean> {
  if (signal?.aborted) return false;
  if (ms <= 0) return true;
  return new Promise((resolve) => {
    const finish = (slept: boolean): void => {
      clearTimeout(timer);
      unfollow?.();
      resolve(slept);
    };
    const timer = setTimeout(() => finish(true), ms);
    const unfollow = signal && onAbort(signal, () => finish(false));
  });
}
