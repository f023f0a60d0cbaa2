import { type Calendar, windowAt } from '@outlay/plans';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { allowanceKey, counterKey, creditKey, parseCounterKey } from './counter-key';
import { keptWindowAt, keptWindowsOf } from './kept-windows';

const NOON = Date.parse('2026-11-21T12:00:00Z');
const berlin: Calendar = { timeZone: 'Europe/Berlin', anchorDay: '2026-01-31', interval: 'month' };
const utc: Calendar = { ...berlin, timeZone: 'UTC' };

it('names scope, subject, metric and window, and the zone where it is not UTC', () => {
  expect(counterKey({ scope: 'tenant', subject: '' }, 'cost', windowAt('day', NOON, utc))).toBe('t:|cost|d2026-11-21');
  expect(counterKey({ scope: 'customer', subject: 'a|b:c' }, 'tokens', windowAt('period', NOON, berlin))).toBe('c:a%7Cb%3Ac|tokens|b2026-10-31+01:00');
  expect(counterKey({ scope: 'key', subject: 'k' }, 'runs', null)).toBe('k:k|runs|-');
  expect(creditKey('acme')).toBe('p:acme|credits|-');
});

it('of an allowance is another one when the allowance takes other outcomes', () => {
  const day = windowAt('day', NOON, berlin);
  const key = (only: string[], usableOnly = true): string => allowanceKey('acme', { id: 'reports', measure: 'units' }, { workflows: { only }, usableOnly }, day);
  expect(key(['a'])).toBe(key(['a']));
  expect(new Set([key(['a']), key(['b']), key(['a', 'b']), key(['a'], false)]).size).toBe(4);
  expect(parseCounterKey(key(['a']))).toMatchObject({ kind: 'allowance', customerId: 'acme', allowanceId: 'reports', metric: 'units', window: { startDay: '2026-11-21', startMs: day.startMs } });
});

it('is read back as it was built, in any zone and for any name', () => {
  const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Kathmandu', 'Pacific/Apia');
  fc.assert(fc.property(fc.string(), zones, fc.constantFrom('day', 'week', 'month', 'period'), fc.integer({ min: NOON - 4e10, max: NOON + 4e10 }), fc.constantFrom('tenant', 'user', 'model', 'workflow'), (subject, timeZone, kind, atMs, scope) => {
    const calendar = { ...berlin, timeZone };
    const { startDay, startMs } = windowAt(kind, atMs, calendar);
    expect(parseCounterKey(counterKey({ scope, subject }, 'cost', { kind, startDay, startMs }))).toEqual({ kind: 'counter', scope, subject, metric: 'cost', window: { kind, startDay, startMs } });
    expect(parseCounterKey(creditKey(subject))).toEqual({ kind: 'credits', customerId: subject });
    expect(keptWindowAt(kind, atMs, calendar)).toEqual(windowAt(kind, atMs, calendar));
  }));
  expect(parseCounterKey('nonsense')).toBeNull();
});

it('names each window that a span touches, the present one first', () => {
  expect(keptWindowsOf('day', NOON, NOON + 86_400_000, berlin).map(({ startDay }) => startDay)).toEqual(['2026-11-21', '2026-11-22']);
  expect(keptWindowsOf('day', NOON, NOON, berlin).map(({ startDay }) => startDay)).toEqual(['2026-11-21']);
});
