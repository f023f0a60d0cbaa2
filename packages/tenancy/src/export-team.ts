/** What this room holds of a team, file by file, for an export of everything: people, keys and the audit log. Never a password, a secret, or a hash of one. */
import { type ExportFile, jsonFile } from '@outlay/platform';
import { assertCan, type Acting } from './acting';
import { audit, auditedBy } from './audit';
import { auditCsv } from './export-audit';
import { findPendingInvitations } from './store-invitations';
import { findKeys } from './store-keys';
import { findMembers } from './store-people';
import type { Tenancy } from './tenancy';

/** Notes the export in the audit log. Errors: `role_missing`. */
export async function beginExport(tenancy: Tenancy, acting: Acting, cut: string): Promise<void> {
  assertCan(acting, 'data.export');
  await tenancy.db.withTenantPrisma(acting.tenantId, (tx) => audit(tx, { ...auditedBy(acting), action: 'data.exported', subjectType: 'team', subjectId: acting.tenantId, after: { cut } }));
}

/** Errors: `role_missing`. */
export function exportTeam(tenancy: Tenancy, acting: Acting): readonly ExportFile[] {
  assertCan(acting, 'data.export');
  const { tenantId } = acting;
  return [
    jsonFile('team.json', 'The team and its settings.', () => tenancy.db.withTenantPrisma(tenantId, (tx) =>
      tx.tenant.findUniqueOrThrow({ where: { id: tenantId }, select: { id: true, name: true, timeZone: true, lateWindowDays: true, createdAt: true } }))),
    jsonFile('members.json', 'Members and their roles.', () => tenancy.db.withTenantPrisma(tenantId, (tx) => findMembers(tx, tenantId))),
    jsonFile('invitations.json', 'Invitations that wait.', async () => (await tenancy.db.withTenantPrisma(tenantId, (tx) => findPendingInvitations(tx, tenantId, new Date(tenancy.now()))))
      .map(({ id, email, role, createdAt, expiresAt }) => ({ id, email, role, createdAt, expiresAt }))),
    jsonFile('api_keys.json', 'API keys, without their secrets.', async () => (await tenancy.db.withTenantPrisma(tenantId, (tx) => findKeys(tx, tenantId)))
      .map(({ id, name, environment, abilities, prefix, createdBy, createdAt, expiresAt, revokedAt, lastUsedAt }) => ({ id, name, environment, abilities, prefix, createdBy, createdAt, expiresAt, revokedAt, lastUsedAt }))),
    { name: 'audit_log.csv', what: 'The audit log: who changed what, from what to what, newest first.', write: () => auditCsv(tenancy, acting, {}) },
  ];
}
