/**
 * The start set: the data of the npm package `@pydantic/genai-prices` (MIT), never its float arithmetic. A number of the package is
 * taken by its shortest decimal form, which is what its authors wrote.
 */
import { waitForUpdate, type ConditionalPrice, type MatchLogic as PackageMatch, type ModelInfo, type ModelPrice, type Provider, type TieredPrices } from '@pydantic/genai-prices';
import { formatRational, parseDecimal } from '@outlay/kernel';
import type { MatchLogic, ModelMatch } from './model-match';
import { overlayPrices } from './overlay';
import { createPriceBook, type PriceBook } from './price-book';
import { namePriceVersion, type PriceRate, type PriceVersion, type RateClass } from './price-version';
import { STANDARD } from './service-tier';

export const CATALOGUE_SOURCE = 'genai-prices';
/** The version pinned in package.json; a test compares the two. */
export const CATALOGUE_VERSION = '0.1.8';

/** Price keys of the package -> our classes, and for how many units the price is. */
const PRICE_KEYS: Readonly<Record<string, readonly [name: RateClass, per: number]>> = {
  input_mtok: ['input_uncached', 1_000_000],
  cache_read_mtok: ['cache_read', 1_000_000],
  cache_write_mtok: ['cache_write_other', 1_000_000],
  cache_write_1h_mtok: ['cache_write_1h', 1_000_000],
  input_audio_mtok: ['input_audio', 1_000_000],
  cache_audio_read_mtok: ['cache_read_audio', 1_000_000],
  input_image_mtok: ['input_image', 1_000_000],
  cache_image_read_mtok: ['cache_read_image', 1_000_000],
  input_video_mtok: ['input_video', 1_000_000],
  output_mtok: ['output_text', 1_000_000],
  output_reasoning_mtok: ['output_reasoning', 1_000_000],
  output_audio_mtok: ['output_audio', 1_000_000],
  output_image_mtok: ['output_image', 1_000_000],
  output_video_mtok: ['output_video', 1_000_000],
  output_citation_mtok: ['output_citation', 1_000_000],
  web_searches_kcount: ['web_search', 1000],
  storage_searches_kcount: ['file_search', 1000],
  requests_kcount: ['request', 1000],
  input_text_messages_kcount: ['text_message', 1000],
  input_document_kpages: ['document_page', 1000],
  input_annotated_document_kpages: ['annotated_document_page', 1000],
  audio_hours: ['audio_second', 3600],
  input_audio_hours: ['input_audio_second', 3600],
};

/** Models without any price in the package that their provider gives away. Every other one without a price stays out: unknown is not zero. */
const FREE_OF_CHARGE: Readonly<Record<string, ReadonlySet<string>>> = {
  // "All OpenAI moderation models and endpoints are free of charge."
  openai: new Set(['moderation']),
  // No paid tier on the Gemini API: https://ai.google.dev/gemini-api/docs/pricing
  google: new Set(['gemma-3', 'gemma-3n', 'gemma-4-26b-a4b-it', 'gemma-4-31b-it']),
  // Included in the subscription.
  'github-copilot': new Set(['gpt-3.5-turbo', 'gpt-4.1', 'gpt-4o', 'gpt-4o-mini']),
};

/**
 * All prices of the pinned package and of our overlay for service tiers, as rows known since `knownFrom`. A price without
 * start date is effective from -Infinity.
 */
export async function cataloguePrices(knownFrom = -Infinity): Promise<readonly PriceVersion[]> {
  const providers = await waitForUpdate();
  if (providers === null) throw new Error('@pydantic/genai-prices carries no prices.');
  const list = convertCatalogue(providers, knownFrom);
  return overlayPrices(list, knownFrom);
}

/** The package's providers as price rows. A provider's fallback lists are copied into it, marked so that its own rows come first. */
export function convertCatalogue(providers: readonly Provider[], knownFrom = -Infinity, sourceVersion = CATALOGUE_VERSION): readonly PriceVersion[] {
  const byId = new Map(providers.map((provider) => [provider.id, provider]));
  return providers.flatMap((provider) => [
    ...provider.models.flatMap((model) => convertModel(provider.id, model, { when: convertMatch(model.match) }, knownFrom, sourceVersion)),
    ...(provider.fallback_model_providers ?? []).flatMap((fallbackId) =>
      (byId.get(fallbackId)?.models ?? []).flatMap((model) =>
        convertModel(provider.id, { ...model, id: `${fallbackId}/${model.id}` }, { when: convertMatch(model.match), fallback: true }, knownFrom, sourceVersion))),
  ]);
}

