import { expect, it } from 'vitest';
import { prepareSparkline } from './prepare-sparkline';

it('fills its box from zero to its highest value', () => {
  expect(prepareSparkline([0, 5, 10])).toEqual({ lines: ['M0 24L50 12L100 0'], areas: ['M0 24L50 12L100 0L100 24L0 24Z'], dots: [] });
});

it('is cut at gaps, and a value alone is a dot', () => {
  expect(prepareSparkline([1, 1, null, 1, null, 1, 1])).toMatchObject({ lines: ['M0 0L16.67 0', 'M83.33 0L100 0'], dots: ['M50 0h0.01'] });
});

it('lies on its edge when there was never anything, and is empty when nothing is known', () => {
  expect(prepareSparkline([0, 0]).lines).toEqual(['M0 24L100 24']);
  expect(prepareSparkline([null, null])).toEqual({ lines: [], areas: [], dots: [] });
  expect(prepareSparkline([3])).toEqual({ lines: [], areas: [], dots: ['M50 0h0.01'] });
});
