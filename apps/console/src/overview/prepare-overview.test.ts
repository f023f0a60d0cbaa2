import { describe, expect, it } from 'vitest';
import { prepareBreakdown } from './prepare-breakdown';
import { prepareCountChange, preparePointChange, prepareRelativeChange } from './prepare-change';
import { prepareSpendSplit } from './prepare-spend-split';
import { prepareStats, type Totals } from './prepare-stats';

const USD = 1_000_000_000_000n;

function totals(given: Partial<Totals> = {}): Totals {
  return {
    costPico: '0', ceilingPico: '0', retryCostPico: '0', failedCostPico: '0', costUsablePico: '0', costUnusablePico: '0',
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
  const byId = (now: Partial<Totals>, before: Partial<Totals> = {}) => Object.fromEntries(prepareStats(totals(now), totals(before)).map((stat) => [stat.id, stat]));

  it('shows the share of retries in the cost', () => {
    const stats = byId({ costPico: usd(200), retryCostPico: usd(62), retries: 40 }, { costPico: usd(100), retryCostPico: usd(20) });
    expect(stats['retry-share']).toMatchObject({ value: '31%', note: '$62.00 on 40 calls', alert: true, change: { text: '11.0 pt', tone: 'bad' } });
    expect(stats.cost).toMatchObject({ value: '$200.00', change: { direction: 'up', text: '100%', tone: 'neutral' } });
  });

  it('has no value, not zero, where nothing was spent or nothing ended usable', () => {
    const stats = byId({});
    expect(stats['retry-share']?.value).toBeNull();
    expect(stats['cost-per-usable']).toMatchObject({ value: null, exact: null, note: 'No usable outcome in this range' });
    expect(stats.cost?.value).toBe('$0.00');
  });

  it('raises untagged and unpriced calls', () => {
    const stats = byId({ untagged: 3, unpriced: 0 });
    expect(stats.untagged).toMatchObject({ value: '3', alert: true });
    expect(stats.unpriced).toMatchObject({ value: '0', alert: false });
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
});

describe('prepareBreakdown', () => {
  const rows = [
    { ...totals({ costPico: usd(2), usable: 3, unusable: 1, costPerUsablePico: usd(0.66) }), workflow: 'a' },
    { ...totals({ costPico: usd(8) }), workflow: 'b' },
    { ...totals({ costPico: usd(4), usable: 1, costPerUsablePico: usd(4) }), workflow: '' },
  ];

  it('sorts by cost and draws shares of the dearest', () => {
    expect(prepareBreakdown(rows, { key: 'cost', descending: true }).map(({ name, costShare }) => [name, costShare])).toEqual([['b', 1], ['untagged', 0.5], ['a', 0.25]]);
  });

  it('keeps rows without a value last in both directions', () => {
    expect(prepareBreakdown(rows, { key: 'costPerUsable', descending: true }).map((row) => row.name)).toEqual(['untagged', 'a', 'b']);
    expect(prepareBreakdown(rows, { key: 'costPerUsable', descending: false }).map((row) => row.name)).toEqual(['a', 'untagged', 'b']);
  });

  it('counts usable outcomes among those that ended', () => {
    expect(prepareBreakdown(rows, { key: 'name', descending: false }).map((row) => row.usableShare)).toEqual([0.75, null, 1]);
  });
});
