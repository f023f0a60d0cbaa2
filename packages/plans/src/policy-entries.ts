/** The memory behind `openPolicies`: entries with an age, loads that happen once for all who ask, and changes that overtake a load under way. */
import type { TenantPolicy } from './cap';
import type { PlanFacts } from './resolve-entitlement';
import type { CustomerRecord } from './store-policies';

export interface TenantEntry {
  readonly policy: TenantPolicy;
  readonly facts: PlanFacts;
}

export interface PolicyEntriesOptions {
  readonly readTenant: (tenantId: string) => Promise<TenantEntry>;
  readonly readCustomers: (tenantId: string, customerIds: readonly string[]) => Promise<ReadonlyMap<string, CustomerRecord>>;
  readonly now: () => number;
  readonly customersMax: number;
  readonly tenantsMax: number;
  readonly warn: (sentence: string, error: unknown) => void;
}

export interface PolicyEntries {
  /** Undefined when it must be loaded. */
  tenant(tenantId: string): TenantEntry | undefined;
  /** Undefined when it must be loaded, null when nobody has recorded the customer. */
  customer(tenantId: string, customerId: string): CustomerRecord | null | undefined;
  /** Both, for whoever asks for many customers of one team in one breath: the clock and the team are looked at once. Undefined when the team must be loaded. */
  view(tenantId: string): { readonly tenant: TenantEntry; readonly customer: (customerId: string) => CustomerRecord | null | undefined } | undefined;
  loadTenant(tenantId: string): Promise<TenantEntry>;
  loadCustomers(tenantId: string, customerIds: readonly string[]): Promise<ReadonlyMap<string, CustomerRecord | null>>;
  forget(tenantId: string, customerId?: string): void;
  setListening(isListening: boolean): void;
  close(): void;
}

interface Kept<T> {
  readonly value: T;
  /** The value as text: what did not change stays the same object, and so does what was derived from it. */
  readonly text: string;
  readonly loadedMs: number;
}

interface Load<T> {
  readonly promise: Promise<T>;
  /** A change came while it was read: it is read again. */
  overtaken: boolean;
}

const AGE_MAX_MS = 15_000;
const REFRESH_MS = 10_000;
const DEAF_AGE_MAX_MS = 1_000;
const REFRESH_DELAY_MS = 50;
const CUSTOMERS_AT_ONCE = 1_000;

