/** Whom letters about a team's own affairs go to. */
import type { Queryable } from './transactions';

export interface TeamFacts {
  readonly name: string;
  readonly timeZone: string;
}

/** Whoever is an owner now, the first one first. Within `withTenant`. */
export async function readOwnerAddresses(tx: Queryable, tenantId: string): Promise<string[]> {
  const { rows } = await tx.query<{ email: string }>(
    `select u.email from members m join users u on u.id = m.user_id where m.tenant_id = $1 and m.role = 'owner' order by m.created_at, m.user_id`, [tenantId]);
  return rows.map(({ email }) => email);
}

/** Null when the team is gone. */
export async function readTeamFacts(tx: Queryable, tenantId: string): Promise<TeamFacts | null> {
  const { rows: [row] } = await tx.query<TeamFacts>('select name, time_zone as "timeZone" from tenants where id = $1', [tenantId]);
  return row ?? null;
}

/** Of everybody in the team: whoever left gets nothing any more. */
export async function readMemberAddresses(tx: Queryable, tenantId: string): Promise<ReadonlySet<string>> {
  const { rows } = await tx.query<{ email: string }>('select u.email from members m join users u on u.id = m.user_id where m.tenant_id = $1', [tenantId]);
  return new Set(rows.map(({ email }) => email));
}
