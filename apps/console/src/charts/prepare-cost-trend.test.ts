import { describe, expect, it } from 'vitest';
import { prepareCostTrend, REST_NAME, type TrendPoint } from './prepare-cost-trend';

const USD = 1_000_000_000_000;

function point(hour: number, spent: Record<string, number> | null): TrendPoint {
  const costs = Object.entries(spent ?? {}).map(([name, usd]) => [name, String(usd * USD)] as const);
  return {
    at: `2026-11-21T${String(hour).padStart(2, '0')}:00:00Z`,
    total: spent === null ? null : String(costs.reduce((sum, [, cost]) => sum + Number(cost), 0)),
    costs: Object.fromEntries(costs),
  };
}

describe('prepareCostTrend', () => {
  it('orders series by cost and gives each its column, colour and share', () => {
    const trend = prepareCostTrend([point(1, { 'gpt-4.1': 1, opus: 2 }), point(2, { opus: 1 })], 'model', 'hour', 'UTC');
    expect(trend.series.map(({ key, name, cost, share }) => ({ key, name, cost, share }))).toEqual([
      { key: 's0', name: 'opus', cost: '$3.00', share: 0.75 },
      { key: 's1', name: 'gpt-4.1', cost: '$1.00', share: 0.25 },
    ]);
    expect(new Set(trend.series.map((each) => each.color.tremor)).size).toBe(2);
    expect(trend.columns[1]?.drawn).toEqual({ s0: 1, s1: 0 });
  });

  it('draws a gap where nothing is known and a zero where nothing was spent', () => {
    const trend = prepareCostTrend([point(1, { a: 1 }), point(2, null), point(3, {})], 'model', 'hour', 'UTC');
    expect(trend.columns.map((column) => column.drawn.s0)).toEqual([1, null, 0]);
    expect(trend.columns.map((column) => column.total)).toEqual(['$1.00', null, '$0.00']);
    expect(trend.columns[1]?.rows).toEqual([]);
  });

  it('puts what it cannot tell apart into one rest, and loses no cost', () => {
    const many = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`m${index}`, 12 - index]));
    const trend = prepareCostTrend([point(1, many)], 'model', 'hour', 'UTC');
    expect(trend.series).toHaveLength(8);
    expect(trend.series.at(-1)).toMatchObject({ key: 'rest', name: REST_NAME, cost: '$15.00' });
    expect(Object.values(trend.columns[0]?.drawn ?? {}).reduce<number>((sum, usd) => sum + (usd ?? 0), 0)).toBe(78);
  });

  it('adds to the rest what the server has left over, however much it is', () => {
    const trend = prepareCostTrend([point(1, { a: 2, [REST_NAME]: 9 }), point(2, { [REST_NAME]: 1 })], 'customer', 'hour', 'UTC');
    expect(trend.series.map(({ key, name, choice, cost }) => [key, name, choice, cost])).toEqual([['s0', 'a', 'a', '$2.00'], ['rest', REST_NAME, null, '$10.00']]);
    expect(trend.columns.map(({ drawn }) => drawn)).toEqual([{ s0: 2, rest: 9 }, { s0: 0, rest: 1 }]);
  });

  it('does not make a rest of one', () => {
    const eight = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`m${index}`, 8 - index]));
    expect(prepareCostTrend([point(1, eight)], 'model', 'hour', 'UTC').series.map((each) => each.name)).not.toContain(REST_NAME);
  });

  it('labels in the team\'s zone', () => {
    const [column] = prepareCostTrend([point(23, { a: 1 })], 'model', 'hour', 'Europe/Berlin').columns;
    expect(column).toMatchObject({ label: '22 Nov 00:00', span: '22 Nov, 00:00 to 01:00' });
  });

  it('names calls without a workflow and says when there is nothing to draw', () => {
    expect(prepareCostTrend([point(1, { '': 1 })], 'model', 'hour', 'UTC').series[0]?.name).toBe('other cost');
    expect(prepareCostTrend([point(1, {}), point(2, null)], 'model', 'hour', 'UTC').empty).toBe(true);
    expect(prepareCostTrend([], 'model', 'hour', 'UTC').empty).toBe(true);
  });
});
