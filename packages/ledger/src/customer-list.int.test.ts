/** Customers and users, against a second telling: the same sums made by hand from every row of the ledger. */
import { addRational, DAY_MS, formatRational, parseDecimal, ZERO } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSpenders, type SpenderList, type SpenderListInput } from './customer-list';
import { RANK_SORTS, type RankPage, type SpenderFact, type SpenderName } from './customer-ranking';
import { foldRollups } from './fold-rollups';
import type { Sender } from './record-usage';
import { openTestLedger, type TestLedger } from './testing-ledger';

const NOW = Date.parse('2026-11-21T07:41:23.456Z');
const FIRST: RankPage = { sort: 'cost', descending: true, offset: 0, limit: 50 };
const NOBODY = { judge: (): SpenderName[] => [] };
let ledger: TestLedger;
let sender: Sender;

/** Eight customers and their users over five weeks: retries, failures, outcomes, an unpriced model, two environments, corrections. */
beforeAll(async () => {
  ledger = await openTestLedger({ nowMs: NOW });
  sender = await ledger.createSender({ timeZone: 'America/New_York' });
  const events: Record<string, unknown>[] = [];
  for (let n = 0; n < 400; n++) {
    const at = NOW - Math.floor(((n * 7_919) % 400) / 400 * 35 * DAY_MS) - 1_000;
    const customer = n % 9 === 8 ? undefined : `customer-${n % 9}`;
    const labels = { customer_id: customer, user_id: n % 4 === 3 ? undefined : `u${n % 3}`, workflow: n % 5 === 4 ? undefined : ['ask', 'report'][n % 2] };
    events.push({
      id: newId(at), occurred_at: new Date(at).toISOString(), run_id: `run-${n >> 1}`, ...labels, provider: 'openai', model_requested: n % 13 === 0 ? 'mystery' : 'gpt', attempt: (n % 3) + 1,
      status: n % 7 === 0 ? 'failed' : 'succeeded', quantities: { input_uncached: 1_000 * (n % 9 + 1) ** 3 + n, output_text: n },
    });
    if (n % 2 === 1 && n % 10 !== 9) events.push({ kind: 'outcome', run_id: `run-${n >> 1}`, occurred_at: new Date(at + 500).toISOString(), ...labels, outcome: n % 3 === 0 ? 'unusable' : 'usable' });
  }
  const half = events.filter((_, n) => n % 4 !== 0);
  await ledger.record(sender, half);
  await ledger.record({ ...sender, environment: 'staging' }, events.filter((_, n) => n % 4 === 0));
  const corrected = half.find((event) => event['customer_id'] === 'customer-3' && 'id' in event)!;
  await ledger.correct(sender, [{ original_id: corrected['id'], revision: 0, set: { customer_id: 'customer-moved' }, reason: 'was another' }]);
});

afterAll(async () => {
  await ledger?.close();
});

async function list(input: Partial<SpenderListInput> = {}, rules: Partial<Parameters<typeof readSpenders<SpenderName>>[3]> = {}): Promise<SpenderList<SpenderName>> {
  return await readSpenders<SpenderName>(ledger.db, sender.tenantId, { range: '30d', ranking: 'customer', page: FIRST, populationMinPico: 0n, ...input }, { nowMs: NOW, ...NOBODY, ...rules });
}

interface LedgerRow {
  readonly subject: string;
  readonly part: number;
  readonly sign: number;
  readonly occurred_at: Date;
  readonly environment: string;
  readonly customer_id: string | null;
  readonly user_id: string | null;
  readonly workflow: string | null;
  readonly model_requested: string | null;
  readonly status: string | null;
  readonly cost_pico: string | null;
  readonly outcome: string | null;
}

interface Telling {
  cost: bigint;
  failedCost: bigint;
  calls: number;
  failed: number;
  usable: number;
  unusable: number;
}

/** The second telling: every row, added up in this process. */
async function tell(span: { readonly from: string; readonly to: string }, keyOf: (row: LedgerRow) => string, where: (row: LedgerRow) => boolean = () => true): Promise<Map<string, Telling>> {
  const { rows } = await ledger.db.withTenant(sender.tenantId, (tx) => tx.query<LedgerRow>('SELECT subject, part, sign, occurred_at, environment, customer_id, user_id, workflow, model_requested, status, cost_pico::text, outcome FROM usage_events'));
  const told = new Map<string, Telling>();
  for (const row of rows) {
    if (row.occurred_at < new Date(span.from) || row.occurred_at >= new Date(span.to) || !where(row)) continue;
    const sums = told.get(keyOf(row)) ?? { cost: 0n, failedCost: 0n, calls: 0, failed: 0, usable: 0, unusable: 0 };
    told.set(keyOf(row), sums);
    if (row.subject === 'outcome') {
      sums[row.outcome as 'usable' | 'unusable'] += row.sign;
      continue;
    }
    const cost = BigInt(row.cost_pico ?? '0');
    sums.cost += cost;
    if (row.part === 0) sums.calls += row.sign;
    if (row.status !== 'failed') continue;
    sums.failedCost += cost;
    if (row.part === 0) sums.failed += row.sign;
  }
  for (const [key, sums] of told) if (Object.values(sums).every((value) => value === 0 || value === 0n)) told.delete(key);
  return told;
}

