/** Prisma queries and SQL of users, teams and their members. */
import type { Database } from '@outlay/platform';
import type { Standing } from './membership-rules';
import type { Role } from './roles';
import type { PrismaTx } from './transactions';

export interface UserRow {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly passwordHash: string;
}

export async function findUserByEmail(db: Database, email: string): Promise<UserRow | null> {
  return await db.prisma.user.findUnique({ where: { email }, select: { id: true, email: true, name: true, passwordHash: true } });
}

/** False when the e-mail has an account already; two that race are told apart by the unique index. */
export async function insertUser(tx: PrismaTx, user: UserRow): Promise<boolean> {
  const { count } = await tx.user.createMany({ data: [user], skipDuplicates: true });
  return count === 1;
}

/** Inside a transaction as the new tenant. */
export async function insertTeam(tx: PrismaTx, team: { id: string; name: string; timeZone: string; ownerId: string; demo?: boolean }): Promise<void> {
  const { ownerId, ...tenant } = team;
  await tx.tenant.create({ data: { ...tenant, members: { create: { userId: ownerId, role: 'owner' } } } });
}

/**
 * The owners of the team and these people, as they stand now, locked until the transaction ends. Everybody who changes
 * memberships locks first and in the same order, so that of two owners who leave at once the second sees the first gone.
 */
export async function lockStandings(tx: PrismaTx, tenantId: string, userIds: readonly string[]): Promise<Standing[]> {
  return await tx.$queryRaw<Standing[]>`
    select user_id::text as "userId", role from members
    where tenant_id = ${tenantId}::uuid and (role = 'owner' or user_id = any (${userIds}::uuid[]))
    order by user_id for update`;
}

/** False when the person is a member already; the role they have stays. */
export async function insertMember(tx: PrismaTx, member: { tenantId: string; userId: string; role: Role }): Promise<boolean> {
  const { count } = await tx.member.createMany({ data: [member], skipDuplicates: true });
  return count === 1;
}

export async function isMemberEmail(tx: PrismaTx, tenantId: string, email: string): Promise<boolean> {
  return (await tx.member.count({ where: { tenantId, user: { email } } })) > 0;
}

export async function setMemberRole(tx: PrismaTx, tenantId: string, userId: string, role: Role): Promise<void> {
  await tx.member.update({ where: { tenantId_userId: { tenantId, userId } }, data: { role } });
}

/** Takes the person out of the team; their sessions forget it. */
export async function deleteMember(tx: PrismaTx, tenantId: string, userId: string): Promise<void> {
  await tx.member.delete({ where: { tenantId_userId: { tenantId, userId } } });
  await tx.session.updateMany({ where: { userId, tenantId }, data: { tenantId: null } });
}

export interface MemberRow {
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly joinedAt: Date;
  /** When they were last seen working in this team; null when no session of theirs does. */
  readonly lastSeenAt: Date | null;
}

export async function findMembers(tx: PrismaTx, tenantId: string): Promise<MemberRow[]> {
  return await tx.$queryRaw<MemberRow[]>`
    select m.user_id::text as "userId", u.name, u.email, m.role, m.created_at as "joinedAt",
      (select max(s.last_seen_at) from sessions s where s.user_id = m.user_id and s.tenant_id = m.tenant_id) as "lastSeenAt"
    from members m join users u on u.id = m.user_id
    where m.tenant_id = ${tenantId}::uuid
    order by m.created_at, m.user_id`;
}

/** Names by user id. Only for ids that the team's own rows hold. */
export async function findNames(tx: PrismaTx, userIds: readonly string[]): Promise<Map<string, string>> {
  const users = await tx.user.findMany({ where: { id: { in: [...new Set(userIds)] } }, select: { id: true, name: true } });
  return new Map(users.map(({ id, name }) => [id, name]));
}
