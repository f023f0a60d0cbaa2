import { expect, it } from 'vitest';
import { withoutGaps } from './workflow-figures';

it('fills the buckets between the cheapest and the dearest run, and none before them', () => {
  const filled = withoutGaps([{ bucket: 0, runs: 3 }, { bucket: 40, runs: 5 }, { bucket: 43, runs: 1 }]);
  expect(filled.map(({ runs }) => runs)).toEqual([3, 5, 0, 0, 1]);
  expect(filled[0]).toEqual({ fromPico: null, toPico: '1', runs: 3 });
  for (let n = 2; n < filled.length; n++) expect(filled[n]!.fromPico).toBe(filled[n - 1]!.toPico);
});

it('is empty without runs', () => {
  expect(withoutGaps([])).toEqual([]);
});
