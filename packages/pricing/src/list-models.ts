/** The price book for people: models by name with what they cost now, and one model with all its prices over time. Pure. */
import { matchCloseness } from './model-match';
import { bookModelOf, type PriceBook } from './price-book';
import type { PriceRate, PriceVersion } from './price-version';
import { canonicalProvider } from './provider-name';
import { generationInForce } from './rows-in-force';
import { STANDARD } from './service-tier';

export interface ListedModel {
  readonly provider: string;
  readonly model: string;
  /** What an ordinary call costs now; null where there is no such rate. */
  readonly input: PriceRate | null;
  readonly output: PriceRate | null;
  readonly tiers: readonly string[];
  /** A negotiated price holds now, in some tier. */
  readonly negotiated: boolean;
  /** It has no price any more, in no tier. */
  readonly ended: boolean;
}

export interface ModelFilter {
  /** Words of the name; each must be found in provider or model, or the whole be a name under which the model is served. */
  readonly search?: string;
  readonly negotiated?: boolean;
}

/** By provider and name; negotiated ones first. */
export function listModels(book: PriceBook, filter: ModelFilter, atMs: number): readonly ListedModel[] {
  const words = (filter.search ?? '').trim().toLowerCase().split(/\s+/).filter((word) => word !== '');
  const groups = [...groupRows(book).values()].filter((rows) => words.length === 0 || isFound(rows, words));
  const models = groups.map((rows) => describe(book, rows, atMs)).filter((model) => filter.negotiated !== true || model.negotiated);
  return models.sort((a, b) => Number(b.negotiated) - Number(a.negotiated) || Number(a.ended) - Number(b.ended) || compare(a.provider, b.provider) || compare(a.model, b.model));
}

interface CurrentPrice {
  readonly tier: string;
  readonly region: string;
  readonly negotiated: boolean;
  /** One a bracket. */
  readonly rows: readonly PriceVersion[];
}

export interface ModelPrices {
  readonly provider: string;
  readonly model: string;
  /** What holds now, by tier and region: standard first. */
  readonly current: readonly CurrentPrice[];
  /** Every row that there ever was, the newest first; `negotiated` ones are the tenant's own. */
  readonly history: readonly { readonly row: PriceVersion; readonly negotiated: boolean }[];
}

/**
 * What holds at a time, model by model, by provider and name. A model of a provider may be named as it is served: `gpt-4o-2024-08-06` finds `gpt-4o`. Models without a
 * price at that time are left out.
 */
export function pricesInForce(book: PriceBook, { provider, model }: { readonly provider?: string; readonly model?: string }, atMs: number): readonly ModelPrices[] {
  const maker = provider === undefined ? undefined : canonicalProvider(provider);
  const groups = groupRows(book);
  const named = maker === undefined || model === undefined || groups.has(keyOf(maker, model)) ? model : bookModelOf(book, maker, model)?.model;
  if (model !== undefined && named === undefined) return [];
  return [...groups.values()]
    .filter(([row]) => (maker === undefined || row!.provider === maker) && (named === undefined || row!.model === named))
    .map((rows) => pricesOf(book, rows, atMs)).filter(({ current }) => current.length > 0)
    .sort((a, b) => compare(a.provider, b.provider) || compare(a.model, b.model));
}

/** Null when the book has no such model. */
export function modelPrices(book: PriceBook, provider: string, model: string, atMs: number): ModelPrices | null {
  const rows = groupRows(book).get(keyOf(canonicalProvider(provider), model));
  return rows === undefined ? null : pricesOf(book, rows, atMs);
}

function pricesOf(book: PriceBook, rows: readonly PriceVersion[], atMs: number): ModelPrices {
  const places = new Map(rows.map((row) => [`${row.tier}\n${row.region}`, row]));
  const current = [...places.values()].flatMap((place): CurrentPrice[] => {
    const held = inForce(book, rows, place, atMs).filter((row) => row.region === place.region);
    return held.length === 0 ? [] : [{ tier: place.tier, region: place.region, negotiated: isOwn(book, held[0]!), rows: held }];
  });
  const history = [...rows].sort((a, b) => order(b.effectiveFrom, a.effectiveFrom) || order(b.knownFrom, a.knownFrom) || a.contextFrom - b.contextFrom);
  return {
    provider: rows[0]!.provider, model: rows[0]!.model, history: history.map((row) => ({ row, negotiated: isOwn(book, row) })),
    current: current.sort((a, b) => Number(b.tier === STANDARD) - Number(a.tier === STANDARD) || compare(a.tier, b.tier) || compare(a.region, b.region)),
  };
}

function groupRows(book: PriceBook): Map<string, PriceVersion[]> {
  const groups = book.parent === null ? new Map<string, PriceVersion[]>() : groupRows(book.parent);
  for (const row of book.versions) {
    const key = keyOf(row.provider, row.model);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}

function keyOf(provider: string, model: string): string {
  return `${provider}\n${model}`;
}

function isFound(rows: readonly PriceVersion[], words: readonly string[]): boolean {
  const { provider, model, match } = rows[0]!;
  const name = `${provider}/${model}`.toLowerCase();
  return words.every((word) => name.includes(word)) || (words.length === 1 && matchCloseness(match.when, words[0]!) >= 0);
}

function describe(book: PriceBook, rows: readonly PriceVersion[], atMs: number): ListedModel {
  const { provider, model } = rows[0]!;
  const tiers = [...new Set(rows.map(({ tier }) => tier))].sort((a, b) => Number(b === STANDARD) - Number(a === STANDARD) || compare(a, b));
  const held = tiers.map((tier) => inForce(book, rows, { tier, region: '' }, atMs));
  const shown = held.find((each) => each.length > 0)?.[0];
  const rate = (name: string): PriceRate | null => shown?.rates.find((each) => each.class === name) ?? null;
  return {
    provider, model, input: rate('input_uncached'), output: rate('output_text'), tiers, ended: shown === undefined,
    negotiated: held.some(([row]) => row !== undefined && isOwn(book, row)) || rows.some((row) => row.region !== '' && isOwn(book, row) && !row.withdrawn),
  };
}

/** A tenant's own price before the global one. */
function inForce(book: PriceBook, rows: readonly PriceVersion[], place: Pick<PriceVersion, 'tier' | 'region'>, atMs: number): readonly PriceVersion[] {
  const own = generationInForce(rows.filter((row) => isOwn(book, row)), place, atMs);
  return own.length > 0 ? own : generationInForce(rows.filter((row) => !isOwn(book, row)), place, atMs);
}

function isOwn(book: PriceBook, row: PriceVersion): boolean {
  return book.parent !== null && book.byId.has(row.id);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Infinite times cannot be subtracted. */
function order(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
