/** Ledger against bill: bars, shares and words. Pure: money in pico-dollars as text; a positive cause means that the bill is higher than the ledger. */
import { formatPico } from '@outlay/kernel';
import { csvText } from '../plans/prepare-plans';
import { dayWords } from '../providers/utc-days';
import { formatMoney, readPico, toDrawnUsd } from '../ui/format-money';
import { formatShare } from '../ui/format-number';

export const CAUSES = ['missing', 'failed', 'tier', 'cache_class', 'timing', 'price_version', 'rounding', 'unexplained'] as const;
type Cause = (typeof CAUSES)[number];
export type CauseTexts = Readonly<Record<Cause, string>>;

const CAUSE_LABELS: Readonly<Record<Cause, string>> = {
  missing: 'Missing requests', failed: 'Failed but billed', tier: 'Service tier', cache_class: 'Cache class', timing: 'Timing', price_version: 'Price version', rounding: 'Rounding', unexplained: 'Unexplained',
};

const CAUSE_COLORS: Readonly<Record<Cause, string>> = {
  missing: 'var(--series-4)', failed: 'var(--series-3)', tier: 'var(--series-5)', cache_class: 'var(--series-2)', timing: 'var(--series-7)', price_version: 'var(--series-8)', rounding: 'var(--series-rest)', unexplained: 'var(--series-1)',
};

/** What matched is calm: it asks for nothing. */
export const MATCHED_COLOR = 'var(--series-6)';

export interface DayFacts {
  readonly day: string;
  readonly connectionId: string;
  readonly connectionName: string;
  readonly provider: string;
  readonly ledgerPico: string;
  readonly billedPico: string;
  readonly provisional: boolean;
  readonly computedAt: string;
  readonly causes: CauseTexts;
}

export interface CausePart {
  readonly cause: Cause;
  readonly label: string;
  readonly pico: string;
  readonly amount: string;
  /** Of all differences, whichever their direction; sums to 1. */
  readonly share: number;
  readonly shareWords: string;
  readonly color: string;
}

/** Those that are something, the largest first. */
export function causeParts(causes: CauseTexts): CausePart[] {
  const sizes = CAUSES.map((cause) => ({ cause, value: picoOf(causes[cause]) }));
  const whole = sizes.reduce((sum, { value }) => sum + size(value), 0n);
  return sizes
    .filter(({ value }) => value !== 0n)
    .toSorted((a, b) => (size(b.value) > size(a.value) ? 1 : size(b.value) < size(a.value) ? -1 : 0))
    .map(({ cause, value }) => {
      const share = Number((size(value) * 1_000_000n) / whole) / 1_000_000;
      return { cause, label: CAUSE_LABELS[cause], pico: String(value), amount: signed(value), share, shareWords: formatShare(share), color: CAUSE_COLORS[cause] };
    });
}

export interface Segment {
  readonly key: string;
  /** Between 0 and 1 of the chart's height. */
  readonly height: number;
  readonly color: string;
}

interface DayColumn {
  readonly day: string;
  readonly label: string | null;
  /** The bill's side, from the middle line up: the first stands lowest. */
  readonly up: readonly Segment[];
  /** What the ledger has more, from the middle line down. */
  readonly down: readonly Segment[];
  readonly title: string;
}

export interface ResidueChart {
  readonly columns: readonly DayColumn[];
  /** Of the chart's height, above the middle line. */
  readonly upShare: number;
  readonly top: string;
  readonly bottom: string | null;
  readonly empty: boolean;
  readonly summary: string;
}

const LABELS_MAX = 8;

