/** Forgotten password: a one-time link by mail, good for an hour, of which only the hash is stored. */
import { setTimeout as wait } from 'node:timers/promises';
import { DomainError } from '@outlay/kernel';
import { randomToken, sha256 } from '@outlay/kernel/ids';
import { writeLetter } from '@outlay/platform';
import { addressKey, takeAttempt } from './attempt-limits';
import { actorLabel, audit } from './audit';
import type { RequestOrigin } from './acting';
import { consoleLink } from './console-link';
import { renderPasswordReset } from './letters/render-letter';
import { hashPassword } from './password';
import { readMemberships } from './memberships';
import type { Tenancy } from './tenancy';

const LIFE_MS = 3_600_000;

/**
 * Always answers the same, and never before `answerFloorMs`: neither the answer nor its time tells whether the e-mail has an
 * account. Errors: `rate_limited` (counted the same for unknown e-mails).
 */
export async function requestPasswordReset(tenancy: Tenancy, email: string, origin: RequestOrigin): Promise<void> {
  const now = tenancy.now();
  takeAttempt(tenancy.limits.mailByIp, addressKey(origin.ip), now);
  takeAttempt(tenancy.limits.mailByEmail, email, now);
  const floor = wait(tenancy.answerFloorMs);
  try {
    const token = randomToken(32);
    const letter = await renderPasswordReset({ url: consoleLink(tenancy.publicUrl(), 'reset-password', token), brand: tenancy.brand });
    const written = await tenancy.db.prisma.$transaction(async (tx) => {
      const user = await tx.user.findUnique({ where: { email }, select: { id: true } });
      if (!user) return false;
      await tx.passwordReset.create({ data: { tokenHash: sha256(token), userId: user.id, createdAt: new Date(now), expiresAt: new Date(now + LIFE_MS) } });
      await writeLetter(tx, { to: email, ...letter });
      return true;
    });
    if (written) tenancy.onLetter();
  } finally {
    await floor;
  }
}

/** Sets the new password, uses up every link of the person and ends all their sessions. Errors: `link_expired`, `rate_limited`. */
export async function resetPassword(tenancy: Tenancy, input: { token: string; password: string }, origin: RequestOrigin): Promise<void> {
  const { db } = tenancy;
  takeAttempt(tenancy.limits.linkByIp, addressKey(origin.ip), tenancy.now());
  const tokenHash = sha256(input.token);
  const live = { tokenHash, usedAt: null, expiresAt: { gt: new Date(tenancy.now()) } };
  const reset = await db.prisma.passwordReset.findFirst({ where: live, select: { user: { select: { id: true, email: true, name: true } } } });
  if (!reset) throw new DomainError('link_expired');
  const { user } = reset;
  const [passwordHash, memberships] = await Promise.all([hashPassword(input.password), readMemberships(db, user.id)]);
  await db.prisma.$transaction(async (tx) => {
    const usedAt = new Date(tenancy.now());
    // The link is taken by this update alone: of two who use it at once, one finds it used.
    const { count } = await tx.passwordReset.updateMany({ where: live, data: { usedAt } });
    if (count === 0) throw new DomainError('link_expired');
    await tx.passwordReset.updateMany({ where: { userId: user.id, usedAt: null }, data: { usedAt } });
    await tx.user.update({ where: { id: user.id }, data: { passwordHash } });
    await tx.session.deleteMany({ where: { userId: user.id } });
    // A person is no team's own: each of their teams is told, in the same transaction.
    for (const { tenantId } of memberships) {
      await tx.$executeRaw`select set_config('app.tenant_id', ${tenantId}, true)`;
      await audit(tx, { tenantId, actorId: user.id, actor: actorLabel(user), requestId: origin.requestId, action: 'password.reset', subjectType: 'user', subjectId: user.id });
    }
  });
}
