import { addRational, compareRational, parseDecimal, type Rational, ZERO } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import type { Sender } from '@outlay/ledger';
import { openTestLedger, type TestLedger } from '@outlay/ledger/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { burnOutcomes } from './burn-outcomes';
import { catchUpBurns } from './catch-up-burns';
import { expireCredits } from './expire-credits';
import { giveCredits } from './give-credits';
import { type PlanDefinition, planDefinitionSchema } from './plan-definition';
import { proveCredits } from './prove-credits';

let ledger: TestLedger;

beforeAll(async () => {
  ledger = await openTestLedger();
});

afterAll(async () => await ledger.close());

const DAY_MS = 86_400_000;
const CUSTOMERS = ['acme', 'zeta'] as const;
const PLAN: PlanDefinition = planDefinitionSchema.parse({ currency: 'USD', baseFee: '0', interval: 'month', credits: { granted: '10', expires: 'month', weights: { heavy: '2.5' } } });

const customer = fc.constantFrom(...CUSTOMERS);
/** Each names outcomes by their place, so that a shorter list of steps means the same. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('outcome' as const), customer, workflow: fc.constantFrom('heavy', 'light'), units: fc.integer({ min: 0, max: 4 }), usable: fc.boolean(), settled: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('correct' as const), which: fc.nat(), usable: fc.boolean(), units: fc.integer({ min: 0, max: 4 }), customer: fc.option(customer), settled: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('give' as const), customer, amount: fc.integer({ min: 1, max: 12 }), key: fc.nat({ max: 8 }), days: fc.option(fc.integer({ min: 1, max: 3 })), rolls: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('burn' as const), which: fc.array(fc.nat(), { maxLength: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('expire' as const), days: fc.integer({ min: 0, max: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('catch up' as const) }) },
);

interface Told {
  readonly runId: string;
  customer: string;
  workflow: string;
  units: number;
  usable: boolean;
  revision: number;
  readonly outcomeId: string;
}

it('burns every outcome exactly once, whatever is told twice, late, at once or corrected; nothing is dropped and nothing is below zero', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 8 }), async (rounds) => {
    const sender = await ledger.createSender();
    const { tenantId } = sender;
    await plantCustomers(tenantId);
    const told: Told[] = [];
    const startMs = Date.now();
    let nowMs = startMs;
    const deps = { db: ledger.db, ruleAt: async () => PLAN, now: () => nowMs };
    const given = new Map<string, { customer: string; amount: number }>();
    // The steps of a round run at once, on connections of their own.
    for (const round of rounds) {
      const corrected = new Set<Told>();
      await Promise.all(round.map(async (each) => {
        const pick = (n: number): Told | undefined => told[n % Math.max(told.length, 1)];
        switch (each.kind) {
          case 'outcome': {
            const runId = newId();
            const one: Told = { runId, customer: each.customer, workflow: each.workflow, units: each.units, usable: each.usable, revision: 0, outcomeId: '' };
            const [result] = await ledger.record(sender, [{ kind: 'outcome', run_id: runId, customer_id: one.customer, workflow: one.workflow, outcome: one.usable ? 'usable' : 'unusable', units: String(one.units), occurred_at: new Date(startMs).toISOString() }]);
            told.push({ ...one, outcomeId: result!.id! });
            if (each.settled) await burnOutcomes(deps, tenantId, [runId]);
            return;
          }
          case 'correct': {
            const one = pick(each.which);
            if (one === undefined || corrected.has(one)) return;
            corrected.add(one);
            await correct(sender, one, each);
            if (each.settled) await burnOutcomes(deps, tenantId, [one.runId]);
            return;
          }
          case 'give': {
            const key = `key ${each.key}`;
            const mine = given.get(key);
            const what = mine ?? { customer: each.customer, amount: each.amount };
            given.set(key, what);
            // Whoever comes second under the same key asks for the same.
            await giveCredits(ledger.db, { tenantId, actorId: null, actor: 'test', requestId: newId() }, {
              customerId: what.customer, kind: 'top_up', amount: String(what.amount), key,
              expiresAt: each.days === null ? null : new Date(nowMs + each.days * DAY_MS).toISOString(), rolloverDays: each.days !== null && each.rolls ? 2 : null,
            }, nowMs);
            return;
          }
          case 'burn':
            await burnOutcomes(deps, tenantId, each.which.flatMap((n) => pick(n)?.runId ?? []));
            return;
          case 'expire':
            nowMs += each.days * DAY_MS;
            await expireCredits(ledger.db, nowMs, { tenantId });
            return;
          case 'catch up':
            await catchUpBurns(deps, tenantId);
        }
      }));
    }
    await burnOutcomes(deps, tenantId, told.map(({ runId }) => runId));
    expect(await burnOutcomes(deps, tenantId, told.map(({ runId }) => runId))).toEqual({ byRun: new Map(), balances: new Map() });
    expect(await proveCredits(ledger.db, tenantId)).toMatchObject({ fault: null });
    await expectBooks(tenantId, told, [...given.values()]);
  }), { numRuns: Number(process.env['OUTLAY_PROP_RUNS'] ?? 25), endOnFailure: false });
}, 240_000);

async function plantCustomers(tenantId: string): Promise<void> {
  await ledger.db.withTenant(tenantId, async (tx) => {
    for (const id of CUSTOMERS) await tx.query(`INSERT INTO customers (tenant_id, customer_id, anchor_day, source) VALUES ($1, $2, '2026-11-01', 'api')`, [tenantId, id]);
    // The worker looks for outcomes of teams that sell credits.
    await tx.query(`INSERT INTO plan_versions (tenant_id, id, plan_id, number, definition, effective_from, migrates, published_by) VALUES ($1, $2, $3, 1, $4, '2026-01-01', 'now', 'test')`, [tenantId, newId(), newId(), JSON.stringify(PLAN)]);
  });
}

async function correct(sender: Sender, one: Told, to: { readonly usable: boolean; readonly units: number; readonly customer: string | null }): Promise<void> {
  const revision = one.revision;
  Object.assign(one, { usable: to.usable, units: to.units, customer: to.customer ?? one.customer, revision: revision + 1 });
  await ledger.correct(sender, [{ original_id: one.outcomeId, revision, set: { outcome: to.usable ? 'usable' : 'unusable', units: String(to.units), ...(to.customer === null ? {} : { customer_id: to.customer }) }, reason: 'a test' }]);
}

/** The books told a second time: by plain sums over what was told. */
async function expectBooks(tenantId: string, told: readonly Told[], given: readonly { readonly customer: string; readonly amount: number }[]): Promise<void> {
  const { rows } = await ledger.db.withTenant(tenantId, (tx) => tx.query<{ customer_id: string; account: string; sum: string }>('SELECT customer_id, account, sum(amount)::text AS sum FROM credit_entries GROUP BY 1, 2'));
  const sumOf = (id: string, account: string): Rational => parseDecimal(rows.find((row) => row.customer_id === id && row.account === account)?.sum ?? '0')!;
  for (const id of CUSTOMERS) {
    const due = told.filter((each) => each.customer === id && each.usable).reduce((sum, each) => addRational(sum, { num: BigInt(each.units) * (each.workflow === 'heavy' ? 5n : 2n), den: 2n }), ZERO);
    const granted = given.filter((each) => each.customer === id).reduce((sum, { amount }) => sum + amount, 0);
    expect(compareRational(sumOf(id, 'burned'), due), `${id} burned`).toBe(0);
    expect(compareRational(sumOf(id, 'granted'), { num: BigInt(-granted), den: 1n }), `${id} granted`).toBe(0);
    const all = ['lot', 'granted', 'burned', 'expired', 'overdraft'].map((account) => sumOf(id, account)).reduce(addRational, ZERO);
    expect(compareRational(all, ZERO)).toBe(0);
    expect(sumOf(id, 'lot').num >= 0n && sumOf(id, 'overdraft').num <= 0n).toBe(true);
  }
}
