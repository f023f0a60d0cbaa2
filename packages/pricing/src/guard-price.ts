/** How far a new price is from the one that holds: more than ten times, up or down, needs a second look. Pure. */
import { compareRational, divideRational, formatRational, TOKEN_CLASSES, type Rational } from '@outlay/kernel';
import { ceilingRates } from './ceiling';
import { compile, type CompiledVersion, type PriceBook } from './price-book';
import type { PriceVersion, RateClass } from './price-version';

export interface PriceDistance {
  /** As the person who approves must state it: `25`, `12.5`, `from 0`, `to 0`. */
  readonly factor: string;
  /** What goes from what to what, as a sentence. */
  readonly warning: string;
}

const FACTOR_MAX = { num: 10n, den: 1n };

/** The greatest distance of any rate in any bracket, if it needs approval; null when none does. */
export function distanceOf(book: PriceBook, held: readonly PriceVersion[], rows: readonly PriceVersion[], atMs: number): PriceDistance | null {
  let worst: { ratio: Rational | null; distance: PriceDistance } | null = null;
  for (const { name, was, is } of comparisons(book, held, rows, atMs)) {
    const found = distance(name, was, is);
    if (found !== null && (worst === null || isFarther(found.ratio, worst.ratio))) worst = found;
  }
  return worst?.distance ?? null;
}

/** Classes that have a price now and would have none under these rows: their usage would go unpriced. */
export function missingClasses(held: readonly PriceVersion[], rows: readonly PriceVersion[]): readonly RateClass[] {
  const missing = new Set<RateClass>();
  for (const row of rows.map(compile)) {
    for (const old of held.map(compile)) for (const name of old.rates.keys()) if (rateOf(row, name) === undefined) missing.add(name);
  }
  return [...missing];
}

interface Comparison {
  readonly name: RateClass;
  readonly was: Rational;
  readonly is: Rational;
}

function* comparisons(book: PriceBook, held: readonly PriceVersion[], rows: readonly PriceVersion[], atMs: number): Generator<Comparison> {
  const dearest = ceilingRates(book, '', atMs).all.byClass;
  const starts = new Set([...held, ...rows].map((row) => row.contextFrom));
  for (const start of starts) {
    const [now, then] = [bracketAt(rows, start), bracketAt(held, start)];
    if (now === undefined) continue;
    const [is, was] = [compile(now), then === undefined ? undefined : compile(then)];
    for (const name of new Set([...is.rates.keys(), ...(was?.rates.keys() ?? [])])) {
      const [newRate, oldRate] = [rateOf(is, name), was && rateOf(was, name)];
      if (newRate === undefined) continue;
      const usual = dearest.get(name);
      if (oldRate !== undefined) yield { name, was: oldRate, is: newRate };
      // Nothing to compare with: at least not far above the dearest price that anybody asks.
      else if (usual !== undefined && compareRational(newRate, usual) > 0) yield { name, was: usual, is: newRate };
    }
  }
}

function bracketAt(rows: readonly PriceVersion[], contextTokens: number): PriceVersion | undefined {
  return rows.filter((row) => row.contextFrom <= contextTokens).reduce<PriceVersion | undefined>((best, row) => (best === undefined || row.contextFrom > best.contextFrom ? row : best), undefined);
}

function rateOf({ tokenRates, rates }: CompiledVersion, name: RateClass): Rational | undefined {
  const index = (TOKEN_CLASSES as readonly string[]).indexOf(name);
  return (index >= 0 ? tokenRates[index] : rates.get(name))?.usd;
}

/** `ratio` is null where one side is 0: beyond any factor. */
function distance(name: RateClass, was: Rational, is: Rational): { ratio: Rational | null; distance: PriceDistance } | null {
  const order = compareRational(was, is);
  if (order === 0) return null;
  const [less, more] = order < 0 ? [was, is] : [is, was];
  const words = (factor: string): string => `${name} goes from $${perMillion(was)} to $${perMillion(is)} a million, ${factor}.`;
  if (less.num === 0n) {
    const factor = order < 0 ? 'from 0' : 'to 0';
    return { ratio: null, distance: { factor, warning: words(factor) } };
  }
  const ratio = divideRational(more, less);
  if (compareRational(ratio, FACTOR_MAX) <= 0) return null;
  const factor = oneDigit(ratio);
  return { ratio, distance: { factor, warning: words(`${factor} times ${order < 0 ? 'up' : 'down'}`) } };
}

function isFarther(a: Rational | null, b: Rational | null): boolean {
  return b !== null && (a === null || compareRational(a, b) > 0);
}

function oneDigit({ num, den }: Rational): string {
  const tenths = (num * 10n + den / 2n) / den;
  return tenths % 10n === 0n ? String(tenths / 10n) : `${tenths / 10n}.${tenths % 10n}`;
}

function perMillion({ num, den }: Rational): string {
  return formatRational({ num: num * 1_000_000n, den }, 6);
}
