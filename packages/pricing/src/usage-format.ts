/** Which format a raw usage has: by the API that the caller states, or by the keys that only one format has. */
import type { JsonObject, UsageError, UsageFormat } from './usage';

type Apis = Readonly<Record<string, UsageFormat>>;

/** Every provider may be called through the Vercel AI SDK. */
const CLIENT_APIS: Apis = { 'ai-sdk': 'ai-sdk' };
const OPENAI_APIS: Apis = {
  chat: 'openai-chat', responses: 'openai-responses', embeddings: 'openai-embeddings', images: 'openai-images',
  audio: 'openai-audio', transcriptions: 'openai-audio', translations: 'openai-audio', realtime: 'openai-audio', speech: 'openai-speech', ...CLIENT_APIS,
};
const ANTHROPIC_APIS: Apis = { anthropic: 'anthropic-messages', messages: 'anthropic-messages' };
const GEMINI_APIS: Apis = { gemini: 'gemini-generate-content', live: 'gemini-generate-content', interactions: 'gemini-interactions' };
const ANY_APIS: Apis = { ...OPENAI_APIS, ...ANTHROPIC_APIS, ...GEMINI_APIS, converse: 'bedrock-converse', ocr: 'mistral-ocr' };
/** The APIs of the providers that we know well; every other provider speaks one of ANY_APIS. */
const APIS: Readonly<Record<string, Apis>> = {
  openai: OPENAI_APIS,
  azure: { ...OPENAI_APIS, ...ANTHROPIC_APIS },
  anthropic: { default: 'anthropic-messages', ...ANTHROPIC_APIS, chat: 'openai-chat', ...CLIENT_APIS },
  google: { default: 'gemini-generate-content', ...GEMINI_APIS, ...ANTHROPIC_APIS, chat: 'openai-chat', embeddings: 'openai-embeddings', ...CLIENT_APIS },
  aws: { ...ANY_APIS },
};
const FORMATS = new Map([...Object.values(APIS), ANY_APIS].map((apis) => [apis, new Set(Object.values(apis))]));

const ANTHROPIC_MARKS = ['cache_creation_input_tokens', 'cache_read_input_tokens', 'cache_creation', 'server_tool_use', 'inference_geo', 'iterations'];
const GEMINI_MARKS = ['promptTokenCount', 'candidatesTokenCount', 'responseTokenCount', 'totalTokenCount', 'thoughtsTokenCount'];
const AI_SDK_MARKS = ['raw', 'inputTokenDetails', 'outputTokenDetails', 'cachedInputTokens', 'reasoningTokens'];
const BEDROCK_MARKS = ['cacheReadInputTokens', 'cacheWriteInputTokens', 'cacheReadInputTokenCount', 'cacheWriteInputTokenCount', 'serverToolUsage', 'cacheDetails'];

/** `api` null, or `default` where the provider has no API of that name: told by the usage's own shape. */
export function findFormat(provider: string, api: string | null, usage: JsonObject, path: string): UsageFormat | UsageError {
  const apis = APIS[provider] ?? ANY_APIS;
  if (api === null || (api === 'default' && apis['default'] === undefined)) {
    const format = shapeOf(usage, provider);
    if (format !== null && FORMATS.get(apis)!.has(format)) return format;
    return { field: path, reason: `has not the shape of any usage of provider ${provider} (its APIs: ${Object.keys(apis).join(', ')})` };
  }
  const format = apis[api];
  if (format === undefined) return { field: 'api', reason: `"${api}" is not an API of provider ${provider} that Outlay reads; use one of ${Object.keys(apis).join(', ')}` };
  const fault = misshapen(format, usage, path);
  return fault === null ? format : { field: fault.field, reason: `${fault.reason}, so this is not a usage of api "${api}"` };
}

function shapeOf(usage: JsonObject, provider: string): UsageFormat | null {
  if (has(usage, 'prompt_tokens')) return has(usage, 'completion_tokens') ? 'openai-chat' : usage['completion_tokens'] === undefined ? 'openai-embeddings' : null;
  if (has(usage, 'input_tokens')) return shapeOfInputTokens(usage, provider);
  if (has(usage, 'inputTokens')) {
    if (typeof usage['inputTokens'] === 'object' || hasAny(usage, AI_SDK_MARKS)) return 'ai-sdk';
    return provider === 'aws' || hasAny(usage, BEDROCK_MARKS) ? 'bedrock-converse' : 'ai-sdk';
  }
  if (hasAny(usage, GEMINI_MARKS)) return 'gemini-generate-content';
  if (has(usage, 'total_input_tokens')) return 'gemini-interactions';
  if (has(usage, 'inputTokenCount')) return 'bedrock-converse';
  if (usage['type'] === 'duration' || has(usage, 'billable_audio_seconds')) return 'openai-audio';
  if (has(usage, 'images')) return 'openai-images';
  if (has(usage, 'characters')) return 'openai-speech';
  if (has(usage, 'pages_processed')) return 'mistral-ocr';
  return has(usage, 'tokens') || has(usage, 'raw') ? 'ai-sdk' : null;
}

