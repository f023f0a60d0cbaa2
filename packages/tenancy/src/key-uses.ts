/** When keys were last used: gathered in memory, written at most every 30 s a key, one statement a team. */
import type { Database } from '@outlay/platform';
import { noteKeyUses } from './store-keys';

const STEP_MS = 30_000;
const TICK_MS = 5_000;

interface Use {
  readonly keyId: string;
  readonly tenantId: string;
  atMs: number;
  writtenMs: number;
}

export interface KeyUses {
  note(key: { keyId: string; tenantId: string }, nowMs: number): void;
  /** Writes what is due; `everything` also what was written a moment ago. */
  flush(everything?: boolean): Promise<void>;
  close(): Promise<void>;
}

export function createKeyUses(options: { db: Database; now: () => number; log?: (sentence: string, error: unknown) => void }): KeyUses {
  const { db, now, log } = options;
  const uses = new Map<string, Use>();
  let flushing: Promise<void> | null = null;

  async function write(everything: boolean): Promise<void> {
    const due = new Map<string, Use[]>();
    const nowMs = now();
    for (const use of uses.values()) {
      if (use.atMs <= use.writtenMs) {
        // Silent since it was written: forgotten, so that the map holds busy keys only.
        if (nowMs - use.writtenMs > STEP_MS) uses.delete(use.keyId);
      } else if (everything || nowMs - use.writtenMs >= STEP_MS) {
        const team = due.get(use.tenantId);
        if (team) team.push(use);
        else due.set(use.tenantId, [use]);
      }
    }
    for (const [tenantId, team] of due) {
      const sent = team.map(({ keyId, atMs }) => ({ keyId, atMs }));
      try {
        await noteKeyUses(db, tenantId, sent);
        team.forEach((use, n) => { use.writtenMs = sent[n]!.atMs; });
      } catch (error) {
        log?.('The last use of API keys could not be noted; it is tried again.', error);
      }
    }
  }

  function flush(everything = false): Promise<void> {
    const next = (flushing ?? Promise.resolve()).then(() => write(everything));
    flushing = next.finally(() => {
      if (flushing === next) flushing = null;
    });
    return next;
  }

  const timer = setInterval(() => {
    if (!flushing) void flush();
  }, TICK_MS);
  timer.unref();

  return {
    note({ keyId, tenantId }, nowMs) {
      const use = uses.get(keyId);
      if (use) use.atMs = nowMs;
      else uses.set(keyId, { keyId, tenantId, atMs: nowMs, writtenMs: 0 });
    },
    flush,
    close: async () => {
      clearInterval(timer);
      await flush(true);
    },
  };
}
