import { describe, expect, it } from 'vitest';
import { formatExactUsd, formatMoney, readPico } from './format-money';

describe('readPico', () => {
  it('keeps every digit of amounts that a float would lose', () => {
    expect(readPico('9223372036854775807123')).toBe(9223372036854775807123n);
    expect(readPico('-1')).toBe(-1n);
    expect(readPico('12.5')).toBe(12n);
  });

  it('has no value for what is missing', () => {
    expect(readPico(null)).toBeNull();
    expect(readPico(undefined)).toBeNull();
    expect(readPico('')).toBeNull();
  });
});

describe('formatMoney', () => {
  it.each([
    [1_234_500_000_000_000n, 'total', '$1,234.50'],
    [48_213_000_000n, 'unit', '$0.0482'],
    [1_482_130_000_000n, 'unit', '$1.48'],
    [34_000_000n, 'unit', '$0.000034'],
    [48_213_250_000n, 'row', '$0.048213'],
    [1_048_213_250_000n, 'row', '$1.048213'],
    [1_234_048_213_250_000n, 'row', '$1,234.048213'],
    [75_000n, 'row', '$0.000000075'],
    [-48_213_250_000n, 'row', '-$0.048213'],
    [0n, 'row', '$0.00'],
  ] as const)('%s as %s is %s', (pico, form, text) => {
    expect(formatMoney(pico, form)).toBe(text);
  });

  it('shows every digit in the exact form', () => {
    expect(formatExactUsd(48_213_250_001n)).toBe('$0.048213250001');
    expect(formatExactUsd(-1n)).toBe('-$0.000000000001');
  });
});
