/** The required proof: a month with an upgrade, a price change and an override is charged from ledger rows and snapshots alone, and that equals the live charge. */
import { formatRational } from '@outlay/kernel';
import { correctUsage } from '@outlay/ledger';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { assignPlan } from './assign-plan';
import { createPlan, makeDefault, saveDraft } from './edit-plan';
import { publishPlan } from './publish-plan';
import { readCharge } from './read-charge';
import { saveCustomer } from './save-customer';
import { setOverride } from './set-override';
import { openTestPlans, type TestPlans } from './testing-plans';

const at = (day: number, hour = 0): number => Date.UTC(2026, 9, day, hour);
const iso = (ms: number): string => new Date(ms).toISOString();
const END = at(31, 23);

let world: TestPlans;

beforeAll(async () => {
  world = await openTestPlans(() => END);
});

afterAll(async () => {
  await world?.close();
});

const definition = (baseFee: string, included: string, price: string, more: object = {}) => ({
  currency: 'USD', baseFee, interval: 'month',
  allowances: [
    { id: 'reports', unit: 'report', included, exhausted: { mode: 'soft', overage: { kind: 'flat', price } } },
    { id: 'tokens', unit: 'token', measure: 'tokens', window: 'day', included: '1000', exhausted: { mode: 'soft', overage: { kind: 'flat', price: '1', per: '1000' } } },
  ],
  ...more,
});

let keys = 0;
const outcome = (atMs: number, units: number, given: object = {}) => ({
  kind: 'outcome', run_id: `run-${++keys}`, occurred_at: iso(atMs), customer_id: 'acme', workflow: 'report', outcome: 'usable', units, ...given,
});
const call = (atMs: number, tokens: number, given: object = {}) => ({
  idempotency_key: `call-${++keys}`, occurred_at: iso(atMs), customer_id: 'acme', workflow: 'report', provider: 'openai', model_requested: 'gpt-4o', quantities: { input_uncached: tokens }, ...given,
});

it('charges each part of the month by what held then, and says the same when plans, customers and prices are gone', async () => {
  const { db, record, test } = world;
  const { by, sender } = await world.createTeam();
  const basic = await createPlan(db, by, { name: 'Basic', definition: definition('31', '31', '0.5') });
  await publishPlan(db, by, { planId: basic.planId, migrates: 'now' }, at(1));
  await makeDefault(db, by, basic.planId, false, at(1));
  const pro = await createPlan(db, by, { name: 'Pro', definition: definition('93', '62', '0.4') });
  await publishPlan(db, by, { planId: pro.planId, migrates: 'now' }, at(1));
  await saveCustomer(db, by, { customerId: 'acme', anchorDay: '2026-10-01' }, 'api', at(1));

  // Recorded as they happen: nobody knows on the 5th what the 11th brings.
  await record(sender, [outcome(at(5), 14), outcome(at(6), 9, { outcome: 'unusable' }), call(at(6, 1), 1_500), call(at(6, 2), 700, { estimated: true })]);
  await assignPlan(db, by, { customerId: 'acme', plan: 'pro', when: 'now' }, at(11));
  await record(sender, [outcome(at(12), 12, { run_id: 'corrected' })]);
  await saveDraft(db, by, { planId: pro.planId, definition: definition('124', '62', '0.3') });
  await publishPlan(db, by, { planId: pro.planId, migrates: 'now', note: 'dearer' }, at(16));
  await record(sender, [outcome(at(17), 6)]);
  await setOverride(db, by, { scope: 'customer', subject: 'acme', patch: { baseFee: '62', allowances: [{ id: 'reports', included: '93' }] }, note: 'a good customer' }, at(20));
  await record(sender, [
    outcome(at(25), 40), call(at(26), 2_000, { run_id: 'failed' }), { kind: 'outcome', run_id: 'failed', occurred_at: iso(at(26, 1)), customer_id: 'acme', workflow: 'report', outcome: 'unusable' },
    call(at(26, 2), 1_200, { snapshot: { entitlement: { plan: 'what the caller thinks' } } }),
    // Late, and still of the first plan: what is used is rated by what held then.
    outcome(at(7), 1),
  ]);
  const before = await readCharge(db, by.tenantId, 'acme', END);
  // 10 + 5 + 4 + 12 days of 31.
  expect(before!.segments.map(({ entitlement, share }) => [entitlement.plan.key, entitlement.version.number, formatRational({ num: share.num * 31n, den: share.den })])).toEqual([['basic', 1, '10'], ['pro', 1, '5'], ['pro', 2, '4'], ['pro', 2, '12']]);
  const amounts = (charge: typeof before) => charge!.segments.map(({ charge: { lines } }) => lines.map(({ kind, allowanceId, window, amount }) => `${allowanceId ?? kind} ${window ?? ''} ${formatRational(amount)}`));
  expect(amounts(before)).toEqual([
    // 15 of 10 reports; tokens of the day: 1,500 of 1,000, the estimated ones do not count.
    ['base_fee  10', 'reports 2026-10-01 2.5', 'tokens 2026-10-06 0.5'],
    ['base_fee  15', 'reports 2026-10-01 0.8'],
    ['base_fee  16', 'reports 2026-10-01 0'],
    // 40 of 36; the calls of the unusable run are free.
    ['base_fee  24', 'reports 2026-10-01 1.2', 'tokens 2026-10-26 0.2'],
  ]);
  expect(formatRational(before!.total)).toBe('70.2');

  // A correction counts where it belongs: 12 reports of the second part become 10, which are all included.
  const { rows: [row] } = await db.withTenant(by.tenantId, (tx) => tx.query<{ id: string }>(`SELECT id FROM usage_events WHERE run_ref = 'corrected'`));
  const { results } = await correctUsage(world.deps, sender, { corrections: [{ original_id: row!.id, revision: 0, set: { units: 10 }, reason: 'counted twice' }] }, 'test');
  expect(results[0]!.verdict).toBe('accepted');
  const live = await readCharge(db, by.tenantId, 'acme', END);
  expect(formatRational(live!.total)).toBe('69.4');

  const admin = new Client({ connectionString: test.adminUrl });
  await admin.connect();
  await admin.query('set session_replication_role = replica');
  for (const table of ['plans', 'plan_versions', 'plan_assignments', 'plan_overrides', 'customers', 'customer_terms', 'caps', 'price_versions', 'price_rates', 'tenant_price_versions', 'tenant_price_rates']) {
    await admin.query(`DELETE FROM ${table}`);
    expect((await admin.query(`SELECT FROM ${table} LIMIT 1`)).rowCount).toBe(0);
  }
  await admin.end();
  const derived = await readCharge(db, by.tenantId, 'acme', END);
  expect(derived).toEqual(live);
});
