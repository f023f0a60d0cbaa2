/**
 * Law 3 as people see it: after any events and corrections, folded or not, in the old time zone or the new one, the screens, the
 * summary and the export all show what a plain sum over the facts gives.
 */
import fc from 'fast-check';
import { addRational, DAY_MS, formatPico, parseDecimal, toPico, ZERO } from '@outlay/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportEvents } from './export-events';
import { foldRollups } from './fold-rollups';
import { readOverview } from './overview';
import { rebuildDays, withWritersStopped } from './rebuild-days';
import { GROUPINGS, type Grouping, summarise, type SummaryMeasures } from './summarise';
import { factsArbitrary, NOW, writeFacts } from './testing-facts';
import { openTestLedger, type TestLedger } from './testing-ledger';
import { dayIn, type ModelFilter, type State, totalsOf } from './testing-model';
import { findImbalances } from './trial-balance';

let ledger: TestLedger;

beforeAll(async () => {
  ledger = await openTestLedger({ nowMs: NOW });
});

afterAll(async () => {
  await ledger?.close();
});

const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Asia/Kathmandu', 'Pacific/Chatham'];
const instant = fc.oneof(fc.integer({ min: 0, max: 41 * DAY_MS }).map((before) => NOW - before), fc.integer({ min: 0, max: 41 * 96 }).map((n) => NOW - (NOW % 900_000) - n * 900_000));
const labels = fc.record({
  environment: fc.constantFrom('production', 'staging'), workflow: fc.constantFrom('report', 'mail', 'moved'), customerId: fc.constantFrom('acme', '=x', 'umbrella'),
  provider: fc.constantFrom('openai', 'anthropic'), model: fc.constantFrom('gpt', 'mystery', 'claude'),
}, { requiredKeys: [] });
const question = fc.oneof(
  fc.record({ labels, range: fc.constantFrom('1h' as const, '24h' as const, '7d' as const, '30d' as const, '90d' as const) }),
  fc.record({ labels, span: fc.tuple(instant, instant).filter(([a, b]) => a !== b).map((pair) => pair.toSorted((a, b) => a - b) as [number, number]) }),
);

const scenario = fc.record({
  facts: factsArbitrary, zone: fc.constantFrom(...ZONES), nextZone: fc.option(fc.constantFrom(...ZONES)), folds: fc.integer({ min: 0, max: 2 }),
  questions: fc.array(question, { minLength: 4, maxLength: 4 }), groupBy: fc.constantFrom(...(Object.keys(GROUPINGS) as Grouping[])),
});

const NAMES = {
  costPico: 'cost_usd', ceilingPico: 'ceiling_usd', retryCostPico: 'retry_cost_usd', fallbackCostPico: 'fallback_cost_usd', failedCostPico: 'failed_cost_usd', calls: 'calls', failed: 'failed', retries: 'retries',
  fallbacks: 'fallbacks', unpriced: 'unpriced', untagged: 'untagged', usable: 'outcomes_usable', unusable: 'outcomes_unusable', costUsablePico: 'cost_usable_usd',
  costUnusablePico: 'cost_unusable_usd', costPerUsablePico: 'cost_per_usable_usd',
} as const;
const OF_CALLS = ['costPico', 'ceilingPico', 'retryCostPico', 'fallbackCostPico', 'failedCostPico', 'calls', 'failed', 'retries', 'fallbacks', 'unpriced', 'untagged', 'inputTokens'] as const;
const isEmpty = (totals: Record<string, unknown>): boolean => Object.values(totals).every((value) => value === 0 || value === '0' || value === null);

/** A summary under Overview's names. */
function toTotals(measures: SummaryMeasures): Record<string, unknown> {
  const named = Object.entries(NAMES).map(([name, column]) => {
    const value = measures[column]!;
    return [name, column.endsWith('_usd') && value !== null ? String(toPico(parseDecimal(value)!)) : value];
  });
  return { ...Object.fromEntries(named), inputTokens: Number(measures['input_uncached']) + Number(measures['cache_read']) };
}

async function changeZone(tenantId: string, zone: string): Promise<void> {
  await withWritersStopped(ledger.db, (stillStopped) => ledger.db.withTenant(tenantId, async (tx) => {
    await tx.query('UPDATE tenants SET time_zone = $1', [zone]);
    await rebuildDays((sql, values) => tx.query(sql, [...values]), tenantId);
    await stillStopped();
  }));
}

