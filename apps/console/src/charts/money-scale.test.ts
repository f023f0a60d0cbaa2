import { expect, it } from 'vitest';
import { formatScaleUsd, prepareMoneyScale } from './money-scale';

it.each([
  [1.79, ['$0', '$0.50', '$1.00', '$1.50', '$2.00']],
  [4, ['$0', '$1', '$2', '$3', '$4']],
  [9.1, ['$0', '$3', '$6', '$9', '$12']],
  [24.5, ['$0', '$8', '$16', '$24', '$32']],
  [52, ['$0', '$15', '$30', '$45', '$60']],
  [0.0031, ['$0', '$0.001', '$0.002', '$0.003', '$0.004']],
  [0.00000035, ['$0', '$0.0000001', '$0.0000002', '$0.0000003', '$0.0000004']],
  [4.2, ['$0', '$2', '$4', '$6', '$8']],
  [740, ['$0', '$200', '$400', '$600', '$800']],
  [8_800, ['$0', '$2.5k', '$5.0k', '$7.5k', '$10.0k']],
  [3_900_000, ['$0', '$1M', '$2M', '$3M', '$4M']],
])('a peak of %s stands on the scale %j', (peak, labels) => {
  const scale = prepareMoneyScale(peak);
  expect(scale.top).toBeGreaterThanOrEqual(peak);
  expect([0, 1, 2, 3, 4].map((n) => formatScaleUsd((scale.top / 4) * n, scale))).toEqual(labels);
});

it('has a scale when nothing was spent', () => {
  expect(prepareMoneyScale(0)).toEqual({ top: 4, divisor: 1, unit: '', decimals: 0 });
});
