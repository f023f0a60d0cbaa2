/** The test that the issue asks for: each cause planted with a known amount, on a real ledger and a real bill; the report names each to the cent, and nothing is left unexplained. */
import { DAY_MS, formatRational, type TokenClass } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import { openTestLedger, type TestLedger } from '@outlay/ledger/testing';
import { cataloguePriceBook, createPriceBook, type PriceBook, priceFast } from '@outlay/pricing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CostRow, UsageBucket } from '../adapter';
import { insertConnection } from '../store';
import { saveCosts, saveUsage } from '../store-bill';
import { type Causes, noCauses, sumCauses } from './causes';
import { getReconciliation, listReconciliations } from './list-reconciliations';
import { reconcileDays } from './reconcile-days';

const HOUR = DAY_MS / 24;
const DAY = Math.floor(Date.now() / DAY_MS) * DAY_MS - 10 * DAY_MS;
const day = (n: number): string => new Date(DAY + n * DAY_MS).toISOString().slice(0, 10);
const A = 'gpt-4o-2024-08-06';
const B = 'gpt-5-mini-2025-08-07';
const C = 'gpt-4.1-2025-04-14';
let ledger: TestLedger;
let book: PriceBook;

beforeAll(async () => {
  book = await cataloguePriceBook();
  ledger = await openTestLedger({ price: (_tenantId, input) => priceFast(book, input) });
});

afterAll(() => ledger.close());

type Tokens = Partial<Record<TokenClass, number>>;

function cost(model: string, tokens: Tokens, tier = 'default', at = DAY): bigint {
  const { costPico } = priceFast(book, { provider: 'openai', model, tier, at, quantities: tokens });
  if (costPico === null) throw new Error(`no price: ${model} ${tier}`);
  return costPico;
}

interface Team {
  readonly tenantId: string;
  readonly connectionId: string;
  /** Into the ledger. */
  call(change: { readonly at: number; readonly model: string; readonly key?: string; readonly tokens?: Tokens; readonly status?: string; readonly tier?: string }): void;
  /** Into the provider's usage, and as lines of its bill. */
  count(change: { readonly at: number; readonly model: string; readonly key?: string; readonly tokens: Tokens; readonly requests: number; readonly tier?: string }): void;
  /** On top of the bill's line of that class. */
  bill(change: { readonly at: number; readonly model: string; readonly key?: string; readonly item: string; readonly pico: bigint; readonly quantity?: number }): void;
  store(): Promise<void>;
}

const ITEMS: Readonly<Partial<Record<TokenClass, string>>> = { input_uncached: 'input', cache_read: 'cached input', output_text: 'output' };

async function makeTeam({ quantities = true, reportsUsage = true } = {}): Promise<Team> {
  const sender = await ledger.createSender();
  const { tenantId } = sender;
  const [connectionId, syncId] = [newId(), newId()];
  await ledger.db.withTenant(tenantId, (tx) => insertConnection(tx, tenantId, { id: connectionId, provider: 'openai', name: 'Production', settings: {}, credentials: null, hint: '', createdBy: 'test' }));
  let calls = 0;
  const events: Record<string, unknown>[] = [];
  const usage: UsageBucket[] = [];
  const lines = new Map<string, { day: string; key: string; item: string; model: string; pico: bigint; quantity: number }>();
  const bill: Team['bill'] = ({ at, model, key = 'key_web', item, pico, quantity = 0 }) => {
    const on = new Date(at).toISOString().slice(0, 10);
    const name = `${on} ${key} ${model}, ${item}`;
    const line = lines.get(name) ?? { day: on, key, item: `${model}, ${item}`, model, pico: 0n, quantity: 0 };
    lines.set(name, { ...line, pico: line.pico + pico, quantity: line.quantity + quantity });
  };
  return {
    tenantId, connectionId, bill,
    call: ({ at, model, key = 'key_web', tokens, status = 'succeeded', tier = 'default' }) => {
      events.push({
        idempotency_key: `call-${calls++}`, kind: 'usage', occurred_at: new Date(at).toISOString(), provider: 'openai', provider_account: key, model_requested: model, model_served: model,
        service_tier_served: tier, status, ...(tokens === undefined ? {} : { quantities: tokens }),
      });
    },
    count: ({ at, model, key = 'key_web', tokens, requests, tier = 'default' }) => {
      const bucket = new Date(Math.floor(at / HOUR) * HOUR).toISOString();
      usage.push({ width: '1h', bucket, dimensions: { api_key_id: key, project_id: 'proj_1', model, service_tier: tier, n: String(usage.length) }, model, apiKey: key, project: 'proj_1', requests, tokens, extras: {} });
      for (const [name, count] of Object.entries(tokens) as [TokenClass, number][]) bill({ at, model, key, item: ITEMS[name]!, pico: cost(model, { [name]: count }, tier, at), quantity: count });
    },
    store: async () => {
      await ledger.record(sender, events.splice(0));
      await ledger.db.withTenant(tenantId, async (tx) => {
        if (reportsUsage) await saveUsage(tx, tenantId, connectionId, syncId, usage.map((each) => ({ ...each, pricedPico: null, provisional: false })));
        const costs = [...lines.values()].map((line): CostRow => ({
          day: line.day, dimensions: { api_key_id: line.key, line_item: line.item }, model: line.model, apiKey: line.key, project: 'proj_1', lineItem: line.item,
          amountUsd: { num: line.pico, den: 1_000_000_000_000n }, quantity: quantities ? { num: BigInt(line.quantity), den: 1n } : null,
        }));
        await saveCosts(tx, tenantId, connectionId, syncId, costs.map((row) => ({ ...row, provisional: false })));
      });
    },
  };
}

