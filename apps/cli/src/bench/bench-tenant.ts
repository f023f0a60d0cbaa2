import { newId, randomToken, sha256 } from '@outlay/kernel/ids';
import type { Database } from '@outlay/platform';

/** A tenant with one key, without the people around it: the bench signs nobody up. */
export async function createTenantRow(db: Database): Promise<{ tenantId: string; apiKey: string }> {
  const tenantId = newId();
  const apiKey = `ol_production_${randomToken(24)}`;
  await db.withTenant(tenantId, async (tx) => {
    await tx.query(`INSERT INTO tenants (id, name, time_zone) VALUES ($1, 'Bench', 'Europe/Berlin')`, [tenantId]);
    await tx.query(
      `INSERT INTO api_keys (tenant_id, id, name, environment, abilities, key_hash, prefix, created_by) VALUES ($1, $2, 'bench', 'production', '{ingest,gate,read}', $3, $4, $2)`,
      [tenantId, newId(), sha256(apiKey), apiKey.slice(0, 20)]);
  });
  return { tenantId, apiKey };
}
