/** Embeddings `usage` in OpenAI's shape: a prompt and nothing else. */
import { err, ok } from '@outlay/kernel';
import { NORMALISER_VERSION, type Normaliser } from './usage';
import { createUsageReader, flagUnknown, readCount, requireCount, withoutZeros } from './usage-reader';

const USAGE_KEYS = new Set(['prompt_tokens', 'total_tokens', 'pydantic_ai_gateway']);

export const normaliseEmbeddings: Normaliser = (usage, context) => {
  const { path } = context;
  const reader = createUsageReader();
  const prompt = requireCount(reader, usage, 'prompt_tokens', path);
  const total = usage['total_tokens'] === undefined || usage['total_tokens'] === null ? prompt : readCount(reader, usage, 'total_tokens', path);
  flagUnknown(reader, usage, USAGE_KEYS, path);
  if (total !== prompt) reader.problem ??= `${path}.total_tokens (${total}) is not prompt_tokens (${prompt}).`;
  if (reader.error) return err(reader.error);
  const quantities = withoutZeros({ input_uncached: prompt });
  const unknown = reader.unknown.filter((key) => key.billable);
  return ok({
    normaliserVersion: NORMALISER_VERSION,
    format: 'openai-embeddings',
    parts: [{ model: context.model, quantities, contextTokens: prompt, extras: [], unknown, problem: reader.problem }],
    total,
    served: { model: context.model, tier: null, region: null },
    unknownKeys: reader.unknown,
    providerCostUsd: null,
  });
};
