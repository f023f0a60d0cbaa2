/** Credits of a plan from first sight to a burn, as the product does it: stamped rows, the worker's round, a correction, the proof. */
import { newId } from '@outlay/kernel/ids';
import { createLedgerWriter, recordUsage } from '@outlay/ledger';
import { openTestLedger, type TestLedger } from '@outlay/ledger/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { burnOutcomes } from './burn-outcomes';
import { catchUpBurns } from './catch-up-burns';
import { creditsOf, readStatement } from './credit-statement';
import { grantPeriods } from './grant-periods';
import { openPolicies, type Policies } from './open-policies';
import { planDefinitionSchema } from './plan-definition';
import { proveCredits } from './prove-credits';
import { createEntitlementsOf } from './stamp-usage';
import { creditText } from './store-credits';

let ledger: TestLedger;
let policies: Policies;

beforeAll(async () => {
  ledger = await openTestLedger();
  policies = await openPolicies(ledger.db, { warn: () => undefined });
});

afterAll(async () => {
  await policies?.close();
  await ledger?.close();
});

it('grants with the first event, burns by the row\'s own snapshot, and settles what came without being told', async () => {
  const sender = await ledger.createSender();
  const { tenantId } = sender;
  const definition = planDefinitionSchema.parse({ currency: 'USD', baseFee: '10', interval: 'month', credits: { granted: '100', expires: 'month', weights: { heavy: '30' } } });
  const planId = newId();
  await ledger.db.withTenant(tenantId, async (tx) => {
    await tx.query(`INSERT INTO plans (tenant_id, id, key, name, is_default) VALUES ($1, $2, 'prepaid', 'Prepaid', true)`, [tenantId, planId]);
    await tx.query(`INSERT INTO plan_versions (tenant_id, id, plan_id, number, definition, effective_from, migrates, published_by) VALUES ($1, $2, $3, 1, $4, '2026-01-01', 'now', 'test')`, [tenantId, newId(), planId, JSON.stringify(definition)]);
  });
  const writer = await createLedgerWriter(ledger.db, { connections: 1 });
  const deps = { db: ledger.db, writer, price: ledger.price, entitlementsOf: createEntitlementsOf(ledger.db, policies) };
  const outcome = (runId: string, workflow: string): Record<string, unknown> => ({ kind: 'outcome', run_id: runId, occurred_at: new Date().toISOString(), customer_id: 'acme', workflow, outcome: 'usable', snapshot: { entitlement: { plan: 'the caller\'s own' } } });
  const runs = Array.from({ length: 4 }, () => newId());
  const { results } = await recordUsage(deps, sender, { events: runs.map((runId, n) => outcome(runId, n === 0 ? 'light' : 'heavy')) });
  expect(results.map(({ verdict }) => verdict)).toEqual(['accepted', 'accepted', 'accepted', 'accepted']);

  const balance = async (): Promise<string> => {
    const { available, overdraft } = await creditsOf(ledger.db, tenantId, 'acme', Date.now());
    return `${creditText(available)} ${creditText(overdraft)}`;
  };
  expect(await balance()).toBe('100 0');
  expect((await burnOutcomes({ db: ledger.db }, tenantId, runs.slice(0, 2))).byRun.size).toBe(2);
  expect(await balance()).toBe('69 0');
  expect(await catchUpBurns({ db: ledger.db }, tenantId)).toMatchObject({ runs: 2 });
  expect(await balance()).toBe('9 0');
  expect(await catchUpBurns({ db: ledger.db }, tenantId)).toMatchObject({ runs: 0 });

  await ledger.correct(sender, [{ original_id: results[1]!.id, revision: 0, set: { outcome: 'unusable' }, reason: 'it was wrong' }]);
  expect(await catchUpBurns({ db: ledger.db }, tenantId)).toMatchObject({ runs: 1 });
  expect(await balance()).toBe('39 0');
  expect(await grantPeriods(ledger.db, tenantId, Date.now())).toEqual(new Map());
  const { rows } = await readStatement(ledger.db, tenantId, 'acme');
  expect(rows.map(({ kind, amount, note }) => `${kind} ${amount} ${note}`).sort()).toEqual([
    'burn -1 1 × light', 'burn -30 1 × heavy', 'burn -30 1 × heavy', 'burn -30 1 × heavy', expect.stringMatching(/^grant 100 Prepaid, period from /), 'return 30 The outcome was corrected: unusable, 1 × heavy.',
  ]);
  expect(await proveCredits(ledger.db, tenantId)).toEqual({ checked: 6, fault: null });

  // The marks are past an outcome that nobody burned: no round will find it any more, the proof does.
  const forgotten = newId();
  await recordUsage(deps, sender, { events: [outcome(forgotten, 'heavy')] });
  await ledger.db.withTenant(tenantId, (tx) => tx.query('UPDATE credit_marks SET batch = 1000000'));
  expect(await catchUpBurns({ db: ledger.db }, tenantId)).toMatchObject({ runs: 0 });
  expect(await proveCredits(ledger.db, tenantId)).toMatchObject({ fault: { message: `run ${forgotten}: it burned 0 credits, but its outcome burns 30`, place: { kind: 'run', runId: forgotten } } });
  await writer.close();
});
