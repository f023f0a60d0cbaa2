/** Secrets of a team: sealed with its data key, which is made with its first secret and wrapped by the master key. Nothing else touches `tenant_keys`. */
import { createHmac } from 'node:crypto';
import type { RowIdentity, SecretBox } from '@outlay/platform';
import type { PoolClient } from 'pg';

/** Within `withTenant`. `row` names where the sealed text will stand: moved elsewhere it does not open. */
export async function sealTeamSecret(tx: PoolClient, box: SecretBox, tenantId: string, row: RowIdentity, secret: string): Promise<string> {
  return box.seal(await readDataKey(tx, box, tenantId), tenantId, row, secret);
}

/** Errors: `internal` when it does not open, without saying more. Open it inside of the call that needs it, and hand it on to nobody. */
export async function openTeamSecret(tx: PoolClient, box: SecretBox, tenantId: string, row: RowIdentity, sealed: string): Promise<string> {
  return box.open(await readDataKey(tx, box, tenantId), tenantId, row, sealed);
}

async function readDataKey(tx: PoolClient, box: SecretBox, tenantId: string): Promise<string> {
  const read = async (): Promise<string | undefined> => (await tx.query<{ wrapped_key: string }>('SELECT wrapped_key FROM tenant_keys WHERE tenant_id = $1', [tenantId])).rows[0]?.wrapped_key;
  const known = await read();
  if (known !== undefined) return known;
  // Two first secrets at once: one key wins, and both are sealed with it.
  await tx.query('INSERT INTO tenant_keys (tenant_id, wrapped_key) VALUES ($1, $2) ON CONFLICT (tenant_id) DO NOTHING', [tenantId, box.createDataKey(tenantId)]);
  return (await read())!;
}

/** A token that only this installation can make again, the same each time: for links of which only the hash is stored. `purpose` tells one use from another. */
export async function deriveTeamToken(tx: PoolClient, box: SecretBox, tenantId: string, purpose: string): Promise<string> {
  return createHmac('sha256', box.unwrap(await readDataKey(tx, box, tenantId), tenantId)).update(`token\n${purpose}`).digest('base64url');
}
