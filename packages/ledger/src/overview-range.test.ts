import { describe, expect, it } from 'vitest';
import { resolveRange, stepsOf, type OverviewRange } from './overview-range';

const at = (text: string): number => Date.parse(text);
const texts = ({ fromMs, toMs, previousFromMs, bucket }: OverviewRange): string[] => [...[previousFromMs, fromMs, toMs].map((ms) => new Date(ms).toISOString().slice(0, 16)), bucket];

describe('a named range', () => {
  it('ends with the quarter of now and begins with a whole step of the team\'s clocks', () => {
    const nowMs = at('2026-11-21T07:41:23Z');
    const range = (name: '1h' | '24h' | '7d' | '30d' | '90d', timeZone: string): string[] => texts(resolveRange({ range: name }, { timeZone, nowMs }));
    expect(range('1h', 'UTC')).toEqual(['2026-11-21T05:15', '2026-11-21T06:30', '2026-11-21T07:45', '15m']);
    expect(range('24h', 'UTC')).toEqual(['2026-11-19T07:15', '2026-11-20T07:30', '2026-11-21T07:45', '15m']);
    expect(range('7d', 'UTC')).toEqual(['2026-11-07T06:15', '2026-11-14T07:00', '2026-11-21T07:45', 'hour']);
    // Half past, where clocks are half an hour off.
    expect(range('7d', 'Asia/Kolkata')[1]).toBe('2026-11-14T07:30');
    // Thirty days with today: from the midnight of 23 October, Indian time, and of New York before its clocks went back.
    expect(range('30d', 'Asia/Kolkata')).toEqual(['2026-09-23T05:15', '2026-10-22T18:30', '2026-11-21T07:45', 'day']);
    expect(range('30d', 'America/New_York').slice(1)).toEqual(['2026-10-23T04:00', '2026-11-21T07:45', 'day']);
    expect(range('90d', 'UTC')[1]).toBe('2026-08-24T00:00');
    expect(texts(resolveRange({}, { timeZone: 'UTC', nowMs }))).toEqual(range('7d', 'UTC'));
  });
});

describe('a stated span', () => {
  it('is kept as it is, and compared with the same length before', () => {
    const nowMs = at('2026-11-21T07:41:23Z');
    const zone = { timeZone: 'Europe/Berlin', nowMs };
    expect(texts(resolveRange({ fromMs: at('2026-11-01T00:07:00Z'), toMs: at('2026-11-01T01:07:00Z') }, zone))).toEqual(['2026-10-31T23:07', '2026-11-01T00:07', '2026-11-01T01:07', '15m']);
    expect(texts(resolveRange({ fromMs: at('2026-11-18T00:00:00Z') }, zone)).slice(1)).toEqual(['2026-11-18T00:00', '2026-11-21T07:45', 'hour']);
    expect(texts(resolveRange({ toMs: at('2026-11-18T00:00:00Z'), range: '30d' }, zone)).slice(1)).toEqual(['2026-10-19T00:00', '2026-11-18T00:00', 'day']);
    // From the future: an empty quarter, not a span that ends before it begins.
    expect(texts(resolveRange({ fromMs: at('2027-01-01T00:00:00Z') }, zone)).slice(1)).toEqual(['2027-01-01T00:00', '2027-01-01T00:15', '15m']);
  });
});

describe('the steps', () => {
  it('are every quarter, hour or local day, the first may lie before the span', () => {
    const quarter = stepsOf({ fromMs: at('2026-11-21T06:37:00Z'), toMs: at('2026-11-21T07:01:00Z'), bucket: '15m' }, 'UTC');
    expect(quarter.map(({ at: begin }) => begin.slice(11, 16))).toEqual(['06:30', '06:45', '07:00']);
    const hours = stepsOf({ fromMs: at('2026-11-21T06:37:00Z'), toMs: at('2026-11-21T08:30:00Z'), bucket: 'hour' }, 'Asia/Kolkata');
    expect(hours.map(({ at: begin }) => begin.slice(11, 16))).toEqual(['06:30', '07:30']);
  });

  it('keep days of 23 and 25 hours whole', () => {
    const days = (from: string, to: string, timeZone: string): [string, string][] =>
      stepsOf({ fromMs: at(from), toMs: at(to), bucket: 'day' }, timeZone).map(({ key, at: begin }) => [key, begin.slice(0, 16)]);
    expect(days('2026-10-31T04:00:00Z', '2026-11-03T05:00:00Z', 'America/New_York')).toEqual([['2026-10-31', '2026-10-31T04:00'], ['2026-11-01', '2026-11-01T04:00'], ['2026-11-02', '2026-11-02T05:00']]);
    expect(days('2026-03-07T05:00:00Z', '2026-03-10T04:00:00Z', 'America/New_York')).toEqual([['2026-03-07', '2026-03-07T05:00'], ['2026-03-08', '2026-03-08T05:00'], ['2026-03-09', '2026-03-09T04:00']]);
    // In Havana the clocks go from midnight to one o'clock: the day begins at one.
    expect(days('2026-03-08T05:00:00Z', '2026-03-09T04:00:00Z', 'America/Havana')).toEqual([['2026-03-08', '2026-03-08T05:00']]);
  });
});
