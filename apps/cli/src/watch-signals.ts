/** Ctrl-C, `kill` and a closed terminal: the first asks to stop, a second one ends the process at once. */

export interface StopRequest {
  readonly signal: AbortSignal;
  readonly promise: Promise<undefined>;
}

/** npm passes Ctrl-C on although the terminal has delivered it already: a second one this soon is the same one. */
const SAME_SIGNAL_MS = 500;

export function watchSignals({ onFirst, onSecond }: { onFirst: () => void; onSecond: () => void }): StopRequest {
  const controller = new AbortController();
  let firstMs = 0;
  const promise = new Promise<undefined>((resolve) => {
    const onSignal = (): void => {
      const nowMs = Date.now();
      if (firstMs === 0) {
        firstMs = nowMs;
        onFirst();
        controller.abort();
        resolve(undefined);
      } else if (nowMs - firstMs > SAME_SIGNAL_MS) {
        onSecond();
        process.exit(130);
      }
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  });
  return { signal: controller.signal, promise };
}