/** Days of all connections together; a day that nothing was billed for is a gap. */
export function prepareResidueChart(days: readonly DayFacts[], bars: 'difference' | 'bill'): ResidueChart {
  const sums = new Map<string, { ledger: bigint; billed: bigint; causes: Record<Cause, bigint> }>();
  for (const { day, ledgerPico, billedPico, causes } of days) {
    const sum = sums.get(day) ?? { ledger: 0n, billed: 0n, causes: Object.fromEntries(CAUSES.map((cause) => [cause, 0n])) as Record<Cause, bigint> };
    sum.ledger += picoOf(ledgerPico);
    sum.billed += picoOf(billedPico);
    for (const cause of CAUSES) sum.causes[cause] += picoOf(causes[cause]);
    sums.set(day, sum);
  }
  const all = [...sums].toSorted(([a], [b]) => a.localeCompare(b)).map(([day, sum]) => {
    const ups = CAUSES.filter((cause) => sum.causes[cause] > 0n);
    const downs = CAUSES.filter((cause) => sum.causes[cause] < 0n);
    const more = ups.reduce((whole, cause) => whole + sum.causes[cause], 0n);
    return { day, ...sum, ups, downs, matched: sum.billed - more, up: bars === 'bill' && sum.billed > more ? sum.billed : more, down: downs.reduce((whole, cause) => whole - sum.causes[cause], 0n) };
  });
  const [up, down] = [max(all.map((each) => each.up)), max(all.map((each) => each.down))];
  const scale = toDrawnUsd(up + down);
  const part = (pico: bigint): number => (scale === 0 ? 0 : toDrawnUsd(size(pico)) / scale);
  const every = Math.max(Math.ceil(all.length / LABELS_MAX), 1);
  const columns = all.map((each, index): DayColumn => ({
    day: each.day, label: index % every === 0 ? dayWords(each.day) : null,
    up: [...(bars === 'bill' && each.matched > 0n ? [{ key: 'matched', height: part(each.matched), color: MATCHED_COLOR }] : []), ...each.ups.map((cause) => ({ key: cause, height: part(each.causes[cause]), color: CAUSE_COLORS[cause] }))],
    down: each.downs.map((cause) => ({ key: cause, height: part(each.causes[cause]), color: CAUSE_COLORS[cause] })),
    title: [`${dayWords(each.day)}: billed ${formatMoney(each.billed)}, recorded ${formatMoney(each.ledger)}`, ...[...each.ups, ...each.downs].map((cause) => `${CAUSE_LABELS[cause]} ${signed(each.causes[cause])}`)].join('; '),
  }));
  return {
    columns, upShare: scale === 0 ? 1 : part(up), top: formatMoney(up), bottom: down === 0n ? null : `-${formatMoney(down)}`, empty: scale === 0,
    summary: bars === 'bill' ? 'The bill of each day: what matched, and what does not by cause.' : 'The difference between bill and ledger of each day, by cause.',
  };
}

export interface LineFacts {
  readonly provider: string;
  readonly key: string;
  readonly ledgerPico: string | null;
  readonly billedPico: string;
  readonly matchedPico: string | null;
  readonly causes: CauseTexts;
  readonly words: string | null;
}

/** Billed less recorded; null where the ledger cannot say. */
export function differenceOf({ ledgerPico, billedPico }: Pick<LineFacts, 'ledgerPico' | 'billedPico'>): string | null {
  const ledger = readPico(ledgerPico);
  return ledger === null ? null : String(picoOf(billedPico) - ledger);
}

export interface Headline {
  readonly matchedShare: number | null;
  readonly residuePico: string;
  readonly unexplainedPico: string;
}

export function prepareHeadline(totals: { readonly ledgerPico: string; readonly billedPico: string; readonly matchedPico: string }, causes: CauseTexts): Headline {
  const billed = picoOf(totals.billedPico);
  return {
    // Causes of opposite signs may be larger than the bill: less than nothing cannot match.
    matchedShare: billed <= 0n ? null : Math.min(Math.max(Number((picoOf(totals.matchedPico) * 10_000n) / billed) / 10_000, 0), 1),
    residuePico: String(billed - picoOf(totals.ledgerPico)), unexplainedPico: causes.unexplained,
  };
}

/** A line a day and connection, a column a cause. */
export function reconciliationCsv(days: readonly DayFacts[]): string {
  return csvText(['day', 'connection', 'provider', 'ledger_usd', 'billed_usd', ...CAUSES.map((cause) => `${cause}_usd`), 'provisional'],
    days.map((day) => [day.day, day.connectionName, day.provider, usd(day.ledgerPico), usd(day.billedPico), ...CAUSES.map((cause) => usd(day.causes[cause])), String(day.provisional)]));
}

/** `+$1.20`, `-$0.03`. */
function signed(pico: bigint): string {
  return pico > 0n ? `+${formatMoney(pico)}` : formatMoney(pico);
}

export function signedText(pico: string): string {
  return signed(picoOf(pico));
}

/** `+12.5%` */
export function percentWords(percent: number): string {
  return `${percent > 0 ? '+' : ''}${formatShare(percent / 100)}`;
}

function usd(pico: string): string {
  return formatPico(picoOf(pico));
}

function picoOf(text: string): bigint {
  return readPico(text) ?? 0n;
}

function size(pico: bigint): bigint {
  return pico < 0n ? -pico : pico;
}

function max(values: readonly bigint[]): bigint {
  return values.reduce((most, value) => (value > most ? value : most), 0n);
}
