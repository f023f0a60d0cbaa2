/** Customers on first sight: recorded with their first run or event, under the default plan. */
import type { PoolClient } from 'pg';
import { newId } from '@outlay/kernel/ids';
import type { Database } from '@outlay/platform';
import { grantWithin } from './grant-periods';
import { firstSight } from './resolve-entitlement';
import { insertAssignments, insertCustomers, insertTerms } from './store-customers';
import { holdPlans } from './store-plans';
import { readPlanFacts } from './store-policies';

export interface Sighting {
  readonly customerId: string;
  /** Of its first run or event. */
  readonly atMs: number;
}

const AT_ONCE = 500;

/** Records those that nobody has recorded, and answers them; the others stay as they are. Asking again changes nothing. */
export async function seeCustomers(db: Database, tenantId: string, seen: readonly (string | Sighting)[], nowMs = Date.now()): Promise<string[]> {
  const sightings = new Map<string, number>();
  for (const each of seen) {
    const [id, atMs] = typeof each === 'string' ? [each, nowMs] : [each.customerId, each.atMs];
    sightings.set(id, Math.min(sightings.get(id) ?? nowMs, atMs));
  }
  // In one order everywhere: two processes that see the same customers must not wait for each other.
  const ids = [...sightings.keys()].filter((id) => id !== '').sort();
  const made: string[] = [];
  for (let i = 0; i < ids.length; i += AT_ONCE) {
    const page = ids.slice(i, i + AT_ONCE);
    made.push(...await db.withTenant(tenantId, async (tx) => recordStrangers(tx, tenantId, page, sightings, nowMs)));
  }
  return made;
}

async function recordStrangers(tx: PoolClient, tenantId: string, ids: readonly string[], sightings: ReadonlyMap<string, number>, nowMs: number): Promise<string[]> {
  await holdPlans(tx, tenantId);
  const facts = await readPlanFacts(tx, tenantId);
  const made = new Set(await insertCustomers(tx, tenantId, ids.map((customerId) => ({ customerId, name: '', source: 'first_sight', anchorDay: firstSight(facts, sightings.get(customerId)!, nowMs).terms.anchorDay }))));
  const rows = ids.filter((id) => made.has(id)).map((customerId) => ({ customerId, ...firstSight(facts, sightings.get(customerId)!, nowMs) }));
  await insertTerms(tx, tenantId, rows.map(({ customerId, terms }) => ({ id: newId(), customerId, ...terms })));
  await insertAssignments(tx, tenantId, rows.flatMap(({ customerId, assignments }) => assignments.map((row) => ({ id: newId(), customerId, ...row, reason: 'first_sight', createdBy: 'outlay' }))));
  await grantWithin(tx, tenantId, facts, [...made], nowMs);
  return [...made];
}
