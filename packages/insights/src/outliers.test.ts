import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findOutliers, medianOf, type Measured, OUTLIER_RULE } from './outliers';

const USD = 1_000_000_000_000n;
const usd = (dollars: number): bigint => BigInt(Math.round(dollars * 1_000_000)) * (USD / 1_000_000n);

function customer(key: string, cost: number, previous = 0, usable = 0): Measured & { readonly key: string } {
  return { key, costPico: usd(cost), previousCostPico: usd(previous), usable };
}

const others = (count: number, cost = 10): (Measured & { readonly key: string })[] => Array.from({ length: count }, (_, n) => customer(`c${n}`, cost));
const names = (found: readonly { readonly key: string }[]): string[] => found.map(({ key }) => key);

describe('the median', () => {
  it('is the middle, or between the two in the middle', () => {
    expect(medianOf([3, 1, 2])).toBe(2);
    expect(medianOf([4, 1, 2, 3])).toBe(2.5);
    expect(medianOf([7])).toBe(7);
  });
});

describe('an outlier by cost', () => {
  it('stands five times above customers who are all alike, and not just below', () => {
    expect(names(findOutliers([...others(6), customer('big', 50)]))).toEqual(['big']);
    expect(findOutliers([...others(6), customer('big', 49.99)])).toEqual([]);
  });

  it('is 3.5 robust deviations away where customers differ, and not just below', () => {
    // Logarithms -2, -1, 0, 1, 2 and the outlier's: the median absolute deviation of an odd count around 0 is 1 (of -2 -1 -1 0 1 2 x: 1).
    const spread = [-2, -1, -1, 0, 1, 2].map((log, n) => customer(`c${n}`, 100 * Math.E ** log));
    const at = (distance: number) => findOutliers([...spread, customer('big', 100 * Math.E ** (1.4826 * distance))]);
    expect(names(at(3.51))).toEqual(['big']);
    expect(at(3.51)[0]!.findings[0]!.distance).toBeCloseTo(3.51, 3);
    expect(at(3.49)).toEqual([]);
  });

  it('needs five customers to be compared, and a dollar to be one of them', () => {
    expect(names(findOutliers([...others(4), customer('big', 900)]))).toEqual(['big']);
    expect(findOutliers([...others(3), customer('big', 900)])).toEqual([]);
    // Dust neither counts among the five nor pulls the median down.
    expect(findOutliers([...others(40, 0.999), ...others(3), customer('big', 900)])).toEqual([]);
    expect(names(findOutliers([...others(3), customer('edge', 1), customer('big', 900)]))).toEqual(['big']);
    expect(OUTLIER_RULE.amountMinPico).toBe(USD);
  });

  it('says how far it is from what is usual', () => {
    const [big] = findOutliers([...others(6), customer('big', 120)]);
    expect(big!.findings).toEqual([{ measure: 'cost', value: Number(usd(120)), median: expect.closeTo(Number(usd(10)), -3), times: expect.closeTo(12, 6), distance: expect.closeTo(Math.log(12) / Math.log(1.2), 6) }]);
  });
});

describe('an outlier by growth', () => {
  const steady = Array.from({ length: 6 }, (_, n) => customer(`c${n}`, 10, 10));
  it('at least doubled while the others stayed, and not just below', () => {
    expect(names(findOutliers([...steady, customer('grown', 20, 10)]))).toEqual(['grown']);
    expect(findOutliers([...steady, customer('grown', 19.9, 10)])).toEqual([]);
  });

  it('does not stand out where everybody doubled', () => {
    expect(findOutliers(steady.map((each) => ({ ...each, costPico: each.costPico * 2n })))).toEqual([]);
  });

  it('must have spent a dollar before: a new customer has not grown', () => {
    expect(findOutliers([...steady, customer('new', 20, 0), customer('tiny', 20, 0.99)])).toEqual([]);
    expect(names(findOutliers([...steady, customer('small', 20, 1)]))).toEqual(['small']);
  });
});

describe('an outlier by cost per usable outcome', () => {
  const alike = Array.from({ length: 6 }, (_, n) => customer(`c${n}`, 10, 0, 100));
  it('costs at least twice as much an outcome, of at least five outcomes', () => {
    expect(names(findOutliers([...alike, customer('dear', 20, 0, 100)]))).toEqual(['dear']);
    expect(findOutliers([...alike, customer('dear', 19.9, 0, 100)])).toEqual([]);
    expect(names(findOutliers([...alike, customer('five', 40, 0, 5)]))).toEqual(['five']);
    expect(findOutliers([...alike, customer('four', 40, 0, 4)])).toEqual([]);
  });
});

it('puts the dearest first, and of each what is farthest off', () => {
  const alike = Array.from({ length: 8 }, (_, n) => customer(`c${n}`, 10, 10, 100));
  const found = findOutliers([...alike, customer('a', 60, 10, 100), customer('b', 600, 10, 100)]);
  expect(names(found)).toEqual(['b', 'a']);
  expect(found[0]!.findings.map(({ measure }) => measure).sort()).toEqual(['cost', 'costPerUsable', 'growth']);
  const distances = found[0]!.findings.map(({ distance }) => distance);
  expect(distances).toEqual(distances.toSorted((a, b) => b - a));
});

it('is not hidden by another that is more extreme, however extreme', () => {
  // Mean and standard deviation fail this: the second one widens the deviation until the first looks usual.
  // Usual ones lie within a factor of 3 of their median, so a deviation is at most ln 3 x 1.4826, and 3.5 of them a factor of 3 ** 5.19 = 299: 9,000 is always far off.
  const usual = fc.array(fc.double({ min: 10, max: 30, noNaN: true }), { minLength: 7, maxLength: 60 });
  fc.assert(fc.property(usual, fc.double({ min: 9_000, max: 50_000, noNaN: true }), fc.double({ min: 1, max: 1e6, noNaN: true }), (costs, first, factor) => {
    const all = costs.map((cost, n) => customer(`c${n}`, cost));
    const one = [...all, customer('one', first)];
    expect(names(findOutliers(one))).toContain('one');
    const both = findOutliers([...one, customer('two', first * factor)]);
    expect(names(both)).toEqual(expect.arrayContaining(['one', 'two']));
    // And nobody of the usual ones is accused for it.
    expect(both).toHaveLength(2);
  }));
});
