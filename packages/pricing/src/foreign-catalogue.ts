/** Price lists of others, read for comparison only: models.dev, Langfuse's default models, Portkey. No price of ours ever comes from them. */
import { err, formatRational, ok, parseDecimal, roundHalfEven, type Rational, type Result, type TokenClass } from '@outlay/kernel';
import { canonicalProvider } from './provider-name';
import type { JsonObject, UsageError } from './usage';
import { isJsonObject } from './usage-reader';

/** One price of one list. */
export interface ForeignPrice {
  readonly catalogue: string;
  /** The catalogue id of ours. */
  readonly provider: string;
  readonly model: string;
  readonly tier: string;
  readonly region: string;
  /** First number of input tokens of the bracket. */
  readonly contextFrom: number;
  readonly class: TokenClass;
  /** Dollars a million, an exact decimal of what they wrote, without the noise of their floats. */
  readonly usdPerMillion: string;
}

export interface ForeignSource {
  /** Names the list in the comparison. */
  readonly catalogue: string;
  /** Whose prices it holds, where the list itself does not say (Portkey has a file a provider). */
  readonly provider?: string;
}

/** Tells the list by its shape. Error: a list that has none of the three. */
export function readForeignCatalogue(list: unknown, source: ForeignSource): Result<readonly ForeignPrice[], UsageError> {
  if (Array.isArray(list)) return ok(list.flatMap((entry) => (isJsonObject(entry) ? readLangfuse(entry, source) : [])));
  if (!isJsonObject(list)) return err({ field: 'list', reason: 'must be a price list of models.dev, Langfuse or Portkey' });
  if (isJsonObject(list['providers'])) {
    return ok(Object.entries(list['providers']).flatMap(([provider, models]) => (isJsonObject(models) ? readModelsDev(provider, models, source) : [])));
  }
  if (!Object.values(list).some((entry) => isJsonObject(entry) && isJsonObject(entry['pricing_config']))) return err({ field: 'list', reason: 'must be a price list of models.dev, Langfuse or Portkey' });
  const { provider } = source;
  if (provider === undefined) return err({ field: 'provider', reason: 'is required: a list of Portkey does not say whose prices it holds' });
  return ok(Object.entries(list).flatMap(([model, entry]) => (isJsonObject(entry) ? readPortkey(canonicalProvider(provider), model, entry, source) : [])));
}

interface Facet {
  readonly tier: string;
  readonly region: string;
  readonly contextFrom: number;
}

const BASE: Facet = { tier: 'standard', region: '', contextFrom: 0 };

/** Prices under the names of a list, `scale` = how many of their units make a dollar a million. */
function readRates(source: ForeignSource, provider: string, model: string, facet: Facet, prices: JsonObject, names: Readonly<Record<string, TokenClass>>, scale: number): ForeignPrice[] {
  const seen = new Set<TokenClass>();
  return Object.entries(names).flatMap(([key, name]): ForeignPrice[] => {
    const stated = isJsonObject(prices[key]) ? prices[key]['price'] : prices[key];
    const usd = typeof stated === 'number' ? withoutNoise(parseDecimal(stated), BigInt(scale)) : null;
    if (usd === null || seen.has(name)) return [];
    seen.add(name);
    return [{ catalogue: source.catalogue, provider, model, ...facet, class: name, usdPerMillion: formatRational(usd) }];
  });
}

const NANO = 1_000_000_000n;

/** Their floats carry noise in the last digits: nine after the point are what they wrote. */
function withoutNoise(price: Rational | null, scale: bigint): Rational | null {
  return price === null ? null : { num: roundHalfEven(price, scale * NANO), den: NANO };
}

const MODELS_DEV_NAMES: Readonly<Record<string, TokenClass>> = { input: 'input_uncached', output: 'output_text', cache_read: 'cache_read', cache_write: 'cache_write_other', input_audio: 'input_audio' };

function readModelsDev(provider: string, models: JsonObject, source: ForeignSource): ForeignPrice[] {
  const ours = canonicalProvider(provider);
  return Object.entries(models).flatMap(([model, entry]) => {
    const cost = isJsonObject(entry) && isJsonObject(entry['cost']) ? entry['cost'] : {};
    const tiers = Array.isArray(cost['tiers']) ? cost['tiers'].filter(isJsonObject) : [];
    return [
      ...readRates(source, ours, model, BASE, cost, MODELS_DEV_NAMES, 1),
      ...tiers.flatMap((tier) => {
        const size = isJsonObject(tier['tier']) ? tier['tier']['size'] : null;
        return typeof size === 'number' ? readRates(source, ours, model, { ...BASE, contextFrom: size + 1 }, tier, MODELS_DEV_NAMES, 1) : [];
      }),
    ];
  });
}

