import { expect, it } from 'vitest';
import { quietUntil } from './quiet-hours';

const NIGHT = { from: '22:00', to: '07:00' };
const at = (iso: string, zone = 'UTC', hours: { from: string; to: string } | null = NIGHT): string | null => {
  const until = quietUntil(hours, Date.parse(iso), zone);
  return until === null ? null : new Date(until).toISOString();
};

it('is quiet over midnight, from the first minute to the last', () => {
  expect(at('2026-11-21T21:59:59Z')).toBeNull();
  expect(at('2026-11-21T22:00:00Z')).toBe('2026-11-22T07:00:00.000Z');
  expect(at('2026-11-22T06:59:30Z')).toBe('2026-11-22T07:00:00.000Z');
  expect(at('2026-11-22T07:00:00Z')).toBeNull();
});

it('goes by the clock of the team, also on the night on which it changes', () => {
  expect(at('2026-11-22T03:30:00Z', 'America/New_York')).toBe('2026-11-22T12:00:00.000Z');
  expect(at('2026-11-22T01:30:00Z', 'America/New_York')).toBeNull();
  // 2026-11-01: clocks go back an hour. 2026-03-08: forward.
  expect(at('2026-11-01T03:00:00Z', 'America/New_York')).toBe('2026-11-01T12:00:00.000Z');
  expect(at('2026-03-08T04:00:00Z', 'America/New_York')).toBe('2026-03-08T11:00:00.000Z');
});

it('takes hours of one day, and none where they are none', () => {
  expect(at('2026-11-21T13:00:00Z', 'UTC', { from: '12:00', to: '14:00' })).toBe('2026-11-21T14:00:00.000Z');
  expect(at('2026-11-21T13:00:00Z', 'UTC', { from: '12:00', to: '12:00' })).toBeNull();
  expect(at('2026-11-21T13:00:00Z', 'UTC', null)).toBeNull();
});
