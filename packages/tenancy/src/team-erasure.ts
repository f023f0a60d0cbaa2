/** The deletion of a team as its owners ask for it: under its exact name, after a grace period, told to every owner, and taken back by any of them. */
import { DomainError } from '@outlay/kernel';
import { writeLetter } from '@outlay/platform';
import { assertCan, type Acting } from './acting';
import { actorLabel, audit, auditedBy, readActorLabel } from './audit';
import { askErasure } from './erase-team';
import { renderErasureNotice } from './letters/render-letter';
import { cancelErasure, readOpenErasure } from './store-erasures';
import { findMembers } from './store-people';
import type { Tenancy } from './tenancy';

export interface TeamErasure {
  readonly requestedAt: Date;
  /** A name, without the e-mail. */
  readonly requestedBy: string;
  readonly eraseAfter: Date;
}

/** Null while nobody asked for it. Every member may know. */
export async function readTeamErasure(tenancy: Tenancy, acting: Acting): Promise<TeamErasure | null> {
  assertCan(acting, 'members.read');
  const open = await readOpenErasure(tenancy.db, acting.tenantId);
  return open && { requestedAt: open.requestedAt, requestedBy: readActorLabel(open.requestedBy).name, eraseAfter: open.eraseAfter };
}

/** Errors: `role_missing`, `invalid_input` naming `name` when it is not the team's, `conflict` when somebody asked already. */
export async function requestTeamErasure(tenancy: Tenancy, acting: Acting, name: string): Promise<TeamErasure> {
  assertCan(acting, 'team.erase');
  const { tenantId } = acting;
  if (await readOpenErasure(tenancy.db, tenantId)) throw new DomainError('conflict', { message: 'The deletion of this team was asked for already.' });
  const team = await readTeam(tenancy, tenantId);
  if (name !== team.name) throw new DomainError('invalid_input', { field: 'name', message: `This is not the name of the team. Type it exactly as it stands: ${team.name}` });
  let asked = false;
  const eraseAfter = await tenancy.db.withTenantPrisma(tenantId, async (tx) => {
    const due = await askErasure(tenancy.db, { tenantId, name, by: actorLabel(acting) });
    asked = true;
    await audit(tx, { ...auditedBy(acting), action: 'team.erasure_requested', subjectType: 'team', subjectId: tenantId, after: { eraseAfter: due.toISOString() } });
    return due;
  }).catch(async (error: unknown) => {
    // Asked for, but not audited: then it must not happen.
    if (asked) await cancelErasure(tenancy.db, tenantId);
    throw error;
  });
  await tellOwners(tenancy, acting, team, eraseAfter);
  return (await readTeamErasure(tenancy, acting))!;
}

/** Errors: `role_missing`, `conflict` when there is nothing to take back. */
export async function cancelTeamErasure(tenancy: Tenancy, acting: Acting): Promise<void> {
  assertCan(acting, 'team.erase');
  const { tenantId } = acting;
  const open = await readOpenErasure(tenancy.db, tenantId);
  if (open === null || !await cancelErasure(tenancy.db, tenantId)) throw new DomainError('conflict', { message: 'Nobody asked to delete this team: there is nothing to take back.' });
  await tenancy.db.withTenantPrisma(tenantId, (tx) => audit(tx, {
    ...auditedBy(acting), action: 'team.erasure_cancelled', subjectType: 'team', subjectId: tenantId, before: { eraseAfter: open.eraseAfter.toISOString() },
  }));
  await tellOwners(tenancy, acting, await readTeam(tenancy, tenantId), null);
}

interface Team {
  readonly name: string;
  readonly timeZone: string;
}

async function readTeam({ db }: Tenancy, tenantId: string): Promise<Team> {
  return await db.withTenantPrisma(tenantId, (tx) => tx.tenant.findUniqueOrThrow({ where: { id: tenantId }, select: { name: true, timeZone: true } }));
}

async function tellOwners(tenancy: Tenancy, acting: Acting, team: Team, eraseAfter: Date | null): Promise<void> {
  const when = eraseAfter && `${new Intl.DateTimeFormat('en-GB', { timeZone: team.timeZone, dateStyle: 'full', timeStyle: 'short' }).format(eraseAfter)} (${team.timeZone})`;
  const letter = await renderErasureNotice({ brand: tenancy.brand, teamName: team.name, byName: acting.name, eraseAfter: when, url: `${tenancy.publicUrl().replace(/\/+$/, '')}/settings/data` });
  await tenancy.db.withTenantPrisma(acting.tenantId, async (tx) => {
    for (const { role, email } of await findMembers(tx, acting.tenantId)) if (role === 'owner') await writeLetter(tx, { to: email, ...letter });
  });
  tenancy.onLetter();
}
