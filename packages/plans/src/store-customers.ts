/** SQL of customers, their terms and assignments. */
import type { PoolClient } from 'pg';
import type { DefinitionPatch } from './merge-patch';

type Tx = Pick<PoolClient, 'query'>;

export type CustomerSource = 'api' | 'console' | 'first_sight' | 'demo';

export interface NewCustomer {
  readonly customerId: string;
  readonly name: string;
  readonly source: CustomerSource;
  readonly anchorDay: string;
  readonly segment?: string | null;
  readonly timeZone?: string | null;
}

export interface NewTerms {
  readonly id: string;
  readonly customerId: string;
  readonly segment: string | null;
  readonly timeZone: string | null;
  readonly anchorDay: string;
  readonly fromMs: number;
}

export interface NewAssignment {
  readonly id: string;
  readonly customerId: string;
  readonly planVersionId: string;
  readonly fromMs: number;
  readonly reason: 'first_sight' | 'assigned' | 'migrated' | 'demo';
  readonly createdBy: string;
}

const time = (ms: number): string => new Date(ms).toISOString();

/** Answers those that were not there. */
export async function insertCustomers(tx: Tx, tenantId: string, customers: readonly NewCustomer[]): Promise<string[]> {
  const { rows } = await tx.query<{ customer_id: string }>(
    `INSERT INTO customers (tenant_id, customer_id, name, source, anchor_day, segment, time_zone)
     SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::date[], $6::text[], $7::text[])
     ON CONFLICT (tenant_id, customer_id) DO NOTHING RETURNING customer_id`,
    [tenantId, customers.map((each) => each.customerId), customers.map((each) => each.name), customers.map((each) => each.source), customers.map((each) => each.anchorDay),
      customers.map((each) => each.segment ?? null), customers.map((each) => each.timeZone ?? null)],
  );
  return rows.map((row) => row.customer_id);
}

export async function insertTerms(tx: Tx, tenantId: string, terms: readonly NewTerms[]): Promise<void> {
  if (terms.length === 0) return;
  await tx.query(
    `INSERT INTO customer_terms (tenant_id, id, customer_id, segment, time_zone, anchor_day, effective_from)
     SELECT $1, * FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::date[], $7::timestamptz[])`,
    [tenantId, terms.map(({ id }) => id), terms.map(({ customerId }) => customerId), terms.map(({ segment }) => segment), terms.map(({ timeZone }) => timeZone),
      terms.map(({ anchorDay }) => anchorDay), terms.map(({ fromMs }) => time(fromMs))],
  );
}

export async function insertAssignments(tx: Tx, tenantId: string, assignments: readonly NewAssignment[]): Promise<void> {
  if (assignments.length === 0) return;
  await tx.query(
    `INSERT INTO plan_assignments (tenant_id, id, customer_id, plan_version_id, effective_from, reason, created_by)
     SELECT $1, * FROM unnest($2::uuid[], $3::text[], $4::uuid[], $5::timestamptz[], $6::text[], $7::text[])`,
    [tenantId, assignments.map(({ id }) => id), assignments.map(({ customerId }) => customerId), assignments.map(({ planVersionId }) => planVersionId),
      assignments.map(({ fromMs }) => time(fromMs)), assignments.map(({ reason }) => reason), assignments.map(({ createdBy }) => createdBy)],
  );
}

/** What was to come after a moment does not: something else was decided for the customer. */
export async function withdrawAssignmentsAfter(tx: Tx, tenantId: string, customerIds: readonly string[], afterMs: readonly number[]): Promise<void> {
  await tx.query(
    `UPDATE plan_assignments a SET withdrawn_at = now() FROM unnest($2::text[], $3::timestamptz[]) AS t (customer_id, after)
     WHERE a.tenant_id = $1 AND a.customer_id = t.customer_id AND a.effective_from > t.after AND a.withdrawn_at IS NULL`,
    [tenantId, customerIds, afterMs.map(time)]);
}

export interface CustomerRow {
  readonly customerId: string;
  readonly name: string;
  readonly segment: string | null;
  readonly timeZone: string | null;
  readonly anchorDay: string;
  readonly suspendedAt: Date | null;
  readonly suspendedReason: string | null;
  readonly riskLiftedUntil: Date | null;
  readonly source: CustomerSource;
  readonly createdAt: Date;
}

const CUSTOMER = `SELECT customer_id AS "customerId", name, segment, time_zone AS "timeZone", anchor_day::text AS "anchorDay", suspended_at AS "suspendedAt", suspended_reason AS "suspendedReason",
  risk_lifted_until AS "riskLiftedUntil", source, created_at AS "createdAt" FROM customers`;

