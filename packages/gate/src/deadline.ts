/** A time limit for very many short waits: one timer for all of them, where a timer each would cost more than what is waited for. */
export interface Deadline {
  /** The same answer, or the error once the limit has passed (at most an eighth later). */
  of<T>(work: Promise<T>): Promise<T>;
  close(): void;
}

interface Waiting {
  readonly sinceMs: number;
  reject(error: Error): void;
}

export function createDeadline(limitMs: number, errorOf: () => Error, clock: () => number): Deadline {
  const waiting = new Set<Waiting>();
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    clearInterval(timer);
    timer = undefined;
  };
  const look = (): void => {
    const before = clock() - limitMs;
    // In the order in which they began.
    for (const each of waiting) {
      if (each.sinceMs > before) break;
      waiting.delete(each);
      each.reject(errorOf());
    }
    if (waiting.size === 0) stop();
  };
  return {
    of: (work) => new Promise((resolve, reject) => {
      const each: Waiting = { sinceMs: clock(), reject };
      waiting.add(each);
      timer ??= setInterval(look, Math.max(limitMs / 8, 1));
      work.then((value) => {
        waiting.delete(each);
        resolve(value);
      }, (error: Error) => {
        waiting.delete(each);
        reject(error);
      });
    }),
    close: stop,
  };
}
