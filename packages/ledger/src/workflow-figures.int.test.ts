/** What the pages of workflows show, against a plain second telling of the same runs and rows. */
import { DAY_MS, INPUT_CLASSES } from '@outlay/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listRuns, type ListedRun, type RunsQuery } from './list-runs';
import type { Sender } from './record-usage';
import { openTestLedger, type TestLedger } from './testing-ledger';
import { makeScene, writeScene } from './testing-scenes';
import { readWorkflowFigures } from './workflow-figures';
import { listWorkflows } from './workflow-list';

const NOW = Date.parse('2026-11-21T07:41:23.456Z');
const SPAN = { fromMs: NOW - 12 * DAY_MS, toMs: NOW };
let ledger: TestLedger;
let sender: Sender;
let runs: readonly Run[];

interface Run {
  readonly run_id: string;
  readonly workflow: string;
  readonly environment: string;
  readonly cost_pico: bigint;
  readonly calls: number;
  readonly retries: number;
  readonly outcome: string | null;
  readonly last_at: Date;
  readonly open_until: Date;
}

beforeAll(async () => {
  ledger = await openTestLedger({ nowMs: NOW });
  sender = await ledger.createSender({ timeZone: 'Asia/Kolkata' });
  await writeScene(ledger.writer, makeScene(sender.tenantId, { seed: 41, endMs: NOW, calls: 1_200 }));
  const { rows } = await ledger.db.withTenant(sender.tenantId, (tx) => tx.query<Run>('SELECT run_id::text AS run_id, workflow, environment, cost_pico, calls, retries, outcome, last_at, open_until FROM runs'));
  runs = rows;
});

afterAll(async () => {
  await ledger?.close();
});

const stateOf = (run: Run): string => run.outcome ?? (run.open_until.getTime() > NOW ? 'open' : 'unknown');
const inSpan = ({ last_at: at }: Run): boolean => at.getTime() >= SPAN.fromMs && at.getTime() < SPAN.toMs;
const byCost = (a: Run, b: Run): number => (a.cost_pico === b.cost_pico ? (a.run_id < b.run_id ? -1 : 1) : a.cost_pico < b.cost_pico ? -1 : 1);
/** Nearest rank, by sorting them all. */
const rankOf = (some: readonly Run[], permille: number): Run | undefined => some.toSorted(byCost)[Math.max(1, Math.ceil((permille * some.length) / 1_000)) - 1];
const sumOf = (some: readonly Run[]): string => String(some.reduce((sum, run) => sum + run.cost_pico, 0n));

describe('the list', () => {
  it.each([{}, { environment: 'staging' }])('counts and ranks the runs of every workflow as a plain sort does (%o)', async (labels) => {
    const { workflows } = await listWorkflows(ledger.db, sender.tenantId, { ...SPAN, ...labels }, NOW);
    const expected = runs.filter(inSpan).filter((run) => !('environment' in labels) || run.environment === labels.environment);
    expect(expected.length).toBeGreaterThan(20);
    for (const name of new Set(expected.map(({ workflow }) => workflow))) {
      const own = expected.filter(({ workflow }) => workflow === name);
      const shown = workflows.find(({ workflow }) => workflow === name)!;
      expect(shown.runs).toMatchObject({ runs: own.length, costPico: sumOf(own) });
      for (const state of ['usable', 'unusable', 'open', 'unknown'] as const) {
        const some = own.filter((run) => stateOf(run) === state);
        expect(shown.runs.byState[state]).toEqual({ runs: some.length, costPico: sumOf(some) });
      }
      expect([shown.p50Pico, shown.p95Pico]).toEqual([500, 950].map((share) => String(rankOf(own, share)!.cost_pico)));
      expect(shown.lastAt).toBe(new Date(Math.max(...own.map(({ last_at: at }) => at.getTime()))).toISOString());
    }
  });

  it('estimates percentiles where there are too many runs, by no more than a bucket of the grid', async () => {
    const exact = await listWorkflows(ledger.db, sender.tenantId, SPAN, NOW);
    const estimated = await listWorkflows(ledger.db, sender.tenantId, SPAN, NOW, 10);
    expect([exact.percentiles, estimated.percentiles]).toEqual(['exact', 'estimated']);
    for (const [n, { p50Pico, p95Pico }] of exact.workflows.entries()) {
      const near = estimated.workflows[n]!;
      for (const [right, shown] of [[p50Pico, near.p50Pico], [p95Pico, near.p95Pico]]) {
        if (right === null) expect(shown).toBeNull();
        else expect(Math.abs(Number(shown) - Number(right))).toBeLessThanOrEqual(Number(right) * 0.27);
      }
    }
  });

  it('sums the same money as the ledger\'s rows', async () => {
    const { workflows } = await listWorkflows(ledger.db, sender.tenantId, SPAN, NOW);
    const { rows } = await ledger.db.withTenant(sender.tenantId, (tx) => tx.query<{ workflow: string; cost: string }>(
      `SELECT coalesce(workflow, '') AS workflow, sum(coalesce(cost_pico, 0))::text AS cost FROM usage_events WHERE subject = 'call' AND occurred_at >= $1 AND occurred_at < $2 GROUP BY 1`, [new Date(SPAN.fromMs), new Date(SPAN.toMs)]));
    for (const { workflow, cost } of rows) expect(workflows.find((each) => each.workflow === workflow)?.totals.costPico).toBe(cost);
  });
});

