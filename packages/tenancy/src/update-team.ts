import { audit, auditedBy, type AuditFacts } from './audit';
import { assertCan, type Acting } from './acting';
import type { Execute, Tenancy } from './tenancy';

export interface TeamChange {
  readonly name?: string;
  readonly timeZone?: string;
  /** Events older than this are recorded as `late`. */
  readonly lateWindowDays?: number;
}

/** Errors: `role_missing`. */
export async function readTeamSettings(tenancy: Tenancy, acting: Acting): Promise<Required<TeamChange>> {
  assertCan(acting, 'members.read');
  return await tenancy.db.withTenantPrisma(acting.tenantId, (tx) => tx.tenant.findUniqueOrThrow({ where: { id: acting.tenantId }, select: { name: true, timeZone: true, lateWindowDays: true } }));
}

/** Answers the team as it now is. A new time zone moves the edges of all days, past ones too: whatever is kept by day follows in the same transaction. */
export async function updateTeam(tenancy: Tenancy, acting: Acting, change: TeamChange): Promise<Required<TeamChange>> {
  assertCan(acting, 'team.manage');
  if (change.timeZone === undefined) return await changeTeam(tenancy, acting, change, async () => undefined);
  return await tenancy.aroundZoneChange((follow) => changeTeam(tenancy, acting, change, follow));
}

async function changeTeam(tenancy: Tenancy, acting: Acting, change: TeamChange, follow: (execute: Execute, tenantId: string) => Promise<void>): Promise<Required<TeamChange>> {
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
    if (before.timeZone !== after.timeZone) await follow((sql, values) => tx.$executeRawUnsafe(sql, ...values), acting.tenantId);
    return after;
  });
}
