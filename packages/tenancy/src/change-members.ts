/** Changes of who is in a team and as what: lock the standings, decide on them, save. */
import { audit, auditedBy } from './audit';
import { assertCan, refused, type Acting } from './acting';
import { decideLeaving, decideRemoval, decideRoleChange } from './membership-rules';
import { roleCan, type Role } from './roles';
import { findPendingInvitations, revokePendingFor } from './store-invitations';
import { deleteMember, findMembers, findNames, lockStandings, setMemberRole, type MemberRow } from './store-people';
import type { Tenancy } from './tenancy';
import type { PrismaTx } from './transactions';

export interface ListedInvitation {
  readonly id: string;
  readonly email: string;
  readonly role: Role;
  /** The inviter's name. */
  readonly invitedBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** Members, the first joined first; pending invitations, the newest first, only for those who manage members. */
export async function listMembers(tenancy: Tenancy, acting: Acting): Promise<{ members: (MemberRow & { you: boolean })[]; invitations: ListedInvitation[] }> {
  assertCan(acting, 'members.read');
  const { tenantId } = acting;
  return await tenancy.db.withTenantPrisma(tenantId, async (tx) => {
    const members = await findMembers(tx, tenantId);
    const pending = roleCan(acting.role, 'members.manage') ? await findPendingInvitations(tx, tenantId, new Date(tenancy.now())) : [];
    const names = await findNames(tx, pending.map(({ invitedBy }) => invitedBy));
    return {
      members: members.map((member) => ({ ...member, you: member.userId === acting.id })),
      invitations: pending.map(({ invitedBy, ...invitation }) => ({ ...invitation, invitedBy: names.get(invitedBy) ?? '' })),
    };
  });
}

/** Errors: `role_missing`, `not_found`, `last_owner`. */
export async function changeRole(tenancy: Tenancy, acting: Acting, userId: string, role: Role): Promise<void> {
  const { tenantId } = acting;
  await tenancy.db.withTenantPrisma(tenantId, async (tx) => {
    const decided = decideRoleChange(await lockStandings(tx, tenantId, [acting.id, userId]), acting.id, userId, role);
    if (!decided.ok) throw refused(decided.error);
    const { from } = decided.value;
    if (from === role) return;
    await setMemberRole(tx, tenantId, userId, role);
    if (!roleCan(role, 'members.manage')) await withdrawInvitationsOf(tx, tenancy, tenantId, userId);
    await audit(tx, { ...auditedBy(acting), action: 'member.role_changed', subjectType: 'member', subjectId: userId, before: { role: from }, after: { role } });
  });
}

/** Takes a person out of the team; oneself too, which is leaving. Their API keys stay: keys belong to the team. Errors: as `changeRole`. */
export async function removeMember(tenancy: Tenancy, acting: Acting, userId: string): Promise<void> {
  await endMembership(tenancy, acting, userId, userId === acting.id ? 'member.left' : 'member.removed');
}

/** Errors: `last_owner`. */
export async function leaveTeam(tenancy: Tenancy, acting: Acting): Promise<void> {
  await endMembership(tenancy, acting, acting.id, 'member.left');
}

async function endMembership(tenancy: Tenancy, acting: Acting, userId: string, action: 'member.left' | 'member.removed'): Promise<void> {
  const { tenantId } = acting;
  await tenancy.db.withTenantPrisma(tenantId, async (tx) => {
    const standings = await lockStandings(tx, tenantId, [acting.id, userId]);
    const decided = action === 'member.left' ? decideLeaving(standings, userId) : decideRemoval(standings, acting.id, userId);
    if (!decided.ok) throw refused(decided.error);
    await withdrawInvitationsOf(tx, tenancy, tenantId, userId);
    await deleteMember(tx, tenantId, userId);
    await audit(tx, { ...auditedBy(acting), action, subjectType: 'member', subjectId: userId, before: { role: decided.value.from } });
  });
}

// An invitation is worth the right of its inviter: it ends with that right, or it would be a way back in.
async function withdrawInvitationsOf(tx: PrismaTx, tenancy: Tenancy, tenantId: string, userId: string): Promise<void> {
  await revokePendingFor(tx, tenantId, { invitedBy: userId }, new Date(tenancy.now()));
}
