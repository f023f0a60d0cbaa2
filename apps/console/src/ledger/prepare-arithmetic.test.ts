import { expect, it } from 'vitest';
import { prepareArithmetic } from './prepare-arithmetic';

const line = (amount: string) => ({ class: 'input_uncached', quantity: '1', unitPrice: '1', amount, words: 'some words' });

it('sums exactly and agrees with the stored cost', () => {
  expect(prepareArithmetic([line('0.008015'), line('9.75E-7')], '8015975000', 1)).toMatchObject({
    exactSum: '$0.008015975', rounded: false, balances: true, lines: [{ amount: '$0.008015' }, { amount: '$0.000000975' }],
  });
});

it('says when the sum was rounded, half to even', () => {
  expect(prepareArithmetic([line('0.0000000000005')], '0', 1)).toMatchObject({ rounded: true, balances: true });
  expect(prepareArithmetic([line('0.0000000000015')], '2', 1)).toMatchObject({ rounded: true, balances: true });
});

it('does not hide a stored cost that is not the sum', () => {
  expect(prepareArithmetic([line('1')], '999999999999', 1).balances).toBe(false);
  expect(prepareArithmetic([line('no number')], '1', 1)).toMatchObject({ exactSum: null, balances: false });
});

it('takes a reversal\'s negative cost for the same sum', () => {
  expect(prepareArithmetic([line('1')], '-1000000000000', -1).balances).toBe(true);
  expect(prepareArithmetic([line('-1')], '-1000000000000', -1).balances).toBe(true);
});
