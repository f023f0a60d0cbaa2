/** Finds the format of a raw usage by provider and API, and normalises it. */
import { err, type Result } from '@outlay/kernel';
import { normaliseAiSdk } from './normalise-ai-sdk';
import { normaliseAnthropic } from './normalise-anthropic';
import { normaliseBedrock } from './normalise-bedrock';
import { normaliseEmbeddings } from './normalise-embeddings';
import { normaliseGemini } from './normalise-gemini';
import { normaliseGeminiInteractions } from './normalise-gemini-interactions';
import { normaliseMistralOcr } from './normalise-mistral-ocr';
import { normaliseOpenAiAudio, normaliseOpenAiSpeech } from './normalise-openai-audio';
import { normaliseOpenAiChat } from './normalise-openai-chat';
import { countImages, normaliseOpenAiImages } from './normalise-openai-images';
import { normaliseOpenAiResponses } from './normalise-openai-responses';
import { canonicalProvider } from './provider-name';
import type { JsonObject, NormalisedUsage, Normaliser, UsageError, UsageFormat } from './usage';
import { findFormat } from './usage-format';
import { isJsonObject } from './usage-reader';

export interface UsageInput {
  /** The catalogue's provider id, or another name of it: `openai`, `anthropic`, `google`, `amazon-bedrock`, ... */
  readonly provider: string;
  /** The API's flavour: `chat`, `responses`, `embeddings`, `images`, `realtime`, `anthropic`, `converse`, `ai-sdk`, `default`, ... Absent: told by the usage's own shape. */
  readonly api?: string | null;
  /** Used where the body names no model. */
  readonly model?: string | null;
  /** The usage object exactly as the provider sent it ... */
  readonly usage?: unknown;
  /** ... or the whole response body around it. */
  readonly body?: unknown;
}

const NORMALISERS: Readonly<Record<UsageFormat, Normaliser>> = {
  'openai-chat': normaliseOpenAiChat,
  'openai-responses': normaliseOpenAiResponses,
  'openai-embeddings': normaliseEmbeddings,
  'openai-images': normaliseOpenAiImages,
  'openai-audio': normaliseOpenAiAudio,
  'openai-speech': normaliseOpenAiSpeech,
  'anthropic-messages': normaliseAnthropic,
  'gemini-generate-content': normaliseGemini,
  'gemini-interactions': normaliseGeminiInteractions,
  'bedrock-converse': normaliseBedrock,
  'ai-sdk': normaliseAiSdk,
  'mistral-ocr': normaliseMistralOcr,
};

/**
 * Raw usage -> disjoint token classes. Pure.
 * Errors name the field: an unknown api, a body that is not of the stated api, a count that is no whole number from 0.
 * Numbers that contradict each other are no error: the part carries a `problem` and stays unpriced.
 */
export function normaliseUsage(input: UsageInput): Result<NormalisedUsage, UsageError> {
  const found = findUsage(input);
  if ('field' in found) return err(found);
  const { usage, path, body } = found;
  const provider = canonicalProvider(input.provider);
  const format = findFormat(provider, input.api ?? null, usage, path);
  if (typeof format !== 'string') return err(format);
  const named = body?.[format === 'gemini-generate-content' ? 'modelVersion' : 'model'];
  const model = typeof named === 'string' && named !== '' ? named : input.model ?? null;
  // The AI SDK keeps the provider's own usage beside its digest, which knows less.
  const raw = format === 'ai-sdk' ? usage['raw'] : undefined;
  if (isJsonObject(raw)) {
    const inner = findFormat(provider, null, raw, `${path}.raw`);
    if (typeof inner === 'string' && inner !== 'ai-sdk') return NORMALISERS[inner](raw, { provider, path: `${path}.raw`, model, body });
  }
  return NORMALISERS[format](usage, { provider, path, model, body });
}

interface FoundUsage {
  readonly usage: JsonObject;
  readonly path: string;
  readonly body: JsonObject | null;
}

function findUsage(input: UsageInput): FoundUsage | UsageError {
  if (input.usage !== undefined && input.body !== undefined) return { field: 'usage', reason: 'give either usage or body, not both' };
  if (input.body === undefined) {
    if (input.usage === undefined || input.usage === null) return { field: 'usage', reason: 'is required: the usage object as the provider sent it, or the body around it' };
    return isJsonObject(input.usage) ? { usage: input.usage, path: 'usage', body: null } : { field: 'usage', reason: 'must be an object' };
  }
  return isJsonObject(input.body) ? findInBody(input.body, 'body') : { field: 'body', reason: 'must be an object' };
}

/** Where bodies and the events of streams keep their usage; the first that is there. */
const USAGE_KEYS = ['usageMetadata', 'usage', 'usage_info', 'amazon-bedrock-invocationMetrics'];

function findInBody(body: JsonObject, path: string): FoundUsage | UsageError {
  for (const key of USAGE_KEYS) {
    const usage = body[key];
    if (isJsonObject(usage)) return { usage, path: `${path}.${key}`, body };
  }
  // `response.done` and `response.completed` wrap the response; Groq's last chunk keeps its usage in `x_groq`, Converse's stream in `metadata`.
  for (const key of ['response', 'x_groq', 'metadata']) {
    const inner = body[key];
    // Elsewhere `metadata` is what the caller wrote himself.
    const wraps = isJsonObject(inner) && (key !== 'metadata' || 'metrics' in inner);
    const found = wraps ? findInBody(inner, `${path}.${key}`) : null;
    if (found !== null && 'usage' in found) return key === 'x_groq' ? { ...found, body } : found;
  }
  const images = countImages(body);
  return images !== null ? { usage: images, path, body } : { field: `${path}.usage`, reason: 'must be an object: this body carries no usage' };
}
