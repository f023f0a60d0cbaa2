import type { Queryable } from './transactions';

/** The team's zone, asked inside its own transaction. */
export async function readTimeZone(tx: Queryable, tenantId: string): Promise<string> {
  const { rows } = await tx.query<{ time_zone: string }>('select time_zone from tenants where id = $1', [tenantId]);
  return rows[0]?.time_zone ?? 'UTC';
}
