/**
 * The price book in memory. At a time t the rows with the greatest effective_from <= t win, then the greatest known_from; a
 * withdrawn row ends a price. Look-ups are cached by what they ask for, so that pricing an event costs about a microsecond.
 */
import { parseDecimal, PICO_PER_USD, TOKEN_CLASSES, type Rational } from '@outlay/kernel';
import { matchCloseness, modelInPath, regionInPath, utcTimeMs, withDashedDate } from './model-match';
import { RATE_SUBSTITUTES, type PriceVersion, type RateClass } from './price-version';
import { canonicalProvider } from './provider-name';
import { canonicalRegion, canonicalTier } from './service-tier';

export interface PriceQuery {
  readonly provider: string;
  readonly model: string;
  /** As the provider says it; absent is standard. */
  readonly tier?: string | null;
  readonly region?: string | null;
  /** Input tokens of the whole request. */
  readonly contextTokens: number;
  /** Unix ms of the call. */
  readonly at: number;
  /** Only what was known then; absent: all that is known. */
  readonly knownAt?: number;
}

export interface CompiledRate {
  readonly class: RateClass;
  readonly price: string;
  readonly per: number;
  /** Dollars per unit, exact. */
  readonly usd: Rational;
  /** Pico-dollars per unit when that is a whole number, else -1. */
  readonly pico: number;
}

/** A row ready to price with: rates by position in TOKEN_CLASSES, substitutes resolved; undefined where there is none. */
export interface CompiledVersion {
  readonly version: PriceVersion;
  readonly tokenRates: readonly (CompiledRate | undefined)[];
  readonly rates: ReadonlyMap<RateClass, CompiledRate>;
}

/** Rows that came into force and became known together: brackets and hours of one price. */
interface Generation {
  readonly effectiveFrom: number;
  readonly knownFrom: number;
  readonly rows: PriceVersion[];
}

export interface PriceBook {
  readonly versions: readonly PriceVersion[];
  /** Asked where this book has no price: a tenant's negotiated prices stand before the global ones. */
  readonly parent: PriceBook | null;
  readonly byProvider: ReadonlyMap<string, readonly PriceVersion[]>;
  readonly byId: ReadonlyMap<string, PriceVersion>;
  /** Price series by query, in the order in which they are asked. */
  readonly series: Map<string, readonly (readonly Generation[])[]>;
  readonly compiled: Map<PriceVersion, CompiledVersion>;
}

/** Model names come from events: a cache of them must not grow without end. */
const CACHED_QUERIES_MAX = 20_000;

export function createPriceBook(versions: readonly PriceVersion[], parent: PriceBook | null = null): PriceBook {
  const byProvider = new Map<string, PriceVersion[]>();
  for (const version of versions) {
    const rows = byProvider.get(version.provider);
    if (rows) rows.push(version);
    else byProvider.set(version.provider, [version]);
  }
  return { versions, parent, byProvider, byId: new Map(versions.map((version) => [version.id, version])), series: new Map(), compiled: new Map() };
}

/** The row that prices a call, or null: unknown provider or model, no such tier, no price at that time. */
export function findPrice(book: PriceBook, query: PriceQuery): PriceVersion | null {
  for (const generations of seriesOf(book, query.provider, query.model, query.tier ?? '', query.region ?? '')) {
    const row = rowAt(generations, query);
    if (row !== null) return row;
  }
  return book.parent === null ? null : findPrice(book.parent, query);
}

/** The model of the book whose price a served name gets, in whatever tier or time: the closest name first, a tenant's own before the global ones. */
export function bookModelOf(book: PriceBook, provider: string, model: string): Pick<PriceVersion, 'provider' | 'model'> | null {
  const [closest] = coveringRows(book, provider, model).sort((a, b) => Number(a.row.match.fallback ?? false) - Number(b.row.match.fallback ?? false)
    || b.closeness - a.closeness || (a.row.model < b.row.model ? -1 : 1));
  if (closest !== undefined) return { provider: closest.row.provider, model: closest.row.model };
  return book.parent === null ? null : bookModelOf(book.parent, provider, model);
}

/** A row by its id, wherever it stands; null when no book has it. */
export function priceVersionById(book: PriceBook, id: string): PriceVersion | null {
  return book.byId.get(id) ?? (book.parent === null ? null : priceVersionById(book.parent, id));
}

/** True when any row of the provider covers the model, in whatever tier or time. */
export function knowsModel(book: PriceBook, provider: string, model: string): boolean {
  return coveringRows(book, provider, model).length > 0 || (book.parent !== null && knowsModel(book.parent, provider, model));
}

export function knowsProvider(book: PriceBook, provider: string): boolean {
  return providerRows(book, provider).length > 0 || (book.parent !== null && knowsProvider(book.parent, provider));
}

export function compileVersion(book: PriceBook, version: PriceVersion): CompiledVersion {
  let compiled = book.compiled.get(version);
  if (compiled === undefined) {
    compiled = compile(version);
    book.compiled.set(version, compiled);
  }
  return compiled;
}

export function compile(version: PriceVersion): CompiledVersion {
  const rates = new Map<RateClass, CompiledRate>();
  for (const rate of version.rates) {
    const price = parseDecimal(rate.price);
    if (price === null) throw new Error(`Price ${rate.price} of ${version.version} is no decimal.`);
    const usd = { num: price.num, den: price.den * BigInt(rate.per) };
    const pico = usd.num * PICO_PER_USD;
    const whole = pico % usd.den === 0n ? Number(pico / usd.den) : -1;
    rates.set(rate.class, { class: rate.class, price: rate.price, per: rate.per, usd, pico: Number.isSafeInteger(whole) ? whole : -1 });
  }
  const tokenRates = TOKEN_CLASSES.map((name) => {
    const own = rates.get(name);
    const substitute = own === undefined ? RATE_SUBSTITUTES[name]?.find((other) => rates.has(other)) : undefined;
    return own ?? (substitute === undefined ? undefined : rates.get(substitute));
  });
  return { version, tokenRates, rates };
}

