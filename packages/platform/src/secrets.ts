/**
 * Envelope encryption: the master key wraps one data key a tenant, the data key seals that tenant's secrets. AES-256-GCM, a
 * random nonce a message; the identity of the row is associated data, so that a sealed text copied to another row or tenant
 * does not open. Rotating the master key re-wraps data keys and touches no secret.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { DomainError } from '@outlay/kernel';
import type { MasterKey } from './master-key';

/** Names the row that a secret belongs to: `['provider_connections', connectionId, 'credentials']`. */
export type RowIdentity = readonly string[];

export interface SecretBox {
  /** A new data key for the tenant, wrapped: store it with the tenant. */
  createDataKey(tenantId: string): string;
  /** The same data key under this box's master key; it, or one of its older ones, wrapped it before. */
  rewrap(wrappedKey: string, tenantId: string): string;
  seal(wrappedKey: string, tenantId: string, row: RowIdentity, secret: string): string;
  /** Errors: `internal` when the text was changed, belongs to another row, or the key is another one. */
  open(wrappedKey: string, tenantId: string, row: RowIdentity, sealed: string): string;
  /** Which master key wrapped it; safe to show. */
  readonly keyId: string;
  /** For tokens that are derived of it; never to be stored or handed on. */
  unwrap(wrappedKey: string, tenantId: string): Buffer;
}

const VERSION = 's1';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export function createSecretBox(masterKey: MasterKey): SecretBox {
  const { keyId } = masterKey;
  const keysById = new Map([masterKey, ...masterKey.older].map((key) => [key.keyId, key.bytes]));

  const wrap = (dataKey: Buffer, tenantId: string): string => encrypt(masterKey.bytes, ['data-key', keyId, tenantId], dataKey, keyId);

  const unwrap = (wrappedKey: string, tenantId: string): Buffer => {
    const usedKeyId = keyIdOf(wrappedKey);
    const bytes = keysById.get(usedKeyId);
    if (bytes === undefined) {
      throw new DomainError('internal', { message: `This tenant's key was wrapped by master key ${usedKeyId}, but OUTLAY_MASTER_KEY is ${keyId}. Restore that key, or give it as OUTLAY_MASTER_KEY_OLD: what it wrapped cannot be read without it.` });
    }
    return decrypt(bytes, ['data-key', usedKeyId, tenantId], wrappedKey);
  };

  return {
    keyId,
    unwrap,
    createDataKey: (tenantId) => wrap(randomBytes(32), tenantId),
    rewrap: (wrappedKey, tenantId) => wrap(unwrap(wrappedKey, tenantId), tenantId),
    seal: (wrappedKey, tenantId, row, secret) => encrypt(unwrap(wrappedKey, tenantId), [tenantId, ...row], Buffer.from(secret, 'utf8'), '-'),
    open: (wrappedKey, tenantId, row, sealed) => decrypt(unwrap(wrappedKey, tenantId), [tenantId, ...row], sealed).toString('utf8'),
  };
}

/** Which master key wrapped it; empty when it is no wrapped key. */
export function keyIdOf(wrappedKey: string): string {
  return wrappedKey.split('.')[1] ?? '';
}

/** `s1.<key id>.<base64url of nonce, ciphertext, tag>` */
function encrypt(key: Buffer, identity: readonly string[], plain: Buffer, keyId: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(associatedData(identity));
  const sealed = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return `${VERSION}.${keyId}.${sealed.toString('base64url')}`;
}

function decrypt(key: Buffer, identity: readonly string[], text: string): Buffer {
  const [version, , encoded, ...rest] = text.split('.');
  const sealed = Buffer.from(encoded ?? '', 'base64url');
  // The decoder skips what is no base64url, so that many texts would open as the same secret.
  const canonical = sealed.toString('base64url') === encoded;
  if (version !== VERSION || rest.length > 0 || !canonical || sealed.length < NONCE_BYTES + TAG_BYTES) {
    throw new DomainError('internal', { message: 'A stored secret is damaged.' });
  }
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
      .setAAD(associatedData(identity))
      .setAuthTag(sealed.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch {
    // No cause: what OpenSSL says helps nobody but an attacker.
    throw new DomainError('internal', { message: 'A stored secret does not open: it was changed, or belongs to another row or key.' });
  }
}

/** Lengths first, so that ['ab', 'c'] and ['a', 'bc'] differ. */
function associatedData(identity: readonly string[]): Buffer {
  const hash = createHash('sha256');
  for (const part of identity) hash.update(`${Buffer.byteLength(part)}:${part}`);
  return hash.digest();
}
