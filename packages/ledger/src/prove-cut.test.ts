import { expect, it } from 'vitest';
import { compareMonths, type CutMemory } from './prove-cut';

const remembered: CutMemory = {
  cut: '0:4@2026-11-21T10:00:00.000Z', archived: ['2026-01'],
  months: { '2026-01': [5, '50', '1'], '2026-10': [3, '3000000000000', '77'], keyed: [1, '10', '9'] },
};
const months = { '2026-10': [3, '3000000000000', '77'], keyed: [1, '10', '9'] } as const;

it('finds nothing where every month is what it was', () => {
  expect(compareMonths(remembered, months, ['2026-01'])).toBeNull();
});

it('leaves out months that went to files in between, or came back from there', () => {
  const { '2026-10': _gone, ...rest } = months;
  expect(compareMonths(remembered, rest, ['2026-01', '2026-10'])).toBeNull();
  expect(compareMonths(remembered, { ...months, '2026-01': [5, '50', '1'] }, [])).toBeNull();
});

it.each([
  ['a row is gone', { ...months, '2026-10': [2, '2000000000000', '70'] as const }, 'rows of 2026-10, as of 2026-11-21T10:00:00.000Z: 2 rows stand where 3 stood'],
  ['a row was added to a month that had none', { ...months, '2026-09': [1, '1', '1'] as const }, 'rows of 2026-09, as of 2026-11-21T10:00:00.000Z: 1 rows stand where 0 stood'],
  ['a row costs something else', { ...months, '2026-10': [3, '3000000000001', '78'] as const }, 'rows of 2026-10, as of 2026-11-21T10:00:00.000Z: they cost $3.000000000001, and cost $3 then'],
  ['a row was swapped', { ...months, keyed: [1, '10', '8'] as const }, 'rows with idempotency keys, as of 2026-11-21T10:00:00.000Z: as many rows of the same cost stand there, but not the same ones'],
])('says so when %s', (_what, again, message) => {
  expect(compareMonths(remembered, again, ['2026-01'])?.message).toBe(message);
});

it('names the month, so that its rows can be opened', () => {
  expect(compareMonths(remembered, {}, ['2026-01'])?.place).toEqual({ kind: 'rows', from: '2026-10-01T00:00:00.000Z', to: '2026-11-01T00:00:00.000Z' });
});
