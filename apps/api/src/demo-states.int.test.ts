/** The demo's story as Overview tells it: the workflow that leaks, the one whose context grew, the one without a price, each named for its true reason. */
import { judgeOverview, type JudgedWorkflow } from '@outlay/insights';
import { readOverview } from '@outlay/ledger';
import { fillDemoTeam } from '@outlay/ledger/demo';
import { createDemoTeam } from '@outlay/tenancy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from './testing/test-api';

const ENDS_AT = new Date('2026-11-20T15:00:00Z');
const DAY_MS = 86_400_000;
const EVENTS = 24_000;

let test: TestApi;
let tenantId: string;

beforeAll(async () => {
  test = await startTestApi();
  ({ tenantId } = await createDemoTeam(test.db, { teamName: 'Made up', name: 'Demo', email: 'demo@example.com', password: 'correct-horse-battery', timeZone: 'Europe/Berlin', story: { seed: 3, endsAt: ENDS_AT, events: EVENTS } }));
  await fillDemoTeam({ db: test.db, prices: test.api.deps.prices }, tenantId);
}, 60_000);

afterAll(async () => {
  await test?.close();
});

async function judge(range: '7d' | '30d'): Promise<Record<string, JudgedWorkflow>> {
  const overview = judgeOverview(await readOverview(test.db, tenantId, { range }, ENDS_AT.getTime()), { compare: 'previous' });
  return Object.fromEntries(overview.workflows.map((each) => [each.workflow, each]));
}

const countRows = async (sql: string, values: readonly unknown[]): Promise<number> =>
  (await test.db.withTenant(tenantId, (tx) => tx.query<{ n: number }>(`select count(*)::int as n from usage_events where ${sql}`, [...values]))).rows[0]!.n;

describe('on the demo team', () => {
  it('the release that retries good replies is a leak', async () => {
    for (const range of ['7d', '30d'] as const) {
      const { ticket_reply: reply } = await judge(range);
      expect(reply).toMatchObject({ state: 'leaking', rows: { attemptKind: 'retry' } });
      expect(reply!.why).toMatch(/^\d\d% of its spend \(\$[\d.]+ of \$[\d.]+\) went into retries of the same model\.$/);
      expect(Math.abs(Number(reply!.why.slice(0, 2)) - (100 * Number(reply!.retryCostPico)) / Number(reply!.costPico))).toBeLessThan(0.51);
    }
  });

  it('the days of whole documents in prompts are a context spike, and its link holds their rows', async () => {
    const { pdf_question: pdf } = await judge('30d');
    expect(pdf).toMatchObject({ state: 'context spike', rows: { kind: 'usage' } });
    expect(pdf!.why).toMatch(/^From \d+ Nov to \d+ Nov a call read \d\d,\d{3} input tokens on average, [\d.]+x the usual \d,\d{3}\.$/);
    const { from, to } = pdf!.rows;
    expect((Date.parse(to!) - Date.parse(from!)) / DAY_MS).toBe(2);
    const within = await countRows(`workflow = 'pdf_question' and kind = 'usage' and occurred_at >= $1 and occurred_at < $2 and input_uncached + cache_read + cache_write_5m > 20000`, [from, to]);
    const outside = await countRows(`workflow = 'pdf_question' and kind = 'usage' and not (occurred_at >= $1 and occurred_at < $2) and input_uncached + cache_read + cache_write_5m > 60000`, [from, to]);
    expect(within).toBeGreaterThan(20);
    expect(outside).toBeLessThan(within / 10);
  });

  it('a model that no price book knows needs review, and so do calls without a workflow', async () => {
    const { product_tagging: tagging, '': untagged } = await judge('30d');
    const unpriced = await countRows(`workflow = 'product_tagging' and cost_basis = 'unpriced'`, []);
    expect(tagging).toMatchObject({ state: 'needs review', rows: { costBasis: 'unpriced' }, unpriced });
    expect(tagging!.why).toContain(`${unpriced} calls of a model without a price`);
    expect(untagged).toMatchObject({ state: 'needs review', rows: { untagged: true } });
  });

  it('reports are in order: the customer who automates them stands out among customers, not here', async () => {
    for (const range of ['7d', '30d'] as const) {
      const { report_generation: report } = await judge(range);
      expect(report).toMatchObject({ state: 'ok', unitName: 'report' });
      expect(Number(report!.costPerUsablePico)).toBeLessThan(Number(report!.targetCostPico));
    }
  });

  it('is told from rollups that agree with the ledger, the two kinds of second attempts apart', async () => {
    const { rows } = await test.db.withTenant(tenantId, (tx) => tx.query<{ kind: string; cost: string }>(
      `select attempt_kind as kind, sum(cost_pico)::text as cost from usage_events where attempt_kind in ('retry', 'fallback') and occurred_at < $1 group by 1`, [ENDS_AT]));
    const { totals } = await readOverview(test.db, tenantId, { fromMs: ENDS_AT.getTime() - 60 * DAY_MS, toMs: ENDS_AT.getTime() }, ENDS_AT.getTime());
    expect(Object.fromEntries(rows.map(({ kind, cost }) => [kind, cost]))).toEqual({ retry: totals.retryCostPico, fallback: totals.fallbackCostPico });
  });
});