function run({ tenantId, connectionId }: Team): Promise<number> {
  return reconcileDays({ db: ledger.db, bookOf: async () => book }, tenantId, connectionId);
}

/** To the cent, as people read it. */
function cents(causes: Causes): Record<string, string> {
  return Object.fromEntries(Object.entries(causes).map(([cause, pico]) => [cause, formatRational({ num: pico, den: 10_000_000_000n }, 0)]));
}

/** Both sides the same, so that what is planted stands among much that matches. */
function matching(team: Team): void {
  for (let hour = 0; hour < 24; hour++) {
    for (const model of [A, B, C]) {
      for (const key of ['key_web', 'key_batch']) {
        const tokens = { input_uncached: 200_000 + hour * 1_000, cache_read: 40_000, output_text: 30_000 };
        team.call({ at: DAY + hour * HOUR + 60_000, model, key, tokens });
        team.count({ at: DAY + hour * HOUR, model, key, tokens, requests: 1 });
      }
    }
  }
}

it.each([true, false])('names each planted cause to the cent and leaves nothing unexplained (quantities on the bill: %s)', async (quantities) => {
  const team = await makeTeam({ quantities });
  matching(team);
  // 1. Three requests that never reached the ledger.
  const lost = { input_uncached: 900_000, output_text: 120_000 };
  team.count({ at: DAY + 3 * HOUR, model: A, tokens: lost, requests: 3 });
  // 2. Failed, broken off and timed out; billed all the same.
  for (const status of ['failed', 'aborted', 'unknown']) team.call({ at: DAY + 9 * HOUR + 5_000, model: A, status });
  const failed = { input_uncached: 500_000, output_text: 10_000 };
  team.count({ at: DAY + 9 * HOUR, model: A, tokens: failed, requests: 3 });
  // 3. Recorded as standard, served as priority.
  const fast = { input_uncached: 2_000_000, output_text: 300_000 };
  team.call({ at: DAY + 11 * HOUR, model: B, tokens: fast });
  team.count({ at: DAY + 11 * HOUR, model: B, tokens: fast, requests: 1, tier: 'priority' });
  // 4. Recorded as plain input, and most of it came from the cache.
  team.call({ at: DAY + 15 * HOUR, model: C, tokens: { input_uncached: 3_000_000, output_text: 1_000 } });
  const cached = { input_uncached: 1_000_000, cache_read: 2_000_000, output_text: 1_000 };
  team.count({ at: DAY + 15 * HOUR, model: C, tokens: cached, requests: 1 });
  // 5. Begun before midnight, counted after it.
  const late = { input_uncached: 800_000, output_text: 90_000 };
  team.call({ at: DAY + DAY_MS - 2_000, model: A, key: 'key_batch', tokens: late });
  team.count({ at: DAY + DAY_MS, model: A, key: 'key_batch', tokens: late, requests: 1 });
  // 6. Billed dearer than the book says.
  const dearer = 1_230_000_000_000n;
  team.bill({ at: DAY, model: C, key: 'key_batch', item: 'output', pico: dearer });
  // 7. A line that is not the sum of its parts, by less than a cent.
  const rounded = 4_300_000_000n;
  team.bill({ at: DAY, model: B, key: 'key_batch', item: 'input', pico: rounded });
  await team.store();
  expect(await run(team)).toBe(2);

  const planted = noCauses();
  planted.missing = cost(A, lost);
  planted.failed = cost(A, failed);
  planted.tier = cost(B, fast, 'priority') - cost(B, fast);
  planted.cache_class = cost(C, cached) - cost(C, { input_uncached: 3_000_000, output_text: 1_000 });
  planted.timing = -cost(A, late);
  planted.price_version = dearer;
  planted.rounding = rounded;
  const { days: [first, second], rows, totals } = await listReconciliations(ledger.db, team.tenantId, { from: day(0), to: day(2), by: 'model' });
  expect(first!.causes).toEqual(planted);
  expect(first!.causes.unexplained).toBe(0n);
  expect(cents(first!.causes)).toEqual(cents(planted));
  expect(first!.billedPico - first!.ledgerPico).toBe(sumCauses(planted));
  // The day after has what the first one lacks: over both there is no residue of timing.
  expect(second!.causes).toEqual({ ...noCauses(), timing: cost(A, late) });
  expect(totals.causes).toEqual({ ...planted, timing: 0n });
  expect(totals.billedPico - totals.ledgerPico).toBe(sumCauses(totals.causes));
  expect(rows.map(({ key }) => key).sort()).toEqual(['gpt-4.1', 'gpt-4o', 'gpt-5-mini']);
  for (const row of rows) expect(row.billedPico - row.ledgerPico!).toBe(sumCauses(row.causes));

  const byKey = await listReconciliations(ledger.db, team.tenantId, { from: day(0), to: day(1), by: 'key' });
  expect(byKey.rows.map(({ key }) => key).sort()).toEqual(['key_batch', 'key_web']);
  expect(byKey.rows.find(({ key }) => key === 'key_batch')!.causes).toEqual({ ...noCauses(), timing: planted.timing, price_version: dearer, rounding: rounded });
  expect(byKey.rows.reduce((sum, { matchedPico }) => sum + matchedPico!, 0n)).toBe(first!.groups.reduce((sum, { matchedPico }) => sum + matchedPico, 0n));
  const byProject = await listReconciliations(ledger.db, team.tenantId, { from: day(0), to: day(1), by: 'project' });
  expect(byProject.rows.map(({ key }) => key)).toEqual(['proj_1']);
  const off = byKey.prices.filter(({ differs }) => differs);
  expect(off.map(({ model, class: name }) => [model, name])).toEqual([['gpt-4.1', 'output']]);

  const one = await getReconciliation(ledger.db, team.tenantId, { connectionId: team.connectionId, day: day(0) });
  const failing = one!.groups.find(({ model, key }) => model === 'gpt-4o' && key === 'key_web')!;
  expect(failing).toMatchObject({ costless: 3, calls: 24, requests: 30 });
  expect(failing.links.find(({ cause }) => cause === 'failed')?.search).toMatchObject({ provider: 'openai', model: A });
});

