import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareDecimals, parseDecimal, shareOfDecimal } from './decimal.js';

const decimal = fc.tuple(fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.integer({ min: 0, max: 18 }));
const write = (units: bigint, scale: number): string => {
  const digits = units.toString().padStart(scale + 1, '0');
  return scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
};

describe('decimals are exact', () => {
  it('orders written decimals as the integers they are', () => {
    fc.assert(
      fc.property(decimal, decimal, ([a, scaleA], [b, scaleB]) => {
        const left = a * 10n ** BigInt(18 - scaleA);
        const right = b * 10n ** BigInt(18 - scaleB);
        const order = compareDecimals(parseDecimal(write(a, scaleA))!, parseDecimal(write(b, scaleB))!);
        expect(Math.sign(order)).toBe(left < right ? -1 : left > right ? 1 : 0);
      }),
    );
  });

  it('reads a number as its shortest decimal form', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e15, noNaN: true }), (value) => {
        const { units, scale } = parseDecimal(value)!;
        expect(Number(`${units}e-${scale}`)).toBe(value);
      }),
    );
  });

  it('tells 0.1 + 0.2 from 0.3, and 4 from 4.00 not', () => {
    expect(compareDecimals(parseDecimal(0.1 + 0.2)!, parseDecimal('0.3')!)).toBe(1);
    expect(compareDecimals(parseDecimal(4)!, parseDecimal('4.00')!)).toBe(0);
    expect(compareDecimals(parseDecimal('9.75E-7')!, parseDecimal('0.000000975')!)).toBe(0);
    expect(compareDecimals(parseDecimal('1e3')!, parseDecimal('1000')!)).toBe(0);
  });

  it('shares so that the parts cover the whole, by less than one unit too much each', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 18n }), fc.integer({ min: 0, max: 12 }), fc.integer({ min: 1, max: 1_000 }), (units, scale, among) => {
        const share = BigInt(shareOfDecimal({ units, scale }, among, 9).replace('.', ''));
        const whole = units * 10n ** 9n;
        expect(share * BigInt(among) * 10n ** BigInt(scale) >= whole).toBe(true);
        expect((share - 1n) * BigInt(among) * 10n ** BigInt(scale) < whole).toBe(true);
      }),
    );
    expect(shareOfDecimal(parseDecimal('0.03')!, 2, 9)).toBe('0.015000000');
  });

  it.each(['', '-1', 'abc', '1,5', '.5', '1.', '0x10', 'NaN', Number.NaN, Infinity, -0.5, null, undefined, {}, 1n])('refuses %s', (value) => {
    expect(parseDecimal(value)).toBeNull();
  });
});
