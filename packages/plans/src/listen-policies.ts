/** Hears of policy changes on a connection of its own, proves that it still hears, and opens it again when it broke. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Database } from '@outlay/platform';

const CHANNEL = 'outlay_policy';
const RECONNECT_MS = 1_000;
/** A connection that died without a word is found out within two of these. */
const PING_MS = 5_000;

type Listener = Awaited<ReturnType<Database['connectAs']>>;

export interface ListenOptions {
  readonly warn: (sentence: string, error: unknown) => void;
  readonly onChange: (tenantId: string, customerId?: string) => void;
  /** False as soon as changes may be missed; true again once they are heard. */
  readonly onListening: (isListening: boolean) => void;
}

/** Errors: `unavailable` when it cannot be opened at first. */
export async function listenForPolicyChanges(db: Database, { warn, onChange, onListening }: ListenOptions): Promise<{ close(): Promise<void> }> {
  const stopped = new AbortController();

  async function open(): Promise<Listener> {
    const client = await db.connectAs('outlay_app');
    client.on('notification', ({ payload = '' }) => {
      const at = payload.indexOf('/');
      if (at < 0) onChange(payload);
      else onChange(payload.slice(0, at), payload.slice(at + 1));
    });
    await client.query(`listen ${CHANNEL}`);
    return client;
  }

  async function keepListening(first: Listener): Promise<void> {
    let client: Listener | null = first;
    while (!stopped.signal.aborted) {
      try {
        if (client === null) {
          client = await open();
          onListening(true);
        }
        await untilDeaf(client, stopped.signal);
      } catch (error) {
        warn('The connection that hears of changed plans and limits broke; it is opened again. Until then they are read anew each second.', error);
      }
      if (stopped.signal.aborted) break;
      onListening(false);
      void client?.end().catch(() => undefined);
      client = null;
      await wait(RECONNECT_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
    await client?.end().catch(() => undefined);
  }

  const listening = keepListening(await open());
  return {
    close: async () => {
      stopped.abort();
      await listening;
    },
  };
}

/** Resolves when it is told to stop, rejects when the connection ended or does not answer. */
async function untilDeaf(client: Listener, signal: AbortSignal): Promise<void> {
  let ended = false;
  const end = new AbortController();
  const onEnd = (): void => {
    ended = true;
    end.abort();
  };
  client.once('end', onEnd);
  const either = AbortSignal.any([signal, end.signal]);
  try {
    while (!either.aborted) {
      await wait(PING_MS, undefined, { signal: either }).catch(() => undefined);
      if (either.aborted) break;
      const answered = client.query('select').then(() => true);
      const inTime = await Promise.race([answered, wait(PING_MS, false, { signal: either }).catch(() => false)]);
      if (!inTime && !signal.aborted) throw new Error('It does not answer any more.');
    }
  } finally {
    client.off('end', onEnd);
  }
  if (ended && !signal.aborted) throw new Error('It was closed.');
}
