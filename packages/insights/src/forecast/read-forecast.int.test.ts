/** The forecast of a team on a ledger of its own, with sums that can be done by hand: every week is like the last. */
import { DAY_MS } from '@outlay/kernel';
import { newId } from '@outlay/kernel/ids';
import { openTestLedger, type TestLedger } from '@outlay/ledger/testing';
import { type By, giveCredits, saveCap, seeCustomers } from '@outlay/plans';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeForecasts } from './make-forecasts';
import { readForecast } from './read-forecast';
import { readSpendPage } from './read-spend-page';

const NOW = Date.parse('2026-11-21T10:00:00Z');
/** Tokens at 3 pico-dollars each; the first weekday is that of 21 November, a Saturday. */
const WEEK = [200, 300, 1_000, 1_100, 1_200, 1_150, 1_050];
const TOKENS = 100_000;

let ledger: TestLedger;
let tenantId: string;

function call(occurredMs: number, tokens: number, facts: Record<string, unknown> = {}): Record<string, unknown> {
  return { id: newId(occurredMs), occurred_at: new Date(occurredMs).toISOString(), customer_id: 'acme', workflow: 'report', provider: 'openai', model_requested: 'gpt', quantities: { input_uncached: tokens }, ...facts };
}

const noonOf = (daysAgo: number): number => Date.parse('2026-11-21T12:00:00Z') - daysAgo * DAY_MS;
const usual = (daysAgo: number): number => WEEK[(((-daysAgo % 7) + 7) % 7)]! * TOKENS;
const picoOf = (daysAgo: number): bigint => BigInt(usual(daysAgo)) * 3n;

beforeAll(async () => {
  ledger = await openTestLedger({ nowMs: NOW });
  const sender = await ledger.createSender();
  tenantId = sender.tenantId;
  const days = Array.from({ length: 56 }, (_, i) => i + 1);
  await ledger.record(sender, days.flatMap((ago) => [call(noonOf(ago), usual(ago) / 2), call(noonOf(ago), usual(ago) / 2, { customer_id: 'globex', workflow: 'ticket' })]));
});

afterAll(async () => {
  await ledger?.close();
});

const TEAM = { scope: 'tenant', subject: '' } as const;

describe('the forecast of a team', () => {
  it('is the sum of what was spent and what is to come, whose method was measured', async () => {
    const { outlook, methods, measure, changed } = await readForecast(ledger.db, tenantId, TEAM, NOW);
    // 1 to 20 November are over, 21 to 30 are to come.
    const spent = Array.from({ length: 20 }, (_, i) => picoOf(i + 1)).reduce((sum, pico) => sum + pico, 0n);
    const coming = Array.from({ length: 10 }, (_, i) => picoOf(-i)).reduce((sum, pico) => sum + pico, 0n);
    expect(outlook.spentPico).toBe(spent);
    expect(Number(outlook.monthEnd.pico - spent - coming) / Number(coming)).toBeLessThan(0.001);
    expect([...outlook.byDay.values()].reduce((sum, pico) => sum + pico, 0n)).toBe(outlook.monthEnd.pico);
    expect(outlook.monthEnd.lowerPico).toBeGreaterThanOrEqual(spent);
    expect(methods[0]!.words).toMatch(/\.$/);
    expect(measure.mape).toBeLessThan(0.01);
    expect(measure.month.origins).toBeGreaterThan(20);
    expect(measure.month.coverage).toBe(1);
    expect(changed).toBeNull();
  });

  it('of each part is of that part alone', async () => {
    const [team, report, acme, openai, nobody] = await Promise.all([
      TEAM, { scope: 'workflow', subject: 'report' }, { scope: 'customer', subject: 'acme' }, { scope: 'provider', subject: 'openai' }, { scope: 'customer', subject: 'nobody' },
    ].map((ask) => readForecast(ledger.db, tenantId, ask as typeof TEAM, NOW)));
    expect(report!.outlook.spentPico * 2n).toBe(team!.outlook.spentPico);
    expect(acme!.outlook.spentPico * 2n).toBe(team!.outlook.spentPico);
    expect(openai!.outlook.monthEnd.pico).toBe(team!.outlook.monthEnd.pico);
    expect(nobody!.outlook).toMatchObject({ monthEnd: { pico: 0n, lowerPico: 0n, upperPico: 0n }, methods: [] });
    expect(nobody!.outlook.series.filter(({ pico }) => pico !== null)).toEqual([]);
  });

  it('says when its caps are reached', async () => {
    const by: By = { tenantId, actorId: null, actor: 'test', requestId: 'test' };
    // Spent this month by the 20th, and what the next three days are like, in dollars.
    const { outlook } = await readForecast(ledger.db, tenantId, TEAM, NOW);
    const limit = outlook.spentPico + picoOf(0) + picoOf(-1) + picoOf(-2) / 2n;
    const usd = (pico: bigint): string => (Number(pico) / 1e12).toFixed(9);
    await saveCap(ledger.db, by, { name: 'Month', scope: 'tenant', metric: 'cost', window: 'month', mode: 'hard', limit: usd(limit) }, { source: 'person', creates: true });
    await saveCap(ledger.db, by, { name: 'Far', scope: 'workflow', subject: 'report', metric: 'calls', window: 'month', mode: 'soft', limit: '100000' }, { source: 'person', creates: true });
    const { timeToCap } = await readForecast(ledger.db, tenantId, TEAM, NOW);
    expect(timeToCap.map(({ name, state }) => [name, state])).toEqual([['Month', 'will'], ['Far', 'clear']]);
    expect(timeToCap[0]!.reachedAt!.slice(0, 13)).toMatch(/2026-11-23T1[12]/);
    expect(Number(timeToCap[1]!.projected)).toBe(30);
    const { timeToCap: ofAcme } = await readForecast(ledger.db, tenantId, { scope: 'customer', subject: 'acme' }, NOW);
    expect(ofAcme).toEqual([]);
  });
});

