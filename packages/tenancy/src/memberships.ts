/** In which teams a person is: asked before a tenant is known, through the look-up function of the database. */
import { DomainError } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import { setSessionTenant } from './store-sessions';
import type { Identity } from './sessions';
import type { Role } from './roles';
import type { Tenancy } from './tenancy';

export interface Membership {
  readonly tenantId: string;
  readonly name: string;
  readonly timeZone: string;
  readonly role: Role;
  /** Holds made-up data: every page says so. */
  readonly demo: boolean;
}

/** The first joined first. */
export async function readMemberships(db: Database, userId: string): Promise<Membership[]> {
  const { rows } = await db.app.query<Membership>('select tenant_id as "tenantId", name, time_zone as "timeZone", role, demo from lookup_memberships($1)', [userId]);
  return rows;
}

/** Works in another of the person's teams from now on, in this session only. Errors: `not_found`. */
export async function switchTenant(tenancy: Tenancy, identity: Identity, tenantId: string): Promise<void> {
  if (!identity.memberships.some((membership) => membership.tenantId === tenantId)) {
    throw new DomainError('not_found', { field: 'tenantId', message: 'You are not a member of this team.' });
  }
  await setSessionTenant(tenancy.db.app, identity.sessionId, tenantId);
}
