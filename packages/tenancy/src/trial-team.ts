/**
 * A team that lives for the minute in which somebody tries a running instance from outside. It is marked as made-up data from its first row, so that it may go without a grace
 * period, and so that what a crash leaves is seen for what it is.
 */
import { newId, randomToken } from '@outlay/kernel/ids';
import type { Acting } from './acting';
import { audit } from './audit';
import { askErasure, eraseTeam } from './erase-team';
import { hashPassword } from './password';
import { insertTeam, insertUser } from './store-people';
import { eachTeam } from './store-teams';
import type { Tenancy } from './tenancy';

export const TRIAL_TEAM = 'Preflight trial';
/** Nobody can receive mail there (RFC 2606). */
const NOWHERE = 'preflight.invalid';

export async function createTrialTeam({ db }: Pick<Tenancy, 'db'>): Promise<{ tenantId: string; acting: Acting }> {
  const [tenantId, userId] = [newId(), newId()];
  const email = `${userId}@${NOWHERE}`;
  const passwordHash = await hashPassword(randomToken(32));
  await db.withTenantPrisma(tenantId, async (tx) => {
    await insertUser(tx, { id: userId, email, name: TRIAL_TEAM, passwordHash });
    await insertTeam(tx, { id: tenantId, name: TRIAL_TEAM, timeZone: 'UTC', ownerId: userId, demo: true });
    await audit(tx, { tenantId, actorId: null, actor: 'outlay', requestId: tenantId, action: 'team.created', subjectType: 'team', subjectId: tenantId, after: { name: TRIAL_TEAM, demo: true } });
  });
  return { tenantId, acting: { id: userId, email, name: TRIAL_TEAM, tenantId, role: 'owner', requestId: tenantId } };
}

/** Every row of it, its keys and its owner. Whoever used its keys is done: nobody is waited for. */
export async function eraseTrialTeam({ db }: Pick<Tenancy, 'db'>, tenantId: string): Promise<void> {
  await askErasure(db, { tenantId, name: TRIAL_TEAM, by: 'outlay preflight', graceDays: 0 });
  await eraseTeam(db, tenantId, { keysGoneMs: 0 });
}

/** What trials that were killed have left, ids of teams; older than `olderThanMs`. */
export async function findTrialTeams({ db, now }: Pick<Tenancy, 'db' | 'now'>, olderThanMs: number): Promise<string[]> {
  const left: string[] = [];
  // An id begins with the time it was made.
  for await (const { tenantId, name } of eachTeam(db)) if (name === TRIAL_TEAM && now() - Number.parseInt(tenantId.replaceAll('-', '').slice(0, 12), 16) > olderThanMs) left.push(tenantId);
  return left;
}

export async function isDemoTeam({ db }: Pick<Tenancy, 'db'>, tenantId: string): Promise<boolean> {
  const { rows } = await db.withTenant(tenantId, (tx) => tx.query<{ demo: boolean }>('select demo from tenants where id = $1', [tenantId]));
  return rows[0]?.demo ?? false;
}
