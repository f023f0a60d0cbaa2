/** API keys: made (shown once), listed, revoked. They belong to the team and outlive the membership of who made them. */
import { DomainError } from '@outlay/kernel';
import { newId, sha256 } from '@outlay/kernel/ids';
import { audit, auditedBy } from './audit';
import { assertCan, type Acting } from './acting';
import { createKeySecret } from './key-format';
import type { KeyAbility } from './roles';
import { findKeys, insertKey, revokeKeyRow } from './store-keys';
import { findNames } from './store-people';
import type { Tenancy } from './tenancy';

const DAY_MS = 86_400_000;

export interface NewKeyInput {
  readonly name: string;
  readonly environment: string;
  readonly abilities: readonly KeyAbility[];
  /** Never, when absent. */
  readonly expiresInDays?: number;
}

/** The secret is in this answer and nowhere else. Errors: `role_missing` (a key with `admin` needs an owner or admin). */
export async function createKey(tenancy: Tenancy, acting: Acting, input: NewKeyInput): Promise<{ id: string; secret: string }> {
  assertCan(acting, 'keys.manage');
  if (input.abilities.includes('admin')) assertCan(acting, 'keys.grant_admin');
  const now = tenancy.now();
  const id = newId();
  const { secret, prefix } = createKeySecret(input.environment);
  const { name, environment, abilities } = input;
  const expiresAt = input.expiresInDays === undefined ? null : new Date(now + input.expiresInDays * DAY_MS);
  await tenancy.db.withTenantPrisma(acting.tenantId, async (tx) => {
    await insertKey(tx, { tenantId: acting.tenantId, id, name, environment, abilities, keyHash: sha256(secret), prefix, createdBy: acting.id, createdAt: new Date(now), expiresAt });
    await audit(tx, {
      ...auditedBy(acting), action: 'key.created', subjectType: 'key', subjectId: id,
      after: { name, environment, abilities, prefix, expiresAt: expiresAt?.toISOString() ?? null },
    });
  });
  return { id, secret };
}

export interface ListedKey {
  readonly id: string;
  readonly name: string;
  readonly environment: string;
  readonly abilities: readonly KeyAbility[];
  readonly prefix: string;
  /** The maker's name. */
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
}

/** The newest first, revoked and expired ones too. */
export async function listKeys(tenancy: Tenancy, acting: Acting): Promise<ListedKey[]> {
  assertCan(acting, 'keys.read');
  return await tenancy.db.withTenantPrisma(acting.tenantId, async (tx) => {
    const keys = await findKeys(tx, acting.tenantId);
    const names = await findNames(tx, keys.map(({ createdBy }) => createdBy));
    return keys.map((key) => ({ ...key, abilities: key.abilities as readonly KeyAbility[], createdBy: names.get(key.createdBy) ?? '' }));
  });
}

/** Holds at once in this process and within a second in every other. Revoking twice is no error. Errors: `not_found`. */
export async function revokeKey(tenancy: Tenancy, acting: Acting, id: string): Promise<void> {
  assertCan(acting, 'keys.manage');
  const keyHash = await tenancy.db.withTenantPrisma(acting.tenantId, async (tx) => {
    const key = await revokeKeyRow(tx, acting.tenantId, id, new Date(tenancy.now()));
    if (!key) throw new DomainError('not_found', { field: 'id', message: 'The team has no such API key.' });
    const { name, environment, prefix, revokedNow } = key;
    if (revokedNow) await audit(tx, { ...auditedBy(acting), action: 'key.revoked', subjectType: 'key', subjectId: id, before: { name, environment, prefix } });
    return key.keyHash;
  });
  tenancy.keys.forget(keyHash);
}