function shapeOfInputTokens(usage: JsonObject, provider: string): UsageFormat {
  const details = usage['input_tokens_details'];
  if (typeof details === 'object' && details !== null) {
    // Responses always say what was cached, Images never.
    return 'image_tokens' in details && !('cached_tokens' in details) ? 'openai-images' : 'openai-responses';
  }
  if (hasAny(usage, ANTHROPIC_MARKS)) return 'anthropic-messages';
  if (has(usage, 'input_token_details') || has(usage, 'output_token_details') || has(usage, 'billable_audio_seconds') || usage['type'] === 'tokens') return 'openai-audio';
  // The bare two counts mean the same in both formats.
  return provider === 'anthropic' || provider === 'google' ? 'anthropic-messages' : 'openai-responses';
}

/** Why a usage is not of a format, by the keys that only one format has; null when it may be. */
function misshapen(format: UsageFormat, usage: JsonObject, path: string): UsageError | null {
  switch (format) {
    case 'openai-chat':
      return absent(usage, 'prompt_tokens', path) ?? absent(usage, 'completion_tokens', path);
    case 'openai-embeddings':
      return absent(usage, 'prompt_tokens', path) ?? alien(usage, 'completion_tokens', path);
    case 'openai-responses':
      return absent(usage, 'input_tokens', path) ?? alienAny(usage, ANTHROPIC_MARKS, path) ?? alien(usage, 'input_token_details', path);
    case 'openai-images':
      return usage['images'] === undefined ? absent(usage, 'input_tokens', path) ?? alienAny(usage, ANTHROPIC_MARKS, path) ?? alien(usage, 'input_token_details', path) : null;
    case 'openai-audio':
      if (usage['type'] === 'duration') return absent(usage, 'seconds', path);
      if (has(usage, 'billable_audio_seconds')) return null;
      return absent(usage, 'input_tokens', path) ?? alienAny(usage, ANTHROPIC_MARKS, path) ?? alien(usage, 'input_tokens_details', path);
    case 'openai-speech':
      return usage['characters'] === undefined ? absent(usage, 'input_tokens', path) ?? alienAny(usage, ANTHROPIC_MARKS, path) ?? alien(usage, 'input_tokens_details', path) : null;
    case 'anthropic-messages':
      return absent(usage, 'input_tokens', path) ?? alien(usage, 'input_tokens_details', path) ?? alien(usage, 'input_token_details', path);
    case 'gemini-generate-content':
      return hasAny(usage, GEMINI_MARKS) ? null : { field: `${path}.promptTokenCount`, reason: 'is missing' };
    case 'gemini-interactions':
      return absent(usage, 'total_input_tokens', path);
    case 'bedrock-converse':
      return usage['inputTokenCount'] === undefined ? absent(usage, 'inputTokens', path) ?? alienAny(usage, AI_SDK_MARKS, path) : null;
    case 'ai-sdk':
      return usage['tokens'] === undefined && usage['raw'] === undefined ? absent(usage, 'inputTokens', path) ?? alienAny(usage, BEDROCK_MARKS, path) : null;
    case 'mistral-ocr':
      return absent(usage, 'pages_processed', path);
  }
}

function has(usage: JsonObject, key: string): boolean {
  return usage[key] !== undefined && usage[key] !== null;
}

function hasAny(usage: JsonObject, keys: readonly string[]): boolean {
  for (const key of keys) if (usage[key] !== undefined) return true;
  return false;
}

function absent(usage: JsonObject, key: string, path: string): UsageError | null {
  return has(usage, key) ? null : { field: `${path}.${key}`, reason: 'is missing' };
}

function alien(usage: JsonObject, key: string, path: string): UsageError | null {
  return usage[key] === undefined ? null : { field: `${path}.${key}`, reason: 'belongs to another API' };
}

function alienAny(usage: JsonObject, keys: readonly string[], path: string): UsageError | null {
  for (const key of keys) if (usage[key] !== undefined) return alien(usage, key, path);
  return null;
}
