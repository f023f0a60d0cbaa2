/** Exact amounts to the gate's whole numbers and back. Pure. What is used or asked rounds away from zero, what is allowed rounds down: on the safe side both. */
import { parseDecimal, type Rational } from '@outlay/kernel';
import type { Metric } from './decide';

const PICO_PER_NANO = 1_000n;
const MILLION = 1_000_000n;

/** Pico-dollars to nano-dollars, away from zero: a correction's reversal takes out what its original put in. */
export function nanoOfPico(pico: bigint): number {
  return pico < 0n ? -nanoOfPico(-pico) : safe((pico + PICO_PER_NANO - 1n) / PICO_PER_NANO);
}

/** Units or credits to millionths, away from zero. */
export function millionthsOf({ num, den }: Rational): number {
  return num < 0n ? -millionthsOf({ num: -num, den }) : safe((num * MILLION + den - 1n) / den);
}

/** A decimal that was checked before, as `millionthsOf`. */
export function millionthsOfText(text: string): number {
  return millionthsOf(decimalOf(text));
}

/** Limits are few and asked for with every begin. */
const KEPT_MAX = 10_000;
const kept = new Map<string, number>();

function keep(name: string, make: () => number): number {
  let value = kept.get(name);
  if (value === undefined) {
    if (kept.size >= KEPT_MAX) kept.clear();
    kept.set(name, (value = make()));
  }
  return value;
}

/** A limit as caps and plans state it (cost in pico-dollars, units, counts) in the gate's whole numbers, rounded down. */
export function limitOf(metric: Metric, stated: string): number {
  return keep(`${metric} ${stated}`, () => readLimit(metric, stated));
}

function readLimit(metric: Metric, stated: string): number {
  const { num, den } = decimalOf(stated);
  switch (metric) {
    case 'cost':
      return safe(num / (den * PICO_PER_NANO));
    case 'units':
    case 'credits':
      return safe((num * MILLION) / den);
    default:
      return safe(num / den);
  }
}

/** Dollars as a decimal to nano-dollars, rounded down: for limits. */
export function nanoOfUsdLimit(usd: string): number {
  return keep(`usd ${usd}`, () => {
    const { num, den } = decimalOf(usd);
    return safe((num * 1_000_000_000n) / den);
  });
}

/** Dollars to nano-dollars, rounded up: for what is asked. */
export function nanoOfUsd({ num, den }: Rational): number {
  return safe((num * 1_000_000_000n + den - 1n) / den);
}

export function decimalOf(text: string): Rational {
  const value = parseDecimal(text);
  if (value === null) throw new Error(`"${text}" is no decimal.`);
  return value;
}

/** Nothing that is counted comes near: nine million dollars in one window. What would is as good as without a limit. */
function safe(value: bigint): number {
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);
}
