/** Prisma queries of invitations, and the look-up by token, which comes before a tenant is known. */
import type { Database } from '@outlay/platform';
import type { Role } from './roles';
import type { PrismaTx } from './transactions';

export interface InvitationRow {
  readonly tenantId: string;
  readonly id: string;
  readonly email: string;
  readonly role: Role;
  readonly tokenHash: string;
  readonly invitedBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export interface FoundInvitation {
  readonly tenantId: string;
  readonly id: string;
  readonly teamName: string;
  readonly email: string;
  readonly role: Role;
  readonly expiresAt: Date;
  readonly acceptedAt: Date | null;
  readonly revokedAt: Date | null;
}

export async function lookupInvitation(db: Database, tokenHash: string): Promise<FoundInvitation | null> {
  const { rows: [row] } = await db.app.query<FoundInvitation>(
    `select tenant_id as "tenantId", id, team_name as "teamName", email, role, expires_at as "expiresAt", accepted_at as "acceptedAt", revoked_at as "revokedAt"
     from lookup_invitation($1)`, [tokenHash]);
  return row ?? null;
}

export async function insertInvitation(tx: PrismaTx, row: InvitationRow): Promise<void> {
  await tx.invitation.create({ data: row });
}

export async function findPendingInvitations(tx: PrismaTx, tenantId: string, now: Date): Promise<Omit<InvitationRow, 'tenantId' | 'tokenHash'>[]> {
  const rows = await tx.invitation.findMany({
    where: { tenantId, acceptedAt: null, revokedAt: null, expiresAt: { gt: now } },
    select: { id: true, email: true, role: true, invitedBy: true, createdAt: true, expiresAt: true },
    orderBy: { id: 'desc' },
  });
  return rows.map((row) => ({ ...row, role: row.role as Role }));
}

/** Uses the invitation up; false when it was used, revoked or expired meanwhile. Of two at once one gets true. */
export async function takeInvitation(tx: PrismaTx, tenantId: string, id: string, now: Date): Promise<boolean> {
  const { count } = await tx.invitation.updateMany({ where: { tenantId, id, acceptedAt: null, revokedAt: null, expiresAt: { gt: now } }, data: { acceptedAt: now } });
  return count === 1;
}

/** The invitation as it was; null when it is not pending. */
export async function revokeInvitationRow(tx: PrismaTx, tenantId: string, id: string, now: Date): Promise<{ email: string; role: string } | null> {
  const [row] = await tx.invitation.updateManyAndReturn({ where: { tenantId, id, acceptedAt: null, revokedAt: null }, data: { revokedAt: now }, select: { email: true, role: true } });
  return row ?? null;
}

/** Revokes what is pending for an e-mail, or from an inviter. */
export async function revokePendingFor(tx: PrismaTx, tenantId: string, whose: { email: string } | { invitedBy: string }, now: Date): Promise<void> {
  await tx.invitation.updateMany({ where: { tenantId, acceptedAt: null, revokedAt: null, ...whose }, data: { revokedAt: now } });
}

export async function findTeamName(tx: PrismaTx, tenantId: string): Promise<string> {
  return (await tx.tenant.findUniqueOrThrow({ where: { id: tenantId }, select: { name: true } })).name;
}
