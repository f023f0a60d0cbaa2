import { audit, auditedBy, type AuditFacts } from './audit';
import { assertCan, type Acting } from './acting';
import type { Tenancy } from './tenancy';

export interface TeamChange {
  readonly name?: string;
  readonly timeZone?: string;
  /** Events older than this are recorded as `late`. */
  readonly lateWindowDays?: number;
}

/** Answers the team as it now is. A new time zone moves the edges of days from now on; what was rolled up by day stays as it is. */
export async function updateTeam(tenancy: Tenancy, acting: Acting, change: TeamChange): Promise<Required<TeamChange>> {
  assertCan(acting, 'team.manage');
  const where = { id: acting.tenantId };
  const select = { name: true, timeZone: true, lateWindowDays: true } as const;
  return await tenancy.db.withTenantPrisma(acting.tenantId, async (tx) => {
    // Locked, so that the audit log's "before" is what this change really replaced.
    await tx.$queryRaw`select from tenants where id = ${acting.tenantId}::uuid for update`;
    const before = await tx.tenant.findUniqueOrThrow({ where, select });
    const after = await tx.tenant.update({ where, data: change, select });
    const changed = (Object.keys(select) as (keyof typeof select)[]).filter((key) => before[key] !== after[key]);
    if (changed.length === 0) return after;
    const pick = (team: Required<TeamChange>): AuditFacts => Object.fromEntries(changed.map((key) => [key, team[key]]));
    await audit(tx, { ...auditedBy(acting), action: 'team.updated', subjectType: 'team', subjectId: acting.tenantId, before: pick(before), after: pick(after) });
    return after;
  });
}
