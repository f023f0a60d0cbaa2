/**
 * What an import of a price list writes, decided without a database. Rows are never edited: a price that changed is a new row. On
 * first import a price without start date is effective from -Infinity; a change that a later list shows is effective from the
 * day of that import, unless the list itself dates it.
 */
import { canonicalJson, compareRational, parseDecimal, ZERO, type Rational } from '@outlay/kernel';
import { namePriceVersion, priceContentKey, priceSeriesKey, type PriceRate, type PriceVersion } from './price-version';

export interface PriceChange {
  readonly kind: 'added' | 'changed' | 'rematched' | 'withdrawn';
  readonly provider: string;
  readonly model: string;
  readonly tier: string;
  readonly region: string;
  /** Unix ms; -Infinity for "ever since". */
  readonly effectiveFrom: number;
  readonly before: readonly PriceVersion[];
  readonly after: readonly PriceVersion[];
  /** Why it needs approval, as a sentence; null when it does not. */
  readonly warning: string | null;
}

export interface ImportPlan {
  readonly inserts: readonly PriceVersion[];
  readonly changes: readonly PriceChange[];
  /** Changes held back until someone approves them; a negative price is never taken. */
  readonly refused: readonly PriceChange[];
}

export interface ImportOptions {
  /** Unix ms of the import: when we learnt it. */
  readonly now: number;
  /** Decides about each change that needs approval; absent, none is approved. */
  readonly approve?: (change: PriceChange) => boolean;
}

/** A factor beyond which a change of price needs approval. */
const SUSPICIOUS_FACTOR = 10n;

/** The plan that brings `existing` (all rows of the list's own sources) to what `incoming` says. Importing twice plans nothing. */
export function planImport(existing: readonly PriceVersion[], incoming: readonly PriceVersion[], options: ImportOptions): ImportPlan {
  const changes: PriceChange[] = [];
  const refused: PriceChange[] = [];
  const [known, wanted] = [groupSeries(existing), groupSeries(incoming)];
  const decide = (change: PriceChange): boolean => {
    const taken = change.warning === null || (!isNegative(change) && (options.approve?.(change) ?? false));
    (taken ? changes : refused).push(change);
    return taken;
  };
  for (const [key, rows] of wanted) planSeries(known.get(key) ?? [], rows, options.now, decide);
  for (const [key, rows] of known) if (!wanted.has(key)) planWithdrawal(rows, options.now, decide);
  return { inserts: changes.flatMap((change) => change.after), changes, refused };
}

type Decide = (change: PriceChange) => boolean;

function planSeries(existing: readonly PriceVersion[], wanted: readonly PriceVersion[], now: number, decide: Decide): void {
  const have = [...existing];
  for (const time of timesToSettle(existing, wanted, now)) {
    const want = rowsAt(wanted, time);
    if (want.length === 0) continue;
    // The history that a list tells of a new price is no change of what we knew.
    const change = existing.length === 0 ? describe('added', time, [], restamp(want, time, now)) : compare(rowsAt(have, time), want, time, now);
    if (change !== null && decide(change)) have.push(...change.after);
  }
}

/**
 * The times at which both lists must agree: every dated price, the past before the first date, prices announced earlier that a newer
 * list may have called off, and now. A price without date that is the current one says nothing about the past.
 */