it('finds what is on the bill and not in the ledger, with dollars and what to do', async () => {
  const team = await makeTeam();
  matching(team);
  team.count({ at: DAY + 5 * HOUR, model: A, key: 'key_intern', tokens: { input_uncached: 4_000_000 }, requests: 10 });
  team.count({ at: DAY + 6 * HOUR, model: 'o3-2025-04-16', key: 'key_web', tokens: { input_uncached: 1_000_000 }, requests: 2 });
  await team.store();
  await run(team);
  const { dark, days } = await listReconciliations(ledger.db, team.tenantId, { from: day(0), to: day(1), by: 'model' });
  expect(dark.map(({ kind, name, billedPico }) => [kind, name, billedPico])).toEqual([['key', 'key_intern', cost(A, { input_uncached: 4_000_000 })], ['model', 'o3', cost('o3-2025-04-16', { input_uncached: 1_000_000 })]]);
  for (const { nextStep } of dark) expect(nextStep).toMatch(/\.$/);
  expect(days[0]!.causes.unexplained).toBe(0n);
});

it('compares by the quantities of the bill where a provider reports no usage', async () => {
  const team = await makeTeam({ reportsUsage: false });
  matching(team);
  team.call({ at: DAY + 15 * HOUR, model: C, tokens: { input_uncached: 3_000_000 } });
  team.count({ at: DAY + 15 * HOUR, model: C, tokens: { input_uncached: 1_000_000, cache_read: 2_000_000 }, requests: 1 });
  team.count({ at: DAY + 3 * HOUR, model: A, tokens: { input_uncached: 900_000 }, requests: 3 });
  team.bill({ at: DAY, model: B, item: 'output', pico: 400_000_000_000n });
  await team.store();
  await run(team);
  const { days } = await listReconciliations(ledger.db, team.tenantId, { from: day(0), to: day(1), by: 'model' });
  expect(days[0]!.causes).toEqual({
    ...noCauses(), cache_class: cost(C, { input_uncached: 1_000_000, cache_read: 2_000_000 }) - cost(C, { input_uncached: 3_000_000 }), missing: cost(A, { input_uncached: 900_000 }), price_version: 400_000_000_000n,
  });
});

