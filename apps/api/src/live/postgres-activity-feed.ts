/**
 * The feed between processes, over NOTIFY. Many commits become one notice: NOTIFY takes a lock that every committing transaction
 * with a notice waits for, so it never rides on the writer's transaction and is sent a few times a second at most.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Database } from '@outlay/platform';
import { createActivityFeed, type ActivityFeed } from './activity-feed';

const CHANNEL = 'outlay_activity';
const FLUSH_MS = 200;
// A notice holds less than 8,000 bytes; a team takes some 45.
const TEAMS_PER_NOTICE = 150;
const RECONNECT_MS = 1_000;

type Log = (sentence: string, error: unknown) => void;
type Listener = Awaited<ReturnType<Database['connectAs']>>;

/** Listens on a connection of its own, which is opened again when it breaks; what is missed meanwhile is only a hint. */
export async function createPostgresActivityFeed(db: Database, log: Log): Promise<ActivityFeed> {
  const local = createActivityFeed();
  const self = randomUUID();
  const pending = new Map<string, number>();
  const stopped = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<void> = Promise.resolve();

  async function send(): Promise<void> {
    const counts = [...pending];
    pending.clear();
    for (let start = 0; start < counts.length; start += TEAMS_PER_NOTICE) {
      const payload = JSON.stringify({ from: self.slice(0, 8), teams: counts.slice(start, start + TEAMS_PER_NOTICE) });
      try {
        await db.app.query('select pg_notify($1, $2)', [CHANNEL, payload]);
      } catch (error) {
        log('A notice of new events could not be sent to other processes; screens there refresh later.', error);
      }
    }
  }

  function receive(payload: string | undefined): void {
    const notice = JSON.parse(payload ?? '{}') as { from?: string; teams?: [string, number][] };
    if (notice.from === self.slice(0, 8)) return;
    for (const [tenantId, accepted] of notice.teams ?? []) local.publish(tenantId, accepted);
  }

  async function listen(): Promise<Listener> {
    const client = await db.connectAs('outlay_app');
    client.on('notification', ({ payload }) => receive(payload));
    await client.query(`listen ${CHANNEL}`);
    return client;
  }

  async function keepListening(first: Listener): Promise<void> {
    let client: Listener | null = first;
    while (!stopped.signal.aborted) {
      try {
        client ??= await listen();
        await untilEnd(client, stopped.signal);
      } catch (error) {
        log('The connection that hears of new events could not be opened; it is tried again.', error);
      }
      await client?.end().catch(() => undefined);
      client = null;
      await wait(RECONNECT_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  }

  const listening = keepListening(await listen());

  return {
    publish(tenantId, accepted) {
      local.publish(tenantId, accepted);
      pending.set(tenantId, (pending.get(tenantId) ?? 0) + accepted);
      timer ??= setTimeout(() => {
        timer = undefined;
        sending = send();
      }, FLUSH_MS);
    },
    subscribe: local.subscribe,
    close: async () => {
      clearTimeout(timer);
      await sending;
      await send();
      stopped.abort();
      await listening;
    },
  };
}

/** For a process without a feed of its own, such as a worker: screens of all processes hear of it. A notice that is lost is only a hint. */
export async function announceActivity(db: Pick<Database, 'app'>, tenantId: string): Promise<void> {
  await db.app.query('select pg_notify($1, $2)', [CHANNEL, JSON.stringify({ from: 'worker', teams: [[tenantId, 1]] })]);
}

function untilEnd(client: Listener, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
    client.once('end', () => resolve());
  });
}
