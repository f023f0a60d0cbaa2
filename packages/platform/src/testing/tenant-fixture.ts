import { newId } from '@outlay/kernel/ids';
import type { Database } from '../database';

export interface TenantFixture {
  readonly tenantId: string;
  readonly name: string;
  readonly timeZone: string;
}

/** A tenant of its own, so that tests of one file do not see each other's rows. */
export async function createTenantFixture(db: Database, options: { name?: string; timeZone?: string; lateWindowDays?: number } = {}): Promise<TenantFixture> {
  const { name = 'Test team', timeZone = 'UTC', lateWindowDays = 7 } = options;
  const tenantId = newId();
  await db.withTenant(tenantId, (tx) =>
    tx.query('insert into tenants (id, name, time_zone, late_window_days) values ($1, $2, $3, $4)', [tenantId, name, timeZone, lateWindowDays]));
  return { tenantId, name, timeZone };
}
