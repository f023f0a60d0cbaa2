/**
 * A person's demo team goes at once: out of their sight with this call, out of the database by the job that follows. Whoever fills it is told to stop, and
 * the erasure waits for that, so that no row is written behind it.
 */
import { DomainError } from '@outlay/kernel';
import { actorLabel } from './audit';
import { askErasure } from './erase-team';
import type { Identity } from './sessions';
import { readDemoFill, restartDemoFill, stopDemoFill } from './store-demo-fills';
import { deleteMember } from './store-people';
import { setSessionTenant } from './store-sessions';
import type { Tenancy } from './tenancy';

/**
 * Answers the team in which the person works from now on; null when they are in no other. Errors: `not_found` when they are in no such team; `role_missing`
 * for anybody but its owner; `conflict` for a team that holds real data, or that `outlay seed` made together with its owner's account.
 */
export async function removeDemoTeam(tenancy: Tenancy, identity: Identity, tenantId: string): Promise<string | null> {
  const { db } = tenancy;
  const { user } = identity;
  const { name } = await assertOwnDemo(tenancy, identity, tenantId);
  await askErasure(db, { tenantId, name, by: actorLabel(user), graceDays: 0 });
  await stopDemoFill(db, tenantId);
  const next = identity.memberships.find((other) => other.tenantId !== tenantId && !other.demo) ?? identity.memberships.find((other) => other.tenantId !== tenantId) ?? null;
  // Out of their sight at once; what was erased, when and for whom, is noted outside of the team.
  await db.withTenantPrisma(tenantId, (tx) => deleteMember(tx, tenantId, user.id));
  await setSessionTenant(db.app, identity.sessionId, next?.tenantId ?? null);
  return next?.tenantId ?? null;
}

/** A filling that failed begins again where it stood. Errors: as `removeDemoTeam`; `conflict` when it did not fail. */
export async function refillDemoTeam(tenancy: Tenancy, identity: Identity, tenantId: string): Promise<void> {
  await assertOwnDemo(tenancy, identity, tenantId);
  if (!(await restartDemoFill(tenancy.db, tenantId))) throw new DomainError('conflict', { message: 'The history of this team is not interrupted.' });
}

async function assertOwnDemo({ db }: Tenancy, { user, memberships }: Identity, tenantId: string): Promise<{ name: string }> {
  const team = memberships.find((membership) => membership.tenantId === tenantId);
  if (team === undefined) throw new DomainError('not_found', { field: 'tenantId', message: 'You are not a member of this team.' });
  if (!team.demo) throw new DomainError('conflict', { field: 'tenantId', message: 'This team holds real data. Only a demo team is removed without a grace period.' });
  if (team.role !== 'owner') throw new DomainError('role_missing', { message: 'Only its owner removes a demo team.' });
  const fill = await readDemoFill(db, tenantId);
  if (fill?.madeBy !== user.id) {
    const who = fill?.madeBy ? 'Somebody else made this demo team: they remove it.' : 'This team was made on the command line: "outlay seed --remove" takes it away.';
    throw new DomainError('conflict', { field: 'tenantId', message: who });
  }
  return team;
}