describe('prepaid credits', () => {
  it('are said to be empty when their burn has taken them', async () => {
    const by: By = { tenantId, actorId: null, actor: 'test', requestId: 'test' };
    await seeCustomers(ledger.db, tenantId, ['acme']);
    await giveCredits(ledger.db, by, { customerId: 'acme', kind: 'top_up', amount: '100', key: 'order-1' }, noonOf(40));
    // Two credits on each of the last twenty days.
    await ledger.db.withTenant(tenantId, async (tx) => {
      const { rows: [lot] } = await tx.query<{ id: string }>('SELECT id FROM credit_lots');
      for (let ago = 1; ago <= 20; ago++) {
        const id = newId();
        await tx.query(`INSERT INTO credit_postings (tenant_id, id, customer_id, kind, at, created_by) VALUES ($1, $2, 'acme', 'burn', $3, 'test')`, [tenantId, id, new Date(noonOf(ago))]);
        await tx.query(`INSERT INTO credit_entries (tenant_id, posting_id, line, customer_id, account, lot_id, amount) VALUES ($1, $2, 0, 'acme', 'lot', $3, -2), ($1, $2, 1, 'acme', 'burned', NULL, 2)`, [tenantId, id, lot!.id]);
      }
    });
    const { timeToEmptyCredits: [ofAll] } = await readForecast(ledger.db, tenantId, TEAM, NOW);
    const { timeToEmptyCredits: [ofAcme] } = await readForecast(ledger.db, tenantId, { scope: 'customer', subject: 'acme' }, NOW);
    expect(ofAll).toEqual(ofAcme);
    // Sixty are left: the last goes at the end of the thirtieth day, today counted.
    expect(ofAcme).toMatchObject({ customerId: 'acme', available: '60', burnPerDay: '2', emptyAt: '2026-12-21T00:00:00.000Z' });
    expect(ofAcme!.earliestAt! <= ofAcme!.emptyAt! && ofAcme!.emptyAt! <= ofAcme!.latestAt!).toBe(true);
    expect((await readForecast(ledger.db, tenantId, { scope: 'customer', subject: 'globex' }, NOW)).timeToEmptyCredits).toEqual([]);
  });
});

