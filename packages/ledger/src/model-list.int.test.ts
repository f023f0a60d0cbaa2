/** Models, against a second telling: the same sums made by hand from every row of the ledger. */
import { DAY_MS, TOKEN_CLASSES, type TokenClass } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { foldRollups } from './fold-rollups';
import { LATENCY_EDGES_MS } from './measures';
import { type ModelFigures, type ModelList, type ModelListInput, readModels } from './model-list';
import type { Sender } from './record-usage';
import { openTestLedger, type TestLedger } from './testing-ledger';

const NOW = Date.parse('2026-11-21T07:41:23.456Z');
const MODELS = [['openai', 'gpt', 'gpt-2026'], ['openai', 'mystery', undefined], ['anthropic', 'claude', undefined], [undefined, undefined, undefined]] as const;
let ledger: TestLedger;
let sender: Sender;

beforeAll(async () => {
  ledger = await openTestLedger({ nowMs: NOW });
  sender = await ledger.createSender({ timeZone: 'Asia/Kolkata' });
  const events = Array.from({ length: 300 }, (_, n) => {
    const at = NOW - Math.floor(((n * 6_131) % 300) / 300 * 25 * DAY_MS) - 1_000;
    const [provider, requested, served] = MODELS[n % 4]!;
    const failed = n % 6 === 0;
    return {
      id: newId(at), occurred_at: new Date(at).toISOString(), run_id: `run-${n >> 2}`, customer_id: n % 2 ? 'acme' : 'globex', workflow: 'ask', provider, model_requested: requested, model_served: failed ? undefined : served,
      attempt: (n % 3) + 1, attempt_kind: (['first', 'retry', 'fallback'] as const)[n % 3], status: failed ? 'failed' : 'succeeded', ...(n % 5 === 4 ? {} : { latency_ms: (n * 9_973) % 150_000 }),
      ...(requested ? { quantities: { input_uncached: 100 + n, cache_read: n % 50, output_text: n % 30 } } : { extras: [{ kind: 'retrieval', quantity: 1, unit: 'query', cost: '0.000000002' }] }),
    };
  });
  await ledger.record(sender, events);
  await ledger.record(sender, Array.from({ length: 70 }, (_, n) => ({ kind: 'outcome', run_id: `run-${n}`, occurred_at: new Date(NOW - n * 3_600_000).toISOString(), customer_id: 'acme', workflow: 'ask', outcome: n % 4 ? 'usable' : 'unusable' })));
  await ledger.correct(sender, [{ original_id: events[2]!.id, revision: 0, set: { model_served: 'claude-corrected' }, reason: 'was another' }]);
});

afterAll(async () => {
  await ledger?.close();
});

const list = (input: ModelListInput = {}): Promise<ModelList> => readModels(ledger.db, sender.tenantId, { range: '30d', ...input }, NOW);

type LedgerRow = Record<'provider' | 'model_served' | 'model_requested' | 'cost_pico' | 'ceiling_pico' | 'status' | 'attempt_kind' | 'cost_basis' | 'customer_id', string | null>
  & Record<'part' | 'sign', number> & { readonly occurred_at: Date; readonly latency_ms: number | null; readonly subject: string };

type Told = Omit<ModelFigures, 'quantities' | 'latencies'>;
type Telling = { -readonly [name in keyof Told]: Told[name] } & { quantities: Partial<Record<TokenClass, number>>; latencies: number[] };

