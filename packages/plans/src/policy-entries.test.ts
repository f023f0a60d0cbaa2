import { expect, it } from 'vitest';
import { createPolicyEntries, type PolicyEntries, type TenantEntry } from './policy-entries';
import type { CustomerRecord } from './store-policies';

const tenantOf = (timeZone: string): TenantEntry => ({
  policy: { timeZone, caps: [], risk: { enabled: true, floorPico: 1n, factor: '20' }, workflows: new Map() },
  facts: { timeZone, plans: new Map(), versions: new Map(), segmentOverrides: new Map(), defaultPlanId: null },
});
const customerOf = (customerId: string, name = ''): CustomerRecord => ({ customerId, name, source: 'api', createdAt: '', suspended: null, riskLiftedUntil: null, terms: [], assignments: [], overrides: [] });

/** A database whose answers are let go by hand. */
function world(options: { customersMax?: number } = {}) {
  const reads: string[] = [];
  const waiting: (() => void)[] = [];
  let [nowMs, zone, name, held] = [0, 'UTC', 'Acme', false];
  const answer = async <T>(what: string, value: () => T): Promise<T> => {
    reads.push(what);
    const read = value();
    if (held) await new Promise<void>((resolve) => waiting.push(resolve));
    return read;
  };
  const entries: PolicyEntries = createPolicyEntries({
    readTenant: (id) => answer(id, () => tenantOf(zone)), readCustomers: (id, ids) => answer(`${id}: ${ids.join()}`, () => new Map(ids.map((each) => [each, customerOf(each, name)]))),
    now: () => nowMs, customersMax: options.customersMax ?? 10, tenantsMax: 10, warn: () => undefined,
  });
  return {
    entries, reads,
    set: (change: { nowMs?: number; zone?: string; name?: string; held?: boolean }) => {
      nowMs = change.nowMs ?? nowMs;
      zone = change.zone ?? zone;
      name = change.name ?? name;
      held = change.held ?? held;
    },
    letGo: () => waiting.splice(0).forEach((resolve) => resolve()),
  };
}

it('reads once for all who ask, and serves it for fifteen seconds, a second where nobody tells of changes', async () => {
  const { entries, reads, set } = world();
  await Promise.all([entries.loadTenant('t'), entries.loadTenant('t'), entries.loadCustomers('t', ['a', 'b', 'a']), entries.loadCustomers('t', ['b'])]);
  expect(reads.sort()).toEqual(['t', 't: a,b']);
  set({ nowMs: 15_000 });
  expect([entries.tenant('t') === undefined, entries.customer('t', 'a')?.name]).toEqual([false, 'Acme']);
  set({ nowMs: 15_001 });
  expect([entries.tenant('t'), entries.customer('t', 'a'), entries.view('t')]).toEqual([undefined, undefined, undefined]);
  entries.setListening(false);
  await entries.loadTenant('t');
  set({ nowMs: 16_001 });
  expect(entries.tenant('t')).toBeDefined();
  set({ nowMs: 16_002 });
  expect(entries.tenant('t')).toBeUndefined();
  entries.close();
});

it('reads again what changed while it was read, and never keeps the older answer', async () => {
  const { entries, set, letGo } = world();
  set({ held: true });
  const [tenant, customers] = [entries.loadTenant('t'), entries.loadCustomers('t', ['a'])];
  await Promise.resolve();
  set({ zone: 'Asia/Tokyo', name: 'Bolt', held: false });
  entries.forget('t');
  letGo();
  expect([(await tenant).policy.timeZone, (await customers).get('a')?.name]).toEqual(['Asia/Tokyo', 'Bolt']);
  expect([entries.tenant('t')?.policy.timeZone, entries.customer('t', 'a')?.name]).toEqual(['Asia/Tokyo', 'Bolt']);
});

it('answers the same object as long as nothing changed, so that what was derived from it stays', async () => {
  const { entries, set } = world();
  const [before] = [(await entries.loadCustomers('t', ['a'])).get('a')];
  expect((await entries.loadCustomers('t', ['a'])).get('a')).toBe(before);
  set({ name: 'Bolt' });
  expect((await entries.loadCustomers('t', ['a'])).get('a')).not.toBe(before);
});

it('forgets one customer or a whole team, and makes room at the front', async () => {
  const { entries } = world({ customersMax: 3 });
  await entries.loadCustomers('t', ['a', 'b']);
  entries.forget('t', 'a');
  expect([entries.customer('t', 'a'), entries.customer('t', 'b')?.name]).toEqual([undefined, 'Acme']);
  await entries.loadCustomers('u', ['c', 'd', 'e']);
  expect(entries.customer('t', 'b')).toBeUndefined();
  expect(['c', 'd', 'e'].map((id) => entries.customer('u', id) !== undefined)).toEqual([true, true, true]);
  entries.forget('u');
  expect(entries.customer('u', 'e')).toBeUndefined();
  await entries.loadCustomers('t', ['a', 'b', 'c']);
  expect(['a', 'b', 'c'].map((id) => entries.customer('t', id) !== undefined)).toEqual([true, true, true]);
});
