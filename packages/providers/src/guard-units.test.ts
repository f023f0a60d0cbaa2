import { PICO_PER_USD } from '@outlay/kernel';
import { expect, it } from 'vitest';
import { unitFault } from './guard-units';

const usd = (dollars: number): bigint => BigInt(Math.round(dollars * 100)) * (PICO_PER_USD / 100n);
const priced = (dollars: number | null, model: string | null = 'a') => ({ model, pico: dollars === null ? null : usd(dollars) });
const billed = (dollars: number, model: string | null = 'a') => ({ model, pico: usd(dollars) });
const fault = (day: Partial<Parameters<typeof unitFault>[0]>): boolean => unitFault({ priced: [], billed: [], isWhole: true, ...day }) !== null;

it('finds cents where dollars should be, in either direction', () => {
  expect(fault({ priced: [priced(5)], billed: [billed(500)] })).toBe(true);
  expect(fault({ priced: [priced(500)], billed: [billed(5)] })).toBe(true);
  expect(fault({ priced: [priced(5)], billed: [billed(100)] })).toBe(false);
  expect(fault({ priced: [priced(100)], billed: [billed(5)] })).toBe(false);
});

it('does not wait for a bill that is still coming', () => {
  expect(fault({ priced: [priced(500)], billed: [billed(5)], isWhole: false })).toBe(false);
  expect(fault({ priced: [priced(5)], billed: [billed(500)], isWhole: false })).toBe(true);
});

it('compares only what both sides know: a bill has lines without tokens, and the book has gaps', () => {
  expect(fault({ priced: [priced(2)], billed: [billed(2), billed(900, null), billed(900, 'video')] })).toBe(false);
  expect(fault({ priced: [priced(2), priced(900, 'free')], billed: [billed(2)] })).toBe(false);
  expect(fault({ priced: [priced(2), priced(null)], billed: [billed(900)] })).toBe(false);
  expect(fault({ priced: [priced(2), priced(1, 'b')], billed: [billed(150, null)] })).toBe(true);
  expect(fault({ priced: [priced(2), priced(null, 'b')], billed: [billed(150, null)] })).toBe(false);
});

it('says nothing below a dollar a day', () => {
  expect(fault({ priced: [priced(0.5)], billed: [billed(90)] })).toBe(false);
  expect(fault({ priced: [priced(90)], billed: [billed(0.5)] })).toBe(false);
});
