/** Secrets of a team: sealed with its data key, which is made with its first secret and wrapped by the master key. Nothing else touches `tenant_keys`. */
import { createHmac } from 'node:crypto';
import { keyIdOf, type RowIdentity, type SecretBox } from '@outlay/platform';
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

/**
 * The team's data key under the master key of `box`, which knows the older ones; its secrets stay as they are, and so does every token that is derived of it. Within
 * `withTenant`. Answers which master key wrapped it until now: that of `box` when nothing was to do, null when the team has no key yet. Errors: `internal` when the
 * box does not know that key.
 */
export async function rewrapTeamKey(tx: PoolClient, box: SecretBox, tenantId: string): Promise<string | null> {
  // Locked, so that of two rotations at once one waits and finds it done.
  const wrapped = (await tx.query<{ wrapped_key: string }>('SELECT wrapped_key FROM tenant_keys WHERE tenant_id = $1 FOR UPDATE', [tenantId])).rows[0]?.wrapped_key;
  if (wrapped === undefined) return null;
  const usedKeyId = keyIdOf(wrapped);
  if (usedKeyId !== box.keyId) await tx.query('UPDATE tenant_keys SET wrapped_key = $2, wrapped_at = now() WHERE tenant_id = $1', [tenantId, box.rewrap(wrapped, tenantId)]);
  return usedKeyId;
}

/** Which master key wraps the team's data key; null without one. Within `withTenant`. */
export async function readTeamKeyId(tx: PoolClient, tenantId: string): Promise<string | null> {
  const wrapped = (await tx.query<{ wrapped_key: string }>('SELECT wrapped_key FROM tenant_keys WHERE tenant_id = $1', [tenantId])).rows[0]?.wrapped_key;
  return wrapped === undefined ? null : keyIdOf(wrapped);
}

/** A token that only this installation can make again, the same each time: for links of which only the hash is stored. `purpose` tells one use from another. */
export async function deriveTeamToken(tx: PoolClient, box: SecretBox, tenantId: string, purpose: string): Promise<string> {
  return createHmac('sha256', box.unwrap(await readDataKey(tx, box, tenantId), tenantId)).update(`token\n${purpose}`).digest('base64url');
}
