import { addRational, compareRational, formatRational, parseDecimal, type Rational, ZERO } from '@outlay/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Overage, planDefinitionSchema } from './plan-definition';
import { PLAN_TEMPLATES } from './plan-templates';
import { rateOverage, rateUsage, roundCharge } from './rate-usage';

const exact = (text: string): Rational => parseDecimal(text)!;
const plan = (id: string) => planDefinitionSchema.parse(PLAN_TEMPLATES.find((template) => template.id === id)!.definition);
const total = (id: string, used: string, allowanceId: string): string => formatRational(rateUsage(plan(id), [{ allowanceId, window: '2026-11', used: exact(used) }]).total);

describe('the templates, as their pages promise', () => {
  it('charge a base fee and exactly what is above the included amount', () => {
    expect(total('base_and_tokens', '500000', 'tokens')).toBe('20');
    // Not rounded up to a thousand.
    expect(total('base_and_tokens', '500001', 'tokens')).toBe('20.000002');
    // 6.37 dollars of overage are 3,185,000 tokens.
    expect(total('base_and_tokens', '3685000', 'tokens')).toBe('26.37');
    expect(total('pay_as_you_go', '7', 'actions')).toBe('0.35');
  });

  it('charge each tier for its own part, on both sides of its edge', () => {
    expect(total('hybrid', '200000', 'actions')).toBe('2199');
    expect(total('hybrid', '200001', 'actions')).toBe('2199.01');
    expect(total('hybrid', '1100000', 'actions')).toBe('10999');
  });

  it('charge nothing for what a hard allowance should have stopped, and say how much it was', () => {
    const { lines, total: sum } = rateUsage(plan('free'), [{ allowanceId: 'exports', window: '2026-11', used: exact('8') }]);
    expect(sum.num).toBe(0n);
    expect(lines[1]).toMatchObject({ kind: 'overage', parts: [] });
    expect(formatRational(lines[1]!.over)).toBe('3');
  });
});

it('rates each window by itself: a quiet day does not pay for a busy one', () => {
  const daily = planDefinitionSchema.parse({
    currency: 'USD', baseFee: '0', interval: 'month',
    allowances: [{ id: 'reports', unit: 'report', window: 'day', included: '10', exhausted: { mode: 'soft', overage: { kind: 'flat', price: '1' } } }],
  });
  const used = [['2026-11-01', '14'], ['2026-11-02', '2']] as const;
  expect(formatRational(rateUsage(daily, used.map(([window, quantity]) => ({ allowanceId: 'reports', window, used: exact(quantity) }))).total)).toBe('4');
});

it('scales base fee and included amount by the share of the period, never what was used', () => {
  const half = rateUsage(plan('base_and_tokens'), [{ allowanceId: 'tokens', window: '2026-11', used: exact('250500') }], { num: 1n, den: 2n });
  expect(half.lines.map(({ amount }) => formatRational(amount))).toEqual(['10', '0.001']);
});

it('takes no usage of an allowance that the plan does not have', () => {
  expect(() => rateUsage(plan('free'), [{ allowanceId: 'seats', window: '', used: ZERO }])).toThrow('no allowance "seats"');
});

describe('overage', () => {
  const tiers = [{ upTo: '10', price: '3', flat: '5' }, { upTo: '20', price: '2' }, { upTo: null, price: '1', flat: '7' }];
  const amount = (overage: Overage, quantity: string): string => formatRational(rateOverage(overage, exact(quantity)).reduce((sum, part) => addRational(sum, part.amount), ZERO));

  it('by volume takes the price of the tier that is reached for all of it', () => {
    expect(['10', '10.5', '20', '21'].map((quantity) => amount({ kind: 'volume', tiers, per: '1' }, quantity))).toEqual(['35', '21', '40', '28']);
  });

  it('by graduation adds a flat amount for each tier that is entered', () => {
    expect(['10', '10.5', '20', '21'].map((quantity) => amount({ kind: 'graduated', tiers, per: '1' }, quantity))).toEqual(['35', '36', '55', '63']);
  });

  it('has parts that sum to the quantity, and never costs less for more when graduated', () => {
    const overage = fc.array(fc.tuple(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 0, max: 99_999 })), { minLength: 1, maxLength: 6 }).map((steps): Overage => {
      let end = 0;
      const list = steps.map(([width, price], i) => ({ upTo: i === steps.length - 1 ? null : String((end += width)), price: `0.${String(price).padStart(5, '0')}` }));
      return { kind: 'graduated', tiers: list, per: '1000' };
    });
    const quantity = fc.integer({ min: 1, max: 10_000_000 }).map((thousandths): Rational => ({ num: BigInt(thousandths), den: 1_000n }));
    fc.assert(fc.property(overage, quantity, quantity, (of, a, b) => {
      const parts = rateOverage(of, a);
      expect(compareRational(parts.reduce((sum, part) => addRational(sum, part.quantity), ZERO), a)).toBe(0);
      const sum = (each: Rational): Rational => rateOverage(of, each).reduce((all, part) => addRational(all, part.amount), ZERO);
      const [less, more] = compareRational(a, b) <= 0 ? [a, b] : [b, a];
      expect(compareRational(sum(less), sum(more))).toBeLessThanOrEqual(0);
    }));
  });
});

it('rounds once, to the coin of the currency, by the rule of the plan', () => {
  const rounded = (text: string, currency: string) => (['half_even', 'half_up', 'down', 'up'] as const).map((rule) => roundCharge(exact(text), currency, rule));
  expect(rounded('0.005', 'USD')).toEqual([0n, 1n, 0n, 1n]);
  expect(rounded('0.015', 'USD')).toEqual([2n, 2n, 1n, 2n]);
  expect(rounded('-0.005', 'USD')).toEqual([0n, -1n, 0n, -1n]);
  expect(rounded('10.5', 'JPY')).toEqual([10n, 11n, 10n, 11n]);
  expect(rounded('0.0015', 'KWD')).toEqual([2n, 2n, 1n, 2n]);
});
