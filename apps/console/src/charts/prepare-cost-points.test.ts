import { expect, it } from 'vitest';
import { prepareCostPoints } from './prepare-cost-points';

const usd = (dollars: number): string => `${dollars}000000000000`;

it('keeps few points as they are, gaps and zeros apart', () => {
  expect(prepareCostPoints([usd(1), null, '0', usd(3)])).toEqual([1, null, 0, 3]);
  expect(prepareCostPoints([])).toEqual([]);
});

it('draws means of neighbours where there are too many, and a gap only where none of them is known', () => {
  const week = Array.from({ length: 168 }, (_, hour) => (hour < 5 ? null : hour === 5 ? usd(8) : hour < 10 ? null : usd(2)));
  const points = prepareCostPoints(week);
  expect(points).toHaveLength(34);
  expect(points.slice(0, 3)).toEqual([null, 8, 2]);
});
