/** Publishing: a draft becomes a version that never changes again, from a moment on, and its predecessor's customers follow as the publisher says. */
import { canonicalJson, DomainError } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import type { Database } from '@outlay/platform';
import { audit } from '@outlay/tenancy';
import { diffPlans, type PlanChange } from './diff-plans';
import { type By, checkDefinition, findPlan, refuse } from './edit-plan';
import { grantPeriods } from './grant-periods';
import { calendarOf, type CustomerFacts, inForce, type PlanFacts, renewalAfter, termsAt, type VersionFact, versionAt, versionsOf } from './resolve-entitlement';
import { insertAssignments, withdrawAssignmentsAfter } from './store-customers';
import { findCustomersOf, insertVersion, readPlanVersion, readPlanVersions, withdrawVersion } from './store-plans';
import { readCustomers, readPlanFacts } from './store-policies';

export interface Publication {
  readonly planId: string;
  /** ISO; now when absent. Never before now: what was used stays as it was rated. */
  readonly effectiveFrom?: string;
  /** What becomes of the customers of the version before: moved at once, each at its renewal, or left where they are. */
  readonly migrates: VersionFact['migrates'];
  readonly note?: string;
}

export interface Published {
  readonly versionId: string;
  readonly number: number;
  readonly effectiveFrom: string;
  /** Customers that come to it. */
  readonly migrated: number;
}

const NOTE_MAX = 1_000;
/** A clock may be a little behind ours. */
const LATE_MS = 60_000;
const AT_ONCE = 1_000;

/** Errors: `not_found`; `conflict` without a draft, or with one that changes nothing; `invalid_input` naming the field, in a definition by its path. */
export async function publishPlan(db: Database, by: By, { planId, effectiveFrom, migrates, note = '' }: Publication, nowMs = Date.now()): Promise<Published> {
  if (note.length > NOTE_MAX || note.includes('\0')) throw refuse('note', `At most ${NOTE_MAX} characters.`);
  const fromMs = readMoment(effectiveFrom, nowMs);
  const published = await db.withTenant(by.tenantId, async (tx) => {
    const plan = await findPlan(tx, by.tenantId, planId);
    if (plan.archivedAt !== null) throw new DomainError('conflict', { message: 'This plan is archived: copy it to go on.' });
    if (plan.draft === null) throw new DomainError('conflict', { message: 'There is no draft to publish: save one first.' });
    const checked = checkDefinition(plan.draft);
    if (!checked.ok) throw refuse(`definition.${checked.error[0]!.path}`, checked.error[0]!.message);
    const facts = await readPlanFacts(tx, by.tenantId);
    const before = versionAt(facts, planId, fromMs);
    if (before !== null && canonicalJson(before.definition) === canonicalJson(checked.value)) throw new DomainError('conflict', { message: `The draft says what version ${before.number} says: there is nothing to publish.` });
    const number = 1 + Math.max(0, ...(await readPlanVersions(tx, by.tenantId, planId)).map((each) => each.number));
    const version = { id: newId(), planId, number, definition: checked.value, effectiveFrom: new Date(fromMs), migrates, note, publishedBy: by.actor };
    await insertVersion(tx, by.tenantId, version);
    await tx.query('UPDATE plans SET draft = NULL WHERE tenant_id = $1 AND id = $2', [by.tenantId, planId]);
    const migrated = before === null || migrates === 'grandfather' ? 0 : await migrate(tx, by, facts, before, { ...version, fromMs });
    await audit(tx, {
      ...by, action: 'plan.published', subjectType: 'plan', subjectId: planId, ...(before === null ? {} : { before: factsOf(diffPlans(before.definition, checked.value), 'before') }),
      after: { ...(before === null ? {} : factsOf(diffPlans(before.definition, checked.value), 'after')), version: number, effectiveFrom: version.effectiveFrom.toISOString(), migrates, migrated, note },
    });
    return { versionId: version.id, number, effectiveFrom: version.effectiveFrom.toISOString(), migrated, sellsCredits: checked.value.credits !== null };
  });
  // Not in the transaction: each customer's credits are a matter of their own, and what fails here a worker does within a minute.
  const { sellsCredits, ...answer } = published;
  if (sellsCredits && answer.migrated > 0 && fromMs <= nowMs) await grantPeriods(db, by.tenantId, nowMs).catch(() => undefined);
  return answer;
}

