import { describe, expect, it } from 'vitest';
import { ledgerOf, parseMarginSearch } from './margin-search';
import { prepareBreakdown, type JudgedWorkflow } from './prepare-breakdown';
import { prepareCountChange, preparePointChange, prepareRelativeChange } from './prepare-change';
import { prepareSparks, type Step } from './prepare-sparks';
import { prepareLosses, prepareSpendSplit } from './prepare-spend-split';
import { prepareStats, type Totals } from './prepare-stats';

const USD = 1_000_000_000_000n;

function totals(given: Partial<Totals> = {}): Totals {
  return {
    costPico: '0', ceilingPico: '0', retryCostPico: '0', fallbackCostPico: '0', failedCostPico: '0', costUsablePico: '0', costUnusablePico: '0',
    calls: 0, failed: 0, retries: 0, fallbacks: 0, unpriced: 0, untagged: 0, usable: 0, unusable: 0, costPerUsablePico: null, ...given,
  };
}

function usd(amount: number): string {
  return String(BigInt(Math.round(amount * 100)) * (USD / 100n));
}

describe('changes against the period before', () => {
  it('are relative for amounts, and nothing where there was nothing', () => {
    expect(prepareRelativeChange(112n, 100n, 'neither')).toEqual({ direction: 'up', text: '12%', tone: 'neutral' });
    expect(prepareRelativeChange(50n, 100n, 'less')).toEqual({ direction: 'down', text: '50%', tone: 'good' });
    expect(prepareRelativeChange(1_500n, 100n, 'less')?.text).toBe('15x');
    expect(prepareRelativeChange(5n, 0n, 'less')).toBeNull();
    expect(prepareRelativeChange(null, 5n, 'less')).toBeNull();
    expect(prepareRelativeChange(100n, 100n, 'less')?.direction).toBe('same');
  });

  it('are points for shares and counts for counts', () => {
    expect(preparePointChange(0.31, 0.29, 'less')).toEqual({ direction: 'up', text: '2.0 pt', tone: 'bad' });
    expect(prepareCountChange(3, 10, 'less')).toEqual({ direction: 'down', text: '7', tone: 'good' });
    expect(prepareCountChange(0, 0, 'less')).toBeNull();
  });
});

describe('prepareStats', () => {
  const byId = (now: Partial<Totals>, before: Partial<Totals> | null = {}) => Object.fromEntries(prepareStats(totals(now), before && totals(before)).map((stat) => [stat.id, stat]));

  it('tells retries of the same model from fallbacks to another', () => {
    const stats = byId({ costPico: usd(200), retryCostPico: usd(62), retries: 40, fallbackCostPico: usd(10), fallbacks: 1 }, { costPico: usd(100), retryCostPico: usd(20), fallbackCostPico: usd(10) });
    expect(stats['retry-share']).toMatchObject({ value: '31%', note: '$62.00 on 40 retries', alert: true, change: { text: '11.0 pt', tone: 'bad' }, rows: { attemptKind: 'retry' } });
    expect(stats['fallback-share']).toMatchObject({ value: '5.0%', note: '$10.00 on 1 fallback', change: { text: '5.0 pt', tone: 'good' }, rows: { attemptKind: 'fallback' } });
    expect(stats.cost).toMatchObject({ value: '$200.00', change: { direction: 'up', text: '100%', tone: 'neutral' } });
  });

  it('counts what the runs cost that ended unusable, and which share of outcomes they are', () => {
    const stats = byId({ costUnusablePico: usd(4), usable: 30, unusable: 10 }, { costUnusablePico: usd(2), usable: 9, unusable: 1 });
    expect(stats['failed-runs']).toMatchObject({ value: '$4.00', note: '10 runs ended unusable', change: { text: '100%', tone: 'bad' }, rows: { outcome: 'unusable' } });
    expect(stats['unusable-share']).toMatchObject({ value: '25%', note: '10 of 40 outcomes', change: { text: '15.0 pt', tone: 'bad' } });
  });

  it('has no value, not zero, where nothing was spent or nothing ended', () => {
    const stats = byId({});
    expect([stats['retry-share']?.value, stats['fallback-share']?.value]).toEqual([null, null]);
    expect(stats['cost-per-usable']).toMatchObject({ value: null, exact: null, note: 'No usable outcome in this range' });
    expect(stats['unusable-share']).toMatchObject({ value: null, note: 'No run has ended in this range' });
    expect(stats.cost?.value).toBe('$0.00');
  });

  it('raises untagged and unpriced calls', () => {
    const stats = byId({ untagged: 3, unpriced: 0 });
    expect(stats.untagged).toMatchObject({ value: '3', alert: true });
    expect(stats.unpriced).toMatchObject({ value: '0', alert: false });
  });

  it('shows no change when nothing is compared', () => {
    expect(prepareStats(totals({ costPico: usd(1), untagged: 2 }), null).map(({ change }) => change)).toEqual(Array.from({ length: 8 }, () => null));
  });
});

