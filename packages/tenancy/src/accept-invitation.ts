import { DomainError } from '@outlay/kernel';
import { newId, sha256 } from '@outlay/kernel/ids';
import { addressKey, takeAttempt } from './attempt-limits';
import { actorLabel, audit } from './audit';
import type { Person, RequestOrigin } from './acting';
import { hashPassword } from './password';
import type { Role } from './roles';
import { openSession, type Identity, type OpenedSession } from './sessions';
import { proveAccount } from './sign-in';
import { lookupInvitation, takeInvitation, type FoundInvitation } from './store-invitations';
import { findUserByEmail, insertMember, insertUser } from './store-people';
import { setSessionTenant } from './store-sessions';
import type { Tenancy } from './tenancy';

/** What the page behind the link shows. Errors: `link_expired` for every link that opens nothing, whatever the reason. */
export async function peekInvitation(tenancy: Tenancy, token: string, origin: RequestOrigin): Promise<{ teamName: string; email: string; role: Role; hasAccount: boolean }> {
  const { teamName, email, role } = await findLiveInvitation(tenancy, token, origin);
  return { teamName, email, role, hasAccount: (await findUserByEmail(tenancy.db, email)) !== null };
}

export interface Acceptance {
  readonly token: string;
  /** Of a new person. */
  readonly name?: string;
  /** The new one of a new person, or the one of an existing account. */
  readonly password?: string;
}

/**
 * Joins the team. Whoever is signed in with the invited e-mail needs nothing more; another account proves its password; a new
 * person gives a name and a password. Answers the new session, or null when the present one now works in the team.
 * Errors: `link_expired`, `wrong_credentials`, `invalid_input` (name or password missing), `rate_limited`.
 */
export async function acceptInvitation(tenancy: Tenancy, input: Acceptance, identity: Identity | null, origin: RequestOrigin): Promise<{ tenantId: string; session: OpenedSession | null }> {
  const invitation = await findLiveInvitation(tenancy, input.token, origin);
  const { tenantId } = invitation;
  if (identity?.user.email === invitation.email) {
    await join(tenancy, invitation, { person: identity.user, passwordHash: null }, origin);
    await setSessionTenant(tenancy.db.app, identity.sessionId, tenantId);
    return { tenantId, session: null };
  }
  const joining = await proveOrPrepare(tenancy, invitation, input, origin);
  await join(tenancy, invitation, joining, origin);
  return { tenantId, session: await openSession(tenancy, joining.person.id, tenantId, origin) };
}

interface Joining {
  readonly person: Person;
  /** Of a new account; null when there is one. */
  readonly passwordHash: string | null;
}

async function proveOrPrepare(tenancy: Tenancy, invitation: FoundInvitation, input: Acceptance, origin: RequestOrigin): Promise<Joining> {
  const { email } = invitation;
  if (input.password === undefined) throw new DomainError('invalid_input', { field: 'password', message: 'Enter a password.' });
  if ((await findUserByEmail(tenancy.db, email)) !== null) {
    return { person: await proveAccount(tenancy, { email, password: input.password }, origin), passwordHash: null };
  }
  if (input.name === undefined) throw new DomainError('invalid_input', { field: 'name', message: 'Enter your name.' });
  return { person: { id: newId(), email, name: input.name }, passwordHash: await hashPassword(input.password) };
}

async function join(tenancy: Tenancy, invitation: FoundInvitation, { person, passwordHash }: Joining, origin: RequestOrigin): Promise<void> {
  const { tenantId, id, role } = invitation;
  await tenancy.db.withTenantPrisma(tenantId, async (tx) => {
    const taken = await takeInvitation(tx, tenantId, id, new Date(tenancy.now()));
    if (!taken) throw new DomainError('link_expired');
    if (passwordHash !== null && !(await insertUser(tx, { ...person, passwordHash }))) {
      // The account was made between our look and now: it has a password of its own, which must be proved.
      throw new DomainError('conflict', { message: 'This e-mail has an account by now. Reload and sign in with its password.' });
    }
    const joined = await insertMember(tx, { tenantId, userId: person.id, role });
    await audit(tx, {
      tenantId, actorId: person.id, actor: actorLabel(person), requestId: origin.requestId, action: 'member.joined', subjectType: 'member', subjectId: person.id,
      after: joined ? { email: person.email, role, invitation: id } : { email: person.email, invitation: id, alreadyMember: true },
    });
  });
}

async function findLiveInvitation(tenancy: Tenancy, token: string, origin: RequestOrigin): Promise<FoundInvitation> {
  const now = tenancy.now();
  takeAttempt(tenancy.limits.linkByIp, addressKey(origin.ip), now);
  const found = await lookupInvitation(tenancy.db, sha256(token));
  if (!found || found.acceptedAt || found.revokedAt || found.expiresAt.getTime() <= now) throw new DomainError('link_expired');
  return found;
}
