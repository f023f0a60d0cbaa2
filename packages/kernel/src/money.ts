/**
 * Money is an integer. Costs are pico-dollars (10^-12 USD) in a bigint; arithmetic in between is exact, on rationals
 * of bigints; rounding happens in one place, `roundHalfEven`, once per row.
 */
export const PICO_PER_USD = 1_000_000_000_000n;

/** An exact fraction. `den` is positive; not necessarily reduced. */
export interface Rational {
  readonly num: bigint;
  readonly den: bigint;
}

export const ZERO: Rational = { num: 0n, den: 1n };

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

/** Reads a decimal such as `0.0375`, `-3` or `9.75E-7` exactly; null when it is none. A number is read by its shortest form. */
export function parseDecimal(text: string | number): Rational | null {
  const match = DECIMAL.exec(String(text).trim());
  if (!match) return null;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const scale = fraction.length - Number(exponent);
  const digits = BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}`);
  return scale >= 0 ? { num: digits, den: 10n ** BigInt(scale) } : { num: digits * 10n ** BigInt(-scale), den: 1n };
}

export function addRational(a: Rational, b: Rational): Rational {
  return a.den === b.den ? { num: a.num + b.num, den: a.den } : { num: a.num * b.den + b.num * a.den, den: a.den * b.den };
}

export function multiplyRational(a: Rational, b: Rational): Rational {
  return { num: a.num * b.num, den: a.den * b.den };
}

export function divideRational(a: Rational, b: Rational): Rational {
  const sign = b.num < 0n ? -1n : 1n;
  return { num: a.num * b.den * sign, den: a.den * b.num * sign };
}

export function compareRational(a: Rational, b: Rational): -1 | 0 | 1 {
  const difference = a.num * b.den - b.num * a.den;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The one rounding rule: nearest integer of `value * scale`, a tie to the even neighbour. */
export function roundHalfEven(value: Rational, scale: bigint): bigint {
  const num = value.num * scale;
  const negative = num < 0n;
  const size = negative ? -num : num;
  const floor = size / value.den;
  const twice = (size % value.den) * 2n;
  const up = twice > value.den || (twice === value.den && floor % 2n === 1n);
  const rounded = up ? floor + 1n : floor;
  return negative ? -rounded : rounded;
}

export function toPico(usd: Rational): bigint {
  return roundHalfEven(usd, PICO_PER_USD);
}

/** Pico-dollars as an exact decimal string of dollars without trailing zeros: `1500000n` -> `0.0000015`. */
export function formatPico(pico: bigint): string {
  return formatScaled(pico, 12);
}

/** A rational as an exact decimal string when it ends, else rounded half-even at `maxDigits`. */
export function formatRational(value: Rational, maxDigits = 30): string {
  return formatScaled(roundHalfEven(value, 10n ** BigInt(maxDigits)), maxDigits);
}

function formatScaled(scaled: bigint, digits: number): string {
  const negative = scaled < 0n;
  const text = (negative ? -scaled : scaled).toString().padStart(digits + 1, '0');
  const whole = text.slice(0, -digits);
  const fraction = text.slice(-digits).replace(/0+$/, '');
  return `${negative ? '-' : ''}${whole}${fraction ? `.${fraction}` : ''}`;
}

/** For people: `$0.21`, `$1,234.50`, `$0.000034`; two significant digits below a cent, cents above. */
export function formatUsd(pico: bigint): string {
  const negative = pico < 0n;
  const size = negative ? -pico : pico;
  const sign = negative ? '-' : '';
  if (size === 0n) return '$0.00';
  if (size >= PICO_PER_USD / 100n) {
    const cents = roundHalfEven({ num: size, den: PICO_PER_USD }, 100n);
    const whole = (cents / 100n).toString().replace(/\B(?=(\d{3})+(?!\d))/g, ',');
    return `${sign}$${whole}.${(cents % 100n).toString().padStart(2, '0')}`;
  }
  const digits = 12 - size.toString().length + 2;
  const shown = Math.min(Math.max(digits, 2), 12);
  const scaled = roundHalfEven({ num: size, den: PICO_PER_USD }, 10n ** BigInt(shown));
  return `${sign}$0.${scaled.toString().padStart(shown, '0')}`;
}