describe('prepareSparks', () => {
  const step = (cost: number | null, figures: Partial<NonNullable<Step['figures']>> = {}): Step => (cost === null ? { total: null, figures: null } : {
    total: usd(cost), figures: { retryCostPico: '0', fallbackCostPico: '0', unpriced: 0, untagged: 0, outcomes: { usable: 0, unusable: 0, costUnusablePico: '0' }, ...figures },
  });

  it('has a gap where nothing is known, and a share of nothing is unknown', () => {
    const sparks = prepareSparks([step(4, { retryCostPico: usd(1), unpriced: 2, outcomes: { usable: 2, unusable: 2, costUnusablePico: usd(1) } }), step(null), step(0)], { running: false });
    expect(sparks).toMatchObject({ cost: [4, null, 0], 'retry-share': [0.25, null, null], 'cost-per-usable': [2, null, null], 'unusable-share': [0.5, null, null], 'failed-runs': [1, null, 0], unpriced: [2, null, 0] });
  });

  it('puts steps together before it takes a share, so that a busy hour weighs more', () => {
    const steps = Array.from({ length: 64 }, (_, n) => (n % 2 === 0 ? step(9, { retryCostPico: usd(9) }) : step(1)));
    const sparks = prepareSparks(steps, { running: false });
    expect(sparks['retry-share']).toEqual(Array.from({ length: 32 }, () => 0.9));
  });

  it('leaves out the step that is still going on', () => {
    expect(prepareSparks([step(1), step(2), step(3)], { running: true }).cost).toEqual([1, 2]);
    expect(prepareSparks([step(1), step(2)], { running: true }).cost).toEqual([1, 2]);
  });

  it('draws no outcomes where they were not asked for', () => {
    expect(prepareSparks([step(4, { outcomes: null })], { running: false })).toMatchObject({ cost: [4], 'cost-per-usable': [null], 'failed-runs': [null] });
  });
});

describe('the way to the rows', () => {
  it('keeps the filter and the exact span of the page, and the span of a reason wins', () => {
    const search = parseMarginSearch({ range: '7d', customerId: 'acme', compare: 'none', by: 'customer' });
    expect(search).toEqual({ range: '7d', customerId: 'acme', compare: 'none', by: 'customer' });
    const span = { from: '2026-11-14T23:00:00.000Z', to: '2026-11-21T12:15:00.000Z' };
    expect(ledgerOf(search, { outcome: 'unusable', workflow: 'w' }, span)).toEqual({ ...span, customerId: 'acme', outcome: 'unusable', workflow: 'w' });
    expect(ledgerOf(search, { from: 'a', to: 'b' }, span)).toEqual({ customerId: 'acme', from: 'a', to: 'b' });
    expect(ledgerOf(parseMarginSearch({ by: 'region' }), {}, span)).toEqual(span);
  });
});

