/** SQL of what the cache of policies keeps: a team's plans, caps and settings, and its customers' rows. */
import type { PoolClient } from 'pg';
import { readWorkflowPolicies } from '@outlay/ledger';
import { readTimeZone } from '@outlay/tenancy';
import type { Cap, TenantPolicy } from './cap';
import { type PlanDefinition, storedDefinition } from './plan-definition';
import type { AssignmentFact, CustomerFacts, OverrideFact, PlanFacts, TermsFact, VersionFact } from './resolve-entitlement';

type Tx = Pick<PoolClient, 'query'>;

export interface CustomerRecord extends CustomerFacts {
  readonly customerId: string;
  readonly name: string;
  readonly source: string;
  readonly createdAt: string;
  readonly suspended: { readonly at: string; readonly reason: string | null } | null;
  readonly riskLiftedUntil: string | null;
}

const iso = (time: Date): string => time.toISOString();
const isoOrNull = (time: Date | null): string | null => time?.toISOString() ?? null;

export async function readTenantPolicy(tx: Tx, tenantId: string): Promise<TenantPolicy> {
  const caps = await tx.query<CapRow>(
    `SELECT id, name, scope, subject, metric, window_kind, mode, limit_amount::text AS limit_amount, source, expires_at, disabled_at, created_at, created_by, updated_at
     FROM caps WHERE tenant_id = $1 ORDER BY id`, [tenantId]);
  const { rows: [risk] } = await tx.query<{ risk_enabled: boolean; risk_floor_pico: string; risk_factor: string }>(
    'SELECT risk_enabled, risk_floor_pico::text AS risk_floor_pico, risk_factor::text AS risk_factor FROM gate_settings WHERE tenant_id = $1', [tenantId]);
  return {
    timeZone: await readTimeZone(tx, tenantId),
    caps: caps.rows.map(toCap),
    risk: risk === undefined ? DEFAULT_RISK : { enabled: risk.risk_enabled, floorPico: BigInt(risk.risk_floor_pico), factor: risk.risk_factor },
    workflows: new Map((await readWorkflowPolicies(tx)).map(({ name, ...policy }) => [name, policy])),
  };
}

/** On by default, of design 6: above $50 and 20 times the mean of the last 28 days. */
const DEFAULT_RISK = { enabled: true, floorPico: 50_000_000_000_000n, factor: '20' } as const;

interface CapRow {
  readonly id: string; readonly name: string; readonly scope: Cap['scope']; readonly subject: string | null; readonly metric: Cap['metric']; readonly window_kind: Cap['window'];
  readonly mode: Cap['mode']; readonly limit_amount: string; readonly source: Cap['source']; readonly expires_at: Date | null; readonly disabled_at: Date | null;
  readonly created_at: Date; readonly created_by: string; readonly updated_at: Date;
}

function toCap(row: CapRow): Cap {
  return {
    id: row.id, name: row.name, scope: row.scope, subject: row.subject, metric: row.metric, window: row.window_kind, mode: row.mode, limit: row.limit_amount, source: row.source,
    expiresAt: isoOrNull(row.expires_at), disabledAt: isoOrNull(row.disabled_at), createdAt: iso(row.created_at), createdBy: row.created_by, updatedAt: iso(row.updated_at),
  };
}

export async function readPlanFacts(tx: Tx, tenantId: string): Promise<PlanFacts> {
  const plans = await tx.query<{ id: string; key: string; name: string; is_default: boolean }>('SELECT id, key, name, is_default FROM plans WHERE tenant_id = $1', [tenantId]);
  const versions = await tx.query<{ id: string; plan_id: string; number: number; definition: PlanDefinition; effective_from: Date; migrates: VersionFact['migrates'] }>(
    'SELECT id, plan_id, number, definition, effective_from, migrates FROM plan_versions WHERE tenant_id = $1 AND withdrawn_at IS NULL', [tenantId]);
  const overrides = await tx.query<OverrideRow>(`${OVERRIDES} WHERE tenant_id = $1 AND scope = 'segment' ORDER BY effective_from, created_at, id`, [tenantId]);
  return {
    timeZone: await readTimeZone(tx, tenantId),
    plans: new Map(plans.rows.map(({ id, key, name }) => [id, { id, key, name }])),
    versions: new Map(versions.rows.map((row) => [row.id, {
      id: row.id, planId: row.plan_id, number: row.number, definition: storedDefinition(row.definition), migrates: row.migrates, fromMs: row.effective_from.getTime(),
    }])),
    segmentOverrides: groupBy(overrides.rows, ({ subject }) => subject, toOverride),
    defaultPlanId: plans.rows.find((plan) => plan.is_default)?.id ?? null,
  };
}

