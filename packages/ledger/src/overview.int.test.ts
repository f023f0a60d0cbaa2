/** Overview by example, summed by hand. That every figure equals the sum of the facts for any input is proved in `reads.prop.test.ts`. */
import { DAY_MS } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foldRollups } from './fold-rollups';
import { readOverview, readOverviewCustomers, type Overview, type OverviewInput } from './overview';
import { OTHER_SERIES, prepareTrend } from './overview-trend';
import type { Sender } from './record-usage';
import { openTestLedger, type TestLedger } from './testing-ledger';

const NOW = Date.parse('2026-11-21T07:41:23.456Z');
let ledger: TestLedger;

beforeAll(async () => {
  ledger = await openTestLedger({ nowMs: NOW });
});

afterAll(async () => {
  await ledger?.close();
});

const at = (text: string): number => Date.parse(text);

/** One token in costs 3 pico-dollars. */
function call(occurredMs: number, facts: Record<string, unknown> = {}): Record<string, unknown> & { id: string } {
  return {
    id: newId(occurredMs), occurred_at: new Date(occurredMs).toISOString(), customer_id: 'acme', workflow: 'report', provider: 'openai', model_requested: 'gpt', quantities: { input_uncached: 1 }, ...facts,
  };
}

const overviewOf = (sender: Sender, input: OverviewInput, nowMs = NOW): Promise<Overview> => readOverview(ledger.db, sender.tenantId, input, nowMs);