function rowAt(generations: readonly Generation[], query: PriceQuery): PriceVersion | null {
  const { at, knownAt, contextTokens } = query;
  for (let i = generations.length - 1; i >= 0; i--) {
    const generation = generations[i]!;
    if (generation.effectiveFrom > at || (knownAt !== undefined && generation.knownFrom > knownAt)) continue;
    let best: PriceVersion | null = null;
    for (const row of generation.rows) {
      if (row.contextFrom > contextTokens || !coversTime(row, at)) continue;
      if (best === null || precedes(row, best)) best = row;
    }
    return best === null || best.withdrawn ? null : best;
  }
  return null;
}

/** Hours come before the rest of the day, the narrower bracket before the wider. */
function precedes(a: PriceVersion, b: PriceVersion): boolean {
  const hours = Number(a.match.utcFrom !== undefined) - Number(b.match.utcFrom !== undefined);
  return hours === 0 ? a.contextFrom > b.contextFrom : hours > 0;
}

const DAY_MS = 86_400_000;

function coversTime({ match }: PriceVersion, at: number): boolean {
  if (match.utcFrom === undefined || match.utcTo === undefined) return true;
  const time = ((at % DAY_MS) + DAY_MS) % DAY_MS;
  const from = utcTimeMs(match.utcFrom);
  const to = utcTimeMs(match.utcTo);
  return from <= to ? time >= from && time < to : time >= from || time < to;
}

function seriesOf(book: PriceBook, provider: string, model: string, tier: string, region: string): readonly (readonly Generation[])[] {
  const key = `${provider}\n${model}\n${tier}\n${region}`;
  let series = book.series.get(key);
  if (series === undefined) {
    const name = canonicalProvider(provider);
    series = findSeries(book, provider, model, canonicalTier(name, tier), canonicalRegion(name, region === '' ? regionInPath(model) : region));
    if (book.series.size >= CACHED_QUERIES_MAX) book.series.clear();
    book.series.set(key, series);
  }
  return series;
}

function findSeries(book: PriceBook, provider: string, model: string, tier: string, region: string): readonly (readonly Generation[])[] {
  const rows = coveringRows(book, provider, model).filter(({ row }) => row.tier === tier && (row.region === region || row.region === ''));
  // The closest name first; of one name, the asked region before the base price.
  const groups = new Map<string, CoveringRow[]>();
  for (const covering of rows) {
    const key = `${covering.row.model}\n${covering.row.region}`;
    const group = groups.get(key);
    if (group) group.push(covering);
    else groups.set(key, [covering]);
  }
  const ordered = [...groups.values()].sort((a, b) => {
    const [one, other] = [a[0]!, b[0]!];
    return Number(one.row.match.fallback ?? false) - Number(other.row.match.fallback ?? false)
      || other.closeness - one.closeness
      || (one.row.model === other.row.model ? other.row.region.length - one.row.region.length : one.row.model < other.row.model ? -1 : 1);
  });
  return ordered.map((group) => groupGenerations(group.map(({ row }) => row)));
}

interface CoveringRow {
  readonly row: PriceVersion;
  readonly closeness: number;
}

function coveringRows(book: PriceBook, provider: string, model: string): CoveringRow[] {
  const rows = providerRows(book, provider);
  const name = model.trim().toLowerCase();
  const inner = modelInPath(canonicalProvider(provider), name);
  for (const candidate of [name, withDashedDate(name), inner, inner === null ? null : withDashedDate(inner)]) {
    const covering = candidate === null ? [] : rowsMatching(rows, candidate);
    if (covering.length > 0) return covering;
  }
  return [];
}

/** A provider's rows by whatever name: that of the rows first, then the catalogue's. */
export function providerRows(book: PriceBook, provider: string): readonly PriceVersion[] {
  return book.byProvider.get(provider) ?? book.byProvider.get(canonicalProvider(provider)) ?? [];
}

function rowsMatching(rows: readonly PriceVersion[], name: string): CoveringRow[] {
  const covering: CoveringRow[] = [];
  // A model's rows share one match object or equal ones; the closest of them speaks for the model.
  const closest = new Map<string, number>();
  for (const row of rows) {
    const closeness = matchCloseness(row.match.when, name);
    if (closeness < 0) continue;
    closest.set(row.model, Math.max(closest.get(row.model) ?? 0, closeness));
    covering.push({ row, closeness });
  }
  return covering.map(({ row }) => ({ row, closeness: closest.get(row.model)! }));
}

function groupGenerations(rows: readonly PriceVersion[]): readonly Generation[] {
  const generations = new Map<string, Generation>();
  for (const row of rows) {
    const key = `${row.effectiveFrom} ${row.knownFrom}`;
    const generation = generations.get(key);
    if (generation) generation.rows.push(row);
    else generations.set(key, { effectiveFrom: row.effectiveFrom, knownFrom: row.knownFrom, rows: [row] });
  }
  // Infinite times cannot be subtracted.
  const compare = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);
  return [...generations.values()].sort((a, b) => compare(a.effectiveFrom, b.effectiveFrom) || compare(a.knownFrom, b.knownFrom));
}