describe('prepareSpendSplit', () => {
  it('gives the rest to runs without an outcome', () => {
    expect(prepareSpendSplit(totals({ costPico: usd(10), costUsablePico: usd(6), costUnusablePico: usd(1) })).map((part) => part.share)).toEqual([0.6, 0.1, 0.3]);
  });

  it('never passes the whole when runs began before the range', () => {
    const parts = prepareSpendSplit(totals({ costPico: usd(1), costUsablePico: usd(3), costUnusablePico: usd(1) }));
    expect(parts.map((part) => part.share)).toEqual([0.75, 0.25, 0]);
  });

  it('tells retries from fallbacks', () => {
    expect(prepareLosses(totals({ retryCostPico: usd(2), retries: 1, fallbackCostPico: usd(3), fallbacks: 2 })).map(({ name, cost, note }) => [name, cost, note])).toEqual([['Retries', '$2.00', '1 call'], ['Fallbacks', '$3.00', '2 calls'], ['Failed calls', '$0.00', '0 calls']]);
  });
});

describe('prepareBreakdown', () => {
  const row = (workflow: string, given: Partial<JudgedWorkflow>): JudgedWorkflow => ({ ...totals(given), workflow, unitName: 'outcome', targetCostPico: null, state: 'ok', why: 'Because.', rows: {}, advice: 'keep', adviceWhy: 'Fine.', marginShare: null, ...given });
  const rows = [
    row('a', { costPico: usd(2), usable: 3, unusable: 1, costPerUsablePico: usd(0.66), state: 'needs review', rows: { costBasis: 'unpriced' } }),
    row('b', { costPico: usd(8), state: 'leaking' }),
    row('', { costPico: usd(4), usable: 1, costPerUsablePico: usd(4), retryCostPico: usd(1), fallbackCostPico: usd(2) }),
  ];

  it('sorts by cost and draws shares of the dearest', () => {
    expect(prepareBreakdown(rows, { key: 'cost', descending: true }).map(({ name, costShare }) => [name, costShare])).toEqual([['b', 1], ['No workflow', 0.5], ['a', 0.25]]);
  });

  it('sorts by state, the worst first', () => {
    expect(prepareBreakdown(rows, { key: 'state', descending: true }).map(({ state }) => state)).toEqual(['leaking', 'needs review', 'ok']);
  });

  it('keeps rows without a value last in both directions', () => {
    expect(prepareBreakdown(rows, { key: 'costPerUsable', descending: true }).map(({ name }) => name)).toEqual(['No workflow', 'a', 'b']);
    expect(prepareBreakdown(rows, { key: 'costPerUsable', descending: false }).map(({ name }) => name)).toEqual(['a', 'No workflow', 'b']);
  });

  it('counts usable outcomes among those that ended, and parts what was spent again', () => {
    expect(prepareBreakdown(rows, { key: 'name', descending: false }).map(({ usableShare, retryShare, fallbackShare }) => [usableShare, retryShare, fallbackShare])).toEqual([[0.75, 0, 0], [null, 0, 0], [1, 0.25, 0.5]]);
  });

  it('says of a target whether it was passed, and leads to the rows of the workflow', () => {
    const [over, on, none] = prepareBreakdown([row('a', { costPico: usd(9), costPerUsablePico: '11', targetCostPico: '10', rows: { attemptKind: 'retry' } }), row('b', { costPico: usd(8), costPerUsablePico: '10', targetCostPico: '10' }), row('', { rows: { kind: 'usage' } })], { key: 'cost', descending: true });
    expect([over!.target, on!.target, none!.target]).toEqual([{ pico: '10', over: true }, { pico: '10', over: false }, null]);
    expect([over!.rows, none!.rows]).toEqual([{ attemptKind: 'retry', workflow: 'a' }, { kind: 'usage', untagged: true }]);
  });
});
