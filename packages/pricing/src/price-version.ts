/** One row of the price book: what a provider charges for a model, in a tier, region and context bracket, from a time on. */
import { canonicalJson, type TokenClass } from '@outlay/kernel';
import { idFromKey } from '@outlay/kernel/ids';
import type { ModelMatch } from './model-match';

/** A token class, or the kind of another billable quantity: `web_search`, `file_search`, `request`, `document_page`, ... */
export type RateClass = TokenClass | (string & {});

export interface PriceRate {
  readonly class: RateClass;
  /** Dollars as an exact decimal string ... */
  readonly price: string;
  /** ... for so many units: 1000000 tokens, 1000 searches, 3600 seconds, 1. */
  readonly per: number;
}

export interface PriceVersion {
  readonly id: string;
  readonly provider: string;
  /** The catalogue's model id. */
  readonly model: string;
  readonly match: ModelMatch;
  /** Canonical: `standard`, `batch`, `flex`, `priority`, `fast`. */
  readonly tier: string;
  /** Canonical; '' where the provider's base price holds. */
  readonly region: string;
  /** First number of input tokens of the bracket; the bracket holds for the whole request. */
  readonly contextFrom: number;
  /** Unix ms; -Infinity for "ever since". */
  readonly effectiveFrom: number;
  /** Unix ms at which we learnt it; -Infinity for "always known". */
  readonly knownFrom: number;
  /** The price ended; the row has no rates. */
  readonly withdrawn: boolean;
  readonly source: string;
  readonly sourceVersion: string;
  /** Names the row for people; the same for the same content. */
  readonly version: string;
  readonly rates: readonly PriceRate[];
}

export type PriceVersionContent = Omit<PriceVersion, 'id' | 'version'>;

/** Gives a row its id and name, both derived from its content, so that importing it again changes nothing. */
export function namePriceVersion(content: PriceVersionContent): PriceVersion {
  const { provider, model, match, tier, region, contextFrom, effectiveFrom, withdrawn, source, sourceVersion, rates } = content;
  const effective = Number.isFinite(effectiveFrom) ? new Date(effectiveFrom).toISOString() : '-infinity';
  const key = canonicalJson([provider, model, match, tier, region, contextFrom, effective, withdrawn, source, sourceVersion, sortRates(rates)]);
  return { ...content, id: idFromKey('', 'price_version', key), version: versionText(content) };
}

function versionText(content: PriceVersionContent): string {
  const { match } = content;
  const facets = [
    content.tier === 'standard' ? '' : content.tier,
    content.region,
    content.contextFrom > 0 ? `context>=${content.contextFrom}` : '',
    match.utcFrom === undefined ? '' : `utc ${match.utcFrom}-${match.utcTo}`,
    content.withdrawn ? 'withdrawn' : '',
  ].filter((facet) => facet !== '');
  const since = Number.isFinite(content.effectiveFrom) ? `@${isoDayOrTime(content.effectiveFrom)}` : '';
  return `${content.provider}/${content.model}${facets.length > 0 ? `[${facets.join(', ')}]` : ''}${since} (${content.source} ${content.sourceVersion})`;
}

function isoDayOrTime(timeMs: number): string {
  const iso = new Date(timeMs).toISOString();
  return iso.endsWith('T00:00:00.000Z') ? iso.slice(0, 10) : iso;
}

function sortRates(rates: readonly PriceRate[]): readonly PriceRate[] {
  return [...rates].sort((a, b) => (a.class < b.class ? -1 : a.class > b.class ? 1 : 0));
}

/** What makes two rows the same price: the id's content without source and times. */
export function priceContentKey(version: PriceVersion): string {
  return canonicalJson([version.contextFrom, version.withdrawn, version.match.utcFrom ?? null, version.match.utcTo ?? null, sortRates(version.rates)]);
}

/** Price rows that replace each other over time: one per provider, model, tier and region. */
export function priceSeriesKey(version: Pick<PriceVersion, 'provider' | 'model' | 'tier' | 'region'>): string {
  return `${version.provider}\n${version.model}\n${version.tier}\n${version.region}`;
}

/**
 * Where a class without a rate of its own is billed, first choice first. Only substitutions that providers document or that
 * cannot be too low: a cached token without a discount is an ordinary one. Audio and image output, audio input and long-lived cache
 * writes always cost more than their plain form, so without a rate of their own they stay unpriced.
 */
export const RATE_SUBSTITUTES: Readonly<Partial<Record<TokenClass, readonly TokenClass[]>>> = {
  cache_read: ['input_uncached'],
  cache_read_audio: ['cache_read', 'input_audio'],
  cache_read_image: ['cache_read', 'input_image', 'input_uncached'],
  // One write price in the catalogue is the price of the shortest time to live. Models without one do not charge for writing.
  cache_write_5m: ['cache_write_other', 'input_uncached'],
  cache_write_30m: ['cache_write_other', 'input_uncached'],
  cache_write_other: ['input_uncached'],
  input_image: ['input_uncached'],
  input_video: ['input_uncached'],
  output_reasoning: ['output_text'],
};
