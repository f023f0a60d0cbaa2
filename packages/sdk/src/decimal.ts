/** Exact decimals: money is compared as integers of one scale, never as floats. */
export interface Decimal {
  readonly units: bigint;
  /** Value = units / 10^scale. */
  readonly scale: number;
}

const FORM = /^(\d{1,40})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,3}))?$/;

/**
 * Reads `"4.00"`, `"9.75E-7"`, `4` or `0.1`; a number means its shortest decimal form (0.1 is one tenth).
 * Null for anything else: negative, NaN, Infinity, text.
 */
export function parseDecimal(value: unknown): Decimal | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  const match = FORM.exec(String(value));
  if (!match) return null;
  const fraction = match[2] ?? '';
  const scale = fraction.length - Number(match[3] ?? 0);
  const units = BigInt(match[1] + fraction);
  return scale >= 0 ? { units, scale } : { units: units * 10n ** BigInt(-scale), scale: 0 };
}

/** Negative, zero or positive, as a is below, equal to or above b. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const scale = Math.max(a.scale, b.scale);
  const left = a.units * 10n ** BigInt(scale - a.scale);
  const right = b.units * 10n ** BigInt(scale - b.scale);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** One of `among` equal parts, rounded up to `scale` digits behind the point. `among` is a whole number above 0. */
export function shareOfDecimal({ units, scale: given }: Decimal, among: number, scale: number): string {
  const divisor = BigInt(among) * 10n ** BigInt(given);
  const share = (units * 10n ** BigInt(scale) + divisor - 1n) / divisor;
  const digits = share.toString().padStart(scale + 1, '0');
  return `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
