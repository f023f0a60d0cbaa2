import fc from 'fast-check';
import { expect, it } from 'vitest';
import { boundsOf, COST_EDGES, estimateCost, findRank } from './run-cost-grid';

it('covers what a run may cost, from nothing to ten thousand dollars, without a gap', () => {
  expect(COST_EDGES.every((edge, n) => n === 0 || edge > COST_EDGES[n - 1]!)).toBe(true);
  expect(boundsOf(0)).toEqual({ fromPico: null, toPico: 1n });
  expect(boundsOf(COST_EDGES.length)).toEqual({ fromPico: COST_EDGES.at(-1), toPico: null });
  expect(COST_EDGES.at(-1)! >= 500n * 10n ** 12n).toBe(true);
  for (let n = 1; n < COST_EDGES.length; n++) expect(boundsOf(n).toPico).toBe(boundsOf(n + 1).fromPico);
});

it('has no rank without runs', () => {
  expect(findRank(new Map(), 0.5)).toBeNull();
});

it.each([
  [0.95, 20, 19],
  [0.95, 21, 20],
  [0.95, 1, 1],
  [0.5, 2, 1],
  [0.5, 3, 2],
  [1, 7, 7],
])('the %s share of %i runs is the %ith', (share, runs, place) => {
  expect(findRank(new Map([[4, runs]]), share)).toEqual({ bucket: 4, rankInBucket: place });
});

it('finds the very place that sorting them all would find', () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 300 }), fc.constantFrom(0.5, 0.9, 0.95, 0.99, 1), (buckets, share) => {
    const counts = new Map<number, number>();
    for (const bucket of buckets) counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
    const sorted = buckets.toSorted((a, b) => a - b);
    const { bucket, rankInBucket } = findRank(counts, share)!;
    const place = sorted.indexOf(bucket) + rankInBucket;
    // At least the share of the runs stands at or before this place, and fewer before it.
    expect(place * 1_000).toBeGreaterThanOrEqual(Math.round(share * 1_000) * buckets.length);
    expect((place - 1) * 1_000).toBeLessThan(Math.round(share * 1_000) * buckets.length);
    expect(sorted[place - 1]).toBe(bucket);
  }));
});

it('estimates a cost inside of the bucket that holds the rank, and nothing as nothing', () => {
  const counts = new Map([[0, 2], [10, 4], [12, 2]]);
  expect(estimateCost(new Map(), 0.5)).toBeNull();
  expect(estimateCost(counts, 0.2)).toBe(0n);
  const { fromPico, toPico } = boundsOf(10);
  expect(estimateCost(counts, 0.5)).toBe(fromPico! + ((toPico! - fromPico!) * 3n) / 8n);
  expect(estimateCost(new Map([[COST_EDGES.length, 1]]), 0.5)).toBe(COST_EDGES.at(-1));
});