describe('the overview', () => {
  it('counts what a day cost, and what came of it', async () => {
    const sender = await ledger.createSender();
    const noon = at('2026-11-20T12:00:00Z');
    await ledger.record(sender, [
      call(noon, { run_id: 'a', quantities: { input_uncached: 100 } }),
      call(noon + 60_000, { run_id: 'a', attempt: 2, status: 'failed', quantities: { input_uncached: 10 } }),
      call(noon + 120_000, { run_id: 'a', attempt: 3, attempt_kind: 'fallback', provider: 'anthropic', model_requested: 'claude', quantities: { input_uncached: 20 } }),
      call(noon, { run_id: 'b', workflow: undefined, model_requested: 'mystery', quantities: { input_uncached: 7 } }),
      call(noon, { run_id: 'c', status: 'aborted', quantities: { output_text: 1 } }),
      { kind: 'outcome', run_id: 'a', outcome: 'usable', occurred_at: '2026-11-20T12:05:00Z', customer_id: 'acme', workflow: 'report' },
      { kind: 'outcome', run_id: 'c', outcome: 'unusable', occurred_at: '2026-11-20T12:05:00Z', customer_id: 'acme', workflow: 'report' },
      // The day before.
      call(noon - DAY_MS, { quantities: { input_uncached: 4 } }),
    ]);
    const overview = await overviewOf(sender, { fromMs: at('2026-11-20T00:00:00Z'), toMs: at('2026-11-21T00:00:00Z') });
    expect(overview.totals).toEqual({
      calls: 5, failed: 2, retries: 1, fallbacks: 1, unpriced: 1, untagged: 1, costPico: '401', ceilingPico: '541', retryCostPico: '30', fallbackCostPico: '60', failedCostPico: '41', inputTokens: 137,
      usable: 1, unusable: 1, costUsablePico: '390', costUnusablePico: '11', costPerUsablePico: '401',
    });
    expect(overview.previous).toMatchObject({ calls: 1, costPico: '12', usable: 0, costPerUsablePico: null });
    expect(overview.workflows.map(({ workflow, costPico, calls, usable }) => [workflow, costPico, calls, usable])).toEqual([['report', '401', 4, 1], ['', '0', 1, 0]]);
    expect(overview.models.map(({ provider, model, costPico, ceilingPico }) => [provider, model, costPico, ceilingPico])).toEqual([['openai', 'gpt', '341', '341'], ['anthropic', 'claude', '60', '60'], ['openai', 'mystery', '0', '140']]);
    const shown = overview.trend.filter(({ total }) => total !== null);
    expect(overview.trend).toHaveLength(96);
    expect(shown).toEqual([{
      at: '2026-11-20T12:00:00.000Z', total: '401', byModel: { gpt: '341', claude: '60', mystery: '0' }, byProvider: { openai: '341', anthropic: '60' }, byWorkflow: { report: '401', '': '0' },
      figures: { retryCostPico: '30', fallbackCostPico: '60', unpriced: 1, untagged: 1, outcomes: { usable: 1, unusable: 1, costUnusablePico: '11' } },
    }]);
  });

  it('puts calls just before and after midnight into the team\'s own days, also where clocks change', async () => {
    const cases: [zone: string, midnights: string[]][] = [
      ['Asia/Kolkata', ['2026-11-18T18:30:00Z', '2026-11-19T18:30:00Z', '2026-11-20T18:30:00Z']],
      // From summer time (UTC-4) to winter time (UTC-5): 1 November has 25 hours.
      ['America/New_York', ['2026-10-31T04:00:00Z', '2026-11-01T04:00:00Z', '2026-11-02T05:00:00Z', '2026-11-03T05:00:00Z']],
      ['Asia/Kathmandu', ['2026-11-18T18:15:00Z', '2026-11-19T18:15:00Z']],
    ];
    for (const [timeZone, midnights] of cases) {
      const sender = await ledger.createSender({ timeZone });
      // On the n-th midnight 10^n tokens, and a single one a millisecond before.
      const events = midnights.flatMap((midnight, n) => [call(at(midnight), { quantities: { input_uncached: 10 ** (n + 1) } }), call(at(midnight) - 1)]);
      await ledger.record(sender, events);
      for (const folded of [false, true]) {
        if (folded) await foldRollups(ledger.db, sender.tenantId, { nowMs: NOW });
        const { trend } = await overviewOf(sender, { range: '30d' });
        const byDay = Object.fromEntries(trend.filter(({ total }) => total !== null).map((point) => [point.at, point.total]));
        const last = midnights.length - 1;
        const expected = Object.fromEntries(midnights.map((midnight, n) => [new Date(midnight).toISOString(), String(3 * (10 ** (n + 1) + (n < last ? 1 : 0)))]));
        // The first single call belongs to the day before the first midnight.
        expect(Object.values(byDay)[0]).toBe('3');
        expect(Object.fromEntries(Object.entries(byDay).slice(1))).toEqual(expected);
        const days = await ledger.db.withTenant(sender.tenantId, (tx) => tx.query<{ cost: string }>('SELECT sum(cost_pico)::text AS cost FROM usage_rollup_day GROUP BY day ORDER BY day'));
        expect(days.rows.map(({ cost }) => cost)).toEqual(['3', ...Object.values(expected)]);
      }
    }
  });

  it('counts the ends of a span to the millisecond, be the broken day as long as 25 hours', async () => {
    const sender = await ledger.createSender({ timeZone: 'America/New_York' });
    // 1 November runs from 04:00 to 05:00 UTC of the next day; its last quarter of an hour lies 24 h 45 min after its first instant.
    const times = ['2026-11-01T04:00:00.000Z', '2026-11-01T04:00:00.001Z', '2026-11-02T04:59:59.999Z', '2026-11-02T05:00:00.000Z', '2026-11-05T04:59:59.999Z', '2026-11-05T05:00:00.000Z', '2026-11-06T04:59:59.998Z', '2026-11-06T04:59:59.999Z'];
    await ledger.record(sender, times.map((time, n) => call(at(time), { quantities: { input_uncached: 10 ** n } })));
    const costOf = async (from: string, to: string): Promise<string> => (await overviewOf(sender, { fromMs: at(from), toMs: at(to) })).totals.costPico;
    expect(await costOf('2026-11-01T04:00:00.001Z', '2026-11-06T04:59:59.999Z')).toBe('3333330');
    expect(await costOf('2026-11-01T04:00:00.000Z', '2026-11-06T05:00:00.000Z')).toBe('33333333');
    expect(await costOf('2026-11-01T04:00:00.002Z', '2026-11-05T05:00:00.000Z')).toBe('33300');
    expect(await costOf('2026-11-02T04:59:59.999Z', '2026-11-02T05:00:00.000Z')).toBe('300');
  });

  it('finds an outcome through the model of its run\'s first and of its last call, which may come after it', async () => {
    const sender = await ledger.createSender();
    await ledger.record(sender, [call(NOW - 3 * DAY_MS, { run_id: 'a' }), call(NOW - 2 * DAY_MS, { run_id: 'a', model_requested: 'claude', provider: 'anthropic' }),
      { kind: 'outcome', run_id: 'a', outcome: 'usable', occurred_at: new Date(NOW - 2.5 * DAY_MS).toISOString() }]);
    const span = { fromMs: NOW - 2.6 * DAY_MS, toMs: NOW - 2.4 * DAY_MS };
    for (const model of ['gpt', 'claude']) expect((await overviewOf(sender, { ...span, model })).totals).toMatchObject({ calls: 0, usable: 1, costUsablePico: '3' });
    expect((await overviewOf(sender, { ...span, model: 'mystery' })).totals).toMatchObject({ usable: 0 });
  });

  it('shows a gap where nothing happened, and a zero where something cost nothing', async () => {
    const sender = await ledger.createSender();
    await ledger.record(sender, [call(NOW - 3_600_000, { status: 'failed', quantities: undefined })]);
    const { trend, totals } = await overviewOf(sender, { range: '24h' });
    expect(totals).toMatchObject({ calls: 1, failed: 1, costPico: '0' });
    expect(trend.filter(({ total }) => total !== null).map(({ total }) => total)).toEqual(['0']);
  });

  it('narrows to what no rollup covers, and keeps all environments to choose from', async () => {
    const sender = await ledger.createSender();
    await ledger.record(sender, [call(NOW - 60_000, { run_id: 'a' }), call(NOW - 60_000, { run_id: 'a', customer_id: 'globex', model_requested: 'claude', quantities: { input_uncached: 5 } }),
      { kind: 'outcome', run_id: 'a', outcome: 'usable', occurred_at: new Date(NOW - 1_000).toISOString(), customer_id: 'acme', workflow: 'report' }]);
    await ledger.record({ ...sender, environment: 'staging' }, [call(NOW - 120_000)]);
    const both = await overviewOf(sender, { range: '1h', customerId: 'acme', model: 'gpt' });
    expect(both.totals).toMatchObject({ calls: 2, costPico: '6', usable: 1, costUsablePico: '3' });
    const ofClaude = await overviewOf(sender, { range: '1h', model: 'claude', environment: 'production' });
    expect(ofClaude.totals).toMatchObject({ calls: 1, costPico: '15', usable: 1, costUsablePico: '15' });
    expect(ofClaude.environments).toEqual(['production', 'staging']);
    expect((await overviewOf(sender, { range: '1h', customerId: 'acme' })).models).toMatchObject([{ model: 'gpt', costPico: '6' }]);
  });

  it('is empty for a team without events, and sees no other team\'s', async () => {
    const [sender, other] = [await ledger.createSender(), await ledger.createSender()];
    await ledger.record(other, [call(NOW - 1_000)]);
    const overview = await overviewOf(sender, {});
    expect(overview.totals).toMatchObject({ calls: 0, costPico: '0', costPerUsablePico: null });
    expect([overview.workflows, overview.models, overview.environments]).toEqual([[], [], []]);
    expect(overview.trend.every(({ total }) => total === null)).toBe(true);
  });
});

