/** Previews and figures against the live charge and against sums by hand. */
import { formatPico, toPico } from '@outlay/kernel';
import { correctUsage } from '@outlay/ledger';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { assignPlan } from './assign-plan';
import { createPlan, makeDefault, saveDraft } from './edit-plan';
import { readPlanFigures } from './plan-figures';
import { planDefinitionSchema } from './plan-definition';
import { changeDefinition, type PlanPreview, previewPlan } from './preview-plan';
import { publishPlan } from './publish-plan';
import { readCharge } from './read-charge';
import { saveCustomer } from './save-customer';
import { seeCustomers } from './see-customers';
import { setOverride } from './set-override';
import { openTestPlans, type TestPlans } from './testing-plans';

const at = (day: number, hour = 0): number => Date.UTC(2026, 9, day, hour);
const END = at(31, 20);
let world: TestPlans;

beforeAll(async () => {
  world = await openTestPlans(() => END);
});

afterAll(async () => {
  await world?.close();
});

const definition = (baseFee: string, included: string, price: string, more: object = {}) => planDefinitionSchema.parse({
  currency: 'USD', baseFee, interval: 'month', allowances: [{ id: 'reports', unit: 'report', workflows: ['report'], included, exhausted: { mode: 'soft', overage: { kind: 'flat', price } } }], ...more,
});
let keys = 0;
const outcome = (atMs: number, customer: string, units: number, workflow = 'report') => ({
  kind: 'outcome', run_id: `run-${++keys}`, occurred_at: new Date(atMs).toISOString(), customer_id: customer, workflow, outcome: 'usable', units,
});
const told = ({ customers }: PlanPreview): string[] => customers.map(({ customerId, chargeNow, chargeThen, costPico, marginThen }) =>
  `${customerId} ${[chargeNow, chargeThen, costPico, marginThen].map((pico) => (pico === null ? '-' : formatPico(pico))).join(' ')}`);

it('says who pays more and who less, names what counts for nothing, and gives the live charge exactly for the plan in force', async () => {
  const { db, record } = world;
  const { by, sender } = await world.createTeam();
  const live = definition('30', '10', '0.5');
  const { planId } = await createPlan(db, by, { name: 'Basic', definition: live });
  await publishPlan(db, by, { planId, migrates: 'now' }, at(1));
  await makeDefault(db, by, planId, false, at(1));
  const pro = await createPlan(db, by, { name: 'Pro', definition: definition('100', '50', '0.1') });
  await publishPlan(db, by, { planId: pro.planId, migrates: 'now' }, at(1));
  for (const customerId of ['acme', 'zeta', 'yard']) await saveCustomer(db, by, { customerId, name: customerId.toUpperCase(), anchorDay: '2026-10-01' }, 'api', at(1));
  await record(sender, [outcome(at(3), 'acme', 15), outcome(at(4), 'zeta', 2), outcome(at(4), 'zeta', 7, 'export')]);
  await setOverride(db, by, { scope: 'customer', subject: 'acme', patch: { baseFee: '20' }, note: 'a friend' }, at(10));
  await record(sender, [outcome(at(12), 'acme', 10), { idempotency_key: 'call', occurred_at: new Date(at(12)).toISOString(), customer_id: 'acme', workflow: 'report', provider: 'openai', model_requested: 'gpt-4o', quantities: { input_uncached: 5 } }]);
  await assignPlan(db, by, { customerId: 'yard', plan: 'pro', when: 'now' }, at(20));
  await record(sender, [outcome(at(22), 'yard', 60)]);

  // Over the days as one month: 25 of 10 reports, the override's base fee; a draft that gives more and costs more.
  const draft = definition('40', '30', '0.25');
  const preview = await previewPlan(db, by.tenantId, { planId, definition: draft }, END);
  expect(told(preview)).toEqual(['zeta 30 40 0 40', 'acme 27.5 20 0.000000001 19.999999999']);
  expect(preview).toMatchObject({ days: 30, scope: 'plan', currency: 'USD', payMore: 1, payLess: 1, same: 0 });
  expect(preview.unrated).toEqual(['7 units of "export" count for no allowance of this definition, and cost nothing.']);
  const sum = (name: 'chargeNow' | 'chargeThen' | 'costPico' | 'marginNow' | 'marginThen'): bigint => preview.customers.reduce((total, row) => total + row[name]!, 0n);
  expect(preview.totals).toEqual({ chargeNow: sum('chargeNow'), chargeThen: sum('chargeThen'), costPico: sum('costPico'), marginNow: sum('marginNow'), marginThen: sum('marginThen') });

  // The plan in force: nobody pays anything else, over the days and over the period, and there it is the live charge.
  for (const span of ['days', 'period'] as const) {
    const same = await previewPlan(db, by.tenantId, { planId, definition: live, span }, END);
    expect(same).toMatchObject({ payMore: 0, payLess: 0, same: 2 });
    for (const row of same.customers) {
      expect(row.chargeThen).toBe(row.chargeNow);
      if (span === 'period') expect(row.chargeThen).toBe(toPico((await readCharge(db, by.tenantId, row.customerId, END))!.total));
    }
  }
  const period = await previewPlan(db, by.tenantId, { planId, definition: draft, span: 'period' }, END);
  expect(period.customers.every((row) => row.chargeThen !== row.chargeNow)).toBe(true);
  await expect(previewPlan(db, by.tenantId, { planId, definition: { ...draft, interval: 'quarter' }, span: 'period' }, END)).rejects.toMatchObject({ code: 'invalid_input', field: 'definition.interval' });

  const { versions } = await readPlanFigures(db, by.tenantId, planId, END);
  expect(versions).toMatchObject([{ number: 1, customers: 2, allowances: [{ allowanceId: 'reports', included: '10', usedP50: '2', usedP95: '25', shareOver: 0.5 }] }]);
  expect(versions[0]!.chargePico).toBe(preview.totals.chargeNow);
  expect(versions[0]!.marginPico).toBe(preview.totals.marginNow);
});

