/** Who gets the summaries: each person for their own address, and ended by a link without a sign-in. */
import { newId, randomToken, sha256 } from '@outlay/kernel/ids';
import type { Database } from '@outlay/platform';
import { audit } from '@outlay/tenancy';
import type { By } from '../channels/save-channel';

export const DIGEST_KINDS = ['daily', 'weekly'] as const;
export type DigestKind = (typeof DIGEST_KINDS)[number];

export interface MyDigest {
  readonly kind: DigestKind;
  readonly subscribed: boolean;
  /** The local day of the last one that was sent. */
  readonly lastSentFor: string | null;
}

const TOKEN = /^[A-Za-z0-9_-]{20,64}$/;

export async function listMyDigests(db: Database, tenantId: string, email: string): Promise<MyDigest[]> {
  return await db.withTenant(tenantId, async (tx) => {
    const { rows } = await tx.query<{ kind: DigestKind; on: boolean; last: string | null }>(
      'SELECT kind, unsubscribed_at IS NULL AS on, last_sent_for::text AS last FROM digest_subscriptions WHERE email = $1', [email]);
    return DIGEST_KINDS.map((kind) => {
      const row = rows.find((each) => each.kind === kind);
      return { kind, subscribed: row?.on ?? false, lastSentFor: row?.last ?? null };
    });
  });
}

/** Any number of times. A row is never removed but by an erasure: coming back is a row that is on again. */
export async function subscribeDigest(db: Database, by: By, email: string, kind: DigestKind, nowMs = Date.now()): Promise<void> {
  await db.withTenant(by.tenantId, async (tx) => {
    await tx.query(
      `INSERT INTO digest_subscriptions (tenant_id, id, email, kind, token_hash, created_at) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (tenant_id, email, kind) DO UPDATE SET unsubscribed_at = NULL`, [by.tenantId, newId(nowMs), email, kind, sha256(randomToken()), new Date(nowMs)]);
    await audit(tx, { ...by, action: 'digest.subscribed', subjectType: 'digest', subjectId: kind });
  });
}

export async function unsubscribeDigest(db: Database, by: By, email: string, kind: DigestKind, nowMs = Date.now()): Promise<void> {
  await db.withTenant(by.tenantId, async (tx) => {
    await tx.query('UPDATE digest_subscriptions SET unsubscribed_at = coalesce(unsubscribed_at, $3) WHERE email = $1 AND kind = $2', [email, kind, new Date(nowMs)]);
    await audit(tx, { ...by, action: 'digest.unsubscribed', subjectType: 'digest', subjectId: kind });
  });
}

/** By the link of any letter, also an old one. Null when there is no such link, or its team is gone. */
export async function endDigestByToken(db: Pick<Database, 'app'>, token: string): Promise<{ readonly email: string; readonly kind: DigestKind } | null> {
  if (!TOKEN.test(token)) return null;
  const { rows: [row] } = await db.app.query<{ email: string; kind: DigestKind }>('SELECT email, kind FROM end_digest($1)', [sha256(token)]);
  return row ?? null;
}
