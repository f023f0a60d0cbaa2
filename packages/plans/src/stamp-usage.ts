/**
 * What the ledger writes beside each event: the plan version that its customer was on, and the snapshot it was made under. Ingestion asks for every event, so memory
 * answers; only a customer that memory does not know costs a read, and one that nobody knows a row.
 */
import { sha256 } from '@outlay/kernel/ids';
import type { EntitlementsOf, Stamp, StampAsk } from '@outlay/ledger';
import type { Database } from '@outlay/platform';
import type { TenantPolicy } from './cap';
import type { CustomerPolicy } from './entitlement';
import type { Policies } from './open-policies';
import { seeCustomers } from './see-customers';
import { snapshotOf, usualSnapshot } from './snapshot';

/** Without a promise when memory knows all of them. Customers without a plan have no stamp. Errors: `unavailable`. */
export function createEntitlementsOf(db: Database, policies: Policies, now: () => number = Date.now): EntitlementsOf {
  /** Undefined as soon as one is not in memory, or nobody has recorded it. */
  const fromMemory = (tenantId: string, asked: readonly StampAsk[]): ((ask: StampAsk) => Stamp | null) | undefined => {
    const view = policies.view(tenantId);
    if (view === undefined) return undefined;
    const stamps = new Map<StampAsk, Stamp | null>();
    for (const ask of asked) {
      const customer = view.customer(ask.customerId, ask.occurredMs);
      if (customer === undefined || !customer.known) return undefined;
      stamps.set(ask, stampFor(customer, view.tenant, ask));
    }
    return (ask) => stamps.get(ask) ?? null;
  };

  const fromDatabase = async (tenantId: string, asked: readonly StampAsk[]): Promise<(ask: StampAsk) => Stamp | null> => {
    await policies.warm(tenantId, [...new Set(asked.map(({ customerId }) => customerId))]);
    const strangers: StampAsk[] = [];
    for (const ask of asked) if (!(await policies.customer(tenantId, ask.customerId, ask.occurredMs)).known) strangers.push(ask);
    if (strangers.length > 0) {
      await seeCustomers(db, tenantId, strangers.map(({ customerId, occurredMs }) => ({ customerId, atMs: occurredMs })), now());
      for (const { customerId } of strangers) policies.forget(tenantId, customerId);
      await policies.warm(tenantId, [...new Set(strangers.map(({ customerId }) => customerId))]);
    }
    const tenant = await policies.tenant(tenantId);
    const stamps = new Map<StampAsk, Stamp | null>();
    for (const ask of asked) stamps.set(ask, stampFor(await policies.customer(tenantId, ask.customerId, ask.occurredMs), tenant, ask));
    return (ask) => stamps.get(ask) ?? null;
  };

  return (tenantId, asked) => fromMemory(tenantId, asked) ?? fromDatabase(tenantId, asked);
}

function stampFor(customer: CustomerPolicy, tenant: TenantPolicy, { occurredMs, caller }: StampAsk): Stamp | null {
  if (customer.entitlement === null) return null;
  const planVersionId = customer.entitlement.version.id;
  if (caller === undefined) {
    const { body, hash } = usualSnapshot(customer, tenant, occurredMs);
    return { planVersionId, body, hash };
  }
  const body = snapshotOf(customer, tenant, occurredMs, caller);
  return { planVersionId, body, hash: sha256(body) };
}
