/** A customer comes to a plan: now, with its next period, or at a time. */
import type { PoolClient } from 'pg';
import { DomainError } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import type { Database } from '@outlay/platform';
import { audit } from '@outlay/tenancy';
import type { By } from './edit-plan';
import { grantWithin } from './grant-periods';
import { readMoment } from './publish-plan';
import { calendarOf, followingVersions, inForce, type PlanFacts, renewalAfter, termsAt, type VersionFact, versionAt } from './resolve-entitlement';
import { findCustomer } from './save-customer';
import { insertAssignments, withdrawAssignmentsAfter } from './store-customers';
import { holdPlans } from './store-plans';
import { readCustomers, readPlanFacts } from './store-policies';

export interface AssignmentInput {
  readonly customerId: string;
  /** By id or key. */
  readonly plan: string;
  /** A certain version; absent, the one in force then. */
  readonly versionId?: string;
  /** `renewal`: the beginning of the customer's next period in its own calendar. Else an ISO time, never past. */
  readonly when: string;
}

export interface Assigned {
  readonly planId: string;
  readonly versionId: string;
  readonly effectiveFrom: string;
  /** False when this was so already. */
  readonly changed: boolean;
}

/** Whatever was to come after that moment does not: the last word counts. Errors: `not_found`, `invalid_input` naming the field, `conflict` for a plan with no version in force then. */
export async function assignPlan(db: Database, by: By, input: AssignmentInput, nowMs = Date.now()): Promise<Assigned> {
  return await db.withTenant(by.tenantId, (tx) => assignWithin(tx, by, input, nowMs));
}

/** The same inside a transaction. */
export async function assignWithin(tx: PoolClient, by: By, { customerId, plan, versionId, when }: AssignmentInput, nowMs: number): Promise<Assigned> {
  const { tenantId } = by;
  await findCustomer(tx, tenantId, customerId);
  await holdPlans(tx, tenantId);
  const facts = await readPlanFacts(tx, tenantId);
  const planId = [...facts.plans.values()].find(({ id, key }) => id === plan || key === plan)?.id;
  if (planId === undefined) throw new DomainError('not_found', { field: 'plan', message: `There is no plan "${plan}".` });
  const customer = (await readCustomers(tx, tenantId, [customerId])).get(customerId)!;
  const current = inForce(customer.assignments, nowMs);
  const held = current === null ? undefined : facts.versions.get(current.planVersionId);
  const fromMs = when === 'now' ? nowMs : when === 'renewal' ? renewalAfter(nowMs, calendarOf(facts, termsAt(customer, nowMs), held?.definition ?? null)) : readMoment(when, nowMs, 'when');
  const version = findVersion(facts, planId, versionId, fromMs);
  const pending = customer.assignments.filter((each) => each.fromMs > fromMs);
  const following = versionId === undefined ? followingVersions(facts, version, termsAt(customer, fromMs), fromMs) : [];
  const rows = [{ planVersionId: version.id, fromMs }, ...following];
  const answer = { planId, versionId: version.id, effectiveFrom: new Date(fromMs).toISOString() };
  const isSo = inForce(customer.assignments, fromMs)?.planVersionId === version.id
    && pending.length === following.length && pending.every((each, i) => each.planVersionId === following[i]!.planVersionId && each.fromMs === following[i]!.fromMs);
  if (isSo) return { ...answer, changed: false };
  await withdrawAssignmentsAfter(tx, tenantId, [customerId], [fromMs]);
  await insertAssignments(tx, tenantId, rows.map((row) => ({ id: newId(), customerId, ...row, reason: 'assigned', createdBy: by.actor })));
  await grantWithin(tx, tenantId, facts, [customerId], nowMs);
  await audit(tx, {
    ...by, action: 'customer.plan_assigned', subjectType: 'customer', subjectId: customerId,
    before: { plan: held === undefined ? null : (facts.plans.get(held.planId)?.key ?? null), version: held?.number ?? null },
    after: { plan: facts.plans.get(planId)!.key, version: version.number, effectiveFrom: answer.effectiveFrom },
  });
  return { ...answer, changed: true };
}

function findVersion(facts: PlanFacts, planId: string, versionId: string | undefined, atMs: number): VersionFact {
  if (versionId === undefined) {
    const version = versionAt(facts, planId, atMs);
    if (version === null) throw new DomainError('conflict', { field: 'plan', message: 'This plan has no version that is in force then: publish one first.' });
    return version;
  }
  const version = facts.versions.get(versionId);
  if (version === undefined || version.planId !== planId) throw new DomainError('not_found', { field: 'versionId', message: 'This plan has no such version.' });
  if (version.fromMs > atMs) throw new DomainError('conflict', { field: 'versionId', message: `Version ${version.number} comes into force at ${new Date(version.fromMs).toISOString()}: assign it from then on.` });
  return version;
}
