import { describe, expect, it } from 'vitest';
import { prepareSparkLine } from './prepare-spark-line';

const usd = (dollars: number): string => `${dollars}000000000000`;

describe('a spark line', () => {
  it('goes from the ground to its own peak', () => {
    expect(prepareSparkLine([usd(0), usd(5), usd(10)]).paths).toEqual(['M0 23L50 12.5L100 2']);
  });

  it('has a gap where nothing is known, which is not the ground', () => {
    const { paths, areas } = prepareSparkLine([usd(1), usd(1), null, usd(0), usd(1)]);
    expect(paths).toEqual(['M0 2L25 2', 'M75 23L100 2']);
    expect(areas[0]).toBe('M0 2L25 2L25 24L0 24Z');
  });

  it('shows a single point, and nothing of nothing', () => {
    expect(prepareSparkLine([null, usd(1), null]).paths).toEqual(['M49 2L51 2']);
    expect(prepareSparkLine([null, null])).toEqual({ paths: [], areas: [] });
    expect(prepareSparkLine([usd(0), usd(0)]).paths).toEqual(['M0 23L100 23']);
  });

  it('draws means of neighbours where there are too many points', () => {
    const many = Array.from({ length: 168 }, (_, n) => usd(n));
    expect(prepareSparkLine(many).paths[0]!.split('L')).toHaveLength(34);
  });
});
