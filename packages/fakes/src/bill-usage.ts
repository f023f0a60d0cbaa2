/** From a provider's raw usage to what it bills. Written apart from Outlay's own normalisers on purpose. */
import type { Api } from './contract';
import { numberAt, objectAt, type JsonObject } from './json';
import { findModel, priceBilled, type Billed } from './price-sheet';

/** Pico-dollars of a raw usage by the fakes' sheet; null when it has no price for it. */
export function billUsage(api: Api, model: string, tier: string, usage: JsonObject): bigint | null {
  const billed = api === 'messages' ? billMessages(usage) : billOpenAi(model, usage);
  return billed && priceBilled(findModel('anthropic', model) ? 'anthropic' : 'openai', model, tier, billed);
}

/** Prompt includes what was read from and written to the cache; completion includes what was reasoned. Sound has no rate on the sheet. */
function billOpenAi(model: string, usage: JsonObject): Billed | null {
  const input = numberAt(usage, 'prompt_tokens') ?? numberAt(usage, 'input_tokens') ?? 0;
  const inputDetails = objectAt(usage, 'prompt_tokens_details') ?? objectAt(usage, 'input_tokens_details');
  const outputDetails = objectAt(usage, 'completion_tokens_details') ?? objectAt(usage, 'output_tokens_details');
  if ((numberAt(inputDetails, 'audio_tokens') ?? 0) + (numberAt(outputDetails, 'audio_tokens') ?? 0) > 0) return null;
  const cachedInput = numberAt(inputDetails, 'cached_tokens') ?? 0;
  const rated = findModel('openai', model)?.tiers.default?.cacheWrite !== undefined;
  // Older models write their cache for nothing: what was written is plain input.
  const cacheWrite = rated ? numberAt(inputDetails, 'cache_write_tokens') ?? 0 : 0;
  return {
    input: input - cachedInput - cacheWrite, cachedInput, cacheWrite, cacheWrite5m: 0, cacheWrite1h: 0, webSearch: 0,
    output: numberAt(usage, 'completion_tokens') ?? numberAt(usage, 'output_tokens') ?? 0,
  };
}

/** Input excludes the cache; a cache write without its split by time to live is the five-minute one. */
function billMessages(usage: JsonObject): Billed {
  const split = objectAt(usage, 'cache_creation');
  const written = numberAt(usage, 'cache_creation_input_tokens') ?? 0;
  const cacheWrite1h = numberAt(split, 'ephemeral_1h_input_tokens') ?? 0;
  return {
    input: numberAt(usage, 'input_tokens') ?? 0,
    cachedInput: numberAt(usage, 'cache_read_input_tokens') ?? 0,
    cacheWrite: 0,
    cacheWrite5m: numberAt(split, 'ephemeral_5m_input_tokens') ?? written - cacheWrite1h,
    cacheWrite1h,
    output: numberAt(usage, 'output_tokens') ?? 0,
    webSearch: numberAt(objectAt(usage, 'server_tool_use'), 'web_search_requests') ?? 0,
  };
}
