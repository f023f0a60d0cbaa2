/** SQL of plans and their versions. */
import type { PoolClient } from 'pg';
import { type PlanDefinition, storedDefinition } from './plan-definition';
import type { VersionFact } from './resolve-entitlement';

type Tx = Pick<PoolClient, 'query'>;

export interface StoredPlan {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly words: string;
  readonly isDefault: boolean;
  /** As somebody left it: it need not be valid. */
  readonly draft: unknown;
  readonly draftSavedAt: Date | null;
  readonly draftSavedBy: string | null;
  readonly archivedAt: Date | null;
  readonly createdAt: Date;
}

export interface StoredVersion {
  readonly id: string;
  readonly planId: string;
  readonly number: number;
  readonly definition: PlanDefinition;
  readonly effectiveFrom: Date;
  readonly migrates: VersionFact['migrates'];
  readonly note: string;
  readonly publishedAt: Date;
  readonly publishedBy: string;
  readonly withdrawnAt: Date | null;
}

const PLAN = `SELECT id, key, name, words, is_default AS "isDefault", draft, draft_saved_at AS "draftSavedAt", draft_saved_by AS "draftSavedBy", archived_at AS "archivedAt", created_at AS "createdAt" FROM plans`;
const VERSION = `SELECT id, plan_id AS "planId", number, definition, effective_from AS "effectiveFrom", migrates, note, published_at AS "publishedAt", published_by AS "publishedBy", withdrawn_at AS "withdrawnAt"
  FROM plan_versions`;

export async function readPlans(tx: Tx, tenantId: string): Promise<StoredPlan[]> {
  return (await tx.query<StoredPlan>(`${PLAN} WHERE tenant_id = $1 ORDER BY archived_at IS NOT NULL, created_at, id`, [tenantId])).rows;
}

/** Nobody publishes until the transaction ends: a customer that comes to a version meanwhile would be missed when its customers are moved on. Those who come do not wait for each other. */
export async function holdPlans(tx: Tx, tenantId: string): Promise<void> {
  await tx.query('SELECT FROM plans WHERE tenant_id = $1 ORDER BY id FOR SHARE', [tenantId]);
}

/** Held until the transaction ends: who publishes and who edits wait for each other. */
export async function lockPlan(tx: Tx, tenantId: string, planId: string): Promise<StoredPlan | null> {
  return (await tx.query<StoredPlan>(`${PLAN} WHERE tenant_id = $1 AND id = $2 FOR UPDATE`, [tenantId, planId])).rows[0] ?? null;
}

export async function readPlanVersions(tx: Tx, tenantId: string, planId: string | null): Promise<StoredVersion[]> {
  const { rows } = await tx.query<StoredVersion>(`${VERSION} WHERE tenant_id = $1 AND ($2::uuid IS NULL OR plan_id = $2) ORDER BY plan_id, number DESC`, [tenantId, planId]);
  return rows.map((row) => ({ ...row, definition: storedDefinition(row.definition) }));
}

export async function readPlanVersion(tx: Tx, tenantId: string, versionId: string): Promise<StoredVersion | null> {
  return (await tx.query<StoredVersion>(`${VERSION} WHERE tenant_id = $1 AND id = $2`, [tenantId, versionId])).rows[0] ?? null;
}

/** Null when the key is taken. */
export async function insertPlan(tx: Tx, tenantId: string, plan: { readonly id: string; readonly key: string; readonly name: string; readonly words: string; readonly draft: unknown; readonly by: string }): Promise<boolean> {
  const { rowCount } = await tx.query(
    `INSERT INTO plans (tenant_id, id, key, name, words, draft, draft_saved_at, draft_saved_by) VALUES ($1, $2, $3, $4, $5, $6, now(), $7) ON CONFLICT (tenant_id, key) DO NOTHING`,
    [tenantId, plan.id, plan.key, plan.name, plan.words, JSON.stringify(plan.draft), plan.by]);
  return rowCount === 1;
}