export async function lockCustomer(tx: Tx, tenantId: string, customerId: string): Promise<CustomerRow | null> {
  return (await tx.query<CustomerRow>(`${CUSTOMER} WHERE tenant_id = $1 AND customer_id = $2 FOR UPDATE`, [tenantId, customerId])).rows[0] ?? null;
}

export async function readCustomerRow(tx: Tx, tenantId: string, customerId: string): Promise<CustomerRow | null> {
  return (await tx.query<CustomerRow>(`${CUSTOMER} WHERE tenant_id = $1 AND customer_id = $2`, [tenantId, customerId])).rows[0] ?? null;
}

/** By id, after the given one. */
export async function readCustomerPage(tx: Tx, tenantId: string, page: { readonly after: string; readonly limit: number; readonly segment: string | null }): Promise<CustomerRow[]> {
  return (await tx.query<CustomerRow>(`${CUSTOMER} WHERE tenant_id = $1 AND customer_id > $2 AND ($4::text IS NULL OR segment = $4) ORDER BY customer_id LIMIT $3`,
    [tenantId, page.after, page.limit, page.segment])).rows;
}

export async function updateCustomer(tx: Tx, tenantId: string, row: Pick<CustomerRow, 'customerId' | 'name' | 'segment' | 'timeZone' | 'anchorDay'>): Promise<void> {
  await tx.query('UPDATE customers SET name = $3, segment = $4, time_zone = $5, anchor_day = $6 WHERE tenant_id = $1 AND customer_id = $2',
    [tenantId, row.customerId, row.name, row.segment, row.timeZone, row.anchorDay]);
}

export async function updateSuspension(tx: Tx, tenantId: string, customerId: string, suspended: { readonly at: Date; readonly reason: string } | null): Promise<void> {
  await tx.query('UPDATE customers SET suspended_at = $3, suspended_reason = $4 WHERE tenant_id = $1 AND customer_id = $2', [tenantId, customerId, suspended?.at ?? null, suspended?.reason ?? null]);
}

export async function updateRiskLift(tx: Tx, tenantId: string, customerId: string, until: Date | null): Promise<void> {
  await tx.query('UPDATE customers SET risk_lifted_until = $3 WHERE tenant_id = $1 AND customer_id = $2', [tenantId, customerId, until]);
}

export interface AssignmentRow {
  readonly id: string;
  readonly versionId: string;
  readonly planId: string;
  readonly planKey: string;
  readonly planName: string;
  readonly number: number;
  readonly effectiveFrom: Date;
  readonly reason: NewAssignment['reason'];
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly withdrawnAt: Date | null;
}

/** Newest first, withdrawn ones too. */
export async function readAssignmentHistory(tx: Tx, tenantId: string, customerId: string): Promise<AssignmentRow[]> {
  return (await tx.query<AssignmentRow>(
    `SELECT a.id, v.id AS "versionId", p.id AS "planId", p.key AS "planKey", p.name AS "planName", v.number, a.effective_from AS "effectiveFrom", a.reason, a.created_at AS "createdAt",
       a.created_by AS "createdBy", a.withdrawn_at AS "withdrawnAt"
     FROM plan_assignments a JOIN plan_versions v ON v.tenant_id = a.tenant_id AND v.id = a.plan_version_id JOIN plans p ON p.tenant_id = v.tenant_id AND p.id = v.plan_id
     WHERE a.tenant_id = $1 AND a.customer_id = $2 ORDER BY a.effective_from DESC, a.created_at DESC, a.id DESC LIMIT 500`, [tenantId, customerId])).rows;
}

export interface OverrideRow {
  readonly id: string;
  readonly scope: 'segment' | 'customer';
  readonly subject: string;
  readonly patch: DefinitionPatch | null;
  readonly effectiveFrom: Date;
  readonly note: string;
  readonly createdAt: Date;
  readonly createdBy: string;
}

/** Newest first. */
export async function readOverrideHistory(tx: Tx, tenantId: string, scope: OverrideRow['scope'], subject: string): Promise<OverrideRow[]> {
  return (await tx.query<OverrideRow>(
    `SELECT id, scope, subject, patch, effective_from AS "effectiveFrom", note, created_at AS "createdAt", created_by AS "createdBy" FROM plan_overrides
     WHERE tenant_id = $1 AND scope = $2 AND subject = $3 ORDER BY effective_from DESC, created_at DESC, id DESC LIMIT 200`, [tenantId, scope, subject])).rows;
}

export async function insertOverride(tx: Tx, tenantId: string, row: Omit<OverrideRow, 'createdAt'>): Promise<void> {
  await tx.query('INSERT INTO plan_overrides (tenant_id, id, scope, subject, patch, effective_from, note, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)',
    [tenantId, row.id, row.scope, row.subject, row.patch === null ? null : JSON.stringify(row.patch), row.effectiveFrom, row.note, row.createdBy]);
}
