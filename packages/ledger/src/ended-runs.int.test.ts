import { canonicalJson } from '@outlay/kernel';
import { newId, sha256 } from '@outlay/kernel/ids';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readEndedRuns, readHeavyUse } from './ended-runs';
import { recordUsage } from './record-usage';
import type { EntitlementsOf } from './stamp-events';
import { openTestLedger, TEST_RATES, type TestLedger } from './testing-ledger';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const VERSION = newId(NOW);
let ledger: TestLedger;

beforeAll(async () => {
  ledger = await openTestLedger({ nowMs: NOW });
});

afterAll(async () => {
  await ledger.close();
});

/** Every customer has a snapshot of its own; `override` says which of them were agreed something beside the plan. */
const stamped = (override: readonly string[]): EntitlementsOf => () => ({ customerId }) => {
  const body = canonicalJson({ customerId, entitlement: { plan: { key: 'pro' }, overrides: override.includes(customerId) ? ['o'] : [] } });
  return { planVersionId: VERSION, body, hash: sha256(body) };
};

it('sums what ended runs did by workflow, version and overrides, and tells how far heavy customers go', async () => {
  const sender = await ledger.createSender();
  const at = new Date(NOW - 3_600_000).toISOString();
  const runOf = (customer: string, n: number, outcome: 'usable' | 'unusable', units: number) => {
    const run = { run_id: `${customer}-${n}`, customer_id: customer, workflow: 'report', occurred_at: at };
    return [
      { ...run, idempotency_key: `${customer}-${n}-call`, provider: 'openai', api: 'chat', model_requested: 'gpt', usage: { prompt_tokens: 1_000, completion_tokens: 0, total_tokens: 1_000 } },
      { ...run, kind: 'outcome', idempotency_key: `${customer}-${n}-end`, outcome, units },
    ];
  };
  const events = [...runOf('a', 1, 'usable', 3), ...runOf('a', 2, 'unusable', 1), ...runOf('b', 1, 'usable', 2), ...runOf('c', 1, 'usable', 7)];
  const deps = { db: ledger.db, writer: ledger.writer, price: ledger.price, now: () => NOW, entitlementsOf: stamped(['c']) };
  const { results } = await recordUsage(deps, sender, { events });
  expect(results.map(({ verdict }) => verdict)).toEqual(events.map(() => 'accepted'));
  // A run without a plan, and one of another workflow's model, are in no sum of plans.
  await ledger.record(sender, runOf('nobody', 1, 'usable', 100));

  const ended = await readEndedRuns(ledger.db, sender.tenantId, { range: '24h' }, NOW);
  const cost = (runs: bigint): string => String(runs * 1_000n * TEST_RATES.input);
  expect(ended.toSorted((x, y) => x.usable - y.usable)).toEqual([
    { workflow: 'report', planVersionId: VERSION, usable: 1, unusable: 0, unitsUsable: '7', unitsUnusable: '0', costPico: cost(1n), entitlement: { plan: { key: 'pro' }, overrides: ['o'] } },
    { workflow: 'report', planVersionId: VERSION, usable: 2, unusable: 1, unitsUsable: '5', unitsUnusable: '1', costPico: cost(3n), entitlement: { plan: { key: 'pro' }, overrides: [] } },
  ]);
  expect(await readEndedRuns(ledger.db, sender.tenantId, { range: '24h', model: 'gpt' }, NOW)).toEqual([]);
  expect(await readEndedRuns(ledger.db, sender.tenantId, { range: '24h', customerId: 'b' }, NOW)).toMatchObject([{ usable: 1, unitsUsable: '2' }]);

  const burns = [{ planVersionId: VERSION, workflow: 'report', key: 'reports' }];
  expect(await readHeavyUse(ledger.db, sender.tenantId, burns, 30, NOW)).toEqual(new Map([['reports', '7']]));
  expect(await readHeavyUse(ledger.db, sender.tenantId, [], 30, NOW)).toEqual(new Map());
});
