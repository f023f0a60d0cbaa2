/**
 * What holds for each team and customer, in this process's memory. A change holds from the next call on: the database tells of it, and until then nothing older
 * than 15 s is served; when it cannot tell, nothing older than a second.
 */
import { DomainError } from '@outlay/kernel';
import type { Database } from '@outlay/platform';
import type { TenantPolicy } from './cap';
import type { CustomerPolicy } from './entitlement';
import { listenForPolicyChanges } from './listen-policies';
import { createPolicyEntries, type TenantEntry } from './policy-entries';
import { resolveCustomer } from './resolve-customer';
import { type CustomerRecord, readCustomers, readPlanFacts, readTenantPolicy } from './store-policies';

export interface Policies {
  /** Errors: `unavailable`. Without a promise when memory knows it. */
  tenant(tenantId: string): TenantPolicy | Promise<TenantPolicy>;
  /**
   * As of `atMs`. A customer that nobody has recorded is answered as it would be on first sight, with `known: false`. Errors: `unavailable`. The same object as long as nothing
   * changed, so that what is derived from it can be kept beside it.
   */
  customer(tenantId: string, customerId: string, atMs: number): CustomerPolicy | Promise<CustomerPolicy>;
  /** Many customers in one breath, as memory has them: undefined for what must be loaded. Not to be kept. */
  view(tenantId: string): PolicyView | undefined;
  /** Makes `tenant` and `customer` answer without a promise for these, until the next change. */
  warm(tenantId: string, customerIds: readonly string[]): Promise<void> | undefined;
  /** Somebody changed something in this very process: the next call reads it. */
  forget(tenantId: string, customerId?: string): void;
  close(): Promise<void>;
}

interface PolicyView {
  readonly tenant: TenantPolicy;
  customer(customerId: string, atMs: number): CustomerPolicy | undefined;
}

export interface PoliciesOptions {
  readonly warn: (sentence: string, error: unknown) => void;
  readonly now?: () => number;
  /** Customers of all teams that are kept. */
  readonly customersMax?: number;
  readonly tenantsMax?: number;
}

/** Errors: `unavailable` when the database cannot be listened to at start; later it is tried again every second. */
export async function openPolicies(db: Database, { warn, now = Date.now, customersMax = 50_000, tenantsMax = 5_000 }: PoliciesOptions): Promise<Policies> {
  const readTenant = (tenantId: string): Promise<TenantEntry> => db.withTenantSnapshot(tenantId, async (tx) => ({ policy: await readTenantPolicy(tx, tenantId), facts: await readPlanFacts(tx, tenantId) }));
  const readSome = (tenantId: string, ids: readonly string[]): Promise<Map<string, CustomerRecord>> => db.withTenantSnapshot(tenantId, (tx) => readCustomers(tx, tenantId, ids));
  const entries = createPolicyEntries({ readTenant: (id) => readTenant(id).catch(unavailable), readCustomers: (id, ids) => readSome(id, ids).catch(unavailable), now, customersMax, tenantsMax, warn });
  const listener = await listenForPolicyChanges(db, {
    warn,
    onChange: (tenantId, customerId) => entries.forget(tenantId, customerId),
    onListening: (isListening) => entries.setListening(isListening),
  });

  const warm = (tenantId: string, customerIds: readonly string[]): Promise<void> | undefined => {
    const missing = customerIds.filter((id) => entries.customer(tenantId, id) === undefined);
    const tenant = entries.tenant(tenantId);
    if (tenant !== undefined && missing.length === 0) return undefined;
    return Promise.all([tenant ?? entries.loadTenant(tenantId), missing.length === 0 ? undefined : entries.loadCustomers(tenantId, missing)]).then(() => undefined);
  };

  return {
    warm,
    view: (tenantId) => {
      const view = entries.view(tenantId);
      if (view === undefined) return undefined;
      const nowMs = now();
      return {
        tenant: view.tenant.policy,
        customer: (customerId, atMs) => {
          const record = view.customer(customerId);
          return record === undefined ? undefined : resolveCustomer(view.tenant.facts, customerId, record, atMs, nowMs);
        },
      };
    },
    tenant: (tenantId) => entries.tenant(tenantId)?.policy ?? entries.loadTenant(tenantId).then(({ policy }) => policy),
    customer: (tenantId, customerId, atMs) => {
      const [tenant, record] = [entries.tenant(tenantId), entries.customer(tenantId, customerId)];
      if (tenant !== undefined && record !== undefined) return resolveCustomer(tenant.facts, customerId, record, atMs, now());
      return Promise.all([tenant ?? entries.loadTenant(tenantId), record === undefined ? entries.loadCustomers(tenantId, [customerId]).then((map) => map.get(customerId) ?? null) : record])
        .then(([{ facts }, found]) => resolveCustomer(facts, customerId, found, atMs, now()));
    },
    forget: (tenantId, customerId) => entries.forget(tenantId, customerId),
    close: async () => {
      entries.close();
      await listener.close();
    },
  };
}

/** Never another's policy, and never an old one: whoever asked asks again. */
function unavailable(cause: unknown): never {
  throw cause instanceof DomainError ? cause : new DomainError('unavailable', { cause, retryAfterSeconds: 2 });
}