it('says that accounts cannot be compared where the ledger names none', async () => {
  const team = await makeTeam();
  team.call({ at: DAY + HOUR, model: A, key: 'our own name', tokens: { input_uncached: 500_000 } });
  team.count({ at: DAY + HOUR, model: A, tokens: { input_uncached: 500_000 }, requests: 1 });
  await team.store();
  await run(team);
  const { rows, days, dark } = await listReconciliations(ledger.db, team.tenantId, { from: day(0), to: day(1), by: 'key' });
  expect(days[0]!.causes).toEqual(noCauses());
  expect(rows.find(({ key }) => key === 'key_web')).toMatchObject({ ledgerPico: null, matchedPico: null, billedPico: cost(A, { input_uncached: 500_000 }), words: expect.stringContaining('provider_account') as string });
  expect(dark).toEqual([]);
});

it('compares a day again when bill, usage, ledger, prices or connections change, and not when nothing did', async () => {
  const team = await makeTeam();
  matching(team);
  await team.store();
  const due = (of: PriceBook = book): Promise<number> => reconcileDays({ db: ledger.db, bookOf: async () => of }, team.tenantId);
  const first = async () => (await listReconciliations(ledger.db, team.tenantId, { from: day(0), to: day(1), by: 'model' })).days[0]!;
  expect(await due()).toBe(1);
  const before = await first();
  expect(await due()).toBe(0);
  expect(await run(team)).toBe(0);
  // It was looked at all the same: the answer holds at the later cut.
  const { computedAt, cut, ...answer } = await first();
  expect(answer).toEqual((({ computedAt: _at, cut: _cut, ...rest }) => rest)(before));
  expect([computedAt > before.computedAt, cut === before.cut]).toEqual([true, false]);
  // Prices, as an upgrade brings them.
  expect(await due(createPriceBook([{ ...book.versions[0]!, id: newId(), model: 'never-called' }], book))).toBe(1);
  expect(await due()).toBe(1);
  expect(await due()).toBe(0);
  // The bill.
  team.bill({ at: DAY, model: A, item: 'input', pico: 7_000_000_000_000n, quantity: 0 });
  await team.store();
  expect(await due()).toBe(1);
  expect((await first()).causes).toMatchObject({ price_version: 7_000_000_000_000n, unexplained: 0n });
  // The ledger: a call that came in ten days late, and one far from any bill.
  const late = { input_uncached: 600_000 };
  team.call({ at: DAY + 4 * HOUR, model: A, tokens: late });
  await team.store();
  expect(await due()).toBe(1);
  expect((await first()).causes).toMatchObject({ price_version: 7_000_000_000_000n, unexplained: -cost(A, late) });
  team.call({ at: DAY + 5 * DAY_MS, model: A, tokens: late });
  await team.store();
  expect(await due()).toBe(0);
  // The usage of a neighbouring hour.
  team.count({ at: DAY - HOUR, model: A, tokens: late, requests: 1 });
  await team.store();
  expect(await due()).toBe(2);
  expect(await due()).toBe(0);
  // Whose account is whose.
  await ledger.db.withTenant(team.tenantId, (tx) => insertConnection(tx, team.tenantId, { id: newId(), provider: 'openai', name: 'Second', settings: {}, credentials: null, hint: '', createdBy: 'test' }));
  expect(await due()).toBe(2);
  expect(await due()).toBe(0);
});