it('shows everybody for a plan that nobody is on, also who has no plan', async () => {
  const { db, record } = world;
  const { by, sender } = await world.createTeam();
  const { planId } = await createPlan(db, by, { name: 'New', definition: definition('0', '0', '2') });
  await saveCustomer(db, by, { customerId: 'acme', anchorDay: '2026-10-01' }, 'api', at(1));
  await record(sender, [outcome(at(5), 'acme', 3)]);
  await saveDraft(db, by, { planId, definition: definition('0', '0', '2') });
  const preview = await previewPlan(db, by.tenantId, { planId, definition: definition('0', '0', '2') }, END);
  expect(told(preview)).toEqual(['acme - 6 0 6']);
  expect(preview).toMatchObject({ scope: 'all', unrated: ['Nobody is on this plan: every customer is shown as if it were.', '1 customer has no plan now: what they pay today is left empty.'] });
});

it('charges tokens of runs that did not fail, as the live charge does, also when their outcome was corrected', async () => {
  const { db, record, deps } = world;
  const { by, sender } = await world.createTeam();
  const live = planDefinitionSchema.parse({
    currency: 'USD', baseFee: '0', interval: 'month', chargeOnlyUsable: true,
    allowances: [{ id: 'tokens', unit: 'token', measure: 'tokens', included: '0', exhausted: { mode: 'soft', overage: { kind: 'flat', price: '1' } } }],
  });
  const { planId } = await createPlan(db, by, { name: 'Tokens', definition: live });
  await publishPlan(db, by, { planId, migrates: 'now' }, at(1));
  await makeDefault(db, by, planId, false, at(1));
  await saveCustomer(db, by, { customerId: 'acme', anchorDay: '2026-10-01' }, 'api', at(1));
  const run = (runId: string, input: number, outcomeIs: string) => [
    { idempotency_key: runId, run_id: runId, occurred_at: new Date(at(12)).toISOString(), customer_id: 'acme', workflow: 'report', provider: 'openai', model_requested: 'gpt-4o', quantities: { input_uncached: input } },
    { ...outcome(at(12, 1), 'acme', 1), run_id: runId, outcome: outcomeIs },
  ];
  await record(sender, [...run('good', 1, 'usable'), ...run('bad', 20, 'unusable'), ...run('repaired', 300, 'unusable')]);
  const charges = async (): Promise<string[]> => {
    const row = (await previewPlan(db, by.tenantId, { planId, definition: live, span: 'period' }, END)).customers[0]!;
    const days = (await previewPlan(db, by.tenantId, { planId, definition: live }, END)).customers[0]!;
    return [row.chargeNow!, days.chargeNow!, toPico((await readCharge(db, by.tenantId, 'acme', END))!.total)].map(formatPico);
  };
  expect(await charges()).toEqual(['1', '1', '1']);
  const { rows: [failed] } = await db.withTenant(by.tenantId, (tx) => tx.query<{ id: string }>(`SELECT id FROM usage_events WHERE run_ref = 'repaired' AND subject = 'outcome'`));
  const { results } = await correctUsage(deps, sender, { corrections: [{ original_id: failed!.id, revision: 0, set: { outcome: 'usable' }, reason: 'it was good after all' }] }, 'test');
  expect(results).toMatchObject([{ verdict: 'accepted' }]);
  expect(await charges()).toEqual(['301', '301', '301']);
});

it('rates every customer over a period, as over days', async () => {
  const { db } = world;
  const { by } = await world.createTeam();
  const live = definition('3', '10', '0.5');
  const { planId } = await createPlan(db, by, { name: 'Many', definition: live });
  await publishPlan(db, by, { planId, migrates: 'now' }, at(1));
  await makeDefault(db, by, planId, false, at(1));
  await seeCustomers(db, by.tenantId, Array.from({ length: 230 }, (_, n) => ({ customerId: `customer-${n}`, atMs: at(1) })), at(1));
  const preview = await previewPlan(db, by.tenantId, { planId, definition: definition('4', '10', '0.5'), span: 'period' }, at(1, 1));
  expect(preview).toMatchObject({ payMore: 230, same: 0, unrated: [] });
});

it('changes a price with its tiers, an included amount, a base fee', () => {
  const tiered = planDefinitionSchema.parse({ currency: 'USD', baseFee: '9', interval: 'month', allowances: [
    { id: 'a', unit: 'x', included: '5', exhausted: { mode: 'soft', overage: { kind: 'graduated', tiers: [{ upTo: '10', price: '0.3' }, { upTo: null, price: '0.2' }] } } },
    { id: 'b', unit: 'y', workflows: ['y'], included: '5', exhausted: { mode: 'hard' } },
  ] });
  const changed = changeDefinition(tiered, { baseFee: '1', price: '0.6', included: '7' });
  expect(changed.baseFee).toBe('1');
  expect(changed.allowances).toMatchObject([{ included: '7', exhausted: { overage: { tiers: [{ price: '0.6' }, { price: '0.4' }] } } }, { included: '7', exhausted: { mode: 'hard' } }]);
  expect(changeDefinition(tiered, { included: '7', allowanceId: 'b' }).allowances.map(({ included }) => included)).toEqual(['5', '7']);
  expect(() => changeDefinition(tiered, { included: '7', allowanceId: 'c' })).toThrow('no allowance "c"');
});