const LANGFUSE_NAMES: Readonly<Record<string, TokenClass>> = {
  input: 'input_uncached', output: 'output_text', input_cache_read: 'cache_read', input_cached_tokens: 'cache_read', cache_read_input_tokens: 'cache_read',
  input_cache_creation_5m: 'cache_write_5m', input_cache_creation: 'cache_write_other', input_cache_creation_1h: 'cache_write_1h',
};
const LANGFUSE_PROVIDERS: readonly (readonly [pattern: RegExp, provider: string])[] = [[/^(?:gpt-|o\d|chatgpt|text-embedding|ft:)/, 'openai'], [/^claude-/, 'anthropic'], [/^gemini-/, 'google']];

function readLangfuse(entry: JsonObject, source: ForeignSource): ForeignPrice[] {
  const model = entry['modelName'];
  if (typeof model !== 'string' || !Array.isArray(entry['pricingTiers'])) return [];
  const provider = LANGFUSE_PROVIDERS.find(([pattern]) => pattern.test(model))?.[1];
  if (provider === undefined) return [];
  return entry['pricingTiers'].filter(isJsonObject).flatMap((tier) => {
    const contextFrom = bracketOfLangfuse(tier);
    return contextFrom === null || !isJsonObject(tier['prices']) ? [] : readRates(source, provider, model, { ...BASE, contextFrom }, tier['prices'], LANGFUSE_NAMES, 1e6);
  });
}

/** Its tiers are conditions on usage details: one above a number of input tokens is a bracket; others (service tiers) are left out. */
function bracketOfLangfuse(tier: JsonObject): number | null {
  if (tier['isDefault'] === true) return 0;
  const [condition, ...more] = Array.isArray(tier['conditions']) ? tier['conditions'].filter(isJsonObject) : [];
  const isBracket = more.length === 0 && condition?.['operator'] === 'gt' && typeof condition['value'] === 'number' && condition['value'] > 1000;
  return isBracket ? Number(condition['value']) + 1 : null;
}

const PORTKEY_NAMES: Readonly<Record<string, TokenClass>> = {
  request_token: 'input_uncached', response_token: 'output_text', cache_read_input_token: 'cache_read', cache_write_input_token: 'cache_write_other',
  request_audio_token: 'input_audio', response_audio_token: 'output_audio', request_image_token: 'input_image',
};
/** Cents a token -> dollars a million. */
const PORTKEY_SCALE = 10_000;

function readPortkey(provider: string, model: string, entry: JsonObject, source: ForeignSource): ForeignPrice[] {
  const read = (facet: Facet, config: unknown): ForeignPrice[] => {
    const rates = isJsonObject(config) && isJsonObject(config['pricing_config']) ? config['pricing_config']['pay_as_you_go'] : null;
    return isJsonObject(rates) ? readRates(source, provider, model, facet, rates, PORTKEY_NAMES, PORTKEY_SCALE) : [];
  };
  const custom = entry['custom_pricing'];
  if (!isJsonObject(custom) || !isJsonObject(custom['regions'])) {
    const batch = isJsonObject(entry['pricing_config']) ? entry['pricing_config']['batch_config'] : null;
    return [...read(BASE, entry), ...(isJsonObject(batch) ? readRates(source, provider, model, { ...BASE, tier: 'batch' }, batch, PORTKEY_NAMES, PORTKEY_SCALE) : [])];
  }
  const starts = new Map(Object.entries(isJsonObject(custom['context_tier_map']) ? custom['context_tier_map'] : {}).map(([start, name]) => [String(name), start === '0' ? 0 : Number(start) + 1]));
  return Object.entries(custom['regions']).flatMap(([region, modes]) =>
    Object.entries(isJsonObject(modes) && isJsonObject(modes['execution_modes']) ? modes['execution_modes'] : {}).flatMap(([tier, mode]) => {
      const facet = { tier, region: region === 'default' ? '' : region.split(',')[0]!, contextFrom: 0 };
      if (!isJsonObject(mode) || !isJsonObject(mode['context_tiers'])) return read(facet, mode);
      return Object.entries(mode['context_tiers']).flatMap(([bracket, config]) => read({ ...facet, contextFrom: starts.get(bracket) ?? 0 }, config));
    }));
}
