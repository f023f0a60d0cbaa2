/** SQL of customers, their terms and assignments. */
import type { PoolClient } from 'pg';

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
