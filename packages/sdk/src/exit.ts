/**
 * Delivers what is left when a Node process has nothing else to do. `process.exit()` gives no such chance: use `shutdown()`;
 * what is lost by it is said at least.
 */
export interface ExitClient {
  /** Resolves when everything is delivered or time is up. Never rejects. */
  readonly flush: () => Promise<unknown>;
  /** Says what was not delivered, if anything. */
  readonly warnUnsent: () => void;
}

interface ProcessLike {
  readonly on?: (event: 'beforeExit' | 'exit', listener: () => void) => unknown;
}

/** Only clients that have something to lose: one that is idle can be forgotten by its owner and by us. */
const clients = new Set<ExitClient>();
let listening = false;

/** One pair of listeners for all clients of the process: Node reports a leak at eleven. */
export function holdForExit(client: ExitClient): void {
  clients.add(client);
  if (listening) return;
  listening = true;
  const runtime = (globalThis as unknown as { process?: ProcessLike }).process;
  if (typeof runtime?.on !== 'function') return;
  // Comes again whenever somebody gave the process something to do; with a dead server one try must do, or it would never end.
  runtime.on('beforeExit', () => {
    for (const one of clients) {
      void one.flush().then(() => {
        one.warnUnsent();
        clients.delete(one);
      });
    }
  });
  runtime.on('exit', () => {
    for (const one of clients) one.warnUnsent();
  });
}

export function letGo(client: ExitClient): void {
  clients.delete(client);
}