/** Takes back a version that is not in force yet, and every move to it. Errors: `not_found`, `conflict` once it is in force. */
export async function withdrawPlanVersion(db: Database, by: By, versionId: string, nowMs = Date.now()): Promise<void> {
  await db.withTenant(by.tenantId, async (tx) => {
    const version = await readPlanVersion(tx, by.tenantId, versionId);
    if (version === null) throw new DomainError('not_found', { field: 'versionId', message: 'There is no such version.' });
    await findPlan(tx, by.tenantId, version.planId);
    if (version.withdrawnAt !== null) return;
    if (version.effectiveFrom.getTime() <= nowMs) throw new DomainError('conflict', { message: `Version ${version.number} is in force: publish another one instead.` });
    await withdrawVersion(tx, by.tenantId, versionId);
    await audit(tx, { ...by, action: 'plan.version_withdrawn', subjectType: 'plan', subjectId: version.planId, before: { version: version.number, effectiveFrom: version.effectiveFrom.toISOString() } });
  });
}

/** Pure. Null for a customer that is not on the version before, or has been decided about otherwise. */
function moveOf(facts: PlanFacts, customer: CustomerFacts, before: VersionFact, next: VersionFact): number | null {
  const last = customer.assignments.at(-1);
  if (last === undefined || last.planVersionId !== before.id) return null;
  const ofPlan = new Set(versionsOf(facts, next.planId).map(({ id }) => id));
  const current = inForce(customer.assignments, next.fromMs);
  // Whoever comes to the plan later comes to its new version then.
  const fromMs = current !== null && ofPlan.has(current.planVersionId) ? next.fromMs : Math.max(next.fromMs, last.fromMs);
  if (next.migrates === 'now') return fromMs;
  const held = (current === null ? undefined : facts.versions.get(current.planVersionId)) ?? before;
  return renewalAfter(fromMs, calendarOf(facts, termsAt(customer, fromMs), held.definition));
}

async function migrate(tx: Parameters<typeof readPlanFacts>[0], by: By, facts: PlanFacts, before: VersionFact, next: VersionFact): Promise<number> {
  const ids = await findCustomersOf(tx, by.tenantId, [before.id]);
  let moved = 0;
  for (let i = 0; i < ids.length; i += AT_ONCE) {
    const customers = await readCustomers(tx, by.tenantId, ids.slice(i, i + AT_ONCE));
    const moves = [...customers.values()].flatMap((customer) => {
      const fromMs = moveOf(facts, customer, before, next);
      return fromMs === null ? [] : [{ customerId: customer.customerId, fromMs }];
    });
    await withdrawAssignmentsAfter(tx, by.tenantId, moves.map(({ customerId }) => customerId), moves.map(({ fromMs }) => fromMs));
    await insertAssignments(tx, by.tenantId, moves.map((move) => ({ id: newId(), ...move, planVersionId: next.id, reason: 'migrated', createdBy: by.actor })));
    moved += moves.length;
  }
  return moved;
}

/** Errors: `invalid_input` for a time that is none, or past. */
export function readMoment(text: string | undefined, nowMs: number, field = 'effectiveFrom'): number {
  if (text === undefined) return nowMs;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw refuse(field, 'Name a time such as 2026-12-01T00:00:00Z.');
  if (ms < nowMs - LATE_MS) throw refuse(field, 'It cannot hold from a time in the past: what was used then stays as it was rated.');
  return Math.max(ms, nowMs);
}

function factsOf(changes: readonly PlanChange[], side: 'before' | 'after'): Record<string, string> {
  return Object.fromEntries(changes.slice(0, 50).map((change) => [change.path, typeof change[side] === 'string' ? change[side] : JSON.stringify(change[side])]));
}
