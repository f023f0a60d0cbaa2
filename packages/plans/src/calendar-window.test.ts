import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addMonths, type Calendar, WINDOWS, windowAt, windowsOf } from './calendar-window';

const at = (iso: string): number => Date.parse(iso);
const calendar = (given: Partial<Calendar> = {}): Calendar => ({ timeZone: 'Europe/Berlin', anchorDay: '2026-01-31', interval: 'month', ...given });
const daysOf = ({ startDay, endDay }: { startDay: string; endDay: string }): string => `${startDay}..${endDay}`;

describe('a billing period', () => {
  it('is clamped to short months, and the 31st comes back', () => {
    expect(['2026-02-27T12:00Z', '2026-02-28T12:00Z', '2026-03-30T12:00Z', '2026-03-31T12:00Z', '2026-04-29T12:00Z', '2026-04-30T12:00Z'].map((time) => daysOf(windowAt('period', at(time), calendar())))).toEqual([
      '2026-01-31..2026-02-28', '2026-02-28..2026-03-31', '2026-02-28..2026-03-31', '2026-03-31..2026-04-30', '2026-03-31..2026-04-30', '2026-04-30..2026-05-31',
    ]);
  });

  it('of a quarter or a year counts from its anchor, also backwards', () => {
    expect(daysOf(windowAt('period', at('2026-11-21T12:00Z'), calendar({ interval: 'quarter' })))).toBe('2026-10-31..2027-01-31');
    expect(daysOf(windowAt('period', at('2025-11-21T12:00Z'), calendar({ interval: 'year' })))).toBe('2025-01-31..2026-01-31');
    expect(daysOf(windowAt('period', at('2028-02-29T12:00Z'), calendar({ anchorDay: '2024-02-29', interval: 'year' })))).toBe('2028-02-29..2029-02-28');
  });
});

it('begins at the midnight of its zone, where days of a clock change are shorter or longer', () => {
  const spring = windowAt('day', at('2026-03-29T10:00Z'), calendar());
  expect([new Date(spring.startMs).toISOString(), (spring.endMs - spring.startMs) / 3_600_000]).toEqual(['2026-03-28T23:00:00.000Z', 23]);
  const autumn = windowAt('day', at('2026-10-25T10:00Z'), calendar());
  expect((autumn.endMs - autumn.startMs) / 3_600_000).toBe(25);
  // One instant, two dates: the month of a customer on Kiritimati has begun.
  expect(daysOf(windowAt('month', at('2026-11-30T12:00Z'), calendar({ timeZone: 'Pacific/Kiritimati' })))).toBe('2026-12-01..2027-01-01');
  expect(daysOf(windowAt('month', at('2026-11-30T12:00Z'), calendar({ timeZone: 'America/New_York' })))).toBe('2026-11-01..2026-12-01');
});

it('of a week begins on Monday', () => {
  expect(['2026-11-22T12:00Z', '2026-11-23T12:00Z'].map((time) => daysOf(windowAt('week', at(time), calendar())))).toEqual(['2026-11-16..2026-11-23', '2026-11-23..2026-11-30']);
});

it('has the edge of a short month, whatever the months between', () => {
  expect(['2026-12-31', '2024-01-31', '2026-03-31'].map((day) => addMonths(day, 2))).toEqual(['2027-02-28', '2024-03-31', '2026-05-31']);
  expect(addMonths('2026-03-31', -1)).toBe('2026-02-28');
});

it('holds its instant, meets its neighbours without gap or overlap, and is the same for each of its instants', () => {
  const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Apia');
  const anchors = fc.integer({ min: 0, max: 800 }).map((days) => new Date(at('2024-01-01T00:00Z') + days * 86_400_000).toISOString().slice(0, 10));
  fc.assert(fc.property(fc.integer({ min: at('2023-01-01T00:00Z'), max: at('2029-01-01T00:00Z') }), zones, anchors, fc.constantFrom('month', 'quarter', 'year'), fc.constantFrom(...WINDOWS), (ms, timeZone, anchorDay, interval, kind) => {
    const own: Calendar = { timeZone, anchorDay, interval };
    const window = windowAt(kind, ms, own);
    expect(window.startMs <= ms && ms < window.endMs).toBe(true);
    expect(windowAt(kind, window.startMs, own)).toEqual(window);
    expect(windowAt(kind, window.endMs - 1, own)).toEqual(window);
    expect(windowAt(kind, window.endMs, own).startMs).toBe(window.endMs);
  }));
});

it('names every window that a span touches', () => {
  expect(windowsOf('day', { fromMs: at('2026-11-20T12:00Z'), toMs: at('2026-11-22T23:00Z') }, calendar()).map(({ startDay }) => startDay)).toEqual(['2026-11-20', '2026-11-21', '2026-11-22']);
  expect(windowsOf('day', { fromMs: 5, toMs: 5 }, calendar())).toEqual([]);
});
