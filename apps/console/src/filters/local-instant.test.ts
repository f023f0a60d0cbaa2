import fc from 'fast-check';
import { expect, it } from 'vitest';
import { instantOfLocal, localOfInstant } from './local-instant';

it.each([
  ['2026-11-21T14:00', 'Europe/Berlin', '2026-11-21T13:00:00.000Z'],
  ['2026-03-29T12:00', 'Europe/Berlin', '2026-03-29T10:00:00.000Z'],
  ['2026-10-25T12:00', 'Europe/Berlin', '2026-10-25T11:00:00.000Z'],
  ['2026-11-21T14:00', 'Asia/Kathmandu', '2026-11-21T08:15:00.000Z'],
])('%s in %s is %s', (local, zone, iso) => {
  expect(instantOfLocal(local, zone)).toBe(iso);
});

it('has no instant for what is no time', () => {
  expect(instantOfLocal('', 'UTC')).toBeNull();
  expect(instantOfLocal('2026-99-99T00:00', 'UTC')).toBeNull();
});

it('shows the same wall clock that was entered, at any time of any year', () => {
  fc.assert(
    fc.property(fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2030, 0) }), fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu'), (time, zone) => {
      const local = localOfInstant(new Date(time).toISOString(), zone);
      const instant = instantOfLocal(local, zone);
      expect(instant && localOfInstant(instant, zone)).toBe(local);
    }),
  );
});
