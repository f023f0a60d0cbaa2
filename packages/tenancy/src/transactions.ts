import type { Database } from '@outlay/platform';

/** A tenant transaction of Prisma. */
export type PrismaTx = Parameters<Parameters<Database['withTenantPrisma']>[1]>[0];

/** A tenant transaction of `pg`. */
export type PgTx = Parameters<Parameters<Database['withTenant']>[1]>[0];

/** Whatever runs a statement of `pg`: a pool for one statement, a transaction for several. */
export type Queryable = Pick<PgTx, 'query'>;