describe('a span', () => {
  it('of centuries is refused, not drawn', async () => {
    const sender = await ledger.createSender();
    await expect(overviewOf(sender, { fromMs: at('0001-01-01T00:00:00Z'), toMs: at('9999-12-31T00:00:00Z') })).rejects.toMatchObject({ code: 'invalid_input', field: 'from' });
    expect((await overviewOf(sender, { fromMs: at('2024-01-01T00:00:00Z'), toMs: at('2026-12-31T00:00:00Z') })).trend).toHaveLength(1_095);
  });
});

describe('a trend of very many series', () => {
  it('keeps the dearest and puts the others together', () => {
    const steps = [{ key: 'a', at: 'a' }, { key: 'b', at: 'b' }];
    const cells = Array.from({ length: 60 }, (_, n) => ({ time: n % 2 ? 'b' : 'a', workflow: `w${n}`, values: { cost_pico: String(n), calls: '1' } }));
    const [a, b] = prepareTrend(steps, cells);
    expect([a!.total, b!.total]).toEqual(['870', '900']);
    expect(Object.keys(a!.byWorkflow).length + Object.keys(b!.byWorkflow).length).toBe(52);
    expect([a!.byWorkflow[OTHER_SERIES], b!.byWorkflow[OTHER_SERIES]]).toEqual(['20', '25']);
  });
});

