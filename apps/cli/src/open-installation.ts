/** The database of this installation, wherever it is: the embedded one of the data folder, or the one of DATABASE_URL. */
import { resolve } from 'node:path';
import { databaseName, type Log, type MasterKey, migrate, provisionEmbedded, provisionExternal } from '@outlay/platform';
import type { Env } from './env';
import { readMasterKey } from './read-master-key';
import { keepPostgres, type KeptPostgres } from './keep-postgres';
import { MIGRATIONS_DIR } from './places';

export interface Installation {
  /** Of a login that may become every role of ours. */
  readonly databaseUrl: string;
  /** For people: never with a password. */
  readonly databaseName: string;
  /** Undefined with DATABASE_URL. */
  readonly postgres: KeptPostgres | undefined;
  readonly masterKey: MasterKey;
  /** Migrations that were applied just now. */
  readonly applied: readonly string[];
  /** Stops the embedded Postgres; an external one is left alone. */
  close(): Promise<void>;
}

/**
 * Starts or reaches the database and brings it up to this version: roles, rights, schema. Errors: `unavailable` with one sentence.
 */
export async function openInstallation(env: Env, log: Log): Promise<Installation> {
  if (env.DATABASE_URL !== undefined) {
    const masterKey = await readMasterKey(env);
    await provisionExternal(env.DATABASE_URL);
    const applied = await migrate({ url: env.DATABASE_URL, migrationsDir: MIGRATIONS_DIR });
    return { databaseUrl: env.DATABASE_URL, databaseName: databaseName(env.DATABASE_URL), postgres: undefined, masterKey, applied, close: async () => {} };
  }
  const dataDir = resolve(env.OUTLAY_DATA_DIR);
  const postgres = await keepPostgres({ dataDir, log: (sentence) => log.info(sentence) }, log);
  try {
    const masterKey = await readMasterKey(env);
    const databaseUrl = await provisionEmbedded(postgres);
    const applied = await migrate({ url: databaseUrl, migrationsDir: MIGRATIONS_DIR });
    return { databaseUrl, databaseName: dataDir, postgres, masterKey, applied, close: () => postgres.stop() };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}
