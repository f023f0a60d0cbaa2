/** Every event row and run names the plan version and snapshot of its customer when it happened; ingestion goes on where there is no plan. */
import { readSnapshots, recordUsage, correctUsage, findImbalances } from '@outlay/ledger';
import { newId } from '@outlay/kernel/ids';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { assignPlan } from './assign-plan';
import { createPlan, makeDefault } from './edit-plan';
import { publishPlan } from './publish-plan';
import { entitlementIn } from './snapshot';
import { openTestPlans, type TestPlans } from './testing-plans';

let world: TestPlans;
let keys = 0;

beforeAll(async () => {
  world = await openTestPlans();
});

afterAll(async () => {
  await world?.close();
});

const now = (): string => new Date().toISOString();
const call = (customerId: string | undefined, given: object = {}) => ({ idempotency_key: `k${++keys}`, occurred_at: now(), customer_id: customerId, provider: 'openai', model_requested: 'gpt-4o', quantities: { input_uncached: 10 }, ...given });

interface Row {
  readonly customer: string | null; readonly kind: string; readonly plan: string | null; readonly hash: string | null; readonly version: string | null;
}

const rowsOf = async (tenantId: string): Promise<Row[]> => (await world.db.withTenant(tenantId, (tx) => tx.query<Row>(
  `SELECT customer_id AS customer, kind, plan_version_id AS version, encode(snapshot_hash, 'hex') AS hash FROM usage_events WHERE tenant_id = $1 ORDER BY recorded_at, id`, [tenantId]))).rows;

it('records as ever where there is no plan, and sees the customer', async () => {
  const { by, sender } = await world.createTeam();
  await world.record(sender, [call('acme', { snapshot: { plan: 'mine' } }), call('acme'), call(undefined)]);
  const rows = await rowsOf(by.tenantId);
  expect(rows.map(({ version }) => version)).toEqual([null, null, null]);
  expect(rows.filter(({ hash }) => hash !== null)).toHaveLength(1);
  expect((await world.db.withTenant(by.tenantId, (tx) => tx.query('SELECT customer_id, source FROM customers'))).rows).toEqual([{ customer_id: 'acme', source: 'first_sight' }]);
});

it('stamps calls, outcomes and runs, keeps the caller\'s own words beside what holds, and a correction inherits or follows the customer', async () => {
  const { by, sender } = await world.createTeam();
  const { planId } = await createPlan(world.db, by, { name: 'Free', template: 'free' });
  const { versionId: free } = await publishPlan(world.db, by, { planId, migrates: 'now' }, Date.now() - 60_000);
  await makeDefault(world.db, by, planId);
  const pro = await createPlan(world.db, by, { name: 'Pro', template: 'hybrid' });
  const { versionId: paid } = await publishPlan(world.db, by, { planId: pro.planId, migrates: 'now' }, Date.now() - 60_000);
  const runId = newId();
  await world.record(sender, [
    call('acme', { run_id: runId }), call('acme', { run_id: runId, snapshot: { entitlement: { tier: 'gold' } } }),
    { kind: 'outcome', run_id: runId, occurred_at: now(), customer_id: 'acme', outcome: 'usable' }, call('bolt'),
  ]);
  const rows = await rowsOf(by.tenantId);
  expect(rows.map(({ version }) => version)).toEqual([free, free, free, free]);
  const bodies = await world.db.withTenant(by.tenantId, (tx) => readSnapshots(tx, by.tenantId, rows.map(({ hash }) => hash!)));
  // Acme's, acme's with the caller's words, bolt's.
  expect(bodies.size).toBe(new Set(rows.map(({ hash }) => hash)).size);
  expect([...bodies.values()].map((body) => entitlementIn(body)?.plan.key)).toEqual([...bodies.keys()].map(() => 'free'));
  expect([...bodies.values()].filter((body) => JSON.stringify((body as { caller?: unknown }).caller) === '{"entitlement":{"tier":"gold"}}')).toHaveLength(1);
  expect((await world.db.withTenant(by.tenantId, (tx) => tx.query('SELECT plan_version_id FROM runs'))).rows).toEqual([{ plan_version_id: free }]);

  // From the next call on another plan; what happened before stays under the old one, also when it comes late.
  const before = new Date(Date.now() - 50).toISOString();
  await assignPlan(world.db, by, { customerId: 'acme', plan: 'pro', when: 'now' });
  await world.record(sender, [call('acme'), call('acme', { occurred_at: before })]);
  const later = (await rowsOf(by.tenantId)).filter(({ customer }) => customer === 'acme').slice(-2);
  expect(later.map(({ version }) => version).sort()).toEqual([free, paid].sort());

  const [original] = (await world.db.withTenant(by.tenantId, (tx) => tx.query<{ id: string }>(`SELECT id FROM usage_events WHERE customer_id = 'bolt'`))).rows;
  const correct = async (revision: number, set: object) => expect((await correctUsage(world.deps, sender, { corrections: [{ original_id: original!.id, revision, set, reason: 'test' }] }, 'test')).results[0]!.verdict).toBe('accepted');
  await correct(0, { feature: 'search' });
  await correct(1, { customer_id: 'acme' });
  const restated = (await rowsOf(by.tenantId)).filter(({ kind }) => kind === 'restatement');
  // Acme was on the free plan when it happened, under its own snapshot.
  expect(restated.map(({ customer, version }) => [customer, version])).toEqual([['bolt', free], ['acme', free]]);
  for (const { customer, hash } of restated) expect(rows.filter((row) => row.customer === customer).map((row) => row.hash)).toContain(hash);
  expect(await world.db.withTenant(by.tenantId, (tx) => findImbalances(tx))).toEqual([]);
});

it('sees a customer of a batch once, however many senders see it together, and nobody by a rejected event', async () => {
  const { by, sender } = await world.createTeam();
  const { planId } = await createPlan(world.db, by, { name: 'Free', template: 'free' });
  await publishPlan(world.db, by, { planId, migrates: 'now' }, Date.now() - 60_000);
  await makeDefault(world.db, by, planId);
  world.policies.forget(by.tenantId);
  const answers = await Promise.all(Array.from({ length: 8 }, () => recordUsage(world.deps, sender, { events: [...Array.from({ length: 50 }, (_, i) => call(`c${i}`)), { ...call('nobody'), occurred_at: 'yesterday' }] })));
  expect(answers.flatMap(({ results }) => results.map(({ verdict }) => verdict)).filter((verdict) => verdict !== 'accepted')).toHaveLength(8);
  const { rows: [count] } = await world.db.withTenant(by.tenantId, (tx) => tx.query('SELECT (SELECT count(*)::int FROM customers) AS customers, (SELECT count(*)::int FROM plan_assignments) AS assignments, (SELECT count(*)::int FROM customer_terms) AS terms'));
  expect(count).toEqual({ customers: 50, assignments: 50, terms: 50 });
  expect((await rowsOf(by.tenantId)).filter(({ version }) => version === null)).toEqual([]);
});
