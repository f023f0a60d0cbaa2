/** A team of made-up data with an owner of its own: marked as such from its first row, so that it can be erased without a grace period. */
import { DomainError } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import type { Database } from '@outlay/platform';
import { audit } from './audit';
import { hashPassword } from './password';
import { insertTeam, insertUser } from './store-people';

export interface DemoTeam {
  readonly teamName: string;
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly timeZone: string;
}

/** Errors: `already_exists` when the e-mail has an account. */
export async function createDemoTeam(db: Database, team: DemoTeam): Promise<{ tenantId: string; userId: string }> {
  const passwordHash = await hashPassword(team.password);
  const [tenantId, userId] = [newId(), newId()];
  await db.withTenantPrisma(tenantId, async (tx) => {
    if (!(await insertUser(tx, { id: userId, email: team.email, name: team.name, passwordHash }))) {
      throw new DomainError('already_exists', { field: 'email', message: `The e-mail ${team.email} has an account already.` });
    }
    await insertTeam(tx, { id: tenantId, name: team.teamName, timeZone: team.timeZone, ownerId: userId, demo: true });
    await audit(tx, {
      tenantId, actorId: null, actor: 'outlay', requestId: tenantId, action: 'team.created', subjectType: 'team', subjectId: tenantId,
      after: { name: team.teamName, timeZone: team.timeZone, owner: team.email, demo: true },
    });
  });
  return { tenantId, userId };
}
