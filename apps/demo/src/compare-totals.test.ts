import { assert, bigInt, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareTotals, formatPico, parsePico, subtractGroups } from './compare-totals';

const groups = (entries: Record<string, [number, bigint]>) => new Map(Object.entries(entries).map(([name, [calls, costPico]]) => [name, { calls, costPico }]));

describe('compareTotals', () => {
  it('is equal only when every group and the total are', () => {
    const served = groups({ a: [2, 10n], b: [1, 5n] });
    expect(compareTotals(served, groups({ a: [2, 10n], b: [1, 5n] }), { calls: 3, costPico: 15n }).equal).toBe(true);
    expect(compareTotals(served, groups({ a: [2, 11n], b: [1, 4n] }), { calls: 3, costPico: 15n })).toMatchObject({ equal: false, total: { differencePico: 0n } });
    expect(compareTotals(served, groups({ a: [2, 10n], b: [1, 5n] }), { calls: 3, costPico: 16n })).toMatchObject({ equal: false, total: { differencePico: 1n } });
  });

  it('shows a group that only one side has', () => {
    const comparison = compareTotals(groups({ a: [1, 7n] }), groups({ b: [1, 7n], c: [0, 0n] }), { calls: 1, costPico: 7n });
    expect(comparison.rows.map((row) => [row.name, row.differencePico])).toEqual([['a', -7n], ['b', 7n]]);
    expect(comparison.equal).toBe(false);
  });

  it('subtracts what was there before', () => {
    expect(subtractGroups(groups({ a: [5, 50n], b: [1, 1n] }), groups({ a: [3, 20n] }))).toEqual(groups({ a: [2, 30n], b: [1, 1n] }));
  });
});

describe('pico-dollars', () => {
  it('reads and writes decimals exactly', () => {
    expect(parsePico('0.0006484')).toBe(648_400_000n);
    expect(formatPico(648_400_000n)).toBe('0.000648400000');
    expect(formatPico(-1n)).toBe('-0.000000000001');
    expect(() => parsePico('1e-7')).toThrow(/1e-7/);
    expect(() => parsePico('0.1234567890123')).toThrow();
  });

  it('comes back from any text it wrote', () => {
    assert(property(bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), (pico) => parsePico(formatPico(pico)) === pico));
  });
});
