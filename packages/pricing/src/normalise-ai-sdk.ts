/**
 * The Vercel AI SDK's own usage, read only where it does not carry the provider's (`usage.raw`): it drops the time to live of cache
 * writes, tools and tiers. Two shapes: totals with objects of parts (language models of AI SDK 6), and flat counts with details (its
 * results, and AI SDK 5).
 */
import { err, ok, type TokenQuantities } from '@outlay/kernel';
import { NORMALISER_VERSION, type JsonObject, type NormaliseContext, type Normaliser } from './usage';
import { createUsageReader, flagUnknown, isJsonObject, readCount, readSection, requireCount, sumInput, sumQuantities, withoutZeros, type UsageReader } from './usage-reader';

const USAGE_KEYS = new Set([
  'inputTokens', 'outputTokens', 'totalTokens', 'inputTokenDetails', 'outputTokenDetails', 'reasoningTokens', 'cachedInputTokens', 'raw',
  // Embeddings.
  'tokens',
]);
const NESTED_INPUT_KEYS = new Set(['total', 'noCache', 'cacheRead', 'cacheWrite']);
const NESTED_OUTPUT_KEYS = new Set(['total', 'text', 'reasoning']);
const INPUT_KEYS = new Set(['noCacheTokens', 'cacheReadTokens', 'cacheWriteTokens']);
const OUTPUT_KEYS = new Set(['textTokens', 'reasoningTokens']);

export const normaliseAiSdk: Normaliser = (usage, context) => {
  const { path } = context;
  const reader = createUsageReader();
  flagUnknown(reader, usage, USAGE_KEYS, path);
  const read = usage['tokens'] !== undefined
    ? { input_uncached: requireCount(reader, usage, 'tokens', path) }
    : isJsonObject(usage['inputTokens']) ? readNested(reader, usage, path) : readFlat(reader, usage, context);
  if (reader.error) return err(reader.error);
  const quantities = withoutZeros(read);
  const unknown = reader.unknown.filter((key) => key.billable);
  return ok({
    normaliserVersion: NORMALISER_VERSION,
    format: 'ai-sdk',
    parts: [{ model: context.model, quantities, contextTokens: sumInput(quantities), extras: [], unknown, problem: reader.problem }],
    total: sumQuantities(quantities),
    served: { model: context.model, tier: null, region: null },
    unknownKeys: reader.unknown,
    providerCostUsd: null,
  });
};

function readNested(reader: UsageReader, usage: JsonObject, path: string): TokenQuantities {
  const input = readSection(reader, usage, 'inputTokens', path) ?? {};
  const output = readSection(reader, usage, 'outputTokens', path) ?? {};
  flagUnknown(reader, input, NESTED_INPUT_KEYS, `${path}.inputTokens`);
  flagUnknown(reader, output, NESTED_OUTPUT_KEYS, `${path}.outputTokens`);
  return split(reader, path, {
    input: requireCount(reader, input, 'total', `${path}.inputTokens`), cacheRead: readCount(reader, input, 'cacheRead', `${path}.inputTokens`),
    cacheWrite: readCount(reader, input, 'cacheWrite', `${path}.inputTokens`),
    output: requireCount(reader, output, 'total', `${path}.outputTokens`), reasoning: readCount(reader, output, 'reasoning', `${path}.outputTokens`),
  });
}

function readFlat(reader: UsageReader, usage: JsonObject, { path, provider }: NormaliseContext): TokenQuantities {
  const inputDetails = readSection(reader, usage, 'inputTokenDetails', path);
  const outputDetails = readSection(reader, usage, 'outputTokenDetails', path);
  flagUnknown(reader, inputDetails, INPUT_KEYS, `${path}.inputTokenDetails`);
  flagUnknown(reader, outputDetails, OUTPUT_KEYS, `${path}.outputTokenDetails`);
  const input = requireCount(reader, usage, 'inputTokens', path);
  const output = requireCount(reader, usage, 'outputTokens', path);
  const cacheRead = readCount(reader, inputDetails, 'cacheReadTokens', `${path}.inputTokenDetails`) || readCount(reader, usage, 'cachedInputTokens', path);
  const cacheWrite = readCount(reader, inputDetails, 'cacheWriteTokens', `${path}.inputTokenDetails`);
  const reasoning = readCount(reader, outputDetails, 'reasoningTokens', `${path}.outputTokenDetails`) || readCount(reader, usage, 'reasoningTokens', path);
  const total = usage['totalTokens'] === undefined || usage['totalTokens'] === null ? input + output : readCount(reader, usage, 'totalTokens', path);
  // AI SDK 5 passes on what the provider means: Anthropic and Bedrock leave cached tokens out of the input, Google thinking out of the output.
  const older = inputDetails === null && outputDetails === null;
  const beside = total - input - output;
  const cacheBeside = older && cacheRead > 0 && (provider === 'anthropic' || provider === 'aws' || beside === cacheRead || beside === cacheRead + reasoning);
  const thinkingBeside = older && reasoning > 0 && (beside === reasoning || (cacheBeside && beside === cacheRead + reasoning));
  const explained = [0, ...(cacheBeside ? [cacheRead] : []), ...(thinkingBeside ? [reasoning] : []), ...(cacheBeside && thinkingBeside ? [cacheRead + reasoning] : [])];
  if (!explained.includes(beside)) reader.problem ??= `${path}.totalTokens (${total}) is not inputTokens + outputTokens (${input + output}).`;
  return split(reader, path, { input: input + (cacheBeside ? cacheRead : 0), cacheRead, cacheWrite, output: output + (thinkingBeside ? reasoning : 0), reasoning });
}

interface Counts {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly output: number;
  readonly reasoning: number;
}

function split(reader: UsageReader, path: string, { input, cacheRead, cacheWrite, output, reasoning }: Counts): TokenQuantities {
  const fits = cacheRead + cacheWrite <= input && reasoning <= output;
  if (!fits) {
    reader.problem ??= `${path}: the parts of its input or output hold more tokens than the whole.`;
    return { input_uncached: input, output_text: output };
  }
  return { input_uncached: input - cacheRead - cacheWrite, cache_read: cacheRead, cache_write_other: cacheWrite, output_text: output - reasoning, output_reasoning: reasoning };
}
