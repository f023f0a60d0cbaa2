import { formatPico, formatUsd, parseDecimal, PICO_PER_USD, roundHalfEven } from '@outlay/kernel';

/**
 * `total` shows cents, two significant digits below a cent. `unit` is for the price of one thing: four decimals below
 * a dollar. `row` is for columns of single calls: six decimals, so that the points stand under each other.
 */
export type MoneyForm = 'total' | 'unit' | 'row';

const CENT_DECIMALS = 2;
const UNIT_DECIMALS = 4;
const ROW_DECIMALS = 6;
const PICO_DECIMALS = 12;

/** Reads a decimal string of pico-dollars; null when it is none. A fraction of a pico-dollar is rounded half-even. */
export function readPico(text: string | null | undefined): bigint | null {
  if (text === null || text === undefined) return null;
  const value = parseDecimal(text);
  return value === null ? null : roundHalfEven(value, 1n);
}

export function formatMoney(pico: bigint, form: MoneyForm = 'total'): string {
  if (form === 'total') return formatUsd(pico);
  const size = pico < 0n ? -pico : pico;
  const sign = pico < 0n ? '-' : '';
  if (size === 0n) return formatUsd(0n);
  return `${sign}$${decimals(size, decimalsOf(size, form))}`;
}

function decimalsOf(size: bigint, form: 'unit' | 'row'): number {
  const wanted = form === 'row' ? ROW_DECIMALS : size >= PICO_PER_USD ? CENT_DECIMALS : UNIT_DECIMALS;
  // A value that the wanted decimals would round to (nearly) nothing keeps two significant digits instead.
  const significant = PICO_DECIMALS - size.toString().length + 2;
  return Math.min(Math.max(wanted, significant), PICO_DECIMALS);
}

function decimals(size: bigint, digits: number): string {
  const scaled = roundHalfEven({ num: size, den: PICO_PER_USD }, 10n ** BigInt(digits)).toString().padStart(digits + 1, '0');
  const whole = scaled.slice(0, -digits).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return `${whole}.${scaled.slice(-digits)}`;
}

/** Every digit, for the tooltip: `$0.00004825 exactly`. */
export function formatExactUsd(pico: bigint): string {
  const exact = formatPico(pico);
  return exact.startsWith('-') ? `-$${exact.slice(1)}` : `$${exact}`;
}

/** For drawing only: a position on a scale, never a figure that is read or summed. */
export function toDrawnUsd(pico: bigint): number {
  return Number(pico) / Number(PICO_PER_USD);
}