describe('what is said of a workflow beside its figures', () => {
  it('is its target, what its calls read in the span before, and day by day', async () => {
    const sender = await ledger.createSender({ timeZone: 'Asia/Kolkata' });
    await ledger.db.withTenant(sender.tenantId, (tx) => tx.query(`INSERT INTO workflows (tenant_id, name, unit_name, target_cost_pico) VALUES ($1, 'report', 'report', 250)`, [sender.tenantId]));
    await ledger.record(sender, [
      call(at('2026-11-19T18:29:59Z'), { quantities: { input_uncached: 5, cache_read: 2 } }), call(at('2026-11-19T18:30:00Z'), { quantities: { input_uncached: 11 } }),
      call(at('2026-11-17T12:00:00Z'), { quantities: { input_uncached: 100 } }), call(at('2026-11-20T12:00:00Z'), { status: 'failed', quantities: undefined }),
    ]);
    const { workflows: [report] } = await overviewOf(sender, { fromMs: at('2026-11-18T18:30:00Z'), toMs: at('2026-11-20T18:30:00Z') });
    expect(report).toMatchObject({ unitName: 'report', targetCostPico: '250', inputTokens: 18, before: { answered: 1, inputTokens: 100 } });
    expect(report!.days).toEqual([
      { day: '2026-11-17', inRange: false, answered: 1, inputTokens: 100 }, { day: '2026-11-19', inRange: true, answered: 1, inputTokens: 7 }, { day: '2026-11-20', inRange: true, answered: 1, inputTokens: 11 },
    ]);
    expect((await overviewOf(sender, { range: '24h' })).workflows[0]!.days).toEqual([]);
  });
});

describe('the trend by customer', () => {
  it('keeps the dearest, puts the others together, and is the trend of the whole', async () => {
    const sender = await ledger.createSender();
    await ledger.record(sender, Array.from({ length: 12 }, (_, n) => call(NOW - (n % 3) * DAY_MS - 1_000, { customer_id: n === 11 ? undefined : `c${n}`, quantities: { input_uncached: 10 + n } })));
    for (const input of [{ range: '30d' }, { range: '7d' }, { range: '7d', model: 'gpt' }] as const) {
      const [{ trend }, points] = [await overviewOf(sender, input), await readOverviewCustomers(ledger.db, sender.tenantId, input, NOW)];
      expect(points.map(({ at: time, total }) => [time, total])).toEqual(trend.map(({ at: time, total }) => [time, total]));
      expect([...new Set(points.flatMap(({ byCustomer }) => Object.keys(byCustomer)))].sort()).toEqual(['', OTHER_SERIES, 'c10', 'c4', 'c5', 'c6', 'c7', 'c8', 'c9'].sort());
      expect(points.flatMap(({ byCustomer }) => Object.values(byCustomer)).reduce((sum, cost) => sum + BigInt(cost), 0n)).toBe(3n * 186n);
    }
  });
});
