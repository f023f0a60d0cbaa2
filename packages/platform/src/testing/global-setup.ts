/** One embedded Postgres a vitest run, with roles and one migrated template that every test file clones. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../embedded-postgres';
import { migrate } from '../migrate';
import { provisionEmbedded } from '../roles';
import { GENERATE, MIGRATIONS_DIR, TEMPLATE } from './places';

export interface TestPostgres {
  /** Superuser, for making and dropping databases only. */
  readonly adminUrl: string;
  readonly loginPassword: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    postgres: TestPostgres;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (spawnSync(process.execPath, [GENERATE], { stdio: 'inherit' }).status !== 0) throw new Error('the Prisma client was not generated');
  const parent = await mkdtemp(join(tmpdir(), 'outlay-test-'));
  const server = await startEmbeddedPostgres({ dataDir: join(parent, 'data'), durable: false });
  const { adminUrl, loginPassword } = server;
  const url = await provisionEmbedded({ adminUrl, loginPassword, database: TEMPLATE });
  await migrate({ url, migrationsDir: MIGRATIONS_DIR });
  project.provide('postgres', { adminUrl, loginPassword });
  return async () => {
    await server.stop();
    await rm(parent, { recursive: true, force: true });
  };
}
