/** The database for a command that works beside a running Outlay: that one's own Postgres, or one started for the command alone. */
import { resolve } from 'node:path';
import { findEmbeddedPostgres, type Log, provisionEmbedded, startEmbeddedPostgres } from '@outlay/platform';
import type { Env } from './env';

export interface ReachedDatabase {
  readonly databaseUrl: string;
  /** How it was reached, for people. */
  readonly how: string;
  /** The data folder is this process's alone: nobody else runs on it until `close`. */
  readonly isAlone: boolean;
  /** Stops what was started for the command, and nothing else. */
  close(): Promise<void>;
}

/** Errors: `unavailable` with one sentence. Makes the data folder where there is none. */
export async function reachDatabase(env: Env, log: Log): Promise<ReachedDatabase> {
  if (env.DATABASE_URL !== undefined) return { databaseUrl: env.DATABASE_URL, how: 'DATABASE_URL', isAlone: false, close: async () => {} };
  const dataDir = resolve(env.OUTLAY_DATA_DIR);
  const running = await findEmbeddedPostgres(dataDir);
  if (running) return { databaseUrl: await provisionEmbedded(running), how: `the running Outlay of ${dataDir}`, isAlone: false, close: async () => {} };
  const postgres = await startEmbeddedPostgres({ dataDir, log: (sentence) => log.info(sentence) });
  try {
    return { databaseUrl: await provisionEmbedded(postgres), how: `the data folder ${dataDir}, where nothing ran`, isAlone: true, close: () => postgres.stop() };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}
