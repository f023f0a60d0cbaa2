/** Customers as a person or a program states them: recorded, changed, suspended and let go again. */
import type { PoolClient } from 'pg';
import { DAY_MS, DomainError, isTimeZone, localDay } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import type { Database } from '@outlay/platform';
import { audit } from '@outlay/tenancy';
import { type By, refuse } from './edit-plan';
import { grantWithin } from './grant-periods';
import { firstSight, type PlanFacts } from './resolve-entitlement';
import { type CustomerRow, type CustomerSource, insertAssignments, insertCustomers, insertTerms, lockCustomer, updateCustomer, updateRiskLift, updateSuspension } from './store-customers';
import { holdPlans } from './store-plans';
import { readPlanFacts } from './store-policies';

export interface CustomerInput {
  readonly customerId: string;
  readonly name?: string;
  /** Null takes it out of its segment. */
  readonly segment?: string | null;
  /** Null: the team's. */
  readonly timeZone?: string | null;
  /** The local date on which its periods are counted from. */
  readonly anchorDay?: string;
}

const TEXT_MAX = 255;
const REASON_MAX = 500;
const RISK_LIFT_MAX_HOURS = 24 * 31;

/**
 * Recorded under the default plan when nobody knows it, else changed; asking again changes nothing. Segment, zone and anchor hold from now on: what was used stays under the old
 * ones. Errors: `invalid_input` naming the field.
 */
export async function saveCustomer(db: Database, by: By, input: CustomerInput, source: CustomerSource, nowMs = Date.now()): Promise<{ readonly created: boolean }> {
  checkCustomer(input);
  return await db.withTenant(by.tenantId, (tx) => saveWithin(tx, by, input, source, nowMs));
}

/** The same inside a transaction. The input was checked. */
export async function saveWithin(tx: PoolClient, by: By, input: CustomerInput, source: CustomerSource, nowMs: number): Promise<{ readonly created: boolean }> {
  const { tenantId } = by;
  const { customerId } = input;
  await holdPlans(tx, tenantId);
  const facts = await readPlanFacts(tx, tenantId);
  const created = (await insertCustomers(tx, tenantId, [{ customerId, name: input.name?.trim() ?? '', source, segment: input.segment ?? null, timeZone: input.timeZone ?? null, anchorDay: anchorOf(input, facts, nowMs) }])).length > 0;
  const row = (await lockCustomer(tx, tenantId, customerId))!;
  if (created) {
    const { terms, assignments } = firstSight(facts, nowMs, nowMs);
    await insertTerms(tx, tenantId, [{ id: newId(), customerId, segment: row.segment, timeZone: row.timeZone, anchorDay: row.anchorDay, fromMs: terms.fromMs }]);
    await insertAssignments(tx, tenantId, assignments.map((each) => ({ id: newId(), customerId, ...each, reason: 'first_sight', createdBy: by.actor })));
    await grantWithin(tx, tenantId, facts, [customerId], nowMs);
    await audit(tx, { ...by, action: 'customer.created', subjectType: 'customer', subjectId: customerId, after: factsOf(row) });
    return { created };
  }
  const after = {
    customerId, name: input.name?.trim() ?? row.name, segment: input.segment === undefined ? row.segment : input.segment,
    timeZone: input.timeZone === undefined ? row.timeZone : input.timeZone, anchorDay: input.anchorDay ?? row.anchorDay,
  };
  const changed = (['name', 'segment', 'timeZone', 'anchorDay'] as const).filter((field) => row[field] !== after[field]);
  if (changed.length === 0) return { created };
  await updateCustomer(tx, tenantId, after);
  if (changed.some((field) => field !== 'name')) await insertTerms(tx, tenantId, [{ id: newId(), ...after, fromMs: nowMs }]);
  const pick = (from: typeof after | CustomerRow) => Object.fromEntries(changed.map((field) => [field, from[field]]));
  await audit(tx, { ...by, action: 'customer.updated', subjectType: 'customer', subjectId: customerId, before: pick(row), after: pick(after) });
  return { created };
}

