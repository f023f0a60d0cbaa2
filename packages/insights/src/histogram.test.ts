import fc from 'fast-check';
import { expect, it } from 'vitest';
import { percentileOf } from './histogram';

const EDGES = [100, 300, 1_000, 3_000, 10_000, 30_000, 100_000, null];

it('interpolates within a class, evenly by factors', () => {
  expect(percentileOf([0, 0, 0, 100, 0, 0, 0, 0], EDGES, 0.5)!.ms).toBeCloseTo(Math.sqrt(1_000 * 3_000), 6);
  expect(percentileOf([0, 50, 50, 0, 0, 0, 0, 0], EDGES, 0.5)).toEqual({ ms: 300, isFloor: false });
  expect(percentileOf([10, 0, 0, 0, 0, 0, 0, 0], EDGES, 1)).toEqual({ ms: 100, isFloor: false });
});

it('knows only a lower bound in the open class', () => {
  expect(percentileOf([0, 0, 0, 0, 0, 0, 90, 10], EDGES, 0.95)).toEqual({ ms: 100_000, isFloor: true });
});

it('has no value without a call', () => {
  expect(percentileOf([0, 0, 0, 0, 0, 0, 0, 0], EDGES, 0.5)).toBeNull();
  expect(percentileOf([0, -1, 0, 0, 0, 0, 0, 0], EDGES, 0.5)).toBeNull();
});

it('stays in the class of the true percentile', () => {
  const latencies = fc.array(fc.integer({ min: 11, max: 99_999 }), { minLength: 1, maxLength: 200 });
  fc.assert(fc.property(latencies, fc.constantFrom(0.5, 0.95, 0.99), (values, share) => {
    const classOf = (ms: number) => EDGES.findIndex((edge) => edge === null || ms <= edge);
    const counts = EDGES.map((_, index) => values.filter((ms) => classOf(ms) === index).length);
    const truth = values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1]!;
    const { ms } = percentileOf(counts, EDGES, share)!;
    expect(classOf(ms - 1e-6)).toBe(classOf(truth));
  }));
});
