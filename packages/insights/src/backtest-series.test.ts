import { describe, expect, it } from 'vitest';
import { backtestSeriesForecast, backtestSpikes, bucketSeries, daysOfSeries, inferGranularity, parseGranularity, parseSeries } from './backtest-series';

const at = (text: string): number => Date.parse(text);

describe('a series from CSV', () => {
  it('reads times of every usual form, with and without a header', () => {
    const parsed = parseSeries(['timestamp,value', '2026-01-01T00:00:00Z,1', '2026-01-01 00:05:00,2.5', '1767226200,3', '"1767226500000","4"', '2026-01-01T01:20:00+01:00,5', '']);
    expect(parsed).toEqual({ ok: true, value: [
      { atMs: at('2026-01-01T00:00:00Z'), value: 1 }, { atMs: at('2026-01-01T00:05:00Z'), value: 2.5 }, { atMs: at('2026-01-01T00:10:00Z'), value: 3 },
      { atMs: at('2026-01-01T00:15:00Z'), value: 4 }, { atMs: at('2026-01-01T00:20:00Z'), value: 5 },
    ] });
    expect(parseSeries(['2026-01-02,7']).ok && parseSeries(['2026-01-02,7'])).toEqual({ ok: true, value: [{ atMs: at('2026-01-02T00:00:00Z'), value: 7 }] });
    expect(parseSeries(['value,timestamp', '7,2026-01-02'])).toEqual({ ok: true, value: [{ atMs: at('2026-01-02T00:00:00Z'), value: 7 }] });
  });

  it('names the line that it cannot read', () => {
    expect(parseSeries(['timestamp,value', '2026-01-01,1', 'yesterday,2'])).toMatchObject({ ok: false, error: { line: 3, message: expect.stringContaining('"yesterday" is no time') } });
    expect(parseSeries(['2026-01-01,much'])).toMatchObject({ ok: false, error: { line: 1, message: '"much" is no number.' } });
  });

  it('sums by buckets of a stated or an inferred width', () => {
    expect([parseGranularity('5m'), parseGranularity('1h'), parseGranularity('7m'), parseGranularity('x')]).toEqual([300_000, 3_600_000, null, null]);
    const regular = Array.from({ length: 10 }, (_, i) => ({ atMs: i * 900_000, value: 1 }));
    expect(inferGranularity(regular)).toBe(900_000);
    expect(inferGranularity([0, 1_700, 2_900, 90_000_000].map((atMs) => ({ atMs, value: 1 })))).toBe(300_000);
    expect(bucketSeries([0, 100, 60_000].map((atMs) => ({ atMs, value: 1 })), 60_000)).toEqual([{ atMs: 0, value: 2 }, { atMs: 60_000, value: 1 }]);
  });

  it('keeps whole days', () => {
    const hours = Array.from({ length: 60 }, (_, i) => ({ atMs: at('2026-01-01T06:00:00Z') + i * 3_600_000, value: 1 }));
    expect(daysOfSeries(hours)).toEqual([24]);
    expect(daysOfSeries([{ atMs: at('2026-01-01'), value: 5 }, { atMs: at('2026-01-03'), value: 6 }])).toEqual([5, 0, 6]);
  });
});

describe('a backtest', () => {
  const SEASON = Array.from({ length: 60 * 24 }, (_, i) => ({
    atMs: at('2026-01-05T00:00:00Z') + i * 3_600_000,
    value: (10 + 5 * Math.sin((i / 24) * 2 * Math.PI)) * ([5, 6].includes(Math.floor(i / 24) % 7) ? 0.3 : 1) * (1 + (((i * 7_919) % 101) - 50) / 1_000),
  }));

  it('forecasts seasonal load within 8 % a week ahead, and no worse than last week did', () => {
    const { mape, seasonalNaiveMape, linearMape, coverage, origins } = backtestSeriesForecast(SEASON, 7);
    expect(origins).toBe(40);
    expect(mape).toBeLessThan(0.08);
    expect(mape! / seasonalNaiveMape!).toBeLessThan(1.1);
    expect(linearMape).toBeGreaterThan(mape!);
    expect(coverage).toBeGreaterThan(0.7);
  });

  it('names the bucket that fired', () => {
    const series = SEASON.map((point, i) => (i >= 40 * 24 + 9 && i < 40 * 24 + 13 ? { ...point, value: point.value * 6 } : point));
    const alerts = backtestSpikes(series, { bucketMs: 3_600_000, amountMin: 0 });
    expect(alerts.map(({ startMs }) => new Date(startMs).toISOString())).toEqual(['2026-02-14T09:00:00.000Z']);
  });

  it('of too few days says that nothing was measured', () => {
    expect(backtestSeriesForecast(SEASON.slice(0, 100), 7)).toEqual({ mape: null, seasonalNaiveMape: null, linearMape: null, coverage: null, origins: 0 });
  });
});