function convertModel(provider: string, model: ModelInfo, match: ModelMatch, knownFrom: number, sourceVersion: string): PriceVersion[] {
  const versions: PriceVersion[] = [];
  let effectiveFrom = -Infinity;
  const conditional: readonly ConditionalPrice[] = Array.isArray(model.prices) ? model.prices : [{ prices: model.prices }];
  for (const { constraint, prices } of conditional) {
    // The list runs in time; hours of the day qualify the price before them.
    if (constraint?.type === 'start_date') effectiveFrom = Date.parse(`${constraint.start_date}T00:00:00Z`);
    const hours = constraint?.type === 'time_of_date' ? { utcFrom: utcTime(constraint.start_time), utcTo: utcTime(constraint.end_time) } : {};
    for (const contextFrom of bracketsOf(prices)) {
      const rates = ratesAt(prices, contextFrom, isFree(provider, model));
      if (rates.length === 0) continue;
      versions.push(namePriceVersion({
        provider, model: model.id, match: { ...match, ...hours }, tier: STANDARD, region: '', contextFrom, effectiveFrom, knownFrom,
        withdrawn: false, source: CATALOGUE_SOURCE, sourceVersion, rates,
      }));
    }
  }
  return versions;
}

/** The first token count of each context bracket; the package's `start` is the last one below it. */
function bracketsOf(prices: ModelPrice): readonly number[] {
  const starts = new Set([0]);
  for (const price of Object.values(prices)) {
    if (isTiered(price)) for (const tier of price.tiers) starts.add(tier.start + 1);
  }
  return [...starts].sort((a, b) => a - b);
}

function ratesAt(prices: ModelPrice, contextFrom: number, free: boolean): readonly PriceRate[] {
  const rates: PriceRate[] = [];
  for (const [key, price] of Object.entries(prices)) {
    if (price === undefined) continue;
    const known = PRICE_KEYS[key];
    if (known === undefined) throw new Error(`Price key ${key} of @pydantic/genai-prices is not known: add it to PRICE_KEYS.`);
    rates.push({ class: known[0], price: decimal(isTiered(price) ? tierAt(price, contextFrom) : price), per: known[1] });
  }
  if (rates.length > 0 || !free) return rates;
  return [{ class: 'input_uncached', price: '0', per: 1_000_000 }, { class: 'output_text', price: '0', per: 1_000_000 }];
}

function tierAt({ base, tiers }: TieredPrices, contextFrom: number): number {
  return [...tiers].sort((a, b) => a.start - b.start).reduce((price, tier) => (contextFrom > tier.start ? tier.price : price), base);
}

function isTiered(price: number | TieredPrices | undefined): price is TieredPrices {
  return typeof price === 'object';
}

function isFree(provider: string, model: ModelInfo): boolean {
  return model.id.endsWith(':free') || (FREE_OF_CHARGE[provider]?.has(model.id) ?? false);
}

function decimal(price: number): string {
  const exact = parseDecimal(price);
  if (exact === null) throw new Error(`Price ${price} is no decimal.`);
  return formatRational(exact);
}

/** `00:30:00Z` -> `00:30:00`. */
function utcTime(time: string): string {
  const match = /^(\d{2}:\d{2}:\d{2})Z$/.exec(time);
  if (match === null) throw new Error(`Time of day ${time} of @pydantic/genai-prices is not in UTC.`);
  return match[1]!;
}

function convertMatch(match: PackageMatch): MatchLogic {
  if ('or' in match) return { or: match.or.map(convertMatch) };
  if ('and' in match) return { and: match.and.map(convertMatch) };
  return match;
}

/** A price book straight from the package, without a database. */
export async function cataloguePriceBook(): Promise<PriceBook> {
  return createPriceBook(await cataloguePrices());
}
