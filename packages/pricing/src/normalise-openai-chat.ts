/**
 * OpenAI Chat Completions `usage`, and the many APIs that copy it. Details are subsets: prompt_tokens holds cached, written
 * and audio tokens; completion_tokens holds reasoning, audio and rejected prediction tokens.
 */
import { err, ok, type TokenQuantities } from '@outlay/kernel';
import { HOST_KEYS, readHostFacts } from './host-extras';
import { NORMALISER_VERSION, type JsonObject, type Normaliser, type UsageExtra } from './usage';
import { createUsageReader, flagUnknown, readCount, readSection, requireCount, splitInput, sumInput, withoutZeros, type UsageReader } from './usage-reader';

const USAGE_KEYS = [
  'prompt_tokens', 'completion_tokens', 'total_tokens', 'prompt_tokens_details', 'completion_tokens_details',
  // The cached subset by other names: Moonshot, Together and Hyperbolic; Mistral; DeepSeek.
  'cached_tokens', 'num_cached_tokens', 'prompt_cache_hit_tokens', 'prompt_cache_miss_tokens',
  // Not billable: Groq's times, Mistral's second name for its details, a gateway's estimate.
  'prompt_time', 'completion_time', 'queue_time', 'total_time', 'prompt_token_details', 'pydantic_ai_gateway',
  // Not billable: speeds that SambaNova measures.
  'completion_tokens_after_first_per_sec', 'completion_tokens_after_first_per_sec_first_ten', 'completion_tokens_after_first_per_sec_graph', 'completion_tokens_per_sec',
  'end_time', 'is_last_response', 'start_time', 'stop_reason', 'time_to_first_token', 'time_to_first_token_graph', 'total_latency', 'total_tokens_per_sec', 'acceptance_rate',
];
const OWN_KEYS = new Set(USAGE_KEYS);
const KEYS_BY_HOST = new Map(Object.entries(HOST_KEYS).map(([host, keys]) => [host, new Set([...USAGE_KEYS, ...keys])]));
const PROMPT_KEYS = new Set(['cached_tokens', 'cache_write_tokens', 'cache_write_tokens_details', 'audio_tokens', 'image_tokens', 'video_tokens', 'text_tokens']);
const COMPLETION_KEYS = new Set([
  'reasoning_tokens', 'audio_tokens', 'image_tokens', 'text_tokens',
  // Subsets that OpenAI bills as the output tokens they are: no price of their own.
  'accepted_prediction_tokens', 'rejected_prediction_tokens',
]);
const CACHE_WRITE_KEYS = new Set(['ttl_30m_tokens', 'ttl_12h_tokens']);

export const normaliseOpenAiChat: Normaliser = (usage, context) => {
  const { path, provider } = context;
  const reader = createUsageReader();
  const prompt = requireCount(reader, usage, 'prompt_tokens', path);
  const completion = requireCount(reader, usage, 'completion_tokens', path);
  const promptDetails = readSection(reader, usage, 'prompt_tokens_details', path);
  const completionDetails = readSection(reader, usage, 'completion_tokens_details', path);
  flagUnknown(reader, usage, KEYS_BY_HOST.get(provider) ?? OWN_KEYS, path);
  flagUnknown(reader, promptDetails, PROMPT_KEYS, `${path}.prompt_tokens_details`);
  flagUnknown(reader, completionDetails, COMPLETION_KEYS, `${path}.completion_tokens_details`);

  const input = readOpenAiInput(reader, prompt, promptDetails, `${path}.prompt_tokens`, readCachedElsewhere(reader, usage, path));
  const host = readHostFacts(reader, usage, provider, path);
  const told = readCount(reader, completionDetails, 'reasoning_tokens', `${path}.completion_tokens_details`);
  // Perplexity counts thinking beside everything else, its total included.
  const apart = provider === 'perplexity' ? readCount(reader, usage, 'reasoning_tokens', path) : 0;
  const stated = usage['total_tokens'] === undefined || usage['total_tokens'] === null ? prompt + completion : readCount(reader, usage, 'total_tokens', path);
  const beside = stated - prompt - completion;
  // Gemini's OpenAI endpoint and xAI leave thinking out of completion_tokens: it stands only in the total.
  const thinkingBeside = beside > 0 && (beside === told || (provider === 'google' && told === 0));
  if (beside !== 0 && !thinkingBeside) reader.problem ??= `${path}.total_tokens (${stated}) is not prompt_tokens + completion_tokens (${prompt + completion}).`;
  const output = readOpenAiOutput(reader, (thinkingBeside ? stated - prompt : completion) + apart, (thinkingBeside ? beside : told) + apart, completionDetails, `${path}.completion_tokens`);
  const total = stated + apart + tokensIn(host.extras);

  if (reader.error) return err(reader.error);
  const quantities = withoutZeros({ ...input, ...output });
  const unknown = reader.unknown.filter((key) => key.billable);
  return ok({
    normaliserVersion: NORMALISER_VERSION,
    format: 'openai-chat',
    parts: [{ model: context.model, quantities, contextTokens: sumInput(quantities), extras: host.extras, unknown, problem: reader.problem }],
    total,
    served: { model: context.model, tier: readTier(context.body), region: null },
    unknownKeys: reader.unknown,
    providerCostUsd: host.costUsd,
  });
};

