/** SQL of what a team's people should know about their team: keys that end, people who came, and until when a person has read. */
import type { Database } from '@outlay/platform';
import type { Role } from './roles';
import type { Queryable } from './transactions';

export interface EndingKey {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export async function findEndingKeys(sql: Queryable, from: Date, to: Date, limit: number): Promise<EndingKey[]> {
  const { rows } = await sql.query<EndingKey>(
    'select id::text as id, name, created_at as "createdAt", expires_at as "expiresAt" from api_keys where revoked_at is null and expires_at between $1 and $2 order by expires_at limit $3', [from, to, limit]);
  return rows;
}

export interface NewMember {
  readonly userId: string;
  readonly name: string;
  readonly role: Role;
  readonly joinedAt: Date;
}

/** Who came after this person did. */
export async function findNewMembers(sql: Queryable, userId: string, since: Date, limit: number): Promise<NewMember[]> {
  const { rows } = await sql.query<NewMember>(
    `select m.user_id::text as "userId", u.name, m.role, m.created_at as "joinedAt" from members m join users u on u.id = m.user_id
     where m.user_id <> $1 and m.created_at > $2 and m.created_at > (select me.created_at from members me where me.user_id = $1) order by m.created_at desc limit $3`, [userId, since, limit]);
  return rows;
}

/** Until when the person has read; what was before they came counts as read. */
export async function readNoticesSeen(sql: Queryable, userId: string): Promise<Date> {
  const { rows } = await sql.query<{ at: Date }>('select coalesce(notices_seen_at, created_at) as at from members where user_id = $1', [userId]);
  return rows[0]?.at ?? new Date(0);
}

export async function saveNoticesSeen(sql: Queryable, userId: string, at: Date): Promise<void> {
  await sql.query('update members set notices_seen_at = $2 where user_id = $1', [userId, at]);
}

export interface PendingErasure {
  readonly requestedAt: Date;
  readonly eraseAfter: Date;
}

export async function findPendingErasure(db: Pick<Database, 'system'>, tenantId: string): Promise<PendingErasure | null> {
  const { rows } = await db.system.query<PendingErasure>(
    'select requested_at as "requestedAt", erase_after as "eraseAfter" from tenant_erasures where erased_tenant_id = $1 and cancelled_at is null and erased_at is null', [tenantId]);
  return rows[0] ?? null;
}