function timesToSettle(existing: readonly PriceVersion[], wanted: readonly PriceVersion[], now: number): readonly number[] {
  const dates = wanted.map((row) => row.effectiveFrom);
  const currentIsDated = dates.some((date) => date > -Infinity && date <= now);
  const past = existing.length === 0 || currentIsDated ? dates : dates.filter((date) => date > -Infinity);
  const announced = existing.map((row) => row.effectiveFrom).filter((date) => date > now);
  const times = new Set(existing.length === 0 ? past : [...past, ...announced, now]);
  return [...times].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

function compare(present: readonly PriceVersion[], want: readonly PriceVersion[], time: number, now: number): PriceChange | null {
  const sameContent = contentKey(present) === contentKey(want);
  if (sameContent && matchKey(present) === matchKey(want)) return null;
  // A match that grew or shrank is knowledge about the same price: it holds as long as the price does.
  const effectiveFrom = sameContent ? present[0]!.effectiveFrom : time;
  const after = restamp(want, effectiveFrom, now);
  const kind = present.length === 0 ? 'added' : sameContent ? 'rematched' : 'changed';
  return describe(kind, effectiveFrom, present, after);
}

function restamp(rows: readonly PriceVersion[], effectiveFrom: number, knownFrom: number): readonly PriceVersion[] {
  return rows.map((row) => namePriceVersion({ ...row, effectiveFrom, knownFrom }));
}

function planWithdrawal(rows: readonly PriceVersion[], now: number, decide: Decide): void {
  const present = rowsAt(rows, now);
  const [row] = present;
  if (row === undefined || present.every((one) => one.withdrawn)) return;
  const { utcFrom: _from, utcTo: _to, ...match } = row.match;
  const end = namePriceVersion({ ...row, match, contextFrom: 0, effectiveFrom: now, knownFrom: now, withdrawn: true, rates: [] });
  decide(describe('withdrawn', now, present, [end]));
}

function describe(kind: PriceChange['kind'], effectiveFrom: number, before: readonly PriceVersion[], after: readonly PriceVersion[]): PriceChange {
  const { provider, model, tier, region } = after[0]!;
  return { kind, provider, model, tier, region, effectiveFrom, before, after, warning: warningOf(before, after) };
}

/** The rows of one price series in force at a time: of the greatest effective_from the greatest known_from. */
function rowsAt(rows: readonly PriceVersion[], time: number): readonly PriceVersion[] {
  let best: PriceVersion[] = [];
  for (const row of rows) {
    if (row.effectiveFrom > time) continue;
    const [leader] = best;
    if (leader === undefined || isLater(row, leader)) best = [row];
    else if (!isLater(leader, row)) best.push(row);
  }
  return best;
}

function isLater(a: PriceVersion, b: PriceVersion): boolean {
  return a.effectiveFrom > b.effectiveFrom || (a.effectiveFrom === b.effectiveFrom && a.knownFrom > b.knownFrom);
}

function groupSeries(rows: readonly PriceVersion[]): Map<string, PriceVersion[]> {
  const series = new Map<string, PriceVersion[]>();
  for (const row of rows) {
    const key = priceSeriesKey(row);
    const group = series.get(key);
    if (group) group.push(row);
    else series.set(key, [row]);
  }
  return series;
}

function contentKey(rows: readonly PriceVersion[]): string {
  return rows.map(priceContentKey).sort().join('\n');
}

function matchKey(rows: readonly PriceVersion[]): string {
  return rows.map((row) => canonicalJson(row.match)).sort().join('\n');
}

function isNegative({ after }: PriceChange): boolean {
  return after.some((row) => row.rates.some(isNegativeRate));
}

function isNegativeRate({ price }: PriceRate): boolean {
  const usd = parseDecimal(price);
  return usd === null || usd.num < 0n;
}

function warningOf(before: readonly PriceVersion[], after: readonly PriceVersion[]): string | null {
  for (const row of after) {
    const negative = row.rates.find(isNegativeRate);
    if (negative !== undefined) return `${row.version}: the price ${negative.price} of ${negative.class} is negative or no decimal.`;
    const old = before.find((one) => one.contextFrom === row.contextFrom && one.match.utcFrom === row.match.utcFrom);
    for (const rate of row.rates) {
      const was = old?.rates.find((one) => one.class === rate.class);
      if (was !== undefined && isSuspicious(was, rate)) return `${row.version}: ${rate.class} goes from ${was.price} to ${rate.price} per ${rate.per}, more than 10 times.`;
    }
  }
  return null;
}

/** More than ten times up or down; from or to 0 is beyond any factor. */
function isSuspicious(was: PriceRate, is: PriceRate): boolean {
  const [one, other] = [perUnit(was), perUnit(is)];
  const [less, more] = compareRational(one, other) < 0 ? [one, other] : [other, one];
  return compareRational(more, { num: less.num * SUSPICIOUS_FACTOR, den: less.den }) > 0;
}

function perUnit({ price, per }: PriceRate): Rational {
  const usd = parseDecimal(price) ?? ZERO;
  return { num: usd.num, den: usd.den * BigInt(per) };
}