function readCachedElsewhere(reader: UsageReader, usage: JsonObject, path: string): number {
  return readCount(reader, usage, 'cached_tokens', path) || readCount(reader, usage, 'num_cached_tokens', path) || readCacheHits(reader, usage, path);
}

/** DeepSeek splits the whole prompt into hits and misses. */
function readCacheHits(reader: UsageReader, usage: JsonObject, path: string): number {
  const hits = readCount(reader, usage, 'prompt_cache_hit_tokens', path);
  const misses = usage['prompt_cache_miss_tokens'];
  if (misses !== undefined && misses !== null && hits + readCount(reader, usage, 'prompt_cache_miss_tokens', path) !== usage['prompt_tokens']) {
    reader.problem ??= `${path}.prompt_cache_hit_tokens and prompt_cache_miss_tokens do not sum to prompt_tokens.`;
  }
  return hits;
}

function tokensIn(extras: readonly UsageExtra[]): number {
  return extras.reduce((sum, { unit, quantity }) => sum + (unit === 'token' ? Number(quantity) : 0), 0);
}

/** The input side of Chat Completions and Responses; `totalPath` names the total's field. */
export function readOpenAiInput(reader: UsageReader, total: number, details: JsonObject | null, totalPath: string, cachedElsewhere = 0): TokenQuantities {
  const path = `${totalPath}_details`;
  const cacheRead = readCount(reader, details, 'cached_tokens', path) || cachedElsewhere;
  const cacheWrite = readCount(reader, details, 'cache_write_tokens', path);
  const writes = details === null ? null : readSection(reader, details, 'cache_write_tokens_details', path);
  flagUnknown(reader, writes, CACHE_WRITE_KEYS, `${path}.cache_write_tokens_details`);
  const write30m = readCount(reader, writes, 'ttl_30m_tokens', `${path}.cache_write_tokens_details`);
  const write12h = readCount(reader, writes, 'ttl_12h_tokens', `${path}.cache_write_tokens_details`);
  if (write30m + write12h > cacheWrite) reader.problem ??= `${path}.cache_write_tokens_details hold more than cache_write_tokens (${cacheWrite}).`;
  const split = splitInput({
    total, cacheRead, cacheWrite: Math.max(cacheWrite, write30m + write12h),
    audio: readCount(reader, details, 'audio_tokens', path),
    image: readCount(reader, details, 'image_tokens', path),
    video: readCount(reader, details, 'video_tokens', path),
  });
  if (split === null) {
    reader.problem ??= `${path} hold more tokens than ${totalPath} (${total}).`;
    return { input_uncached: total };
  }
  return { ...split, cache_write_30m: write30m, cache_write_12h: write12h, cache_write_other: Math.max(0, cacheWrite - write30m - write12h) };
}

/** The output side of Chat Completions and Responses. */
export function readOpenAiOutput(reader: UsageReader, total: number, reasoning: number, details: JsonObject | null, totalPath: string): TokenQuantities {
  const path = `${totalPath}_details`;
  const audio = readCount(reader, details, 'audio_tokens', path);
  const image = readCount(reader, details, 'image_tokens', path);
  const text = total - reasoning - audio - image;
  if (text < 0) {
    reader.problem ??= `${path} hold more tokens than ${totalPath} (${total}).`;
    return { output_text: total };
  }
  return { output_text: text, output_reasoning: reasoning, output_audio: audio, output_image: image };
}

/** The tier that OpenAI says it served, at the top of the response. */
export function readTier(body: JsonObject | null): string | null {
  const tier = body?.['service_tier'];
  return typeof tier === 'string' && tier !== 'auto' ? tier : null;
}

