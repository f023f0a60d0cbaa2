import type { ListedCap } from '@outlay/plans';
import { expect, it } from 'vitest';
import { passedSoftCaps, useOf } from './plan-uses';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const cap = (given: Partial<ListedCap>): ListedCap => ({
  id: 'c', name: 'PDF a day', scope: 'workflow', subject: 'pdf', metric: 'cost', window: 'day', mode: 'soft', limit: '4', source: 'person', expiresAt: null, disabledAt: null,
  createdAt: '', createdBy: '', updatedAt: '', used: '5', windowStart: null, windowEnd: null, overshoot: '', ...given,
});

it('holds 30 days of use against as many days of what is included', () => {
  expect(useOf({ interval: 'month' }, { included: '100', window: 'period' }, '100', 30)).toBeCloseTo(30.4375 / 30, 5);
  expect(useOf({ interval: 'month' }, { included: '10', window: 'day' }, '150', 30)).toBeCloseTo(0.5, 5);
  expect(useOf({ interval: 'quarter' }, { included: '300', window: 'period' }, '100', 30)).toBeCloseTo(30.4375 / 30, 5);
  expect(useOf({ interval: 'month' }, { included: '0', window: 'period' }, '100', 30)).toBeNull();
});

it('tells the soft caps of workflows that are passed and hold', () => {
  const caps = [cap({}), cap({ mode: 'degrade', used: '4' }), cap({ mode: 'hard' }), cap({ used: '3.99' }), cap({ used: null }), cap({ scope: 'customer' }), cap({ subject: null }), cap({ disabledAt: 'x' }), cap({ expiresAt: '2026-11-21T12:00:00Z' }), cap({ limit: '0' })];
  expect(passedSoftCaps(caps, NOW)).toEqual([{ workflow: 'pdf', name: 'PDF a day', share: 1.25 }, { workflow: 'pdf', name: 'PDF a day', share: 1 }]);
});
