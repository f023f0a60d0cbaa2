import { DomainError } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import { addressKey, takeAttempt } from './attempt-limits';
import { actorLabel, audit } from './audit';
import type { Person, RequestOrigin } from './acting';
import { hashPassword } from './password';
import { openSession, type Identity, type OpenedSession } from './sessions';
import { setSessionTenant } from './store-sessions';
import { insertTeam, insertUser } from './store-people';
import type { Tenancy } from './tenancy';

export interface SignUp {
  readonly teamName: string;
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly timeZone: string;
}

/**
 * A new person with a new team, whose owner they are, signed in. Errors: `already_exists` when the e-mail has an account (it
 * may sign in and create a team), `rate_limited`.
 */
export async function signUpTeam(tenancy: Tenancy, input: SignUp, origin: RequestOrigin): Promise<{ tenantId: string; userId: string; session: OpenedSession }> {
  takeAttempt(tenancy.limits.signUpByIp, addressKey(origin.ip), tenancy.now());
  const passwordHash = await hashPassword(input.password);
  const user: Person = { id: newId(), email: input.email, name: input.name };
  const tenantId = newId();
  await tenancy.db.withTenantPrisma(tenantId, async (tx) => {
    const added = await insertUser(tx, { ...user, passwordHash });
    if (!added) {
      throw new DomainError('already_exists', { field: 'email', message: 'This e-mail has an account. Sign in; a further team can be created there.' });
    }
    await insertTeam(tx, { id: tenantId, name: input.teamName, timeZone: input.timeZone, ownerId: user.id });
    await auditTeam(tx, tenantId, user, input, origin.requestId);
  });
  return { tenantId, userId: user.id, session: await openSession(tenancy, user.id, tenantId, origin) };
}

/** A further team for a signed-in person, who works in it from now on. */
export async function createTeam(tenancy: Tenancy, identity: Identity, input: { teamName: string; timeZone: string }, origin: RequestOrigin): Promise<{ tenantId: string }> {
  takeAttempt(tenancy.limits.signUpByIp, addressKey(origin.ip), tenancy.now());
  const tenantId = newId();
  await tenancy.db.withTenantPrisma(tenantId, async (tx) => {
    await insertTeam(tx, { id: tenantId, name: input.teamName, timeZone: input.timeZone, ownerId: identity.user.id });
    await auditTeam(tx, tenantId, identity.user, input, origin.requestId);
  });
  await setSessionTenant(tenancy.db.app, identity.sessionId, tenantId);
  return { tenantId };
}

async function auditTeam(
  tx: Parameters<typeof audit>[0], tenantId: string, owner: Person, team: { teamName: string; timeZone: string }, requestId: string,
): Promise<void> {
  await audit(tx, {
    tenantId, actorId: owner.id, actor: actorLabel(owner), requestId, action: 'team.created', subjectType: 'team', subjectId: tenantId,
    after: { name: team.teamName, timeZone: team.timeZone, owner: owner.email },
  });
}
