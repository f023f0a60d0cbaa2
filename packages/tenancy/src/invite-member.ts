/** Invitations by mail: good for 7 days and one use; only the hash of the token is stored. */
import { DomainError } from '@outlay/kernel';
import { newId, randomToken, sha256 } from '@outlay/kernel/ids';
import { writeLetter } from '@outlay/platform';
import { takeAttempt } from './attempt-limits';
import { audit, auditedBy } from './audit';
import { assertCan, refused, type Acting } from './acting';
import { consoleLink } from './console-link';
import { renderInvitation } from './letters/render-letter';
import { decideInvitation } from './membership-rules';
import type { Role } from './roles';
import { findTeamName, insertInvitation, revokeInvitationRow, revokePendingFor } from './store-invitations';
import { isMemberEmail, lockStandings } from './store-people';
import type { Tenancy } from './tenancy';

const LIFE_MS = 7 * 86_400_000;

/**
 * Sends an invitation; a pending one to the same e-mail is replaced. Errors: `role_missing`, `already_exists` (a member already),
 * `rate_limited`.
 */
export async function inviteMember(tenancy: Tenancy, acting: Acting, input: { email: string; role: Role }): Promise<{ id: string }> {
  assertCan(acting, 'members.manage');
  const now = tenancy.now();
  takeAttempt(tenancy.limits.mailByEmail, input.email, now);
  const id = newId();
  const token = randomToken(32);
  const url = consoleLink(tenancy.publicUrl(), 'invitation', token);
  const teamName = await tenancy.db.withTenantPrisma(acting.tenantId, (tx) => findTeamName(tx, acting.tenantId));
  const letter = await renderInvitation({ teamName, inviterName: acting.name, role: input.role, url, brand: tenancy.brand });
  await tenancy.db.withTenantPrisma(acting.tenantId, async (tx) => {
    const [inviter] = (await lockStandings(tx, acting.tenantId, [acting.id])).filter(({ userId }) => userId === acting.id);
    const decided = decideInvitation(inviter?.role ?? 'viewer', input.role);
    if (!decided.ok) throw refused(decided.error);
    if (await isMemberEmail(tx, acting.tenantId, input.email)) {
      throw new DomainError('already_exists', { field: 'email', message: 'This person is a member already.' });
    }
    await revokePendingFor(tx, acting.tenantId, { email: input.email }, new Date(now));
    await insertInvitation(tx, {
      tenantId: acting.tenantId, id, email: input.email, role: input.role, tokenHash: sha256(token), invitedBy: acting.id,
      createdAt: new Date(now), expiresAt: new Date(now + LIFE_MS),
    });
    await writeLetter(tx, { to: input.email, ...letter });
    await audit(tx, { ...auditedBy(acting), action: 'member.invited', subjectType: 'invitation', subjectId: id, after: { email: input.email, role: input.role } });
  });
  tenancy.onLetter();
  return { id };
}

/** Errors: `not_found` when it is not pending. */
export async function revokeInvitation(tenancy: Tenancy, acting: Acting, id: string): Promise<void> {
  assertCan(acting, 'members.manage');
  await tenancy.db.withTenantPrisma(acting.tenantId, async (tx) => {
    const revoked = await revokeInvitationRow(tx, acting.tenantId, id, new Date(tenancy.now()));
    if (!revoked) throw new DomainError('not_found', { field: 'id', message: 'This invitation is not pending any more.' });
    await audit(tx, { ...auditedBy(acting), action: 'invitation.revoked', subjectType: 'invitation', subjectId: id, before: { email: revoked.email, role: revoked.role } });
  });
}
