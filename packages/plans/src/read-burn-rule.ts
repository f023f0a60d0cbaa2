/** Which rule burns for a customer at a moment, read from the tables: for outcomes whose row names no plan version. Keeps what it read, so it is made anew for each round. */
import type { Database } from '@outlay/platform';
import { type PlanFacts, resolveEntitlement } from './resolve-entitlement';
import { type CustomerRecord, readCustomers, readPlanFacts } from './store-policies';
import type { BurnRule } from './weigh-outcome';

/** Null for a customer that nobody knows, or without a plan then. */
export function createBurnRules(db: Database): (tenantId: string, customerId: string, atMs: number) => Promise<BurnRule | null> {
  const facts = new Map<string, Promise<PlanFacts>>();
  const records = new Map<string, Promise<CustomerRecord | undefined>>();
  const keep = <T>(map: Map<string, Promise<T>>, key: string, read: () => Promise<T>): Promise<T> => {
    const known = map.get(key);
    if (known !== undefined) return known;
    const made = read();
    map.set(key, made);
    return made;
  };
  return async (tenantId, customerId, atMs) => {
    const [plans, record] = await Promise.all([
      keep(facts, tenantId, () => db.withTenant(tenantId, (tx) => readPlanFacts(tx, tenantId))),
      keep(records, `${tenantId}/${customerId}`, () => db.withTenant(tenantId, async (tx) => (await readCustomers(tx, tenantId, [customerId])).get(customerId))),
    ]);
    return record === undefined ? null : resolveEntitlement(plans, record, atMs)?.definition ?? null;
  };
}
