/** A private embedded Postgres for a bench: the product's own schema, roles and settings, durable, in a folder that goes away. */
import { createTenantRow } from './bench-tenant';
import { migrate, openDatabase, provisionEmbedded, startEmbeddedPostgres, type Database, type EmbeddedPostgres } from '@outlay/platform';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface BenchDatabase {
  readonly url: string;
  /** A superuser's, for COPY and for looking at sizes. */
  readonly adminUrl: string;
  readonly db: Database;
  readonly tenantId: string;
  /** An API key of the tenant with the ability to ingest. */
  readonly apiKey: string;
}

export interface BenchCluster {
  readonly folder: string;
  /** A new database with one tenant. */
  create(name: string): Promise<BenchDatabase>;
  close(): Promise<void>;
}

export async function startBenchCluster(migrationsDir: string): Promise<BenchCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'outlay-bench-'));
  const server: EmbeddedPostgres = await startEmbeddedPostgres({ dataDir: join(folder, 'data') });
  const open: Database[] = [];
  return {
    folder,
    create: async (name) => {
      const url = await provisionEmbedded({ adminUrl: server.adminUrl, loginPassword: server.loginPassword, database: name });
      await migrate({ url, migrationsDir });
      const db = await openDatabase({ url });
      open.push(db);
      const adminUrl = new URL(server.adminUrl);
      adminUrl.pathname = `/${name}`;
      return { url, adminUrl: adminUrl.href, db, ...(await createTenantRow(db)) };
    },
    close: async () => {
      for (const db of open) await db.close();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