/** The second telling, under the names of the first. */
async function tell({ from, to }: { readonly from: string; readonly to: string }, where: (row: LedgerRow) => boolean = () => true): Promise<Record<string, ModelFigures>> {
  const { rows } = await ledger.db.withTenant(sender.tenantId, (tx) => tx.query<LedgerRow>(`SELECT subject, provider, model_served, model_requested, part, sign, cost_pico::text, ceiling_pico::text, status, attempt_kind, cost_basis, customer_id, occurred_at, latency_ms, ${TOKEN_CLASSES.join(', ')} FROM usage_events`));
  const told: Record<string, Telling> = {};
  for (const row of rows) {
    if (row.subject !== 'call' || row.occurred_at < new Date(from) || row.occurred_at >= new Date(to) || !where(row)) continue;
    const sums = told[`${row.provider ?? ''}/${row.model_served ?? row.model_requested ?? ''}`] ??= {
      costPico: '0', ceilingPico: '0', retryCostPico: '0', failedCostPico: '0', calls: 0, failed: 0, retries: 0, fallbacks: 0, unpriced: 0, quantities: {}, latencies: LATENCY_EDGES_MS.map(() => 0),
    };
    const cost = BigInt(row.cost_pico ?? '0');
    const add = (name: 'costPico' | 'ceilingPico' | 'retryCostPico' | 'failedCostPico', more: bigint): void => {
      sums[name] = String(BigInt(sums[name]) + more);
    };
    add('costPico', cost);
    add('ceilingPico', BigInt(row.ceiling_pico ?? '0'));
    if (row.attempt_kind === 'retry') add('retryCostPico', cost);
    if (row.status === 'failed') add('failedCostPico', cost);
    for (const name of TOKEN_CLASSES) {
      const tokens = Number((row as unknown as Record<string, unknown>)[name] ?? 0);
      if (tokens !== 0) sums.quantities[name] = (sums.quantities[name] ?? 0) + tokens;
    }
    if (row.cost_basis === 'unpriced') sums.unpriced += row.sign;
    if (row.part !== 0) continue;
    sums.calls += row.sign;
    if (row.status === 'failed') sums.failed += row.sign;
    if (row.attempt_kind === 'retry') sums.retries += row.sign;
    if (row.attempt_kind === 'fallback') sums.fallbacks += row.sign;
    if (row.latency_ms !== null) sums.latencies[LATENCY_EDGES_MS.findIndex(([, edge]) => row.latency_ms! <= edge)]! += row.sign;
  }
  return Object.fromEntries(Object.entries(told).filter(([, { calls, costPico }]) => calls !== 0 || costPico !== '0').sort());
}

const shown = ({ models }: ModelList): Record<string, ModelFigures> =>
  Object.fromEntries(models.map(({ provider, model, trend: _trend, previous: _previous, ...figures }) => [`${provider}/${model}`, figures] as const).sort());

it('have the figures of their rows in every range, folded or not, and those of the span before', async () => {
  for (const folded of [false, true]) {
    if (folded) await foldRollups(ledger.db, sender.tenantId, { nowMs: NOW });
    for (const range of ['24h', '7d', '30d'] as const) {
      const answer = await list({ range });
      expect(shown(answer)).toEqual(await tell(answer.range));
      const before = await tell({ from: new Date(2 * Date.parse(answer.range.from) - Date.parse(answer.range.to)).toISOString(), to: answer.range.from });
      for (const { provider, model, previous } of answer.models) expect([provider, model, previous]).toEqual([provider, model, before[`${provider}/${model}`] ?? null]);
    }
  }
});

it('stand dearest first, without the outcomes that name no model, and their trends add up', async () => {
  const { models, steps } = await list();
  const costs = models.map(({ costPico }) => BigInt(costPico));
  expect(costs).toEqual(costs.toSorted((a, b) => (a > b ? -1 : a < b ? 1 : 0)));
  expect(models.some(({ model }) => model === 'claude-corrected')).toBe(true);
  // Extras that name no model are cost all the same.
  expect(models.find(({ model }) => model === '')!.costPico).not.toBe('0');
  for (const { trend, costPico } of models) {
    expect(trend).toHaveLength(steps.length);
    expect(String(trend.reduce((sum, cost) => sum + BigInt(cost ?? '0'), 0n))).toBe(costPico);
  }
});

it('can be narrowed to what no rollup of models knows', async () => {
  const answer = await list({ customerId: 'acme' });
  expect(shown(answer)).toEqual(await tell(answer.range, ({ customer_id: customer }) => customer === 'acme'));
});

it('are nobody else\'s, and not those of centuries', async () => {
  const other = await ledger.createSender();
  expect((await readModels(ledger.db, other.tenantId, { range: '30d' }, NOW)).models).toEqual([]);
  await expect(list({ fromMs: Date.UTC(1900, 0), toMs: Date.UTC(2026, 0) })).rejects.toMatchObject({ code: 'invalid_input', field: 'from' });
});
