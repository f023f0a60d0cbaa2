/** The SQL of API keys. Only the SHA-256 of a key is stored. */
import type { Database } from '@outlay/platform';
import type { PrismaTx, Queryable } from './transactions';

export interface FoundKey {
  readonly tenantId: string;
  readonly id: string;
  readonly environment: string;
  readonly abilities: readonly string[];
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly timeZone: string;
  readonly lateWindowDays: number;
}

export async function lookupKey(db: Database, keyHash: string): Promise<FoundKey | null> {
  const { rows: [row] } = await db.app.query<FoundKey>({
    name: 'lookup-api-key',
    text: `select tenant_id as "tenantId", id, environment, abilities, expires_at as "expiresAt", revoked_at as "revokedAt", time_zone as "timeZone",
      late_window_days as "lateWindowDays" from lookup_api_key($1)`,
    values: [keyHash],
  });
  return row ?? null;
}

/** How the audit log names a key that acted: `API key ci (ol_production_4fJ)`. `tx` is a transaction of the key's team. */
export async function keyLabel(tx: Queryable, keyId: string): Promise<string> {
  const { rows: [row] } = await tx.query<{ label: string }>("select name || ' (' || prefix || ')' as label from api_keys where id = $1", [keyId]);
  return `API key ${row?.label ?? keyId}`;
}

export interface KeyRow {
  readonly tenantId: string;
  readonly id: string;
  readonly name: string;
  readonly environment: string;
  readonly abilities: readonly string[];
  readonly keyHash: string;
  readonly prefix: string;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
}

export async function insertKey(tx: PrismaTx, row: KeyRow): Promise<void> {
  await tx.apiKey.create({ data: { ...row, abilities: [...row.abilities] } });
}

export async function findKeys(tx: PrismaTx, tenantId: string): Promise<(Omit<KeyRow, 'tenantId' | 'keyHash'> & { revokedAt: Date | null; lastUsedAt: Date | null })[]> {
  return await tx.apiKey.findMany({ where: { tenantId }, omit: { tenantId: true, keyHash: true }, orderBy: { id: 'desc' } });
}

export interface RevokedKey {
  readonly keyHash: string;
  readonly name: string;
  readonly environment: string;
  readonly prefix: string;
  /** False when it was revoked before. */
  readonly revokedNow: boolean;
}

/** Null when the team has no such key. */
export async function revokeKeyRow(tx: PrismaTx, tenantId: string, id: string, now: Date): Promise<RevokedKey | null> {
  const select = { keyHash: true, name: true, environment: true, prefix: true } as const;
  const [revoked] = await tx.apiKey.updateManyAndReturn({ where: { tenantId, id, revokedAt: null }, data: { revokedAt: now }, select });
  if (revoked) return { ...revoked, revokedNow: true };
  const known = await tx.apiKey.findUnique({ where: { tenantId_id: { tenantId, id } }, select });
  return known && { ...known, revokedNow: false };
}

/** Notes the last use of a team's keys in one statement. Never moves it back. */
export async function noteKeyUses(db: Database, tenantId: string, uses: readonly { keyId: string; atMs: number }[]): Promise<void> {
  await db.withTenant(tenantId, (tx) => tx.query(
    `update api_keys k set last_used_at = u.at
     from unnest($1::uuid[], $2::timestamptz[]) u (id, at)
     where k.tenant_id = $3 and k.id = u.id and (k.last_used_at is null or k.last_used_at < u.at)`,
    [uses.map(({ keyId }) => keyId), uses.map(({ atMs }) => new Date(atMs)), tenantId]));
}