export async function updateDraft(tx: Tx, tenantId: string, planId: string, change: { readonly name: string; readonly words: string; readonly draft: unknown; readonly by: string }): Promise<void> {
  await tx.query('UPDATE plans SET name = $3, words = $4, draft = $5, draft_saved_at = now(), draft_saved_by = $6 WHERE tenant_id = $1 AND id = $2',
    [tenantId, planId, change.name, change.words, change.draft === null ? null : JSON.stringify(change.draft), change.by]);
}

export async function insertVersion(tx: Tx, tenantId: string, version: Omit<StoredVersion, 'publishedAt' | 'withdrawnAt'>): Promise<void> {
  await tx.query(
    'INSERT INTO plan_versions (tenant_id, id, plan_id, number, definition, effective_from, migrates, note, published_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)',
    [tenantId, version.id, version.planId, version.number, JSON.stringify(version.definition), version.effectiveFrom, version.migrates, version.note, version.publishedBy]);
}

export async function withdrawVersion(tx: Tx, tenantId: string, versionId: string): Promise<void> {
  await tx.query('UPDATE plan_versions SET withdrawn_at = now() WHERE tenant_id = $1 AND id = $2', [tenantId, versionId]);
  await tx.query('UPDATE plan_assignments SET withdrawn_at = now() WHERE tenant_id = $1 AND plan_version_id = $2 AND withdrawn_at IS NULL', [tenantId, versionId]);
}

export async function setDefaultPlan(tx: Tx, tenantId: string, planId: string | null): Promise<void> {
  await tx.query('UPDATE plans SET is_default = false WHERE tenant_id = $1 AND is_default AND id IS DISTINCT FROM $2', [tenantId, planId]);
  if (planId !== null) await tx.query('UPDATE plans SET is_default = true WHERE tenant_id = $1 AND id = $2 AND NOT is_default', [tenantId, planId]);
}

export async function archivePlan(tx: Tx, tenantId: string, planId: string): Promise<void> {
  await tx.query('UPDATE plans SET archived_at = now(), draft = NULL WHERE tenant_id = $1 AND id = $2', [tenantId, planId]);
}

/** By version: customers that are on it now. */
export async function countCustomers(tx: Tx, tenantId: string): Promise<Map<string, number>> {
  const { rows } = await tx.query<{ plan_version_id: string; count: number }>(
    `SELECT plan_version_id, count(*)::int AS count FROM (
       SELECT DISTINCT ON (customer_id) plan_version_id FROM plan_assignments WHERE tenant_id = $1 AND withdrawn_at IS NULL AND effective_from <= now()
       ORDER BY customer_id, effective_from DESC, created_at DESC, id DESC) t GROUP BY 1`, [tenantId]);
  return new Map(rows.map((row) => [row.plan_version_id, row.count]));
}

/** Customers that are on one of these versions, or come to it. */
export async function findCustomersOf(tx: Tx, tenantId: string, versionIds: readonly string[]): Promise<string[]> {
  const { rows } = await tx.query<{ customer_id: string }>(
    'SELECT DISTINCT customer_id FROM plan_assignments WHERE tenant_id = $1 AND withdrawn_at IS NULL AND plan_version_id = ANY($2) ORDER BY 1', [tenantId, versionIds]);
  return rows.map((row) => row.customer_id);
}

export async function findCustomersWithoutPlan(tx: Tx, tenantId: string): Promise<string[]> {
  const { rows } = await tx.query<{ customer_id: string }>(
    `SELECT customer_id FROM customers c WHERE tenant_id = $1 AND NOT EXISTS (
       SELECT FROM plan_assignments a WHERE a.tenant_id = c.tenant_id AND a.customer_id = c.customer_id AND a.withdrawn_at IS NULL) ORDER BY 1`, [tenantId]);
  return rows.map((row) => row.customer_id);
}
