/** A negotiated price as somebody states it, checked and turned into rows of the book. Pure. */
import { parseDecimal, TOKEN_CLASSES, type TokenClass } from '@outlay/kernel';
import type { MatchLogic } from './model-match';
import { namePriceVersion, type PriceRate, type PriceVersion } from './price-version';
import { canonicalProvider } from './provider-name';
import { canonicalRegion, canonicalTier } from './service-tier';

interface PriceBracket {
  /** First input token of the bracket; the first bracket starts at 0. */
  readonly contextFrom: number;
  readonly rates: readonly PriceRate[];
}

/** Where a price stands: every event of this model, in this tier and region. */
interface PricePlace {
  readonly provider: string;
  /** A model of the catalogue, or the exact name of a model as it is served. */
  readonly model: string;
  /** Absent: standard. */
  readonly tier?: string;
  /** Absent: wherever no region has a price of its own. */
  readonly region?: string;
}

export interface NegotiatedPrice extends PricePlace {
  /** From when the price holds; null is ever since. */
  readonly effectiveFrom: Date | null;
  /** Empty ends the negotiated price: the global one holds again. */
  readonly brackets: readonly PriceBracket[];
  /** Where the price is written down: a contract, a quote. */
  readonly source: string;
}

export interface PriceFault {
  /** `brackets[0].rates[2].price`. */
  readonly field: string;
  readonly message: string;
}

const NAME_MAX = 255;
const BRACKETS_MAX = 8;
const RATES_MAX = 64;
const PER_MAX = 1_000_000_000;
const PLAIN_DECIMAL = /^\d{1,12}(\.\d{1,18})?$/;
const CLASS = /^[a-z][a-z0-9_]{0,63}$/;
const FIRST_DATE_MS = Date.UTC(2000, 0, 1);
const AHEAD_MAX_MS = 2 * 366 * 86_400_000;
/** A ledger row holds at most 9.2 million dollars, and a call at most some billion tokens. */
const TOKEN_USD_MAX = { num: 1n, den: 100n };
const UNIT_USD_MAX = { num: 1_000n, den: 1n };

/** The first thing that is wrong with it, or null. */
export function findPriceFault(price: NegotiatedPrice, nowMs: number): PriceFault | null {
  return findNameFault(price) ?? findDateFault(price.effectiveFrom, nowMs) ?? findBracketFault(price.brackets);
}

function findNameFault(price: NegotiatedPrice): PriceFault | null {
  for (const field of ['provider', 'model', 'source', 'tier', 'region'] as const) {
    const text = price[field];
    if (text === undefined) continue;
    if (text.trim() === '' && field !== 'tier' && field !== 'region') return { field, message: `The ${field} must not be empty.` };
    if (text.length > NAME_MAX || text.includes('\0')) return { field, message: `The ${field} must have at most ${NAME_MAX} characters and no NUL.` };
  }
  return null;
}

function findDateFault(date: Date | null, nowMs: number): PriceFault | null {
  if (date === null) return null;
  const ms = date.getTime();
  if (Number.isNaN(ms)) return { field: 'effectiveFrom', message: 'This is no date.' };
  if (ms < FIRST_DATE_MS) return { field: 'effectiveFrom', message: 'Before the year 2000: leave the date out instead, for a price that holds ever since.' };
  return ms > nowMs + AHEAD_MAX_MS ? { field: 'effectiveFrom', message: 'More than two years ahead.' } : null;
}

function findBracketFault(brackets: readonly PriceBracket[]): PriceFault | null {
  if (brackets.length > BRACKETS_MAX) return { field: 'brackets', message: `At most ${BRACKETS_MAX} brackets.` };
  const starts = brackets.map(({ contextFrom }) => contextFrom);
  const bad = starts.findIndex((start, n) => !Number.isSafeInteger(start) || start < 0 || starts.indexOf(start) !== n);
  if (bad >= 0) return { field: `brackets[${bad}].contextFrom`, message: 'A bracket starts at a whole number of tokens from 0, each at another one.' };
  if (brackets.length > 0 && !starts.includes(0)) return { field: 'brackets[0].contextFrom', message: 'The first bracket starts at 0 tokens: without it small requests would have no price.' };
  for (const [n, { rates }] of brackets.entries()) {
    const fault = findRateFault(rates);
    if (fault !== null) return { ...fault, field: `brackets[${n}].rates${fault.field}` };
  }
  return null;
}

function findRateFault(rates: readonly PriceRate[]): PriceFault | null {
  if (rates.length === 0) return { field: '', message: 'A price needs at least one rate; to end a price, withdraw it.' };
  if (rates.length > RATES_MAX) return { field: '', message: `At most ${RATES_MAX} rates.` };
  const seen = new Set<string>();
  for (const [n, { class: name, price, per }] of rates.entries()) {
    if (!CLASS.test(name)) return { field: `[${n}].class`, message: `"${name.slice(0, 40)}" is no class: small letters, digits and _ only, such as input_uncached or web_search.` };
    if (seen.has(name)) return { field: `[${n}].class`, message: `${name} has two prices.` };
    seen.add(name);
    if (!Number.isSafeInteger(per) || per < 1 || per > PER_MAX) return { field: `[${n}].per`, message: `A price is for a whole number of units from 1 to ${PER_MAX}, not ${per}.` };
    const usd = PLAIN_DECIMAL.test(price) ? parseDecimal(price) : null;
    if (usd === null) return { field: `[${n}].price`, message: `The price "${price.slice(0, 40)}" must be a decimal from 0, in dollars.` };
    const most = isTokenClass(name) ? TOKEN_USD_MAX : UNIT_USD_MAX;
    if (usd.num * most.den > most.num * usd.den * BigInt(per)) return { field: `[${n}].price`, message: `$${price} for ${per} ${name} cannot be right: is it meant for more units?` };
  }
  return null;
}

function isTokenClass(name: string): boolean {
  return TOKEN_CLASSES.includes(name as TokenClass);
}

/**
 * Its rows, one a bracket; one withdrawn row when it ends. `catalogue` are the global rows: a model of the catalogue is covered under every name
 * under which the catalogue knows it, any other under exactly its name.
 */
export function toPriceVersions(price: NegotiatedPrice, catalogue: readonly PriceVersion[], knownFromMs: number): readonly PriceVersion[] {
  const provider = canonicalProvider(price.provider);
  const model = price.model.trim();
  const common = {
    provider, model, match: { when: namesOf(provider, model, catalogue) }, tier: canonicalTier(provider, price.tier), region: canonicalRegion(provider, price.region),
    effectiveFrom: price.effectiveFrom?.getTime() ?? -Infinity, knownFrom: knownFromMs, source: price.source.trim(),
    // Tells two rows of equal content apart that were stated at different times, with another price between them.
    sourceVersion: new Date(knownFromMs).toISOString(),
  };
  if (price.brackets.length === 0) return [namePriceVersion({ ...common, contextFrom: 0, withdrawn: true, rates: [] })];
  return price.brackets.map(({ contextFrom, rates }) => namePriceVersion({ ...common, contextFrom, withdrawn: false, rates }));
}

function namesOf(provider: string, model: string, catalogue: readonly PriceVersion[]): MatchLogic {
  const known = catalogue.find((row) => row.provider === provider && row.model === model && !row.match.fallback);
  if (known === undefined) return { equals: model };
  return 'equals' in known.match.when ? known.match.when : { or: [{ equals: model }, known.match.when] };
}
