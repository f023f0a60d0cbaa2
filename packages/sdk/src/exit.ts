/** Delivers what is left when a Node process has nothing else to do. `process.exit()` gives no such chance: use `shutdown()`. */
interface ProcessLike {
  on?: (event: 'beforeExit', listener: () => void) => unknown;
  off?: (event: 'beforeExit', listener: () => void) => unknown;
}

/** Returns the function that stops watching. */
export function flushOnExit(hasPending: () => boolean, flush: () => Promise<void>): () => void {
  const runtime = (globalThis as unknown as { process?: ProcessLike }).process;
  if (typeof runtime?.on !== 'function' || typeof runtime.off !== 'function') return () => undefined;
  let flushed = false;
  const listener = (): void => {
    // The event comes again after each flush. With a dead server one try must do, or the process would never end.
    if (flushed || !hasPending()) return;
    flushed = true;
    void flush().then(() => {
      flushed = hasPending();
    });
  };
  runtime.on('beforeExit', listener);
  return () => void runtime.off?.('beforeExit', listener);
}