interface OverrideRow {
  readonly id: string; readonly subject: string; readonly patch: OverrideFact['patch']; readonly effective_from: Date;
}

const OVERRIDES = 'SELECT id, subject, patch, effective_from FROM plan_overrides';

/** Those that anybody has recorded; the others are absent. */
export async function readCustomers(tx: Tx, tenantId: string, customerIds: readonly string[]): Promise<Map<string, CustomerRecord>> {
  const values = [tenantId, customerIds];
  const customers = await tx.query<{ customer_id: string; name: string; source: string; created_at: Date; suspended_at: Date | null; suspended_reason: string | null; risk_lifted_until: Date | null }>(
    'SELECT customer_id, name, source, created_at, suspended_at, suspended_reason, risk_lifted_until FROM customers WHERE tenant_id = $1 AND customer_id = ANY($2)', values);
  if (customers.rows.length === 0) return new Map();
  const terms = await tx.query<{ customer_id: string; segment: string | null; time_zone: string | null; anchor_day: string; effective_from: Date }>(
    `SELECT customer_id, segment, time_zone, anchor_day::text AS anchor_day, effective_from FROM customer_terms WHERE tenant_id = $1 AND customer_id = ANY($2)
     ORDER BY effective_from, created_at, id`, values);
  const assignments = await tx.query<{ id: string; customer_id: string; plan_version_id: string; effective_from: Date }>(
    `SELECT id, customer_id, plan_version_id, effective_from FROM plan_assignments WHERE tenant_id = $1 AND customer_id = ANY($2) AND withdrawn_at IS NULL
     ORDER BY effective_from, created_at, id`, values);
  const overrides = await tx.query<OverrideRow>(`${OVERRIDES} WHERE tenant_id = $1 AND scope = 'customer' AND subject = ANY($2) ORDER BY effective_from, created_at, id`, values);
  const termsOf = groupBy(terms.rows, ({ customer_id }) => customer_id, (row): TermsFact => ({ segment: row.segment, timeZone: row.time_zone, anchorDay: row.anchor_day, fromMs: row.effective_from.getTime() }));
  const assignmentsOf = groupBy(assignments.rows, ({ customer_id }) => customer_id, (row): AssignmentFact => ({ id: row.id, planVersionId: row.plan_version_id, fromMs: row.effective_from.getTime() }));
  const overridesOf = groupBy(overrides.rows, ({ subject }) => subject, toOverride);
  return new Map(customers.rows.map((row) => [row.customer_id, {
    customerId: row.customer_id, name: row.name, source: row.source, createdAt: iso(row.created_at),
    suspended: row.suspended_at === null ? null : { at: iso(row.suspended_at), reason: row.suspended_reason }, riskLiftedUntil: isoOrNull(row.risk_lifted_until),
    terms: termsOf.get(row.customer_id) ?? [], assignments: assignmentsOf.get(row.customer_id) ?? [], overrides: overridesOf.get(row.customer_id) ?? [],
  }]));
}

function toOverride(row: OverrideRow): OverrideFact {
  return { id: row.id, patch: row.patch, fromMs: row.effective_from.getTime() };
}

function groupBy<R, T>(rows: readonly R[], keyOf: (row: R) => string, toFact: (row: R) => T): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group === undefined) groups.set(keyOf(row), [toFact(row)]);
    else group.push(toFact(row));
  }
  return groups;
}
