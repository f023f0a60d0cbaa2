import { addRational, compareRational, type Rational, ZERO } from '@outlay/kernel';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { balanceOf, burnCredits, type CreditEntry, type CreditLot, expireLot, grantCredits, returnCredits, settleOverdraft } from './credit-lots';

const credits = (value: number): Rational => ({ num: BigInt(value), den: 4n });
const lot = (id: string, remaining: number, given: Partial<CreditLot> = {}): CreditLot => ({ id, priority: 1, expiresMs: null, createdMs: 0, remaining: credits(remaining), ...given });
const sumOf = (entries: readonly CreditEntry[]): Rational => entries.reduce((sum, { amount }) => addRational(sum, amount), ZERO);
const told = (entries: readonly CreditEntry[]): string[] => entries.map(({ account, amount }) => `${account} ${Number(amount.num) / Number(amount.den)}`);

it('burns by priority, then by what expires first, then by what came first', () => {
  const lots = [lot('paid', 40), lot('late', 8, { expiresMs: 200 }), lot('soon', 8, { expiresMs: 100 }), lot('gift', 4, { priority: 0 }), lot('gone', 400, { expiresMs: 50 }), lot('first', 4, { expiresMs: 100, createdMs: -1 })];
  expect(told(burnCredits(lots, credits(18), 50))).toEqual(['lot:gift -1', 'lot:first -1', 'lot:soon -2', 'lot:late -0.5', 'burned 4.5']);
});

it('overdraws what no lot covers, and the next grant pays it first', () => {
  expect(told(burnCredits([lot('a', 4)], credits(12), 1))).toEqual(['lot:a -1', 'overdraft -2', 'burned 3']);
  expect(told(settleOverdraft([lot('b', 4)], credits(-8), 1))).toEqual(['lot:b -1', 'overdraft 1']);
  expect(settleOverdraft([lot('b', 4)], ZERO, 1)).toEqual([]);
});

it('gives back an overdraft that was paid meanwhile as a lot', () => {
  const burned = burnCredits([lot('a', 4)], credits(12), 1);
  expect(told(returnCredits(burned, credits(-8), 'r'))).toEqual(['lot:a 1', 'overdraft 2', 'burned -3']);
  expect(told(returnCredits(burned, credits(-2), 'r'))).toEqual(['lot:a 1', 'overdraft 0.5', 'lot:r 1.5', 'burned -3']);
  expect(told(returnCredits(burned, ZERO, 'r'))).toEqual(['lot:a 1', 'lot:r 2', 'burned -3']);
});

it('loses the rest of a lot at its end, or rolls it over into a new one', () => {
  expect(told(expireLot(lot('a', 6)))).toEqual(['lot:a -1.5', 'expired 1.5']);
  expect(told(expireLot(lot('a', 6), 'b'))).toEqual(['lot:a -1.5', 'lot:b 1.5']);
  expect(expireLot(lot('a', 0))).toEqual([]);
});

it('takes no grant and no burn of nothing or less', () => {
  expect(() => grantCredits('a', ZERO)).toThrow('more than zero');
  expect(() => burnCredits([], credits(-1), 0)).toThrow('more than zero');
});

it('sums to zero at every step, never leaves a lot below zero, and overdraws only when all is burned', () => {
  const steps = fc.array(fc.oneof(
    fc.record({ kind: fc.constant('grant' as const), amount: fc.integer({ min: 1, max: 50 }), priority: fc.integer({ min: 0, max: 2 }), life: fc.option(fc.integer({ min: 1, max: 20 })) }),
    fc.record({ kind: fc.constant('burn' as const), amount: fc.integer({ min: 1, max: 80 }) }),
    fc.record({ kind: fc.constant('return' as const), index: fc.nat() }),
    fc.record({ kind: fc.constant('expire' as const) }),
  ), { maxLength: 60 });
  fc.assert(fc.property(steps, (list) => {
    const lots = new Map<string, CreditLot>();
    const balances = new Map<string, Rational>();
    const burns: CreditEntry[][] = [];
    const post = (entries: readonly CreditEntry[]): void => {
      expect(compareRational(sumOf(entries), ZERO)).toBe(0);
      for (const { account, amount } of entries) {
        balances.set(account, addRational(balances.get(account) ?? ZERO, amount));
        const owner = lots.get(account.slice('lot:'.length));
        if (owner) lots.set(owner.id, { ...owner, remaining: addRational(owner.remaining, amount) });
      }
      for (const { remaining } of lots.values()) expect(remaining.num >= 0n).toBe(true);
      expect((balances.get('overdraft') ?? ZERO).num <= 0n).toBe(true);
    };
    list.forEach((step, atMs) => {
      if (step.kind === 'grant') {
        const id = `l${atMs}`;
        lots.set(id, { id, priority: step.priority, expiresMs: step.life === null ? null : atMs + step.life, createdMs: atMs, remaining: ZERO });
        post(grantCredits(id, credits(step.amount)));
        post(settleOverdraft([...lots.values()], balances.get('overdraft') ?? ZERO, atMs));
      } else if (step.kind === 'burn') {
        const before = balanceOf([...lots.values()], atMs);
        const entries = burnCredits([...lots.values()], credits(step.amount), atMs);
        expect(entries.some(({ account }) => account === 'overdraft')).toBe(compareRational(before, credits(step.amount)) < 0);
        burns.push(entries);
        post(entries);
      } else if (step.kind === 'return') {
        const [entries] = burns.splice(step.index % Math.max(burns.length, 1), 1);
        const id = `l${atMs}`;
        if (entries) lots.set(id, { id, priority: 0, expiresMs: null, createdMs: atMs, remaining: ZERO });
        if (entries) post(returnCredits(entries, balances.get('overdraft') ?? ZERO, id));
      } else {
        for (const each of [...lots.values()].filter(({ expiresMs }) => expiresMs !== null && expiresMs <= atMs)) post(expireLot(each));
      }
    });
    expect(compareRational([...balances.values()].reduce(addRational, ZERO), ZERO)).toBe(0);
  }));
});
