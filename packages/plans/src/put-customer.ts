/** A program states a customer as its own records have it: with its plan, in one go, any number of times. */
import type { Database } from '@outlay/platform';
import { assignWithin } from './assign-plan';
import type { By } from './edit-plan';
import { resolveEntitlement } from './resolve-entitlement';
import { checkCustomer, type CustomerInput, saveWithin } from './save-customer';
import { readCustomers, readPlanFacts } from './store-policies';

/** `plan`: the customer comes to it now, unless it is on it already, whatever its version. Errors: as `saveCustomer` and `assignPlan`; then nothing is changed. */
export async function putCustomer(db: Database, by: By, { plan, ...input }: CustomerInput & { readonly plan?: string }, nowMs = Date.now()): Promise<{ readonly created: boolean }> {
  checkCustomer(input);
  return await db.withTenant(by.tenantId, async (tx) => {
    const { created } = await saveWithin(tx, by, input, 'api', nowMs);
    if (plan === undefined) return { created };
    const facts = await readPlanFacts(tx, by.tenantId);
    const current = resolveEntitlement(facts, (await readCustomers(tx, by.tenantId, [input.customerId])).get(input.customerId)!, nowMs)?.plan;
    if (current === undefined || (current.key !== plan && current.id !== plan)) await assignWithin(tx, by, { customerId: input.customerId, plan, when: 'now' }, nowMs);
    return { created };
  });
}