async function sumExport(tenantId: string, { fromMs, toMs, ...filter }: ModelFilter): Promise<{ costPico: string; calls: number; usable: number }> {
  const { chunks } = await exportEvents(ledger.db, tenantId, { ...filter, fromMs, toMs }, 'jsonl', { rowsPerBatch: 13 });
  let [cost, calls, usable] = [ZERO, 0, 0];
  for await (const chunk of chunks) {
    for (const line of chunk.split('\n').filter(Boolean)) {
      const row = JSON.parse(line) as { cost_usd: string | null; subject: string; part: number; sign: number; outcome: string | null };
      cost = addRational(cost, parseDecimal(row.cost_usd ?? '0')!);
      if (row.subject === 'call' && row.part === 0) calls += row.sign;
      if (row.outcome === 'usable') usable += row.sign;
    }
  }
  return { costPico: String(toPico(cost)), calls, usable };
}

describe('every figure', () => {
  it('is the plain sum of the facts', async () => {
    await fc.assert(fc.asyncProperty(scenario, async ({ facts, zone, nextZone, folds, questions, groupBy }) => {
      const sender = await ledger.createSender({ timeZone: zone });
      const { tenantId } = sender;
      const states = await writeFacts(ledger, sender, facts);
      if (folds > 0) await foldRollups(ledger.db, tenantId, { nowMs: NOW, rowsPerStatement: 9 });
      if (nextZone !== null) await changeZone(tenantId, nextZone);
      if (folds > 1) await foldRollups(ledger.db, tenantId, { nowMs: NOW + 2 * DAY_MS });
      expect(await ledger.db.withTenantSnapshot(tenantId, findImbalances)).toEqual([]);
      for (const asked of questions) {
        const span = 'span' in asked ? { fromMs: asked.span[0], toMs: asked.span[1] } : { range: asked.range };
        const overview = await readOverview(ledger.db, tenantId, { ...asked.labels, ...span }, NOW);
        const filter = { ...asked.labels, fromMs: Date.parse(overview.range.from), toMs: Date.parse(overview.range.to) };
        checkOverview(overview, states, filter, nextZone ?? zone);
        await checkSummary(tenantId, states, filter, groupBy, nextZone ?? zone);
        const { costPico, calls, usable } = totalsOf(states, { ...filter, provider: undefined, model: undefined });
        expect(await sumExport(tenantId, { ...filter, provider: undefined, model: undefined })).toEqual({ costPico, calls, usable });
      }
    }), { numRuns: 25 });
  }, 240_000);
});

function checkOverview(overview: Awaited<ReturnType<typeof readOverview>>, states: readonly State[], filter: ModelFilter, zone: string): void {
  expect(overview.timeZone).toBe(zone);
  expect(overview.totals).toEqual(totalsOf(states, filter));
  expect(overview.previous).toEqual(totalsOf(states, { ...filter, fromMs: 2 * filter.fromMs - filter.toMs, toMs: filter.fromMs }));
  for (const { workflow, unitName: _unit, targetCostPico: _target, before, days, ...totals } of overview.workflows) {
    checkInput(overview, states, { ...filter, workflow }, before, days, zone);
    expect([workflow, totals]).toEqual([workflow, filter.workflow === undefined || filter.workflow === workflow ? totalsOf(states, { ...filter, workflow }) : null]);
  }
  expect(overview.workflows.reduce((sum, { calls }) => sum + calls, 0)).toBe(overview.totals.calls);
  expect(overview.workflows.reduce((sum, { usable }) => sum + usable, 0)).toBe(overview.totals.usable);
  for (const { provider, model, ...totals } of overview.models) expect([model, totals]).toEqual([model, pick(totalsOf(states, { ...filter, provider, model }))]);
  expect(overview.models.reduce((sum, { costPico }) => sum + BigInt(costPico), 0n)).toBe(BigInt(overview.totals.costPico));
  checkTrend(overview, states, filter, zone);
}

type Told = Awaited<ReturnType<typeof readOverview>>['workflows'][number];

/** What a workflow's calls read in the span before, and on each day of both. */
function checkInput({ range }: Awaited<ReturnType<typeof readOverview>>, states: readonly State[], filter: ModelFilter, before: Told['before'], days: Told['days'], zone: string): void {
  const inputOf = (part: ModelFilter): Omit<Told['before'], 'costPerUsablePico'> => {
    const { calls, failed, inputTokens } = totalsOf(states, part);
    return { answered: Number(calls) - Number(failed), inputTokens: Number(inputTokens) };
  };
  const earlier = { ...filter, fromMs: 2 * filter.fromMs - filter.toMs, toMs: filter.fromMs };
  expect(before).toEqual({ ...inputOf(earlier), costPerUsablePico: totalsOf(states, earlier).costPerUsablePico });
  if (range.bucket === '15m' && filter.toMs - filter.fromMs < 2 * DAY_MS) return expect(days).toEqual([]);
  const told = filter.toMs - filter.fromMs < 2 * DAY_MS ? [] : [earlier, filter].flatMap((part, i) => {
    const ofSpan = states.filter(({ occurredMs, workflow }) => workflow === filter.workflow && occurredMs >= part.fromMs && occurredMs < part.toMs);
    return [...new Set(ofSpan.map(({ occurredMs }) => dayIn(zone, occurredMs)))].sort().map((day) => {
      const inDay = ofSpan.filter(({ occurredMs }) => dayIn(zone, occurredMs) === day);
      return { day, inRange: i === 1, ...inputOf({ ...part, fromMs: Math.min(...inDay.map(({ occurredMs }) => occurredMs)), toMs: Math.max(...inDay.map(({ occurredMs }) => occurredMs)) + 1 }) };
    });
  });
  const some = ({ answered, inputTokens }: Omit<Told['before'], 'costPerUsablePico'>): boolean => answered !== 0 || inputTokens !== 0;
  expect(days.filter(some)).toEqual(told.filter(some));
}

