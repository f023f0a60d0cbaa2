/** The embedded Postgres of a data folder that another process runs: for commands beside a running Outlay. */
import { join } from 'node:path';
import { readDataFile } from './data-file';
import { readSecrets } from './embedded-postgres';
import { isPostgresOf } from './process-identity';

export interface FoundPostgres {
  readonly port: number;
  /** Superuser, database `postgres`. */
  readonly adminUrl: string;
  readonly loginPassword: string;
}

/** Null when none runs, or none that is ready. Errors: the data folder is there and may not be read. */
export async function findEmbeddedPostgres(dataDir: string): Promise<FoundPostgres | null> {
  const cluster = join(dataDir, 'postgres');
  // Lines of postmaster.pid: pid, data directory, start time, port, socket directory, address, shared memory, status.
  const lines = (await readDataFile(join(cluster, 'postmaster.pid')))?.split('\n') ?? [];
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  if (lines[7]?.trim() !== 'ready' || !(pid > 0) || !isPostgresOf(pid, cluster)) return null;
  const secrets = await readSecrets(dataDir);
  if (secrets === undefined) return null;
  return { port, adminUrl: `postgres://postgres:${secrets.superuserPassword}@127.0.0.1:${port}/postgres`, loginPassword: secrets.loginPassword };
}
