/** Who may change whose role, decided on the locked rows of the team. Pure: the caller loads, locks and saves. */
import { err, ok, type ErrorCode, type Result } from '@outlay/kernel';
import { roleCan, type Role } from './roles';

export interface Standing {
  readonly userId: string;
  readonly role: Role;
}

export interface Refusal {
  readonly code: ErrorCode;
  readonly field?: string;
  readonly message?: string;
}

const OWNER_ONLY = 'Only an owner can make, change or remove an owner.';

/**
 * `standings` holds at least every owner of the team, the actor and the target, as locked. The answer is the target's
 * role before the change.
 */
export function decideRoleChange(standings: readonly Standing[], actorId: string, targetId: string, role: Role): Result<{ from: Role }, Refusal> {
  const target = standings.find(({ userId }) => userId === targetId);
  const refusal = refuseActor(standings, actorId, [target?.role, role]);
  if (refusal) return err(refusal);
  if (!target) return err({ code: 'not_found', field: 'userId', message: 'This person is not a member of the team.' });
  if (role !== 'owner' && isLastOwner(standings, targetId)) return err({ code: 'last_owner' });
  return ok({ from: target.role });
}

export function decideRemoval(standings: readonly Standing[], actorId: string, targetId: string): Result<{ from: Role }, Refusal> {
  if (actorId === targetId) return decideLeaving(standings, actorId);
  const target = standings.find(({ userId }) => userId === targetId);
  const refusal = refuseActor(standings, actorId, [target?.role]);
  if (refusal) return err(refusal);
  if (!target) return err({ code: 'not_found', field: 'userId', message: 'This person is not a member of the team.' });
  return ok({ from: target.role });
}

/** Everybody may leave, but for the last owner. */
export function decideLeaving(standings: readonly Standing[], userId: string): Result<{ from: Role }, Refusal> {
  const own = standings.find((standing) => standing.userId === userId);
  if (!own) return err({ code: 'not_found', message: 'You are not a member of the team.' });
  if (isLastOwner(standings, userId)) return err({ code: 'last_owner' });
  return ok({ from: own.role });
}

/** May this role invite somebody as `invited`? */
export function decideInvitation(inviter: Role, invited: Role): Result<null, Refusal> {
  const refusal = refuseRole(inviter, [invited]);
  return refusal ? err(refusal) : ok(null);
}

function isLastOwner(standings: readonly Standing[], userId: string): boolean {
  const owners = standings.filter(({ role }) => role === 'owner');
  return owners.length === 1 && owners[0]!.userId === userId;
}

function refuseActor(standings: readonly Standing[], actorId: string, touched: readonly (Role | undefined)[]): Refusal | null {
  const actor = standings.find(({ userId }) => userId === actorId);
  return actor ? refuseRole(actor.role, touched) : { code: 'role_missing' };
}

function refuseRole(role: Role, touched: readonly (Role | undefined)[]): Refusal | null {
  if (!roleCan(role, 'members.manage')) return { code: 'role_missing' };
  if (touched.includes('owner') && !roleCan(role, 'owners.manage')) return { code: 'role_missing', field: 'role', message: OWNER_ONLY };
  return null;
}
