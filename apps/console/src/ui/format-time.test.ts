import { describe, expect, it } from 'vitest';
import { formatExactTime, formatRelative, formatRowTime } from './format-time';

const NOW = Date.parse('2026-11-21T13:00:00Z');
const ZONE = 'Europe/Berlin';

describe('formatRelative', () => {
  it.each([
    ['2026-11-21T12:59:58Z', 'just now'],
    ['2026-11-21T12:59:48Z', '12 s ago'],
    ['2026-11-21T12:57:00Z', '3 min ago'],
    ['2026-11-21T10:00:00Z', '3 h ago'],
    ['2026-11-20T10:00:00Z', '1 day ago'],
    ['2026-11-24T13:00:00Z', 'in 3 days'],
    ['2026-08-01T12:00:00Z', '1 Aug 2026'],
  ])('%s is %s', (iso, text) => {
    expect(formatRelative(iso, ZONE, NOW)).toBe(text);
  });
});

describe('formatRowTime', () => {
  it('names the day only when it is not today in the given zone', () => {
    expect(formatRowTime('2026-11-21T12:03:22Z', ZONE, NOW)).toBe('13:03:22');
    expect(formatRowTime('2026-11-20T22:59:59Z', ZONE, NOW)).toBe('20 Nov 23:59:59');
    expect(formatRowTime('2026-11-20T23:00:00Z', ZONE, NOW)).toBe('00:00:00');
  });
});

it('shows milliseconds and the zone in the exact form', () => {
  expect(formatExactTime('2026-11-21T12:03:22.481Z', ZONE)).toBe('21 Nov 2026, 13:03:22.481 CET');
});
