/** A change holds from the next call on, in every process; what is missed while nobody listens is read anew. */
import { until } from '@outlay/platform/testing';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assignPlan } from './assign-plan';
import { createPlan, makeDefault, saveDraft } from './edit-plan';
import type { CustomerPolicy } from './entitlement';
import { openPolicies, type Policies } from './open-policies';
import { publishPlan, withdrawPlanVersion } from './publish-plan';
import { getCustomerPlan } from './read-customers';
import { liftRisk, resumeCustomer, saveCustomer, suspendCustomer } from './save-customer';
import { seeCustomers } from './see-customers';
import { setOverride } from './set-override';
import { openTestPlans, type TestPlans } from './testing-plans';

let world: TestPlans;
/** As another process has it: it hears of changes from the database alone. */
let other: Policies;

beforeAll(async () => {
  world = await openTestPlans();
  other = await openPolicies(world.db, { warn: () => undefined });
});

afterAll(async () => {
  await other?.close();
  await world?.close();
});

const team = async () => {
  const { by, sender } = await world.createTeam();
  const plan = await createPlan(world.db, by, { name: 'Free', template: 'free' });
  const { versionId } = await publishPlan(world.db, by, { planId: plan.planId, migrates: 'now' });
  await makeDefault(world.db, by, plan.planId);
  const pro = await createPlan(world.db, by, { name: 'Pro', template: 'hybrid' });
  await publishPlan(world.db, by, { planId: pro.planId, migrates: 'now' });
  const of = async (customerId = 'acme', atMs = Date.now()): Promise<CustomerPolicy> => await other.customer(by.tenantId, customerId, atMs);
  return { by, sender, tenantId: by.tenantId, free: plan.planId, freeVersion: versionId, pro: pro.planId, of };
};

describe('a customer', () => {
  it('has a policy before anybody saw it, the same one on first sight, and is seen once', async () => {
    const { tenantId, of } = await team();
    const before = await of();
    expect(before).toMatchObject({ known: false, entitlement: { plan: { key: 'free' } } });
    const twice = await Promise.all([seeCustomers(world.db, tenantId, ['acme', 'bolt']), seeCustomers(world.db, tenantId, ['bolt', 'acme', ''])]);
    expect(twice.flat().sort()).toEqual(['acme', 'bolt']);
    await until('the customer is known', async () => (await of()).known);
    expect(await of()).toEqual({ ...before, known: true });
  });

  it('is answered without waiting once memory knows it, and again after each change', async () => {
    const { by, tenantId, of } = await team();
    await saveCustomer(world.db, by, { customerId: 'acme', segment: 'gold' }, 'api');
    await until('the customer is known', async () => (await of()).known);
    expect(other.customer(tenantId, 'acme', Date.now())).not.toBeInstanceOf(Promise);
    expect(other.tenant(tenantId)).not.toBeInstanceOf(Promise);
    const steps: [string, () => Promise<unknown>, (policy: CustomerPolicy) => boolean][] = [
      ['suspended', () => suspendCustomer(world.db, by, 'acme', 'unpaid'), ({ suspended }) => suspended?.reason === 'unpaid'],
      ['resumed', () => resumeCustomer(world.db, by, 'acme'), ({ suspended }) => suspended === null],
      ['lifted', () => liftRisk(world.db, by, 'acme', 2), ({ riskLiftedUntil }) => riskLiftedUntil !== null],
      ['assigned', () => assignPlan(world.db, by, { customerId: 'acme', plan: 'pro', when: 'now' }), ({ entitlement }) => entitlement?.plan.key === 'pro'],
      ['segment', () => setOverride(world.db, by, { scope: 'segment', subject: 'gold', patch: { baseFee: '500', interval: 'quarter' } }), ({ entitlement }) => entitlement?.definition.baseFee === '500'],
      ['customer', () => setOverride(world.db, by, { scope: 'customer', subject: 'acme', patch: { baseFee: '400' } }), ({ entitlement }) => entitlement?.definition.baseFee === '400' && entitlement.calendar.interval === 'quarter'],
      ['zone', () => saveCustomer(world.db, by, { customerId: 'acme', timeZone: 'Asia/Tokyo' }, 'api'), ({ calendar }) => calendar.timeZone === 'Asia/Tokyo'],
      ['ended', () => setOverride(world.db, by, { scope: 'customer', subject: 'acme', patch: null }), ({ entitlement }) => entitlement?.definition.baseFee === '500'],
      ['no segment', () => saveCustomer(world.db, by, { customerId: 'acme', segment: null }, 'api'), ({ entitlement }) => entitlement?.definition.baseFee === '999'],
    ];
    for (const [name, change, holds] of steps) {
      expect([name, holds(await of())]).toEqual([name, false]);
      await change();
      await until(name, async () => holds(await of()));
      // And it was not so before: what is asked for a moment ago is answered as of then, but for what is no matter of time.
      if (['assigned', 'segment', 'customer', 'ended', 'no segment'].includes(name)) expect([name, holds(await of('acme', Date.now() - 60_000))]).toEqual([name, false]);
    }
    const { overrides, assignments } = await getCustomerPlan(world.db, tenantId, 'acme');
    expect([overrides.length, assignments.length]).toEqual([2, 2]);
  });
});