export function createPolicyEntries({ readTenant, readCustomers, now, customersMax, tenantsMax, warn }: PolicyEntriesOptions): PolicyEntries {
  const tenants = new Map<string, Kept<TenantEntry>>();
  /** By team, then by customer. */
  const customers = new Map<string, Map<string, Kept<CustomerRecord | null>>>();
  let customersKept = 0;
  const tenantLoads = new Map<string, Load<TenantEntry>>();
  const customerLoads = new Map<string, Load<CustomerRecord | null>>();
  const toRefresh = new Map<string, Set<string>>();
  let listening = true;
  let timer: NodeJS.Timeout | undefined;

  const keyOf = (tenantId: string, customerId: string): string => `${tenantId}/${customerId}`;
  const ageMax = (): number => (listening ? AGE_MAX_MS : DEAF_AGE_MAX_MS);

  /** The value, when it is young enough; an ageing one is read again behind the caller's back, so that a busy team never waits. */
  function fresh<T>(kept: Kept<T> | undefined, nowMs: number, tenantId: string, customerId: string | null): T | undefined {
    if (kept === undefined) return undefined;
    const age = nowMs - kept.loadedMs;
    if (age > ageMax() || age < 0) return undefined;
    if (listening && age > REFRESH_MS) later(tenantId, customerId);
    return kept.value;
  }

  function later(tenantId: string, customerId: string | null): void {
    let ids = toRefresh.get(tenantId);
    if (ids === undefined) toRefresh.set(tenantId, (ids = new Set()));
    if (customerId !== null) ids.add(customerId);
    timer ??= setTimeout(refreshNow, REFRESH_DELAY_MS).unref();
  }

  function refreshNow(): void {
    timer = undefined;
    const asked = [...toRefresh];
    toRefresh.clear();
    for (const [tenantId, ids] of asked) {
      const tenantAge = now() - (tenants.get(tenantId)?.loadedMs ?? 0);
      const work = [tenantAge > REFRESH_MS ? loadTenant(tenantId) : undefined, ids.size > 0 ? loadCustomers(tenantId, [...ids]) : undefined];
      Promise.all(work).catch((error: unknown) => warn('Plans and limits could not be read again; what is in memory is used until it is too old.', error));
    }
  }

  function keep<T>(map: Map<string, Kept<T>>, key: string, value: T): T {
    const text = toText(value);
    const before = map.get(key);
    const same = before !== undefined && before.text === text ? before.value : value;
    // Those that were read last stand last: room is made at the front.
    map.delete(key);
    map.set(key, { value: same, text, loadedMs: now() });
    return same;
  }

  function keepTenant(tenantId: string, entry: TenantEntry): TenantEntry {
    const kept = keep(tenants, tenantId, entry);
    for (const oldest of tenants.keys()) {
      if (tenants.size <= tenantsMax) break;
      tenants.delete(oldest);
    }
    return kept;
  }

  function keepCustomer(tenantId: string, customerId: string, record: CustomerRecord | null): CustomerRecord | null {
    let own = customers.get(tenantId);
    if (own === undefined) customers.set(tenantId, (own = new Map()));
    const before = own.size;
    const kept = keep(own, customerId, record);
    customersKept += own.size - before;
    for (const [id, all] of customers) {
      for (const oldest of all.keys()) {
        if (customersKept <= customersMax) return kept;
        all.delete(oldest);
        customersKept -= 1;
      }
      customers.delete(id);
    }
    return kept;
  }

  function loadTenant(tenantId: string): Promise<TenantEntry> {
    const running = tenantLoads.get(tenantId);
    if (running !== undefined && !running.overtaken) return running.promise;
    const read = async (): Promise<TenantEntry> => {
      // What was asked before this moment may have been read before a change.
      await Promise.resolve();
      try {
        for (;;) {
          load.overtaken = false;
          const entry = await readTenant(tenantId);
          if (!load.overtaken) return keepTenant(tenantId, entry);
        }
      } finally {
        if (tenantLoads.get(tenantId) === load) tenantLoads.delete(tenantId);
      }
    };
    const load: Load<TenantEntry> = { promise: read(), overtaken: false };
    tenantLoads.set(tenantId, load);
    return load.promise;
  }

  async function loadCustomers(tenantId: string, customerIds: readonly string[]): Promise<ReadonlyMap<string, CustomerRecord | null>> {
    const mine = [...new Set(customerIds)].filter((id) => customerLoads.get(keyOf(tenantId, id))?.overtaken !== false);
    for (let i = 0; i < mine.length; i += CUSTOMERS_AT_ONCE) startCustomers(tenantId, mine.slice(i, i + CUSTOMERS_AT_ONCE));
    const found = await Promise.all(customerIds.map(async (id) => [id, await customerLoads.get(keyOf(tenantId, id))!.promise] as const));
    return new Map(found);
  }

  function startCustomers(tenantId: string, ids: readonly string[]): void {
    const all = readCustomers(tenantId, ids);
    for (const id of ids) {
      const key = keyOf(tenantId, id);
      const finish = async (): Promise<CustomerRecord | null> => {
        try {
          let record = (await all).get(id) ?? null;
          while (load.overtaken) {
            load.overtaken = false;
            record = (await readCustomers(tenantId, [id])).get(id) ?? null;
          }
          return keepCustomer(tenantId, id, record);
        } finally {
          if (customerLoads.get(key) === load) customerLoads.delete(key);
        }
      };
      const load: Load<CustomerRecord | null> = { promise: finish(), overtaken: false };
      customerLoads.set(key, load);
      // Whoever asked hears of it; a load that nobody waits for any more must not end the process.
      load.promise.catch(() => undefined);
    }
  }

  function forgetCustomer(tenantId: string, customerId: string): void {
    if (customers.get(tenantId)?.delete(customerId) === true) customersKept -= 1;
    const load = customerLoads.get(keyOf(tenantId, customerId));
    if (load !== undefined) load.overtaken = true;
  }

  return {
    tenant: (tenantId) => fresh(tenants.get(tenantId), now(), tenantId, null),
    customer: (tenantId, customerId) => fresh(customers.get(tenantId)?.get(customerId), now(), tenantId, customerId),
    view: (tenantId) => {
      const nowMs = now();
      const tenant = fresh(tenants.get(tenantId), nowMs, tenantId, null);
      const own = customers.get(tenantId);
      return tenant === undefined ? undefined : { tenant, customer: (customerId) => fresh(own?.get(customerId), nowMs, tenantId, customerId) };
    },
    loadTenant, loadCustomers,
    forget: (tenantId, customerId) => {
      if (customerId !== undefined) {
        forgetCustomer(tenantId, customerId);
        return;
      }
      tenants.delete(tenantId);
      const load = tenantLoads.get(tenantId);
      if (load !== undefined) load.overtaken = true;
      customersKept -= customers.get(tenantId)?.size ?? 0;
      customers.delete(tenantId);
      for (const [key, running] of customerLoads) if (key.startsWith(`${tenantId}/`)) running.overtaken = true;
    },
    setListening: (isListening) => {
      listening = isListening;
      tenants.clear();
      customers.clear();
      customersKept = 0;
      for (const load of [...tenantLoads.values(), ...customerLoads.values()]) load.overtaken = true;
    },
    close: () => clearTimeout(timer),
  };
}

function toText(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => (each instanceof Map ? [...each] : typeof each === 'bigint' ? String(each) : each));
}
