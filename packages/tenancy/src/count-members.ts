/** How many people of a team may do something: a rule of four eyes needs a second pair. */
import { roleCan, ROLES, type Ability } from './roles';
import type { PgTx } from './transactions';

/** Inside a transaction as the team. */
export async function countMembersWho(tx: PgTx, tenantId: string, ability: Ability): Promise<number> {
  const { rows } = await tx.query<{ members: number }>(
    'select count(*)::int as members from members where tenant_id = $1 and role = any ($2)', [tenantId, ROLES.filter((role) => roleCan(role, ability))]);
  return rows[0]!.members;
}
