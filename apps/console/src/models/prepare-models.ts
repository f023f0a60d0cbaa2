import type { Outputs } from '../api/trpc';
import { prepareRelativeChange, preparePointChange, type Change } from '../overview/prepare-change';
import { sortRates } from '../prices/prepare-price';
import { readPico } from '../ui/format-money';
import { formatDuration } from '../ui/format-number';
import type { Sorting } from '../ui/sort-header';
import type { ModelSort } from './models-search';

export type ModelFigures = Outputs['models']['list']['models'][number];
export type PriceMove = ModelFigures['priceMoves'][number];

export interface ModelRow {
  readonly key: string;
  /** What names no model is cost of another kind. */
  readonly name: string;
  readonly figures: ModelFigures;
  /** Against the dearest, for a bar beside the figure. */
  readonly share: number;
  readonly change: Change | null;
  /** Only when it moved so much that it is worth a mark. */
  readonly perMillionChange: Change | null;
  readonly cacheChange: Change | null;
}

/** `openai/gpt-5`, by which the URL names a model; '' stands for neither. */
export function modelKey({ provider, model }: { readonly provider: string; readonly model: string }): string {
  return `${provider}/${model}`;
}

/** The rows in the wanted order; rows without a value come last either way. Without comparison there is no change. */
export function prepareModels(models: readonly ModelFigures[], sorting: Sorting<ModelSort>, compares: boolean): ModelRow[] {
  const dearest = models.reduce((most, each) => (pico(each.costPico) > most ? pico(each.costPico) : most), 0n);
  const rows = models.map((figures): ModelRow => {
    const before = compares ? figures.previous : null;
    return {
      key: modelKey(figures), name: figures.model || 'other cost', figures,
      share: dearest > 0n ? Number((pico(figures.costPico) * 10_000n) / dearest) / 10_000 : 0,
      change: before && prepareRelativeChange(pico(figures.costPico), pico(before.costPico), 'neither'),
      perMillionChange: before && isNoted(figures.costPerMillionPico, before.costPerMillionPico) ? prepareRelativeChange(readPico(figures.costPerMillionPico), readPico(before.costPerMillionPico), 'less') : null,
      cacheChange: before && Math.abs((figures.cacheShare ?? 0) - (before.cacheShare ?? 0)) >= NOTED_POINTS ? flip(preparePointChange(figures.cacheShare, before.cacheShare, 'less')) : null,
    };
  });
  return rows.sort((a, b) => compare(valueOf(a, sorting.key), valueOf(b, sorting.key), sorting.descending) || a.name.localeCompare(b.name));
}

/** A blend moves a little with every mix of calls: smaller moves than these are not worth a mark. */
const NOTED_SHARE = 0.05;
const NOTED_POINTS = 0.02;

function isNoted(now: string | null, before: string | null): boolean {
  const [value, was] = [Number(now ?? 0), Number(before ?? 0)];
  return was > 0 && Math.abs(value / was - 1) >= NOTED_SHARE;
}

/** More from the cache is good news. */
function flip(change: Change | null): Change | null {
  if (change === null || change.tone === 'neutral') return change;
  return { ...change, tone: change.tone === 'good' ? 'bad' : 'good' };
}

function pico(text: string): bigint {
  return readPico(text) ?? 0n;
}

type Value = string | number | bigint | null;

function valueOf({ name, figures }: ModelRow, key: ModelSort): Value {
  switch (key) {
    case 'name': return name;
    case 'cost': return pico(figures.costPico);
    case 'change': return figures.previous === null ? null : pico(figures.costPico) - pico(figures.previous.costPico);
    case 'costPerMillion': return readPico(figures.costPerMillionPico);
    case 'calls': return figures.calls;
    case 'cacheShare': return figures.cacheShare;
    case 'latency': return figures.latencyP95?.ms ?? null;
    case 'failedShare': return figures.failedShare;
  }
}

function compare(a: Value, b: Value, descending: boolean): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  const order = typeof a === 'string' && typeof b === 'string' ? a.localeCompare(b) : a < b ? -1 : a > b ? 1 : 0;
  return descending ? -order : order;
}

/** `1.2 s`; of the open class only a lower bound is known: `over 2 min`. Two digits, because it is read off a histogram. */
export function latencyText(percentile: { readonly ms: number; readonly isFloor: boolean } | null): string | null {
  if (percentile === null) return null;
  const size = 10 ** Math.max(0, Math.floor(Math.log10(percentile.ms)) - 1);
  const rounded = formatDuration(Math.round(percentile.ms / size) * size);
  return percentile.isFloor ? `over ${rounded}` : rounded;
}

export interface PriceMoveRow {
  readonly key: string;
  readonly provider: string;
  /** As the price book names it. */
  readonly model: string;
  /** Names under which it was served in the range. */
  readonly servedAs: readonly string[];
  readonly at: string;
  readonly place: readonly string[];
  readonly negotiated: boolean;
  readonly rates: PriceMove['rates'];
}

/** Every move once, however many served names share the price; the newest first. */
export function prepareMoves(models: readonly ModelFigures[]): PriceMoveRow[] {
  const moves = new Map<string, PriceMoveRow>();
  for (const { model: servedAs, priceMoves } of models) {
    for (const move of priceMoves) {
      const key = [move.provider, move.model, move.at, move.tier, move.region].join('\n');
      const known = moves.get(key);
      moves.set(key, known ? { ...known, servedAs: [...known.servedAs, servedAs] } : {
        key, provider: move.provider, model: move.model, servedAs: [servedAs], at: move.at, negotiated: move.negotiated, rates: move.rates,
        place: [move.tier === 'standard' ? '' : move.tier, move.region].filter(Boolean),
      });
    }
  }
  return [...moves.values()].sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : a.model.localeCompare(b.model)));
}

/** As people read prices: the base bracket before larger contexts, input before output before tools. */
export function orderRates(rates: PriceMove['rates']): PriceMove['rates'] {
  const brackets = [...new Set(rates.map(({ contextFrom }) => contextFrom))].sort((a, b) => a - b);
  return brackets.flatMap((from) => sortRates(rates.filter(({ contextFrom }) => contextFrom === from).map((rate) => ({ ...rate, price: rate.after ?? rate.before ?? '0' }))));
}

/** How much a rate rose, as a share; null where one of the two is missing or nothing. For words only. */
export function rateRise({ before, after }: { readonly before: string | null; readonly after: string | null }): number | null {
  if (before === null || after === null || Number(before) === 0) return null;
  // 2 / 2.5 is not quite 0.8: digits that no price has must not reach the screen.
  return Math.round((Number(after) / Number(before) - 1) * 1e6) / 1e6;
}
