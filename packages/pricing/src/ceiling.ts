/** What caps count while a usage has no price: each class at the highest rate that could apply, never 0 because we do not know. */
import { compareRational, OUTPUT_CLASSES, TOKEN_CLASSES, type Rational, ZERO } from '@outlay/kernel';
import { compileVersion, knowsProvider, providerRows, type PriceBook } from './price-book';
import { priceSeriesKey, type PriceVersion, type RateClass } from './price-version';

export interface CeilingRates {
  /** Dollars per unit. */
  readonly byClass: ReadonlyMap<RateClass, Rational>;
  readonly dearestOutput: Rational;
}

const ALL_PROVIDERS = '';
const cache = new WeakMap<PriceBook, Map<string, CeilingRates>>();

/** The highest current rate of each class at a provider, else (for what it does not list, or for an unknown one) of all providers. */
export function ceilingRates(book: PriceBook, provider: string, at: number): { own: CeilingRates | null; all: CeilingRates } {
  return {
    own: knowsProvider(book, provider) ? currentRates(book, provider, at) : null,
    all: currentRates(book, ALL_PROVIDERS, at),
  };
}

/** The rate at which one unit of a class is counted while it is unpriced. */
export function ceilingRate(rates: { own: CeilingRates | null; all: CeilingRates }, name: RateClass): Rational {
  return rates.own?.byClass.get(name) ?? rates.all.byClass.get(name) ?? unknownClassRate(rates);
}

export function unknownClassRate({ own, all }: { own: CeilingRates | null; all: CeilingRates }): Rational {
  return own !== null && own.dearestOutput.num > 0n ? own.dearestOutput : all.dearestOutput;
}

function currentRates(book: PriceBook, provider: string, at: number): CeilingRates {
  let known = cache.get(book);
  if (known === undefined) cache.set(book, (known = new Map()));
  // Between two changes of any price the answer stays the same.
  const key = `${provider}\n${changesUntil(book, at)}`;
  let rates = known.get(key);
  if (rates === undefined) known.set(key, (rates = highest(currentRows(book, provider, at), book)));
  return rates;
}

const changeTimes = new WeakMap<PriceBook, readonly number[]>();

function changesUntil(book: PriceBook, at: number): number {
  let times = changeTimes.get(book);
  if (times === undefined) changeTimes.set(book, (times = allTimes(book)));
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

function allTimes(book: PriceBook): readonly number[] {
  const own = book.versions.map((version) => version.effectiveFrom);
  const times = new Set(book.parent === null ? own : [...own, ...allTimes(book.parent)]);
  return [...times].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** The rows in force at a time: of each series the last generation, all its brackets and hours. */
function currentRows(book: PriceBook, provider: string, at: number): PriceVersion[] {
  const latest = new Map<string, PriceVersion[]>();
  const rows = provider === ALL_PROVIDERS ? book.versions : providerRows(book, provider);
  for (const row of rows) {
    if (row.effectiveFrom > at) continue;
    const key = priceSeriesKey(row);
    const best = latest.get(key)?.[0];
    const order = best === undefined ? 1 : compareTimes(row, best);
    if (order > 0) latest.set(key, [row]);
    else if (order === 0) latest.get(key)!.push(row);
  }
  const own = [...latest.values()].flat().filter((row) => !row.withdrawn);
  return book.parent === null ? own : [...own, ...currentRows(book.parent, provider, at)];
}

function compareTimes(a: PriceVersion, b: PriceVersion): number {
  if (a.effectiveFrom !== b.effectiveFrom) return a.effectiveFrom > b.effectiveFrom ? 1 : -1;
  return a.knownFrom === b.knownFrom ? 0 : a.knownFrom > b.knownFrom ? 1 : -1;
}

function highest(rows: readonly PriceVersion[], book: PriceBook): CeilingRates {
  const byClass = new Map<RateClass, Rational>();
  const raise = (name: RateClass, usd: Rational): void => {
    const best = byClass.get(name);
    if (best === undefined || compareRational(usd, best) > 0) byClass.set(name, usd);
  };
  for (const row of rows) {
    const { tokenRates, rates } = compileVersion(book, row);
    // Substitutes count: a cached token of a model without a discount costs as much as an ordinary one.
    TOKEN_CLASSES.forEach((name, index) => {
      const rate = tokenRates[index];
      if (rate !== undefined) raise(name, rate.usd);
    });
    for (const [name, rate] of rates) raise(name, rate.usd);
  }
  let dearestOutput = ZERO;
  for (const name of OUTPUT_CLASSES) {
    const usd = byClass.get(name);
    if (usd !== undefined && compareRational(usd, dearestOutput) > 0) dearestOutput = usd;
  }
  return { byClass, dearestOutput };
}
