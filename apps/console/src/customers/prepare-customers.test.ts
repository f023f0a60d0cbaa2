import { describe, expect, it } from 'vitest';
import { parseCustomersSearch } from './customers-search';
import { prepareCustomer } from './prepare-customer';
import { preparePager, prepareSpenders, type Spender, type SpenderList } from './prepare-spenders';

const usd = (dollars: number): string => String(BigInt(Math.round(dollars * 100)) * 10_000_000_000n);

function spender(customerId: string, cost: number, previous = 0): Spender {
  return {
    customerId, userId: null, costPico: usd(cost), ceilingPico: usd(cost), failedCostPico: '0', costUsablePico: '0', costUnusablePico: '0', calls: 1, failed: 0, unpriced: 0, usable: 0, unusable: 0, costPerUsablePico: null,
    previousCostPico: usd(previous), previousUsable: 0, trend: [],
  };
}

function listOf(rows: Spender[], given: Partial<SpenderList> = {}): SpenderList {
  return {
    freshAt: '', timeZone: 'UTC', range: { from: '', to: '', bucket: 'day' }, steps: [], rows, count: rows.length, matched: rows.length, costPico: usd(200), previousCostPico: '0', tooMany: null, outliers: [], outlierCount: 0, ...given,
  };
}

describe('customers', () => {
  it('have their share of everything, their change, and a mark when they stand out', () => {
    const list = listOf([spender('a', 50, 25), spender('b', 10), spender('c', 0)], { outliers: [{ customerId: 'b', userId: null, costPico: '1', findings: [], sentence: '', workflows: [], trend: [] }] });
    expect(prepareSpenders(list, true).map(({ share, change, isNew, isOutlier }) => [share, change?.text, isNew, isOutlier])).toEqual([[0.25, '100%', false, false], [0.05, undefined, true, true], [0, undefined, false, false]]);
    expect(prepareSpenders(list, false).every(({ change, isNew }) => change === null && !isNew)).toBe(true);
    expect(prepareSpenders(listOf([spender('a', 1)], { costPico: '0' }), true)[0]!.share).toBeNull();
  });

  it('are paged with what stands on the page, and not when one page holds them all', () => {
    expect(preparePager(50, 1, 50)).toBeNull();
    expect(preparePager(51, 2, 50)).toEqual({ page: 2, pages: 2, first: 51, last: 51 });
    expect(preparePager(12_345, 3, 50)).toEqual({ page: 3, pages: 247, first: 101, last: 150 });
    // An old link beyond the end still shows the way back.
    expect(preparePager(10, 7, 50)).toMatchObject({ page: 7, pages: 1 });
  });
});

it('the page of the URL is what it can be, and nothing else', () => {
  expect(parseCustomersSearch({ tab: 'users', search: ' acme ', sort: 'calls', order: 'up', page: '3', range: '7d' })).toEqual({ tab: 'users', search: 'acme', sort: 'calls', order: 'up', page: 3, range: '7d' });
  expect(parseCustomersSearch({ tab: 'x', search: '  ', sort: 'evil', order: 'down', page: '-1' })).toEqual({});
  expect(parseCustomersSearch({ page: '1e9' })).toEqual({});
});

it('a customer without usable outcomes has no cost of one, and its share is unknown where everybody\'s cost is', () => {
  const totals = {
    costPico: usd(10), ceilingPico: usd(10), retryCostPico: '0', fallbackCostPico: '0', failedCostPico: usd(1), costUsablePico: '0', costUnusablePico: usd(2), calls: 4, failed: 1, retries: 0, fallbacks: 0, unpriced: 0, untagged: 0,
    usable: 0, unusable: 2, costPerUsablePico: null,
  } as Parameters<typeof prepareCustomer>[0]['totals'];
  const figures = Object.fromEntries(prepareCustomer({ totals, previous: { ...totals, costPico: usd(5) }, allCostPico: usd(40), customers: 3 }, true).map((figure) => [figure.id, figure]));
  expect(figures['cost']).toMatchObject({ value: '$10.00', note: '25% of all cost, 3 customers', change: { text: '100%', tone: 'neutral' } });
  expect(figures['per-usable']).toMatchObject({ value: null, note: 'No usable outcome in this range', change: null });
  expect(prepareCustomer({ totals, previous: totals, allCostPico: null, customers: null }, false)[0]).toMatchObject({ note: '4 calls', change: null });
});