describe('one workflow', () => {
  it('names the very runs at the middle, at 95 of 100 and at the top', async () => {
    const figures = await readWorkflowFigures(ledger.db, sender.tenantId, 'report', SPAN, NOW);
    const own = runs.filter(inSpan).filter(({ workflow }) => workflow === 'report');
    for (const [name, share] of [['p50', 500], ['p95', 950], ['max', 1_000]] as const) {
      const run = rankOf(own, share)!;
      expect(figures.ranked[name]).toMatchObject({ runId: run.run_id, costPico: run.cost_pico });
    }
    expect(figures.runs.byRetries.map((each) => each.runs)).toEqual([0, 1, 2, 3].map((n) => own.filter(({ retries }) => Math.min(retries, 3) === n).length));
    expect(figures.runs.byCalls.map((each) => each.runs)).toEqual([0, 1, 2, 3].map((n) => own.filter(({ calls }) => Math.min(calls, 3) === n).length));
    expect(figures.histogram.reduce((sum, each) => sum + each.runs, 0)).toBe(own.length);
    for (const { fromPico, toPico, runs: count } of figures.histogram) {
      expect(own.filter(({ cost_pico: cost }) => (fromPico === null || cost >= BigInt(fromPico)) && (toPico === null || cost < BigInt(toPico))).length).toBe(count);
    }
    expect(figures.models.reduce((sum, { costPico }) => sum + BigInt(costPico), 0n)).toBe(BigInt(figures.totals.costPico));
  });

  it('shows the mean input of a call by day, and a gap where no call was', async () => {
    const { context, range } = await readWorkflowFigures(ledger.db, sender.tenantId, 'report', { fromMs: NOW - 40 * DAY_MS, toMs: NOW }, NOW);
    expect(range.bucket).toBe('day');
    const { rows } = await ledger.db.withTenant(sender.tenantId, (tx) => tx.query<{ day: string; input: string; calls: string }>(
      `SELECT (occurred_at AT TIME ZONE 'Asia/Kolkata')::date::text AS day, sum(${INPUT_CLASSES.join(' + ')})::text AS input, sum(CASE WHEN part = 0 AND status NOT IN ('failed', 'aborted') THEN sign ELSE 0 END)::text AS calls
       FROM usage_events WHERE subject = 'call' AND workflow = 'report' GROUP BY 1 ORDER BY 1`));
    const known = context.filter(({ inputPerCall }) => inputPerCall !== null);
    expect(known.map(({ answered, inputPerCall }) => [answered, inputPerCall])).toEqual(rows.filter(({ calls }) => Number(calls) > 0).map(({ input, calls }) => [Number(calls), Math.round(Number(input) / Number(calls))]));
    expect(context.length).toBeGreaterThan(known.length);
  });

  it('that nobody knows has no runs, no last day, and the default settings', async () => {
    const figures = await readWorkflowFigures(ledger.db, sender.tenantId, 'nobody', SPAN, NOW);
    expect(figures).toMatchObject({ configured: false, lastDay: null, ranked: {}, histogram: [], models: [], settings: { unitName: 'run' }, runs: { runs: 0 } });
  });
});

describe('the list of runs', () => {
  async function walk(query: Omit<RunsQuery, 'workflow'>): Promise<ListedRun[]> {
    const all: ListedRun[] = [];
    let cursor: string | undefined;
    do {
      const page = await listRuns(ledger.db, sender.tenantId, { ...SPAN, workflow: 'report', limit: 3, ...query, cursor }, NOW);
      all.push(...page.rows);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return all;
  }

  it('gives each run once, newest first', async () => {
    const own = runs.filter(inSpan).filter(({ workflow }) => workflow === 'report');
    const listed = await walk({});
    expect(listed.map(({ runId }) => runId).toSorted()).toEqual(own.map((run) => run.run_id).toSorted());
    expect(listed.every((run, n) => n === 0 || run.lastAt <= listed[n - 1]!.lastAt)).toBe(true);
  });

  it('gives each run once, dearest first', async () => {
    const own = runs.filter(inSpan).filter(({ workflow }) => workflow === 'report').toSorted(byCost).toReversed();
    expect((await walk({ order: 'dearest' })).map(({ runId }) => runId)).toEqual(own.map((run) => run.run_id));
  });

  it.each(['usable', 'unusable', 'open', 'unknown'] as const)('of state %s', async (state) => {
    const own = runs.filter(inSpan).filter((run) => run.workflow === 'report' && stateOf(run) === state);
    const listed = await walk({ state, limit: 50 });
    expect(listed.map(({ runId }) => runId).toSorted()).toEqual(own.map((run) => run.run_id).toSorted());
    expect(listed.every((run) => run.state === state)).toBe(true);
  });

  it('keeps the span of its first page while the range moves on', async () => {
    const first = await listRuns(ledger.db, sender.tenantId, { range: '7d', workflow: 'report', limit: 3 }, NOW);
    const later = await listRuns(ledger.db, sender.tenantId, { range: '7d', workflow: 'report', limit: 3, cursor: first.nextCursor! }, NOW + 6 * DAY_MS);
    expect(later.rows).toEqual((await listRuns(ledger.db, sender.tenantId, { range: '7d', workflow: 'report', limit: 6 }, NOW)).rows.slice(3));
  });

  it('refuses a cursor of another order, and one that it did not write', async () => {
    const { nextCursor } = await listRuns(ledger.db, sender.tenantId, { ...SPAN, workflow: 'report', limit: 1 }, NOW);
    await expect(listRuns(ledger.db, sender.tenantId, { ...SPAN, workflow: 'report', order: 'dearest', cursor: nextCursor! }, NOW)).rejects.toMatchObject({ code: 'invalid_input', field: 'cursor' });
    await expect(listRuns(ledger.db, sender.tenantId, { ...SPAN, workflow: 'report', cursor: 'bm8' }, NOW)).rejects.toMatchObject({ code: 'invalid_input', field: 'cursor' });
  });
});
