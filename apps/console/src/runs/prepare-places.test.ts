import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describePause, preparePlaces } from './prepare-places';

const span = (fromMs: number, toMs: number) => ({ fromMs, toMs });

describe('preparePlaces', () => {
  it('is an even scale where no wait is longer than the work', () => {
    const { placeOf, pauses, ticks } = preparePlaces([span(1_000, 5_000), span(6_000, 9_000)]);
    expect(pauses).toEqual([]);
    expect([1_000, 3_000, 9_000].map(placeOf)).toEqual([0, 0.25, 1]);
    expect(ticks.map(({ label }) => label)).toEqual(['0', '2.0 s', '4.0 s', '6.0 s', '8.0 s']);
  });

  it('draws a night without a call as a short pause, and says how long it was', () => {
    const night = 9 * 3_600_000;
    const { placeOf, pauses, ticks } = preparePlaces([span(0, 10_000), span(night + 10_000, night + 20_000)]);
    expect(pauses).toHaveLength(1);
    expect(pauses[0]).toMatchObject({ label: '9 h without a call' });
    expect(placeOf(10_000)).toBeCloseTo((1 - 0.07) / 2);
    expect(placeOf(night + 10_000)).toBeCloseTo((1 + 0.07) / 2);
    expect(placeOf(night + 20_000)).toBe(1);
    expect(ticks.map(({ label }) => label)).toEqual(['0', '9 h', '9 h']);
  });

  it('gives many pauses less than half of the width', () => {
    const { pauses } = preparePlaces(Array.from({ length: 20 }, (_, n) => span(n * 100_000, n * 100_000 + 100)));
    expect(pauses.reduce((sum, { width }) => sum + width, 0)).toBeCloseTo(0.4);
  });

  it('never turns time around, and stays between 0 and 1', () => {
    const spans = fc.array(fc.tuple(fc.nat(10_000_000), fc.nat(60_000)).map(([from, length]) => span(from, from + length)), { minLength: 1, maxLength: 40 });
    fc.assert(fc.property(spans, (some) => {
      const { placeOf } = preparePlaces(some);
      const places = some.flatMap(({ fromMs, toMs }) => [fromMs, toMs]).sort((a, b) => a - b).map(placeOf);
      expect(places.every((place, n) => place >= 0 && place <= 1 && (n === 0 || place >= places[n - 1]! - 1e-9))).toBe(true);
    }));
  });

  it('has places for nothing at all, and for a single moment', () => {
    expect(preparePlaces([])).toMatchObject({ ticks: [], pauses: [] });
    expect(preparePlaces([span(5, 5)]).placeOf(5)).toBe(0);
  });
});

it.each([[500, '500 ms'], [90_000, '1 min 30 s'], [3_600_000, '1 h'], [7_500_000, '2 h 5 min'], [3 * 86_400_000, '3 days']])('%i ms is %s', (ms, text) => {
  expect(describePause(ms)).toBe(text);
});
