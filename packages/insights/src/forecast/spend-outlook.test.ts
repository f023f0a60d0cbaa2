import { addDays, BUCKET_MS, dayStartMs } from '@outlay/kernel';
import { describe, expect, it } from 'vitest';
import { compareOutlook, findMovers } from './compare-outlook';
import { shapeOfDays } from './day-shape';
import { spendUntil, timeUntil } from './limit-times';
import { measureMonthEnd } from './measure-month-end';
import { outlookOf, PACE, wordsOfMethods } from './spend-outlook';

const HOUR_MS = 3_600_000;
const daysTo = (today: string, count: number): string[] => Array.from({ length: count }, (_, i) => addDays(today, i - count + 1));

describe('the outlook of a month', () => {
  it('adds up by days, also on its last day and in its first hour', () => {
    for (const today of ['2026-11-30', '2026-11-01', '2028-02-29']) {
      const days = daysTo(today, 40);
      const { byDay, monthEnd, series, month } = outlookOf({ days, spent: days.map((_, i) => BigInt(1_000 + (i % 7) * 100)), todayShare: 0.5 });
      expect([...byDay.keys()].every((day) => day.startsWith(month))).toBe(true);
      expect([...byDay.values()].reduce((sum, pico) => sum + pico, 0n)).toBe(monthEnd.pico);
      expect(monthEnd.lowerPico).toBeLessThanOrEqual(monthEnd.pico);
      expect(series.filter(({ forecastPico }) => forecastPico !== null).length).toBeGreaterThanOrEqual(7);
    }
  });

  it('has gaps where nothing was called, and none of them is a low season before the first spend', () => {
    const days = daysTo('2026-11-21', 40);
    const spent = days.map((_, i) => (i < 30 ? null : 700n));
    const { series, byDay } = outlookOf({ days, spent, todayShare: 1 });
    expect(series[0]).toMatchObject({ pico: null, forecastPico: null });
    expect(byDay.get('2026-11-25')).toBe(700n);
  });

  it('goes by the pace of today while there is no whole day, and says so', () => {
    const { byDay, methods, mape } = outlookOf({ days: ['2026-11-20', '2026-11-21'], spent: [null, 500n], todayShare: 0.25 });
    expect(byDay.get('2026-11-21')).toBe(2_000n);
    expect([methods, mape]).toEqual([[PACE], null]);
    expect(wordsOfMethods(methods)[0]!.words).toContain('pace of today');
    expect(outlookOf({ days: ['2026-11-21'], spent: [null], todayShare: 0.25 })).toMatchObject({ methods: [], monthEnd: { pico: 0n, lowerPico: 0n, upperPico: 0n } });
  });

  it('is measured on the days that are known: all inside where every week is alike, not where its level jumps', () => {
    const steady = Array.from({ length: 56 }, (_, i) => 100 + (i % 7));
    expect(measureMonthEnd(steady, 10)).toMatchObject({ coverage: 1, origins: 33 });
    const waves = Array.from({ length: 70 }, (_, i) => (Math.floor(i / 14) % 2 === 0 ? 100 : 200));
    const { coverage, error } = measureMonthEnd(waves, 10);
    expect(coverage).toBeLessThan(0.9);
    expect(error).toBeGreaterThan(0.1);
    expect(measureMonthEnd([], 10)).toEqual({ error: null, coverage: null, origins: 0 });
  });
});

describe('what changed', () => {
  it('adds up, whatever moved', () => {
    const then = new Map([['2026-11-18', 10n], ['2026-11-19', 20n], ['2026-11-20', 30n], ['2026-11-21', 40n], ['2026-11-22', 50n]]);
    const now = new Map([['2026-11-18', 12n], ['2026-11-19', 25n], ['2026-11-20', 90n], ['2026-11-21', 30n], ['2026-11-22', 50n]]);
    const change = compareOutlook({ today: '2026-11-21', byDay: now }, { day: '2026-11-19', monthEndPico: 150n, byDay: then });
    expect(change.pico).toBe(57n);
    expect(change.parts.map(({ kind, pico }) => [kind, pico])).toEqual([['came', 65n], ['today', -10n], ['corrected', 2n]]);
    expect(change.parts[0]!.words).toBe('2026-11-19 to 2026-11-20 came to more than was expected.');
  });

  it('names who made yesterday other than usual, and they add up to it', () => {
    const steady = Array.from({ length: 36 }, () => 100n as bigint | null);
    const jumped = steady.map((value, i) => (i === 34 ? 900n : value));
    const fresh = steady.map((_, i) => (i === 34 ? 50n : null));
    const { movers, restPico } = findMovers('workflow', new Map([['steady', steady], ['jumped', jumped], ['new', fresh]]), 1);
    expect(movers).toEqual([{ by: 'workflow', name: 'jumped', pico: 900n, usualPico: 100n, changePico: 800n }]);
    expect(restPico).toBe(50n);
    expect(findMovers('workflow', new Map(), 5)).toEqual({ movers: [], restPico: 0n });
  });
});

describe('the course of a day', () => {
  it('knows when a team works, whatever its clocks do', () => {
    const days = ['2026-10-24', '2026-10-25', '2026-10-26'];
    // Ten in the morning of Berlin; on the 25th clocks are put back.
    const quarters = new Map(days.map((day) => [Math.floor((dayStartMs(day, 'Europe/Berlin') + 10 * HOUR_MS) / BUCKET_MS) * BUCKET_MS, 100n]));
    const shape = shapeOfDays(quarters, days, 'Europe/Berlin');
    expect([shape.shareBy(9 * HOUR_MS), shape.shareBy(11 * HOUR_MS), shape.shareBy(30 * HOUR_MS), shape.shareBy(-1)]).toEqual([0, 1, 1, 0]);
    expect(shape.shareBy(10 * HOUR_MS + BUCKET_MS / 2)).toBeCloseTo(0.5, 9);
  });

  it('is that of the clock while there are too few days', () => {
    expect(shapeOfDays(new Map(), ['2026-11-20'], 'UTC').shareBy(6 * HOUR_MS)).toBe(0.25);
  });
});

describe('the time until a limit', () => {
  const midnight = Date.parse('2026-11-22T00:00:00Z');
  const ahead = { nowMs: midnight - 12 * HOUR_MS, todayShare: 0.5, dayStartsMs: [midnight, midnight + 24 * HOUR_MS], forecast: { values: [10, 20, 20], lower: [5, 10, 10], upper: [20, 40, 40] } };

  it('is an instant, sooner along the upper edge', () => {
    const { reachedAtMs, earliestAtMs, latestAtMs } = timeUntil(15, ahead);
    expect([reachedAtMs, earliestAtMs, latestAtMs].map((at) => (at! - midnight) / HOUR_MS)).toEqual([12, 3, 24 + 6]);
    expect(timeUntil(1_000, ahead).reachedAtMs).toBeNull();
  });

  it('counts what comes until an instant, parts of days evenly', () => {
    expect(spendUntil(midnight, ahead)).toBe(5);
    expect(spendUntil(midnight + 12 * HOUR_MS, ahead)).toBe(15);
    expect(spendUntil(ahead.nowMs, ahead)).toBe(0);
  });
});
