/** Who calls `/v1`: an API key, or, for reading and downloads only, a person's browser with its session cookie. */
import { DomainError } from '@outlay/kernel';
import { readIdentity, roleCan, type Ability, type KeyAbility, type KeyVerifier, type Tenancy, type VerifiedKey } from '@outlay/tenancy';
import type { FastifyRequest } from 'fastify';
import { readSessionCookie } from '../http/session-cookie';

/** Who reads, and what of the team's they may see. */
export interface Reader {
  readonly tenantId: string;
  readonly timeZone: string;
  /** A key sees its own environment only; null sees them all. */
  readonly environment: string | null;
  /** Null for a person. */
  readonly keyId: string | null;
}

/**
 * The key of the request, if it has the ability; `admin` has them all. Without a promise when memory knows it. Errors: `key_missing`,
 * `key_invalid`, `key_revoked`, `key_expired`, `ability_missing`, `rate_limited`.
 */
export function requireKey(keys: KeyVerifier, request: FastifyRequest, ability: KeyAbility): VerifiedKey | Promise<VerifiedKey> {
  const key = keys.verify(request.headers.authorization, request.ip);
  return key instanceof Promise ? key.then((verified) => checked(verified, ability)) : checked(key, ability);
}

/**
 * Whoever may read: a key with `read`, or a signed-in member whose role has `ability`. The cookie counts for GET and HEAD only, so
 * that it can never change anything here. Errors: as `requireKey`, and `role_missing`.
 */
export async function requireReader(tenancy: Tenancy, request: FastifyRequest, ability: Ability): Promise<Reader> {
  const secret = readSessionCookie(request);
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (request.headers.authorization !== undefined || secret === undefined || !isRead) {
    const { tenantId, timeZone, environment, keyId } = await requireKey(tenancy.keys, request, 'read');
    return { tenantId, timeZone, environment, keyId };
  }
  const identity = await readIdentity(tenancy, secret, { ip: request.ip, userAgent: request.headers['user-agent'] ?? '', requestId: request.id });
  if (!identity) throw new DomainError('not_signed_in');
  if (!identity.active || !roleCan(identity.active.role, ability)) throw new DomainError('role_missing');
  return { tenantId: identity.active.tenantId, timeZone: identity.active.timeZone, environment: null, keyId: null };
}

function checked(key: VerifiedKey, ability: KeyAbility): VerifiedKey {
  if (key.abilities.includes(ability) || key.abilities.includes('admin')) return key;
  throw new DomainError('ability_missing', { message: `This API key lacks the ability "${ability}". Create a key that has it in Settings, API keys.` });
}
