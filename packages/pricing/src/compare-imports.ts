/**
 * What the price book learnt between two moments: which prices came, went or changed, and by how much. Read from `known_from`, which every
 * row carries: an import stamps all its rows with one moment. Pure.
 */
import { compareRational, parseDecimal, ZERO, type Rational } from '@outlay/kernel';
import { priceContentKey, priceSeriesKey, type PriceRate, type PriceVersion } from './price-version';
import { generationInForce } from './rows-in-force';

/** The rows that became known at one moment. */
export interface PriceImport {
  /** Unix ms. */
  readonly knownAt: number;
  /** `genai-prices 0.1.8`, each once, that of the most rows first. */
  readonly sources: readonly string[];
  readonly rows: number;
  readonly models: number;
}

type PriceDifferenceKind = 'added' | 'withdrawn' | 'changed';

export interface PriceDifference {
  readonly kind: PriceDifferenceKind;
  readonly provider: string;
  readonly model: string;
  readonly tier: string;
  readonly region: string;
  /** From when the new price holds; -Infinity for ever since. */
  readonly effectiveFrom: number;
  /** One row a bracket, by size; empty before what was added, and after what was withdrawn. */
  readonly before: readonly PriceVersion[];
  readonly after: readonly PriceVersion[];
  /** The greatest factor by which a rate rose or fell, such as 1.25 or 0.5, in any bracket; null where no rate can be compared. */
  readonly factor: number | null;
}

/** The newest first. Rows that were always known belong to no import. */
export function listImports(versions: readonly PriceVersion[]): readonly PriceImport[] {
  const groups = new Map<number, PriceVersion[]>();
  for (const row of versions) {
    if (!Number.isFinite(row.knownFrom)) continue;
    const group = groups.get(row.knownFrom);
    if (group) group.push(row);
    else groups.set(row.knownFrom, [row]);
  }
  return [...groups].sort(([a], [b]) => b - a).map(([knownAt, rows]) => ({
    knownAt, rows: rows.length, models: new Set(rows.map(({ provider, model }) => `${provider}\n${model}`)).size,
    sources: sourcesOf(rows),
  }));
}

function sourcesOf(rows: readonly PriceVersion[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { source, sourceVersion } of rows) counts.set(`${source} ${sourceVersion}`, (counts.get(`${source} ${sourceVersion}`) ?? 0) + 1);
  return [...counts].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1)).map(([name]) => name);
}

/** What became known after `fromMs`, up to and with `toMs`, and says otherwise than what was known before. The steepest change first. */
export function compareImports(versions: readonly PriceVersion[], { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): readonly PriceDifference[] {
  const series = new Map<string, PriceVersion[]>();
  for (const row of versions) {
    if (row.knownFrom > toMs) continue;
    const key = priceSeriesKey(row);
    const rows = series.get(key);
    if (rows) rows.push(row);
    else series.set(key, [row]);
  }
  return [...series.values()].flatMap((rows) => compareSeries(rows, fromMs, toMs)).sort(bySteepness);
}

function compareSeries(rows: readonly PriceVersion[], fromMs: number, toMs: number): PriceDifference[] {
  const fresh = rows.filter((row) => row.knownFrom > fromMs);
  if (fresh.length === 0) return [];
  const known = rows.filter((row) => row.knownFrom <= fromMs);
  const { provider, model, tier, region } = rows[0]!;
  const place = { tier, region };
  // A new price is one difference, whatever history its list tells.
  const times = known.length === 0 ? [Math.max(...fresh.map(({ effectiveFrom }) => effectiveFrom).filter((time) => time <= toMs), -Infinity)] : [...new Set(fresh.map(({ effectiveFrom }) => effectiveFrom))].sort(order);
  return times.flatMap((effectiveFrom): PriceDifference[] => {
    // Of what holds ever since, the price at the moment of the import speaks; of what is dated, that of its date.
    const at = Number.isFinite(effectiveFrom) ? effectiveFrom : toMs;
    const before = generationInForce(known, place, at);
    const after = generationInForce(rows, place, at);
    if (contentOf(before) === contentOf(after)) return [];
    const kind = before.length === 0 ? 'added' : after.length === 0 ? 'withdrawn' : 'changed';
    return [{ kind, provider, model, tier, region, effectiveFrom, before, after, factor: kind === 'changed' ? steepest(before, after) : null }];
  });
}

function contentOf(rows: readonly PriceVersion[]): string {
  return rows.filter(({ withdrawn }) => !withdrawn).map(priceContentKey).sort().join('\n');
}

function steepest(before: readonly PriceVersion[], after: readonly PriceVersion[]): number | null {
  let found: number | null = null;
  for (const row of after) {
    const old = before.findLast(({ contextFrom }) => contextFrom <= row.contextFrom);
    for (const rate of row.rates) {
      const was = old?.rates.find((each) => each.class === rate.class);
      const factor = was === undefined ? null : factorOf(was, rate);
      if (factor !== null && (found === null || Math.abs(Math.log(factor)) > Math.abs(Math.log(found)))) found = factor;
    }
  }
  return found;
}

/** Null where there is nothing to divide by, and where a price is free now: no factor says that. */
function factorOf(was: PriceRate, is: PriceRate): number | null {
  const [one, other] = [perUnit(was), perUnit(is)];
  if (compareRational(one, ZERO) === 0 || compareRational(other, ZERO) === 0) return null;
  return (Number(is.price) * was.per) / (Number(was.price) * is.per);
}

function perUnit({ price, per }: PriceRate): Rational {
  const usd = parseDecimal(price) ?? ZERO;
  return { num: usd.num, den: usd.den * BigInt(per) };
}

const KINDS: readonly PriceDifferenceKind[] = ['changed', 'added', 'withdrawn'];

function bySteepness(a: PriceDifference, b: PriceDifference): number {
  const steepness = ({ factor }: PriceDifference): number => (factor === null ? 0 : Math.abs(Math.log(factor)));
  return KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || steepness(b) - steepness(a) || (priceSeriesKey(a) < priceSeriesKey(b) ? -1 : 1);
}

function order(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
