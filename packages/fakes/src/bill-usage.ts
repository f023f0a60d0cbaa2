/** From a provider's raw usage to what it bills. Written apart from Outlay's own normalisers on purpose. */
import type { Api } from './contract';
import { arrayAt, numberAt, objectAt, stringAt, type JsonObject } from './json';
import { findModel, priceBilled, type Billed } from './price-sheet';

const NOTHING: Billed = { input: 0, cachedInput: 0, cacheWrite: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 0, webSearch: 0 };

/** Pico-dollars of a raw usage by the fakes' sheet; null when it has no price for it. */
export function billUsage(api: Api, model: string, tier: string, usage: JsonObject): bigint | null {
  switch (api) {
    case 'messages': return priceBilled('anthropic', model, tier, billMessages(usage));
    case 'generate': case 'embed': return priceBilled('google', model, tier, billGemini(model, usage));
    case 'images': case 'transcriptions': return priceBilled('openai', model, tier, billMedia(model, usage));
    default: {
      const billed = billOpenAi(model, usage);
      return billed && priceBilled('openai', model, tier, billed);
    }
  }
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

/** Images and transcriptions: what is seen and heard has its own rate, what is written counts as output. A duration is billed by the second. */
function billMedia(model: string, usage: JsonObject): Billed {
  const rates = findModel('openai', model)?.tiers.default;
  const input = numberAt(usage, 'input_tokens') ?? 0;
  const details = objectAt(usage, 'input_tokens_details') ?? objectAt(usage, 'input_token_details');
  const inputImage = rates?.inputImage === undefined ? 0 : numberAt(details, 'image_tokens') ?? 0;
  const inputAudio = rates?.inputAudio === undefined ? 0 : numberAt(details, 'audio_tokens') ?? 0;
  return {
    ...NOTHING, input: input - inputImage - inputAudio, inputImage, inputAudio, output: numberAt(usage, 'output_tokens') ?? 0, seconds: numberAt(usage, 'seconds') ?? 0,
  };
}

/** Cached content is part of the prompt; thoughts and tool prompts stand beside candidates and prompt. */
function billGemini(model: string, usage: JsonObject): Billed {
  const rates = findModel('google', model)?.tiers.standard;
  const count = (key: string): number => numberAt(usage, key) ?? 0;
  const cachedInputAudio = rates?.cachedInputAudio === undefined ? 0 : countModality(usage, 'cacheTokensDetails', 'AUDIO');
  const inputAudio = rates?.inputAudio === undefined ? 0 : countModality(usage, 'promptTokensDetails', 'AUDIO') - cachedInputAudio;
  const outputImage = rates?.outputImage === undefined ? 0 : countModality(usage, 'candidatesTokensDetails', 'IMAGE');
  const cachedInput = count('cachedContentTokenCount') - cachedInputAudio;
  return {
    ...NOTHING, cachedInput, cachedInputAudio, inputAudio, outputImage,
    input: count('promptTokenCount') - cachedInput - cachedInputAudio - inputAudio + count('toolUsePromptTokenCount'),
    output: count('candidatesTokenCount') + count('thoughtsTokenCount') - outputImage,
  };
}

function countModality(usage: JsonObject, key: string, modality: string): number {
  return arrayAt(usage, key).reduce<number>((sum, detail) => sum + (stringAt(detail, 'modality') === modality ? numberAt(detail, 'tokenCount') ?? 0 : 0), 0);
}