/** From the next begin on it is denied; what comes in is recorded all the same. Errors: `not_found`, `invalid_input`. */
export async function suspendCustomer(db: Database, by: By, customerId: string, reason: string): Promise<void> {
  const text = reason.trim();
  if (text === '' || text.length > REASON_MAX || text.includes('\0')) throw refuse('reason', `Say why, in at most ${REASON_MAX} characters.`);
  await changeCustomer(db, by, customerId, async (tx, row) => {
    if (row.suspendedAt !== null && row.suspendedReason === text) return;
    await updateSuspension(tx, by.tenantId, customerId, { at: row.suspendedAt ?? new Date(), reason: text });
    await audit(tx, { ...by, action: 'customer.suspended', subjectType: 'customer', subjectId: customerId, before: { reason: row.suspendedReason }, after: { reason: text } });
  });
}

/** Errors: `not_found`. */
export async function resumeCustomer(db: Database, by: By, customerId: string): Promise<void> {
  await changeCustomer(db, by, customerId, async (tx, row) => {
    if (row.suspendedAt === null) return;
    await updateSuspension(tx, by.tenantId, customerId, null);
    await audit(tx, { ...by, action: 'customer.resumed', subjectType: 'customer', subjectId: customerId, before: { reason: row.suspendedReason } });
  });
}

/** The default risk block does not hold for so many hours; 0 lets it hold again. Answers until when. Errors: `not_found`, `invalid_input`. */
export async function liftRisk(db: Database, by: By, customerId: string, hours: number, nowMs = Date.now()): Promise<{ readonly until: string | null }> {
  if (!Number.isFinite(hours) || hours < 0 || hours > RISK_LIFT_MAX_HOURS) throw refuse('hours', `Between 0 and ${RISK_LIFT_MAX_HOURS} hours.`);
  const until = hours === 0 ? null : new Date(nowMs + Math.round(hours * (DAY_MS / 24)));
  await changeCustomer(db, by, customerId, async (tx, row) => {
    await updateRiskLift(tx, by.tenantId, customerId, until);
    await audit(tx, {
      ...by, action: 'customer.risk_lifted', subjectType: 'customer', subjectId: customerId,
      before: { until: row.riskLiftedUntil?.toISOString() ?? null }, after: { until: until?.toISOString() ?? null },
    });
  });
  return { until: until?.toISOString() ?? null };
}

async function changeCustomer(db: Database, by: By, customerId: string, change: (tx: PoolClient, row: CustomerRow) => Promise<void>): Promise<void> {
  await db.withTenant(by.tenantId, async (tx) => change(tx, await findCustomer(tx, by.tenantId, customerId)));
}

/** Locked. Errors: `not_found`. */
export async function findCustomer(tx: PoolClient, tenantId: string, customerId: string): Promise<CustomerRow> {
  const row = customerId.includes('\0') ? null : await lockCustomer(tx, tenantId, customerId);
  if (row === null) throw noCustomer(customerId);
  return row;
}

export function noCustomer(customerId: string): DomainError {
  return new DomainError('not_found', { field: 'customerId', message: `There is no customer "${customerId}". It appears with its first run or event, or when you create it.` });
}

/** Errors: `invalid_input` naming the field. */
export function checkCustomer(input: CustomerInput): void {
  const texts = { customerId: input.customerId, name: input.name ?? '', segment: input.segment ?? 'none' };
  for (const [field, text] of Object.entries(texts)) {
    if (text.length > TEXT_MAX || /\p{Cc}/u.test(text)) throw refuse(field, `At most ${TEXT_MAX} characters, without line breaks.`);
    if (field !== 'name' && text.trim() === '') throw refuse(field, 'It must not be empty.');
  }
  if (input.timeZone !== undefined && input.timeZone !== null && !isTimeZone(input.timeZone)) throw refuse('timeZone', 'Name a time zone such as Europe/Berlin.');
  const { anchorDay } = input;
  if (anchorDay !== undefined && (!/^(19|20|21)\d\d-\d\d-\d\d$/.test(anchorDay) || new Date(`${anchorDay}T00:00:00Z`).toJSON()?.slice(0, 10) !== anchorDay)) throw refuse('anchorDay', 'Name a date such as 2026-01-31.');
}

function anchorOf(input: CustomerInput, facts: PlanFacts, nowMs: number): string {
  return input.anchorDay ?? localDay(nowMs, input.timeZone ?? facts.timeZone);
}

function factsOf({ name, segment, timeZone, anchorDay, source }: CustomerRow) {
  return { name, segment, timeZone, anchorDay, source };
}
