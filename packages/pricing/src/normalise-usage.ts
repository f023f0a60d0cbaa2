/** Finds the format of a raw usage by provider and API, and normalises it. */
import { err, type Result } from '@outlay/kernel';
import { normaliseAnthropic } from './normalise-anthropic';
import { normaliseEmbeddings } from './normalise-embeddings';
import { normaliseGemini } from './normalise-gemini';
import { normaliseOpenAiChat } from './normalise-openai-chat';
import { normaliseOpenAiResponses } from './normalise-openai-responses';
import type { JsonObject, NormalisedUsage, Normaliser, UsageError, UsageFormat } from './usage';
import { isJsonObject } from './usage-reader';

export interface UsageInput {
  /** The catalogue's provider id: `openai`, `anthropic`, `google`, ... */
  readonly provider: string;
  /** The API's flavour: `chat`, `responses`, `embeddings`, `anthropic`, `default`. Absent: told by the usage's own shape. */
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
  'anthropic-messages': normaliseAnthropic,
  'gemini-generate-content': normaliseGemini,
};

const OPENAI_APIS: Readonly<Record<string, UsageFormat>> = { chat: 'openai-chat', responses: 'openai-responses', embeddings: 'openai-embeddings' };
const ANY_APIS: Readonly<Record<string, UsageFormat>> = { ...OPENAI_APIS, anthropic: 'anthropic-messages', messages: 'anthropic-messages', gemini: 'gemini-generate-content' };
/** The APIs of the providers that we know well; every other provider speaks one of ANY_APIS. */
const APIS: Readonly<Record<string, Readonly<Record<string, UsageFormat>>>> = {
  openai: OPENAI_APIS,
  azure: { ...OPENAI_APIS, anthropic: 'anthropic-messages' },
  anthropic: { default: 'anthropic-messages', messages: 'anthropic-messages', chat: 'openai-chat' },
  google: { default: 'gemini-generate-content', gemini: 'gemini-generate-content', anthropic: 'anthropic-messages', chat: 'openai-chat' },
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
  const apis = APIS[input.provider] ?? ANY_APIS;
  const stated = input.api === undefined || input.api === null || (input.api === 'default' && apis['default'] === undefined) ? null : input.api;
  let format: UsageFormat | undefined;
  if (stated === null) {
    format = [...new Set(Object.values(apis))].find((candidate) => misshapen(candidate, usage, path) === null);
    if (format === undefined) return err({ field: path, reason: `has not the shape of any usage of provider ${input.provider} (its APIs: ${Object.keys(apis).join(', ')})` });
  } else {
    format = apis[stated];
    if (format === undefined) return err({ field: 'api', reason: `"${stated}" is not an API of provider ${input.provider} that Outlay reads; use one of ${Object.keys(apis).join(', ')}` });
    const fault = misshapen(format, usage, path);
    if (fault !== null) return err({ field: fault.field, reason: `${fault.reason}, so this is not a usage of api "${stated}"` });
  }
  const named = body?.[format === 'gemini-generate-content' ? 'modelVersion' : 'model'];
  const model = typeof named === 'string' && named !== '' ? named : input.model ?? null;
  return NORMALISERS[format](usage, { provider: input.provider, path, model, body });
}

function findUsage(input: UsageInput): { usage: JsonObject; path: string; body: JsonObject | null } | UsageError {
  if (input.usage !== undefined && input.body !== undefined) return { field: 'usage', reason: 'give either usage or body, not both' };
  if (input.body === undefined) {
    if (input.usage === undefined || input.usage === null) return { field: 'usage', reason: 'is required: the usage object as the provider sent it, or the body around it' };
    return isJsonObject(input.usage) ? { usage: input.usage, path: 'usage', body: null } : { field: 'usage', reason: 'must be an object' };
  }
  if (!isJsonObject(input.body)) return { field: 'body', reason: 'must be an object' };
  const key = input.body['usageMetadata'] === undefined ? 'usage' : 'usageMetadata';
  const usage = input.body[key];
  return isJsonObject(usage) ? { usage, path: `body.${key}`, body: input.body } : { field: `body.${key}`, reason: 'must be an object: this body carries no usage' };
}

const ANTHROPIC_MARKS = ['cache_creation_input_tokens', 'cache_read_input_tokens', 'cache_creation', 'server_tool_use', 'inference_geo', 'iterations'];
const GEMINI_MARKS = ['promptTokenCount', 'candidatesTokenCount', 'responseTokenCount', 'totalTokenCount', 'thoughtsTokenCount'];

/** Why a usage is not of a format, by the keys that only one format has; null when it may be. */
function misshapen(format: UsageFormat, usage: JsonObject, path: string): UsageError | null {
  const absent = (key: string): UsageError | null => (usage[key] === undefined || usage[key] === null ? { field: `${path}.${key}`, reason: 'is missing' } : null);
  const alien = (key: string): UsageError | null => (usage[key] === undefined ? null : { field: `${path}.${key}`, reason: 'belongs to another API' });
  switch (format) {
    case 'openai-chat':
      return absent('prompt_tokens') ?? absent('completion_tokens');
    case 'openai-embeddings':
      return absent('prompt_tokens') ?? alien('completion_tokens');
    case 'openai-responses': {
      const mark = ANTHROPIC_MARKS.find((key) => usage[key] !== undefined);
      return absent('input_tokens') ?? (mark === undefined ? null : alien(mark));
    }
    case 'anthropic-messages':
      return absent('input_tokens') ?? alien('input_tokens_details');
    case 'gemini-generate-content':
      return GEMINI_MARKS.some((key) => usage[key] !== undefined) ? null : { field: `${path}.promptTokenCount`, reason: 'is missing' };
  }
}