function shown({ rows }: SpenderList<SpenderName>, keyOf: (row: SpenderName) => string): Map<string, Telling> {
  return new Map(rows.map((row) => [keyOf(row), { cost: BigInt(row.costPico), failedCost: BigInt(row.failedCostPico), calls: row.calls, failed: row.failed, usable: row.usable, unusable: row.unusable }]));
}

const byCustomer = (row: { readonly customer_id: string | null }): string => row.customer_id ?? '';
const sortEntries = <T>(map: Map<string, T>): [string, T][] => [...map].sort(([a], [b]) => (a < b ? -1 : 1));

describe('customers', () => {
  it('cost what their rows say, in every range, folded or not, corrections included', async () => {
    for (const folded of [false, true]) {
      if (folded) await foldRollups(ledger.db, sender.tenantId, { nowMs: NOW });
      for (const range of ['24h', '7d', '30d', '90d'] as const) {
        const answer = await list({ range });
        expect(sortEntries(shown(answer, ({ customerId }) => customerId))).toEqual(sortEntries(await tell(answer.range, byCustomer)));
        const previous = await tell({ from: new Date(2 * Date.parse(answer.range.from) - Date.parse(answer.range.to)).toISOString(), to: answer.range.from }, byCustomer);
        for (const row of answer.rows) expect([row.customerId, row.previousCostPico]).toEqual([row.customerId, String(previous.get(row.customerId)?.cost ?? 0n)]);
        expect(answer.count).toBe(answer.rows.filter(({ customerId }) => customerId !== '').length);
        expect(answer.rows.some(({ customerId }) => customerId === 'customer-moved') || range === '24h' || range === '7d').toBe(true);
      }
    }
  });

  it('cost it too where no rollup knows the filter', async () => {
    const answer = await list({ environment: 'staging', model: 'gpt' });
    const told = await tell(answer.range, byCustomer, (row) => row.environment === 'staging' && row.subject === 'call' && row.model_requested === 'gpt');
    expect(answer.rows.filter(({ calls }) => calls > 0).map(({ customerId, costPico }) => [customerId, costPico]).sort()).toEqual([...told].map(([key, { cost }]) => [key, String(cost)]).sort());
  });

  it('have trends that add up to their cost, and gaps where nothing was called', async () => {
    const { rows, steps } = await list();
    for (const row of rows) {
      expect(row.trend).toHaveLength(steps.length);
      expect(row.trend.reduce((sum, cost) => sum + BigInt(cost ?? '0'), 0n)).toBe(BigInt(row.costPico));
    }
    expect(rows.some(({ trend }) => trend.includes(null))).toBe(true);
    const hours = await list({ range: '7d' });
    for (const row of hours.rows) expect(row.trend.reduce((sum, cost) => sum + BigInt(cost ?? '0'), 0n)).toBe(BigInt(row.costPico));
  });

  it('are sorted as numbers, either way, and paged without loss', async () => {
    const all = (await list()).rows;
    const costs = all.map(({ costPico }) => BigInt(costPico));
    expect(costs).toEqual(costs.toSorted((a, b) => (a > b ? -1 : a < b ? 1 : 0)));
    // Of different lengths: as texts they would stand otherwise.
    expect(new Set(costs.map((cost) => String(cost).length)).size).toBeGreaterThan(1);
    for (const sort of RANK_SORTS) {
      for (const descending of [true, false]) {
        const pages = await Promise.all([0, 3, 6, 9].map((offset) => list({ page: { sort, descending, offset, limit: 3 } })));
        const ids = pages.flatMap(({ rows }) => rows.map(({ customerId }) => customerId));
        expect([...ids].sort()).toEqual(all.map(({ customerId }) => customerId).sort());
        expect(pages[0]!.matched).toBe(all.length);
      }
    }
    const cheapest = await list({ page: { ...FIRST, sort: 'costPerUsable', descending: false } });
    const units = cheapest.rows.map(({ costPerUsablePico }) => costPerUsablePico).filter((unit) => unit !== null).map(BigInt);
    expect(units).toEqual(units.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
    expect(cheapest.rows.at(-1)!.costPerUsablePico === null || cheapest.rows.every(({ costPerUsablePico }) => costPerUsablePico !== null)).toBe(true);
  });

  it('are found by any part of their name, and no sign in it is a pattern', async () => {
    const find = async (search: string): Promise<string[]> => (await list({ page: { ...FIRST, search, sort: 'name', descending: false } })).rows.map(({ customerId }) => customerId);
    expect(await find('OMER-3')).toEqual(['customer-3']);
    expect(await find('moved')).toEqual(['customer-moved']);
    expect([await find('%'), await find('_'), await find("'")]).toEqual([[], [], []]);
  });

  it('give those who are to be compared, and what they named back with its workflows', async () => {
    let seen: readonly SpenderFact[] = [];
    const answer = await list({ populationMinPico: 50_000n }, { judge: (population) => {
      seen = population;
      return population.filter(({ customerId }) => customerId === 'customer-7');
    } });
    expect(seen.map(({ customerId }) => customerId).sort()).toEqual(answer.rows.filter(({ customerId, costPico }) => customerId !== '' && BigInt(costPico) >= 50_000n).map(({ customerId }) => customerId).sort());
    const row = answer.rows.find(({ customerId }) => customerId === 'customer-7')!;
    expect(seen.find(({ customerId }) => customerId === 'customer-7')).toMatchObject({ costPico: BigInt(row.costPico), previousCostPico: BigInt(row.previousCostPico), usable: row.usable });
    const [named] = answer.notable;
    expect(named!.trend).toEqual(row.trend);
    const spent = named!.workflows.reduce((sum, { costPico }) => addRational(sum, parseDecimal(costPico)!), ZERO);
    expect(formatRational(spent)).toBe(row.costPico);
    const costs = named!.workflows.map(({ costPico }) => BigInt(costPico));
    expect(costs).toEqual(costs.toSorted((a, b) => (a > b ? -1 : 1)));
  });

  it('of another team are nobody\'s', async () => {
    const other = await ledger.createSender();
    const answer = await readSpenders<SpenderName>(ledger.db, other.tenantId, { range: '30d', ranking: 'customer', page: FIRST, populationMinPico: 0n }, { nowMs: NOW, ...NOBODY });
    expect([answer.count, answer.rows, answer.costPico]).toEqual([0, [], '0']);
  });
});

describe('users', () => {
  const key = ({ customer, user }: { readonly customer: string; readonly user: string }): string => `${customer}/${user}`;

  it('cost what their rows say, each within its customer', async () => {
    for (const customerId of [undefined, 'customer-5']) {
      const answer = await list({ ranking: 'user', ...(customerId ? { customerId } : {}) });
      const told = await tell(answer.range, (row) => key({ customer: row.customer_id ?? '', user: row.user_id ?? '' }), (row) => customerId === undefined || row.customer_id === customerId);
      expect(sortEntries(shown(answer, (row) => key({ customer: row.customerId, user: row.userId! })))).toEqual(sortEntries(told));
      for (const row of answer.rows) expect(row.trend.reduce((sum, cost) => sum + BigInt(cost ?? '0'), 0n)).toBe(BigInt(row.costPico));
    }
  });

  it('are not looked for in more calls than a page can wait for: the answer says how many, and one customer is few enough', async () => {
    const { tooMany, rows } = await list({ ranking: 'user' }, { ledgerCallsMax: 100 });
    expect(rows).toEqual([]);
    expect(tooMany).toMatchObject({ callsMax: 100 });
    expect(tooMany!.calls).toBeGreaterThan(300);
    const one = await list({ ranking: 'user', customerId: 'customer-5' }, { ledgerCallsMax: 100 });
    expect([one.tooMany, one.rows.length > 0]).toEqual([null, true]);
    // Customers come from their rollup, whatever the size; a filter that it does not know makes them the ledger's too.
    expect((await list({}, { ledgerCallsMax: 100 })).tooMany).toBeNull();
    expect((await list({ environment: 'production' }, { ledgerCallsMax: 100 })).tooMany).not.toBeNull();
  });
});

it('refuses a span of centuries, by the name of its field', async () => {
  await expect(list({ fromMs: Date.UTC(1900, 0), toMs: Date.UTC(2026, 0) })).rejects.toMatchObject({ code: 'invalid_input', field: 'from' });
});
