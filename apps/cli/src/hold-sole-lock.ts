/**
 * Without Redis only one process may serve: live updates, limits and caps stand in its memory. With the embedded database its data folder is
 * the lock; on a database of one's own it is an advisory lock, on a connection of its own.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { DomainError } from '@outlay/kernel';
import type { GateConnection } from '@outlay/gate';
import type { Database, Log } from '@outlay/platform';
import type { Client } from 'pg';

export interface SoleLock {
  /** Resolves, never rejects, when the lock was lost and another process has it: with one sentence. */
  readonly lost: Promise<DomainError>;
  /** The connection that holds the lock: what is committed on it was committed by the only process. */
  readonly connection: GateConnection;
  release(): Promise<void>;
}

/** A process that is being replaced drains for at most half of this. */
const PATIENCE_MS = 30_000;
const RETRY_MS = 200;

/** Waits for the process before us to stop. Errors: `unavailable` with one sentence when it does not, `AbortError` by the signal. */
export async function holdSoleLock(db: Database, log: Log, signal?: AbortSignal): Promise<SoleLock> {
  let releasing = false;
  let epoch = 0;
  let held = await take();

  async function take(): Promise<{ client: Client; gone: Promise<void>; isGone: () => boolean; end(): Promise<void> }> {
    const deadline = Date.now() + PATIENCE_MS;
    let told = false;
    for (;;) {
      const connected = await db.connectAs('outlay_app').catch((error: unknown) => {
        if (Date.now() > deadline) throw error;
        return null;
      });
      const taken = await connected?.query<{ taken: boolean }>(`select pg_try_advisory_lock(hashtextextended('outlay.sole', 0)) as taken`).catch(() => null);
      if (connected && taken?.rows[0]?.taken === true) {
        let isGone = false;
        const gone = new Promise<void>((resolve) => connected.once('end', () => {
          isGone = true;
          resolve();
        }));
        return { client: connected, gone, isGone: () => isGone, end: () => connected.end() };
      }
      await connected?.end();
      if (taken?.rows[0]?.taken === false && !told) {
        told = true;
        log.warn('Another Outlay serves from this database; this one waits up to 30 s for it to stop.');
      }
      signal?.throwIfAborted();
      if (Date.now() > deadline || releasing) {
        throw new DomainError('unavailable', {
          message: 'Another Outlay serves from this database. Stop it, or give all of them the same REDIS_URL so that several may run.',
        });
      }
      await delay(RETRY_MS);
    }
  }

  async function watch(): Promise<DomainError | null> {
    for (;;) {
      await held.gone;
      if (releasing) return null;
      log.warn('The connection that makes this process the only one was lost; it is made again.');
      try {
        held = await take();
        // Somebody else may have had it meanwhile.
        epoch += 1;
      } catch (error) {
        if (releasing) return null;
        return error instanceof DomainError ? error : new DomainError('unavailable', { cause: error });
      }
    }
  }

  const watching = watch();
  return {
    connection: {
      get epoch() {
        return epoch;
      },
      client: () => Promise.resolve(releasing || held.isGone() ? null : held.client),
      close: () => Promise.resolve(),
    },
    lost: watching.then((error) => error ?? new Promise<never>(() => {})),
    release: async () => {
      releasing = true;
      await held.end().catch(() => undefined);
      await watching;
    },
  };
}
