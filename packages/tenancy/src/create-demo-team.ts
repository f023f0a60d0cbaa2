/** A team of made-up data: marked as such from its first row, so that every page says so and it can be erased without a grace period. */
import { DomainError } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import type { Database } from '@outlay/platform';
import type { RequestOrigin } from './acting';
import { addressKey, takeAttempt } from './attempt-limits';
import { actorLabel, audit } from './audit';
import { readMemberships, type Membership } from './memberships';
import { hashPassword } from './password';
import type { Identity } from './sessions';
import { type DemoStory, insertDemoFill } from './store-demo-fills';
import { setSessionTenant } from './store-sessions';
import { insertTeam, insertUser } from './store-people';
import type { Tenancy } from './tenancy';

export interface DemoTeam {
  readonly teamName: string;
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly timeZone: string;
  readonly story: DemoStory;
}

/** With an owner of its own, for a machine's operator. Errors: `already_exists` when the e-mail has an account. */
export async function createDemoTeam(db: Database, team: DemoTeam): Promise<{ tenantId: string; userId: string }> {
  const passwordHash = await hashPassword(team.password);
  const [tenantId, userId] = [newId(), newId()];
  await db.withTenantPrisma(tenantId, async (tx) => {
    if (!(await insertUser(tx, { id: userId, email: team.email, name: team.name, passwordHash }))) {
      throw new DomainError('already_exists', { field: 'email', message: `The e-mail ${team.email} has an account already.` });
    }
    await insertTeam(tx, { id: tenantId, name: team.teamName, timeZone: team.timeZone, ownerId: userId, demo: true });
    await insertDemoFill(tx, { ...team.story, tenantId, madeBy: null });
    await audit(tx, {
      tenantId, actorId: null, actor: 'outlay', requestId: tenantId, action: 'team.created', subjectType: 'team', subjectId: tenantId,
      after: { name: team.teamName, timeZone: team.timeZone, owner: team.email, demo: true },
    });
  });
  return { tenantId, userId };
}

/**
 * A demo team for a signed-in person, who owns it and works in it from now on. One a person: it is theirs to change and to remove, so two colleagues who
 * look around do not change each other's figures, and nobody fills the disk by clicking twice. Asked again, it answers the one that is there.
 * Errors: `rate_limited`.
 */
export async function openDemoTeam(
  tenancy: Tenancy, identity: Identity, team: { readonly teamName: string; readonly timeZone: string; readonly story: DemoStory }, origin: RequestOrigin,
): Promise<{ tenantId: string; isNew: boolean }> {
  takeAttempt(tenancy.limits.signUpByIp, addressKey(origin.ip), tenancy.now());
  const { db } = tenancy;
  const { user } = identity;
  const madeId = newId();
  const tenantId = await db.withTenantPrisma(madeId, async (tx) => {
    // Of two clicks the second waits here, and then finds the team of the first.
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`demo ${user.id}`}, 0))`;
    const present = findOwnDemo(await readMemberships(db, user.id));
    if (present !== null) return present.tenantId;
    await insertTeam(tx, { id: madeId, name: team.teamName, timeZone: team.timeZone, ownerId: user.id, demo: true });
    await insertDemoFill(tx, { ...team.story, tenantId: madeId, madeBy: user.id });
    await audit(tx, {
      tenantId: madeId, actorId: user.id, actor: actorLabel(user), requestId: origin.requestId, action: 'team.created', subjectType: 'team', subjectId: madeId,
      after: { name: team.teamName, timeZone: team.timeZone, owner: user.email, demo: true },
    });
    return madeId;
  });
  await setSessionTenant(db.app, identity.sessionId, tenantId);
  return { tenantId, isNew: tenantId === madeId };
}

/** The demo team that this person owns, if any. */
export function findOwnDemo(memberships: readonly Membership[]): Membership | null {
  return memberships.find(({ demo, role }) => demo && role === 'owner') ?? null;
}
