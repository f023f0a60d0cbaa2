import { createLog, databaseName, migrate, provisionExternal } from '@outlay/platform';
import type { Env } from './env';
import { MIGRATIONS_DIR } from './places';
import type { Print } from './print';
import { reachDatabase } from './reach-database';

/** Errors: `unavailable` with one sentence. */
export async function runMigrate(env: Env, print: Print): Promise<void> {
  if (env.DATABASE_URL !== undefined) await provisionExternal(env.DATABASE_URL);
  const reached = await reachDatabase(env, createLog({ level: 'error' }));
  try {
    const applied = await migrate({ url: reached.databaseUrl, migrationsDir: MIGRATIONS_DIR });
    for (const name of applied) print(`applied ${name}`);
    print(applied.length === 0 ? `The database ${databaseName(reached.databaseUrl)} is up to date.` : `The database ${databaseName(reached.databaseUrl)} is up to date now.`);
  } finally {
    await reached.close();
  }
}
