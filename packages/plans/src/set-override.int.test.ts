/** Overrides: plan < segment < customer, shown as the difference and the money they make before they hold, refused by path, ended without a trace in what was used. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPlan, makeDefault } from './edit-plan';
import { previewOverrideCharge } from './preview-override';
import { publishPlan } from './publish-plan';
import { putCustomer } from './put-customer';
import { getCustomerPlan } from './read-customers';
import { saveCustomer } from './save-customer';
import { previewOverride, setOverride } from './set-override';
import { openTestPlans, type TestPlans } from './testing-plans';

let world: TestPlans;

beforeAll(async () => {
  world = await openTestPlans();
});

afterAll(async () => {
  await world?.close();
});

async function team() {
  const { by, sender } = await world.createTeam();
  const { planId } = await createPlan(world.db, by, {
    name: 'Pro', definition: { currency: 'USD', baseFee: '10', interval: 'month', allowances: [{ id: 'reports', unit: 'report', included: '2', exhausted: { mode: 'soft', overage: { kind: 'flat', price: '3' } } }] },
  });
  await publishPlan(world.db, by, { planId, migrates: 'now' });
  await makeDefault(world.db, by, planId);
  for (const customerId of ['acme', 'bolt']) await saveCustomer(world.db, by, { customerId, segment: 'startup' }, 'api');
  const held = async (customerId = 'acme') => (await getCustomerPlan(world.db, by.tenantId, customerId)).entitlement!.definition;
  return { by, sender, held, tenantId: by.tenantId };
}

const USD = 1_000_000_000_000n;

it('lay the customer\'s over the segment\'s over the plan\'s, with the same difference that was shown', async () => {
  const { by, held, tenantId } = await team();
  const segment = { scope: 'segment' as const, subject: 'startup', patch: { baseFee: '5', gates: { search: false } } };
  const own = { scope: 'customer' as const, subject: 'acme', patch: { baseFee: '4', allowances: [{ id: 'reports', included: '20' }] } };
  expect((await previewOverride(world.db, tenantId, segment))[0]).toMatchObject({ planKey: 'pro', changes: [{ path: 'baseFee', before: '10', after: '5' }, { path: 'gates.search', before: null, after: false }] });
  await setOverride(world.db, by, segment);
  expect((await previewOverride(world.db, tenantId, own))[0]!.changes.map(({ path }) => path)).toEqual(['baseFee', 'allowances.reports.included']);
  await setOverride(world.db, by, own);
  expect(await held()).toMatchObject({ baseFee: '4', gates: { search: false }, allowances: [{ included: '20' }] });
  expect(await held('bolt')).toMatchObject({ baseFee: '5', allowances: [{ included: '2' }] });
  expect(await setOverride(world.db, by, own)).toEqual({ changed: false });
  await setOverride(world.db, by, { ...own, patch: null });
  expect(await held()).toMatchObject({ baseFee: '5', allowances: [{ included: '2' }] });
  await saveCustomer(world.db, by, { customerId: 'acme', segment: null }, 'api');
  expect(await held()).toMatchObject({ baseFee: '10' });
});

it('say what the last days would have cost', async () => {
  const { sender, tenantId } = await team();
  const outcome = (customerId: string, units: number) => ({ kind: 'outcome', run_id: `${customerId}-${units}`, occurred_at: new Date().toISOString(), customer_id: customerId, workflow: 'report', outcome: 'usable', units });
  await world.record(sender, [outcome('acme', 7), outcome('bolt', 1)]);
  // Acme: 10 + 5 reports above 2 at 3 dollars. Bolt: 10.
  expect(await previewOverrideCharge(world.db, tenantId, { scope: 'customer', subject: 'acme', patch: { allowances: [{ id: 'reports', included: '6' }] } }, Date.now())).toEqual({ days: 30, customers: 1, currency: 'USD', chargeNow: 25n * USD, chargeThen: 13n * USD });
  expect(await previewOverrideCharge(world.db, tenantId, { scope: 'segment', subject: 'startup', patch: { baseFee: '0' } }, Date.now())).toEqual({ days: 30, customers: 2, currency: 'USD', chargeNow: 35n * USD, chargeThen: 15n * USD });
  expect(await previewOverrideCharge(world.db, tenantId, { scope: 'segment', subject: 'nobody', patch: { baseFee: '0' } }, Date.now())).toMatchObject({ customers: 0, currency: null });
});

it('are refused by field, and leave out what does not fit the plan any more', async () => {
  const { by, held, tenantId } = await team();
  const refused = (given: object) => expect(setOverride(world.db, by, { scope: 'customer', subject: 'acme', patch: {}, ...given })).rejects;
  await refused({}).toMatchObject({ code: 'invalid_input', field: 'patch' });
  await refused({ patch: { baseFee: '-1' } }).toMatchObject({ code: 'invalid_input', field: 'patch.baseFee' });
  await refused({ patch: { allowances: [{ id: 'exports', included: '1' }] } }).toMatchObject({ code: 'invalid_input', field: 'patch.allowances.1.unit' });
  await refused({ subject: 'nobody', patch: { baseFee: '1' } }).toMatchObject({ code: 'not_found' });
  await refused({ patch: { baseFee: '1' }, effectiveFrom: '2020-01-01T00:00:00Z' }).toMatchObject({ code: 'invalid_input', field: 'effectiveFrom' });

  await setOverride(world.db, by, { scope: 'customer', subject: 'acme', patch: { allowances: [{ id: 'reports', included: '20' }] } });
  const { planId } = await createPlan(world.db, by, { name: 'Bare', definition: { currency: 'USD', baseFee: '1', interval: 'month' } });
  await publishPlan(world.db, by, { planId, migrates: 'now' });
  await putCustomer(world.db, by, { customerId: 'acme', plan: 'bare' });
  expect(await held()).toMatchObject({ baseFee: '1', allowances: [] });
  expect((await getCustomerPlan(world.db, tenantId, 'acme')).overrides).toMatchObject([{ inForce: true, fits: false }]);
  // And every change is told.
  const { rows } = await world.db.withTenant(tenantId, (tx) => tx.query<{ action: string }>('SELECT action FROM audit_log ORDER BY at, id'));
  expect(rows.map(({ action }) => action)).toEqual([
    'plan.created', 'plan.published', 'plan.made_default', 'customer.created', 'customer.created', 'customer.override_set', 'plan.created', 'plan.published', 'customer.plan_assigned',
  ]);
});

it('puts a customer with its plan any number of times, or not at all', async () => {
  const { by, tenantId } = await team();
  const put = (given: object = {}) => putCustomer(world.db, by, { customerId: 'new', name: 'New', timeZone: 'Europe/Berlin', anchorDay: '2026-01-31', plan: 'pro', ...given });
  await expect(put({ plan: 'no_such' })).rejects.toMatchObject({ code: 'not_found', field: 'plan' });
  await expect(getCustomerPlan(world.db, tenantId, 'new')).rejects.toMatchObject({ code: 'not_found' });
  expect([await put(), await put()]).toEqual([{ created: true }, { created: false }]);
  const { assignments, entitlement } = await getCustomerPlan(world.db, tenantId, 'new');
  expect(assignments).toHaveLength(1);
  expect(entitlement!.calendar).toEqual({ timeZone: 'Europe/Berlin', anchorDay: '2026-01-31', interval: 'month' });
  for (const [given, field] of [[{ timeZone: 'Mars' }, 'timeZone'], [{ anchorDay: '2026-02-30' }, 'anchorDay'], [{ segment: ' ' }, 'segment'], [{ name: 'a\u0000b' }, 'name']] as const) {
    await expect(put(given)).rejects.toMatchObject({ code: 'invalid_input', field });
  }
});