it('hears what was changed while its connection was broken, and hears again afterwards', async () => {
  const { by, of } = await team();
  await saveCustomer(world.db, by, { customerId: 'acme' }, 'api');
  await until('the customer is known', async () => (await of()).known);
  const admin = new Client({ connectionString: world.test.adminUrl });
  await admin.connect();
  try {
    // The last thing that such a connection asked is to listen, or whether it is still heard.
    const { rowCount } = await admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND (query = 'listen outlay_policy' OR query = 'select')`);
    expect(rowCount).toBe(2);
  } finally {
    await admin.end();
  }
  await suspendCustomer(world.db, by, 'acme', 'unpaid');
  await until('the suspension is known', async () => (await of()).suspended !== null);
  await resumeCustomer(world.db, by, 'acme');
  await until('the end of it is known', async () => (await of()).suspended === null);
});

describe('publishing', () => {
  it('moves the customers of the version before: at once, each at its own renewal, or not', async () => {
    const { by, tenantId, free, freeVersion } = await team();
    await saveCustomer(world.db, by, { customerId: 'acme', anchorDay: '2026-01-31', timeZone: 'Asia/Tokyo' }, 'api');
    await saveCustomer(world.db, by, { customerId: 'gone' }, 'api');
    await assignPlan(world.db, by, { customerId: 'gone', plan: 'pro', when: 'now' });
    const draft = async (baseFee: string) => void await saveDraft(world.db, by, { planId: free, definition: { currency: 'USD', baseFee, interval: 'month' } });
    const versionsOf = async (customerId = 'acme') => (await getCustomerPlan(world.db, tenantId, customerId)).assignments.filter(({ withdrawnAt }) => withdrawnAt === null).map(({ number, effectiveFrom }) => [number, effectiveFrom]).reverse();
    const [[, since]] = await versionsOf() as [[number, string]];

    const later = new Date(Date.now() + 3_600_000).toISOString();
    await draft('1');
    const scheduled = await publishPlan(world.db, by, { planId: free, migrates: 'renewal', effectiveFrom: later });
    expect(scheduled).toMatchObject({ number: 2, migrated: 1 });
    const { nextPeriod } = await getCustomerPlan(world.db, tenantId, 'acme');
    expect(await versionsOf()).toEqual([[1, since], [2, nextPeriod.from]]);
    expect(nextPeriod.plan).toMatchObject({ version: 2 });
    // Who comes while it waits gets it too, at its own renewal.
    await seeCustomers(world.db, tenantId, ['new']);
    expect((await versionsOf('new')).map(([number]) => number)).toEqual([1, 2]);

    await withdrawPlanVersion(world.db, by, scheduled.versionId);
    expect(await versionsOf()).toEqual([[1, since]]);
    await expect(withdrawPlanVersion(world.db, by, freeVersion)).rejects.toMatchObject({ code: 'conflict' });

    await draft('3');
    expect(await publishPlan(world.db, by, { planId: free, migrates: 'grandfather' })).toMatchObject({ number: 3, migrated: 0 });
    expect((await versionsOf()).length).toBe(1);
    // Whoever stayed behind stays; who came meanwhile is moved.
    await seeCustomers(world.db, tenantId, ['third']);
    await draft('4');
    expect(await publishPlan(world.db, by, { planId: free, migrates: 'now' })).toMatchObject({ number: 4, migrated: 1 });
    expect((await versionsOf('third')).map(([number]) => number)).toEqual([3, 4]);
    expect((await versionsOf('gone')).map(([number]) => number)).toEqual([1, 1]);
  });

  it('refuses a draft that is wrong, that changes nothing, and a time in the past, by field', async () => {
    const { by, free } = await team();
    await expect(publishPlan(world.db, by, { planId: free, migrates: 'now' })).rejects.toMatchObject({ code: 'conflict' });
    const { errors } = await saveDraft(world.db, by, { planId: free, definition: { currency: 'USD', baseFee: '-1', interval: 'month', allowances: [{ id: 'A', unit: 'x', included: '1', exhausted: { mode: 'hard' } }] } });
    expect(errors.map(({ path }) => path)).toEqual(['baseFee', 'allowances.0.id']);
    await expect(publishPlan(world.db, by, { planId: free, migrates: 'now' })).rejects.toMatchObject({ code: 'invalid_input', field: 'definition.baseFee' });
    await saveDraft(world.db, by, { planId: free, definition: { currency: 'USD', baseFee: '1', interval: 'month' } });
    await expect(publishPlan(world.db, by, { planId: free, migrates: 'now', effectiveFrom: '2026-01-01T00:00:00Z' })).rejects.toMatchObject({ code: 'invalid_input', field: 'effectiveFrom' });
  });
});
