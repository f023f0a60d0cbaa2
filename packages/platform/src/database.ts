/** The open database: one pool a role, Prisma as the app, and the only way to act for a tenant. */
import { PrismaPg } from '@prisma/adapter-pg';
import { Client, type Pool, type PoolClient } from 'pg';
import { DomainError } from '@outlay/kernel';
import { isUuid } from '@outlay/kernel/ids';
import { PrismaClient, type Prisma } from '../generated/client';
import { connectionConfig, createPool, endPool } from './pools';
import type { Role } from './roles';
import { unreachableDatabase } from './unreachable';

export interface DatabaseUrls {
  readonly app: string;
  readonly writer: string;
  readonly system: string;
}

export interface DatabaseOptions {
  /** One login that may become every role. */
  readonly url?: string;
  /** Or a login a role. */
  readonly urls?: DatabaseUrls;
  /** Told about idle connections that broke. */
  readonly log?: (sentence: string, error: Error) => void;
  /** Connections of the app pool; 20 by default. */
  readonly appConnectionsMax?: number;
}

export interface Database {
  /** Requests and jobs, role outlay_app: sees a tenant's rows only inside `withTenant`. */
  readonly app: Pool;
  /** The ledger's writer, role outlay_writer. Sees the tenants of `app.tenant_ids`. */
  readonly writer: Pool;
  /** Lists tenants and due work, role outlay_system. */
  readonly system: Pool;
  /** Prisma on the app pool. Outside of `withTenantPrisma` it sees global tables only. */
  readonly prisma: PrismaClient;
  /** One transaction as this tenant; rolled back when `run` throws. The client must not be kept. */
  withTenant<T>(tenantId: string, run: (tx: PoolClient) => Promise<T>): Promise<T>;
  /** The same, read-only, and every statement sees the same moment: for a screen whose figures must agree with each other. */
  withTenantSnapshot<T>(tenantId: string, run: (tx: PoolClient) => Promise<T>): Promise<T>;
  /** The same through Prisma. At most 30 s. */
  withTenantPrisma<T>(tenantId: string, run: (tx: Prisma.TransactionClient) => Promise<T>): Promise<T>;
  /** One transaction as the app without a tenant: global tables (users, sessions, mail) only. */
  withoutTenant<T>(run: (tx: PoolClient) => Promise<T>): Promise<T>;
  /** A connection of one's own (advisory locks, LISTEN, COPY), outside of every pool. The caller ends it. */
  connectAs(role: 'outlay_app' | 'outlay_writer' | 'outlay_system'): Promise<Client>;
  close(): Promise<void>;
}

/**
 * Opens the pools and proves the roles: Outlay refuses to run as an owner, a superuser or past row level security.
 * Errors: `unavailable` when the database is unreachable or a role is wrong.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const urls = options.urls ?? (options.url === undefined ? undefined : { app: options.url, writer: options.url, system: options.url });
  if (urls === undefined) throw new DomainError('unavailable', { message: 'openDatabase needs url or urls.' });
  const onError = (error: Error): void => options.log?.('A database connection broke while idle.', error);
  const app = createPool(urls.app, 'outlay_app', { max: options.appConnectionsMax ?? 20, statementTimeoutMs: 60_000, onError });
  const writer = createPool(urls.writer, 'outlay_writer', { max: 4, statementTimeoutMs: 60_000, onError });
  const system = createPool(urls.system, 'outlay_system', { max: 4, statementTimeoutMs: 60_000, onError });
  const prisma = new PrismaClient({
    adapter: new PrismaPg(app, { onPoolError: onError, onConnectionError: onError }),
    transactionOptions: { timeout: 30_000, maxWait: 10_000 },
    errorFormat: 'minimal',
  });
  const close = async (): Promise<void> => {
    await prisma.$disconnect();
    await Promise.all([app, writer, system].map(endPool));
  };
  try {
    await assertRole(app, 'outlay_app', urls.app);
    await assertRole(writer, 'outlay_writer', urls.writer);
    await assertRole(system, 'outlay_system', urls.system);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    app, writer, system, prisma, close,
    withTenant: async (tenantId, run) => {
      assertTenantId(tenantId);
      return await inTransaction(app, tenantId, run);
    },
    withTenantSnapshot: async (tenantId, run) => {
      assertTenantId(tenantId);
      return await inTransaction(app, tenantId, run, 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    },
    withoutTenant: (run) => inTransaction(app, undefined, run),
    withTenantPrisma: async (tenantId, run) => {
      assertTenantId(tenantId);
      return await prisma.$transaction(async (tx) => {
        await tx.$executeRaw`select set_config('app.tenant_id', ${tenantId}, true)`;
        return await run(tx);
      });
    },
    connectAs: async (role) => {
      const url = { outlay_app: urls.app, outlay_writer: urls.writer, outlay_system: urls.system }[role];
      const client = new Client(connectionConfig(url, role));
      client.on('error', onError);
      try {
        await client.connect();
      } catch (error) {
        throw unreachableDatabase(url, error);
      }
      return client;
    },
  };
}

async function inTransaction<T>(pool: Pool, tenantId: string | undefined, run: (tx: PoolClient) => Promise<T>, begin = 'BEGIN'): Promise<T> {
  const tx = await pool.connect();
  let broken: Error | undefined;
  try {
    await tx.query(begin);
    if (tenantId !== undefined) await tx.query(`select set_config('app.tenant_id', $1, true)`, [tenantId]);
    const value = await run(tx);
    await tx.query('COMMIT');
    return value;
  } catch (error) {
    // A connection that cannot even roll back is thrown away, so that no half transaction returns to the pool.
    await tx.query('ROLLBACK').catch((rollbackError: Error) => { broken = rollbackError; });
    throw error;
  } finally {
    tx.release(broken);
  }
}

function assertTenantId(tenantId: string): void {
  if (!isUuid(tenantId)) throw new DomainError('invalid_input', { field: 'tenantId', message: 'The tenant id must be a uuid.' });
}

async function assertRole(pool: Pool, role: Role, url: string): Promise<void> {
  let row: { role: string; superuser: boolean; bypass: boolean; owner: boolean } | undefined;
  try {
    ({ rows: [row] } = await pool.query(`
      select r.rolname as role, r.rolsuper as superuser, r.rolbypassrls as bypass, pg_has_role(r.oid, 'outlay_owner', 'USAGE') as owner
      from pg_roles r where r.rolname = current_user`));
  } catch (error) {
    throw unreachableDatabase(url, error);
  }
  if (row === undefined || row.role !== role || row.superuser || row.bypass || row.owner) {
    throw new DomainError('unavailable', {
      message: `Outlay must work as the database role ${role}, neither superuser nor owner nor past row level security, but is ${JSON.stringify(row)}. `
        + `Run "outlay doctor" to see what to change.`,
    });
  }
}
