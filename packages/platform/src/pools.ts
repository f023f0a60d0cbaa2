/** One pool a role. The role is set by the connection's own start-up options, so no connection ever works as the login. */
import { setTimeout as delay } from 'node:timers/promises';
import { Pool, types, type ClientConfig, type CustomTypesConfig } from 'pg';
import type { Role } from './roles';

export interface PoolOptions {
  readonly max: number;
  /** Postgres cancels a statement after this time. */
  readonly statementTimeoutMs: number;
  /** Told about connections that broke while idle; the pool replaces them by itself. */
  readonly onError?: (error: Error) => void;
}

const INT8 = 20;
const INT8_ARRAY = 1016;
const DATE = 1082;

/** `{1,NULL,3}`: an array of int8 has no quotes and no nesting that we use. */
function parseInt8Array(text: string): (bigint | null)[] {
  return text === '{}' ? [] : text.slice(1, -1).split(',').map((item) => (item === 'NULL' ? null : BigInt(item)));
}

/**
 * How values arrive: int8 as bigint (money and counts are exact), numeric as string, timestamptz as Date, date as
 * `YYYY-MM-DD`. Set per connection, never globally: other users of `pg` in the process keep their own.
 */
const TYPES: CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (format !== 'binary') {
      if (oid === INT8) return BigInt;
      if (oid === INT8_ARRAY) return parseInt8Array;
      if (oid === DATE) return String;
    }
    return types.getTypeParser(oid, format as 'text');
  }) as typeof types.getTypeParser,
};

/** What a client or pool needs to connect to `url` as `role`. */
export function connectionConfig(url: string, role: Role, statementTimeoutMs = 0, schema: 'public' | 'bullmq' = 'public'): ClientConfig {
  const { base, options } = splitOptions(url);
  return {
    connectionString: base,
    options: `${options} -c role=${role} -c search_path=${schema} -c TimeZone=UTC`.trim(),
    application_name: role,
    connectionTimeoutMillis: 10_000,
    statement_timeout: statementTimeoutMs,
    // A transaction that our process forgot must not hold locks for ever.
    idle_in_transaction_session_timeout: 60_000,
    keepAlive: true,
    types: TYPES,
  };
}

/** An `options` parameter of the URL would replace ours instead of joining it. */
function splitOptions(url: string): { base: string; options: string } {
  if (!URL.canParse(url)) return { base: url, options: '' };
  const parsed = new URL(url);
  const options = parsed.searchParams.get('options') ?? '';
  parsed.searchParams.delete('options');
  return { base: parsed.href, options };
}

export function createPool(url: string, role: Role, options: PoolOptions): Pool {
  const pool = new Pool({
    ...connectionConfig(url, role, options.statementTimeoutMs),
    max: options.max,
    idleTimeoutMillis: 30_000,
  });
  pool.on('error', (error) => options.onError?.(error));
  trackConnections(pool);
  return pool;
}

const openConnections = new WeakMap<Pool, Set<unknown>>();
const CLOSE_MS = 2_000;

/**
 * Notes which connections of a new pool are open, for `endPool`, and listens to each for as long as it lives: the pool itself does so only while a
 * connection is idle, and one that breaks between two statements of whoever holds it would end the process.
 */
export function trackConnections(pool: Pool): void {
  const open = new Set<unknown>();
  openConnections.set(pool, open);
  pool.on('connect', (client) => {
    open.add(client);
    // Who holds it finds out by the next statement, which fails.
    client.on('error', () => {});
  });
  pool.on('remove', (client) => open.delete(client));
}

/**
 * Ends a pool and waits until its connections are gone. `pool.end()` alone does not wait: a Postgres that stops right afterwards would
 * still find them, and end them with an error.
 */
export async function endPool(pool: Pool): Promise<void> {
  await pool.end();
  const deadline = Date.now() + CLOSE_MS;
  while ((openConnections.get(pool)?.size ?? 0) > 0 && Date.now() < deadline) await delay(5);
}