const pick = (totals: Record<string, unknown>): Record<string, unknown> => Object.fromEntries(OF_CALLS.map((name) => [name, totals[name]]));

function checkTrend({ trend, range }: Awaited<ReturnType<typeof readOverview>>, states: readonly State[], filter: ModelFilter, zone: string): void {
  const edges = [...trend.map(({ at }) => Date.parse(at)), filter.toMs];
  expect(edges[0]).toBeLessThanOrEqual(filter.fromMs);
  for (const [i, { total, byModel, byProvider, byWorkflow, figures }] of trend.entries()) {
    const step = { ...filter, fromMs: Math.max(edges[i]!, filter.fromMs), toMs: edges[i + 1]! };
    const { costPico, calls, retryCostPico, fallbackCostPico, unpriced, untagged, usable, unusable, costUnusablePico } = totalsOf(states, step);
    expect([trend[i]!.at, total ?? '0', calls !== 0 && total === null]).toEqual([trend[i]!.at, costPico, false]);
    for (const costs of [byModel, byProvider, byWorkflow]) expect(Object.values(costs).reduce((sum, cost) => sum + BigInt(cost), 0n)).toBe(BigInt(costPico!));
    const none = { retryCostPico: '0', fallbackCostPico: '0', unpriced: 0, untagged: 0, outcomes: null };
    const outcomes = filter.provider === undefined && filter.model === undefined ? { usable, unusable, costUnusablePico } : null;
    expect({ ...(figures ?? none), outcomes: figures?.outcomes ?? (outcomes && { usable: 0, unusable: 0, costUnusablePico: '0' }) }).toEqual({ retryCostPico, fallbackCostPico, unpriced, untagged, outcomes });
    if (range.bucket === 'day') expect(dayIn(zone, edges[i]!)).not.toBe(dayIn(zone, edges[i]! - 1));
    else if (i + 1 < trend.length) expect(edges[i + 1]! - edges[i]!).toBe(range.bucket === 'hour' ? 3_600_000 : 900_000);
  }
}

async function checkSummary(tenantId: string, states: readonly State[], filter: ModelFilter, groupBy: Grouping, zone: string): Promise<void> {
  const { fromMs, toMs, ...named } = filter;
  const summary = await summarise(ledger.db, { tenantId }, { filter: { fromMs, toMs, ...named }, groupBy: [groupBy] }, NOW);
  expect(toTotals(summary.totals)).toEqual(totalsOf(states, filter));
  const ofModels = groupBy === 'model' || groupBy === 'provider';
  for (const { keys, measures } of summary.groups) {
    const key = keys[groupBy] ?? '';
    const expected = groupBy === 'day' ? totalsOfDay(states, filter, zone, key)
      : totalsOf(states, { ...filter, [groupBy === 'customer' ? 'customerId' : groupBy]: key });
    expect([key, ofModels ? pick(toTotals(measures)) : toTotals(measures)]).toEqual([key, ofModels ? pick(expected) : expected]);
    if (ofModels) expect(measures['outcomes_usable']).toBeNull();
  }
  // Nothing is missing: the groups sum to the whole.
  const cost = summary.groups.reduce((sum, { measures }) => addRational(sum, parseDecimal(measures['cost_usd']!)!), ZERO);
  expect(formatPico(toPico(cost))).toBe(summary.totals['cost_usd']);
  expect(summary.groups.reduce((sum, { measures }) => sum + Number(measures['calls']), 0)).toBe(summary.totals['calls']);
  if (!ofModels) expect(summary.groups.every(({ measures }) => !isEmpty(toTotals(measures)) || measures['units'] !== '0' || Number(measures['output_text']) !== 0)).toBe(true);
}

function totalsOfDay(states: readonly State[], filter: ModelFilter, zone: string, day: string): Record<string, unknown> {
  // Everything but the span is asked of all states: a run's calls may lie on other days than its outcome.
  const edges = states.filter((state) => dayIn(zone, state.occurredMs) === day).map(({ occurredMs }) => occurredMs);
  return totalsOf(states, { ...filter, fromMs: Math.max(filter.fromMs, Math.min(...edges)), toMs: Math.min(filter.toMs, Math.max(...edges) + 1) });
}
