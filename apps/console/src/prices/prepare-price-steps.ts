/** The price of a model over time as steps, as it is known now. Decides everything that the picture draws. */
import { classLabel, perText, priceText, type PriceRow, type Rate } from './prepare-price';

export interface PriceStep {
  /** Share of the picture's width, 0 to 1. */
  readonly from: number;
  readonly to: number;
  /** Share of its height, 0 at the bottom; null where nothing held. */
  readonly height: number | null;
}

export interface PriceSteps {
  readonly series: readonly { readonly class: string; readonly label: string; readonly now: string; readonly steps: readonly PriceStep[] }[];
  /** When a price of the team's own held. */
  readonly negotiated: readonly { readonly from: number; readonly to: number }[];
  readonly start: string;
  readonly end: string;
  /** Where "now" is; null at the right edge. */
  readonly now: number | null;
  /** The price at the top of the picture. */
  readonly top: string;
  /** The same for who cannot see it. */
  readonly words: string;
}

const SHOWN = ['input_uncached', 'output_text'];
const DAY_MS = 86_400_000;
const LEAST_SPAN_MS = 30 * DAY_MS;
/** So much of the last price is seen at least. */
const TAIL_MS = 3 * DAY_MS;

type Row = Pick<PriceRow, 'tier' | 'region' | 'contextFrom' | 'effectiveFrom' | 'knownFrom' | 'withdrawn' | 'negotiated' | 'rates' | 'hours'>;

/** Of the ordinary price: standard tier, no region, the first bracket. Null while there was one price only: a flat line tells nothing. */
export function preparePriceSteps(history: readonly Row[], nowMs: number): PriceSteps | null {
  const rows = history.filter((row) => row.tier === 'standard' && row.region === '' && row.contextFrom === 0 && row.hours === null);
  const times = [...new Set(rows.map(effectiveMs))].filter(Number.isFinite).sort((a, b) => a - b);
  const [first] = times;
  if (first === undefined) return null;
  const endMs = Math.max(nowMs, times.at(-1)! + TAIL_MS);
  const earliest = Math.min(first, nowMs);
  const startMs = earliest - Math.max(endMs - earliest, LEAST_SPAN_MS) * 0.12;
  const place = (ms: number) => Math.min(1, Math.max(0, (ms - startMs) / (endMs - startMs)));
  const pieces = [startMs, ...times].map((from, n) => ({ from, to: times[n] ?? endMs, row: rowAt(rows, from) }));
  const perMillion = (row: Row | null, name: string) => perUnit(row?.rates.find((rate) => rate.class === name));
  const classes = SHOWN.filter((name) => new Set(pieces.map(({ row }) => perMillion(row, name))).size > 1 || pieces.some(({ row }) => perMillion(row, name) !== null));
  const all = classes.flatMap((name) => pieces.flatMap(({ row }) => perMillion(row, name) ?? []));
  const top = Math.max(...all, 0) * 1.15;
  // One price for all of the time is no picture.
  if (top === 0 || classes.every((name) => new Set(pieces.map(({ row }) => perMillion(row, name))).size < 2)) return null;
  const current = rowAt(rows, nowMs);
  const topRate = rows.flatMap((row) => row.rates).filter((rate) => SHOWN.includes(rate.class)).sort((a, b) => perUnit(b)! - perUnit(a)!)[0]!;
  return {
    series: classes.map((name) => ({
      class: name, label: classLabel(name), now: rateOf(current, name),
      steps: pieces.map(({ from, to, row }) => ({ from: place(from), to: place(to), height: heightOf(perMillion(row, name), top) })),
    })),
    negotiated: pieces.filter(({ row }) => row?.negotiated).map(({ from, to }) => ({ from: place(from), to: place(to) })),
    start: new Date(startMs).toISOString(), end: new Date(endMs).toISOString(), now: endMs > nowMs ? place(nowMs) : null,
    top: `${priceText(topRate.price)} / ${perText(topRate.per)}`,
    words: classes.map((name) => `${classLabel(name)}: ${pieces.map(({ row }) => rateOf(row, name)).filter((text, n, texts) => text !== texts[n - 1]).join(', then ')}`).join('. '),
  };
}

function effectiveMs({ effectiveFrom }: Row): number {
  return effectiveFrom === null ? -Infinity : Date.parse(effectiveFrom);
}

function knownMs({ knownFrom }: Row): number {
  return knownFrom === null ? -Infinity : Date.parse(knownFrom);
}

/** The team's own price before that of the list; in each the latest from which a price holds, of those the one learnt last. */
function rowAt(rows: readonly Row[], ms: number): Row | null {
  for (const negotiated of [true, false]) {
    const held = rows.filter((row) => row.negotiated === negotiated && effectiveMs(row) <= ms).sort((a, b) => compare(effectiveMs(b), effectiveMs(a)) || compare(knownMs(b), knownMs(a)))[0];
    if (held && !held.withdrawn) return held;
  }
  return null;
}

function perUnit(rate: Rate | undefined): number | null {
  return rate === undefined ? null : Number(rate.price) / rate.per;
}

function rateOf(row: Row | null, name: string): string {
  const rate = row?.rates.find((each) => each.class === name);
  return rate === undefined ? 'no price' : `${priceText(rate.price)} / ${perText(rate.per)}`;
}

function heightOf(value: number | null, top: number): number | null {
  return value === null ? null : value / top;
}

function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
