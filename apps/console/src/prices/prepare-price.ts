import type { Outputs } from '../api/trpc';

export type PriceRow = Outputs['prices']['get']['history'][number];
export type CurrentPrice = Outputs['prices']['get']['current'][number];
export interface Rate {
  readonly class: string;
  readonly price: string;
  readonly per: number;
}

const CLASSES: Record<string, string> = {
  input_uncached: 'Input', cache_read: 'Cached input', cache_write_5m: 'Cache write, 5 min', cache_write_30m: 'Cache write, 30 min', cache_write_1h: 'Cache write, 1 h',
  cache_write_12h: 'Cache write, 12 h', cache_write_other: 'Cache write', input_audio: 'Audio input', cache_read_audio: 'Cached audio', input_image: 'Image input',
  cache_read_image: 'Cached image', input_video: 'Video input', output_text: 'Output', output_reasoning: 'Reasoning', output_audio: 'Audio output', output_image: 'Image output',
};
const ORDER = Object.keys(CLASSES);

/** `input_uncached` as people call it; a kind that we have no word for speaks for itself. */
export function classLabel(name: string): string {
  return CLASSES[name] ?? `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll('_', ' ')}`;
}

/** In the order in which people read them: tokens in, tokens out, tools. */
export function sortRates<R extends Rate>(rates: readonly R[]): readonly R[] {
  const place = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return [...rates].sort((a, b) => place(a.class) - place(b.class) || (a.class < b.class ? -1 : 1));
}

/** `2.5` -> `$2.50`: at least two decimals, and no digit lost. */
export function priceText(price: string): string {
  const [whole = '0', fraction = ''] = price.split('.');
  return `$${whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',')}.${fraction.padEnd(2, '0')}`;
}

export function perText(per: number): string {
  if (per === 1_000_000) return '1M';
  if (per === 1_000) return '1K';
  return per === 1 ? 'each' : per.toLocaleString('en-US');
}

export function rateText({ price, per }: Pick<Rate, 'price' | 'per'>): string {
  return per === 1 ? `${priceText(price)} each` : `${priceText(price)} / ${perText(per)}`;
}

/** `up to 200K`, `from 200K`; null where one price holds for every size. */
export function bracketText(row: Pick<PriceRow, 'contextFrom' | 'hours'>, all: readonly Pick<PriceRow, 'contextFrom'>[]): string | null {
  const hours = row.hours === null ? '' : `${row.hours.from} to ${row.hours.to} UTC`;
  const starts = [...new Set(all.map((each) => each.contextFrom))].sort((a, b) => a - b);
  const next = starts[starts.indexOf(row.contextFrom) + 1];
  const size = starts.length < 2 ? '' : row.contextFrom > 0 ? `from ${tokensText(row.contextFrom)} tokens in` : `up to ${tokensText(next ?? 0)} tokens in`;
  return [size, hours].filter(Boolean).join(', ') || null;
}

function tokensText(tokens: number): string {
  return tokens >= 1_000 && tokens % 1_000 === 0 ? `${tokens / 1_000}K` : tokens.toLocaleString('en-US');
}

export interface RateChange {
  readonly class: string;
  readonly before: string | null;
  readonly after: string | null;
  /** Of the price before; null where there is nothing to compare. */
  readonly share: number | null;
}

export interface TimelineEntry {
  readonly key: string;
  /** Null: ever since. */
  readonly at: string | null;
  readonly tier: string;
  readonly region: string;
  readonly negotiated: boolean;
  readonly withdrawn: boolean;
  readonly rows: readonly PriceRow[];
  readonly source: string;
  /** Against the price before it in the same tier, region and book, in the first bracket. Empty for the first. */
  readonly changes: readonly RateChange[];
}

/** The history as the changes that it was, the newest first: rows that came together are one entry. */
export function prepareTimeline(history: readonly PriceRow[]): readonly TimelineEntry[] {
  const groups = new Map<string, PriceRow[]>();
  for (const row of history) {
    const key = [row.negotiated, row.tier, row.region, row.effectiveFrom, row.knownFrom].join('|');
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const entries = [...groups].map(([key, rows]) => ({ key, rows, first: rows[0]! }));
  return entries.map(({ key, rows, first }, n) => {
    const before = entries.slice(n + 1).find(({ first: older }) => older.negotiated === first.negotiated && older.tier === first.tier && older.region === first.region);
    return {
      key, rows, at: first.effectiveFrom, tier: first.tier, region: first.region, negotiated: first.negotiated, withdrawn: first.withdrawn, source: first.source,
      changes: before === undefined || first.withdrawn ? [] : rateChanges(before.first.rates, first.rates),
    };
  });
}

/** What differs between two lists of rates. */
export function rateChanges(before: readonly Rate[], after: readonly Rate[]): readonly RateChange[] {
  const names = new Set([...before, ...after].map((rate) => rate.class));
  const changes = [...names].map((name) => {
    const was = before.find((rate) => rate.class === name);
    const is = after.find((rate) => rate.class === name);
    const share = was && is && Number(was.price) > 0 ? (Number(is.price) * was.per) / (Number(was.price) * is.per) - 1 : null;
    return { class: name, before: was ? rateText(was) : null, after: is ? rateText(is) : null, share, price: '', per: 1 };
  });
  return sortRates(changes.filter((change) => change.before !== change.after)).map(({ price: _price, per: _per, ...change }) => change);
}

/** `brackets[0].rates[2].price` -> where in the form the server's refusal belongs. */
export function readFormField(field: string | undefined): { bracket: number; rate: number | null; name: string } | null {
  const match = /^brackets\[(\d+)\](?:\.rates)?(?:\[(\d+)\])?(?:\.(\w+))?$/.exec(field ?? '');
  return match === null ? null : { bracket: Number(match[1]), rate: match[2] === undefined ? null : Number(match[2]), name: match[3] ?? '' };
}