describe('what changed', () => {
  it('is split by days, and adds up', async () => {
    const sender = await ledger.createSender();
    await ledger.record(sender, Array.from({ length: 42 }, (_, i) => i + 2).flatMap((ago) => [call(noonOf(ago), usual(ago))]));
    // As of the evening before yesterday; then yesterday comes to three times the usual, by one workflow.
    expect(await makeForecasts(ledger.db, sender.tenantId, NOW - 2 * DAY_MS + 12 * 3_600_000)).toBe(4);
    await ledger.record(sender, [call(noonOf(1), usual(1)), call(noonOf(1), 2 * usual(1), { workflow: 'runaway' })]);
    const { changed, movers, outlook } = await readForecast(ledger.db, sender.tenantId, TEAM, NOW);
    expect(changed!.sinceDay).toBe('2026-11-19');
    expect(changed!.parts.reduce((sum, { pico }) => sum + pico, 0n)).toBe(changed!.pico);
    const came = changed!.parts.find(({ kind }) => kind === 'came')!;
    expect(came.nowPico).toBe(3n * picoOf(1));
    expect(Number(came.pico) / Number(2n * picoOf(1))).toBeCloseTo(1, 2);
    expect(came.words).toBe('2026-11-20 came to more than was expected.');
    const workflows = movers.find(({ by }) => by === 'workflow')!;
    expect(workflows.movers[0]).toEqual({ by: 'workflow', name: 'runaway', pico: 2n * picoOf(1), usualPico: 0n, changePico: 2n * picoOf(1) });
    expect(workflows.movers.reduce((sum, { changePico }) => sum + changePico, workflows.restPico)).toBe(2n * picoOf(1));
    // The same day again: one row a scope and day.
    await makeForecasts(ledger.db, sender.tenantId, NOW);
    await makeForecasts(ledger.db, sender.tenantId, NOW + 3_600_000);
    const { rows } = await ledger.db.withTenant(sender.tenantId, (tx) => tx.query(`SELECT scope, subject, month_end_pico::text AS pico FROM forecasts WHERE day = '2026-11-21' ORDER BY scope, subject`));
    expect(rows.map(({ scope, subject }) => `${scope} ${subject}`)).toEqual(['customer acme', 'provider openai', 'tenant ', 'workflow report', 'workflow runaway']);
    expect(outlook.month).toBe('2026-11');
  });
});

describe('spend over time', () => {
  it('has its gaps, its groups and the band to come', async () => {
    const page = await readSpendPage(ledger.db, tenantId, { labels: {}, groupBy: 'workflow', range: '7d', width: 'day' }, NOW);
    expect(page.points).toHaveLength(7);
    expect(page.points.at(-1)).toEqual({ at: '2026-11-21T00:00:00.000Z', pico: null, groups: {} });
    expect(page.points[0]).toEqual({ at: '2026-11-15T00:00:00.000Z', pico: String(picoOf(6)), groups: { report: String(picoOf(6) / 2n), ticket: String(picoOf(6) / 2n) } });
    expect(page.groups.map(({ name }) => name)).toEqual(['report', 'ticket']);
    expect(page.forecast.map(({ at }) => at.slice(0, 10))).toEqual(Array.from({ length: 10 }, (_, i) => `2026-11-${21 + i}`));
    const hours = await readSpendPage(ledger.db, tenantId, { labels: { workflow: 'report' }, groupBy: null, range: '24h', width: 'hour' }, NOW);
    const noon = hours.forecast.find(({ at }) => at === '2026-11-21T12:00:00.000Z')!;
    expect(Number(noon.pico) / Number(picoOf(0) / 2n)).toBeCloseTo(1, 2);
    expect(hours.forecast.filter(({ pico }) => pico !== '0')).toHaveLength(1);
    const past = await readSpendPage(ledger.db, tenantId, { labels: {}, groupBy: null, fromMs: NOW - 3 * DAY_MS, toMs: NOW - DAY_MS }, NOW);
    expect(past.forecast).toEqual([]);
    await expect(readSpendPage(ledger.db, tenantId, { labels: {}, groupBy: null, range: '90d', width: '15m' }, NOW)).rejects.toMatchObject({ code: 'invalid_input', field: 'width' });
  });
});
