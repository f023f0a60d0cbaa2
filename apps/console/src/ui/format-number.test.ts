import { expect, it } from 'vitest';
import { formatCompact, formatDuration, formatPlural, formatShare } from './format-number';

it.each([
  [0, '0%'],
  [0.0004, '<0.1%'],
  [0.031, '3.1%'],
  [0.314, '31.4%'],
  [1, '100%'],
])('a share of %s is %s', (share, text) => {
  expect(formatShare(share)).toBe(text);
});

it.each([
  [840.4, '840 ms'],
  [2_430, '2.4 s'],
  [60_000, '1 min'],
  [72_000, '1 min 12 s'],
])('%s ms is %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});

it('keeps small numbers whole and shortens large ones', () => {
  expect(formatCompact(9_999)).toBe('9,999');
  expect(formatCompact(1_234_567)).toBe('1.2M');
  expect(formatPlural(1, 'event')).toBe('1 event');
  expect(formatPlural(1_200, 'event')).toBe('1,200 events');
});
