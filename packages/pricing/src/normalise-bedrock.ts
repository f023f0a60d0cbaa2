/**
 * Amazon Bedrock's own usage, by Converse, by Nova, and in the `amazon-bedrock-invocationMetrics` of a stream. Input excludes what was
 * read from or written to the cache: all four add up.
 */
import { err, ok } from '@outlay/kernel';
import { NORMALISER_VERSION, type JsonObject, type Normaliser } from './usage';
import { createUsageReader, flagUnknown, isJsonObject, readCount, readSection, requireCount, sumInput, withoutZeros, type UsageReader } from './usage-reader';

const USAGE_KEYS = new Set([
  'inputTokens', 'outputTokens', 'totalTokens', 'cacheReadInputTokens', 'cacheWriteInputTokens', 'cacheDetails', 'serverToolUsage',
  // The same counts by their other names; a usage may have both.
  'inputTokenCount', 'outputTokenCount', 'cacheReadInputTokenCount', 'cacheWriteInputTokenCount',
  // Not billable: times, a gateway's estimate.
  'invocationLatency', 'firstByteLatency', 'pydantic_ai_gateway',
]);
const CACHE_DETAIL_KEYS = new Set(['ttl', 'inputTokens']);
const NO_TOOLS: ReadonlySet<string> = new Set();

export const normaliseBedrock: Normaliser = (usage, context) => {
  const { path } = context;
  const reader = createUsageReader();
  flagUnknown(reader, usage, USAGE_KEYS, path);
  // Tools that Bedrock runs itself are billed apart, at prices that no list of ours has.
  flagUnknown(reader, readSection(reader, usage, 'serverToolUsage', path), NO_TOOLS, `${path}.serverToolUsage`);
  const metrics = usage['inputTokens'] === undefined;
  const input = requireCount(reader, usage, metrics ? 'inputTokenCount' : 'inputTokens', path);
  const output = requireCount(reader, usage, metrics ? 'outputTokenCount' : 'outputTokens', path);
  const read = readCount(reader, usage, 'cacheReadInputTokens', path) || readCount(reader, usage, 'cacheReadInputTokenCount', path);
  const written = readCount(reader, usage, 'cacheWriteInputTokens', path) || readCount(reader, usage, 'cacheWriteInputTokenCount', path);
  const { write5m, write1h } = readCacheDetails(reader, usage, path);
  if (write5m + write1h > written) reader.problem ??= `${path}.cacheDetails hold more tokens (${write5m + write1h}) than cacheWriteInputTokens (${written}).`;
  const sum = input + output + read + written;
  const total = usage['totalTokens'] === undefined || usage['totalTokens'] === null ? sum : readCount(reader, usage, 'totalTokens', path);
  if (total !== sum) reader.problem ??= `${path}.totalTokens (${total}) is not the sum of its parts (${sum}).`;
  if (reader.error) return err(reader.error);
  const quantities = withoutZeros({
    input_uncached: input, cache_read: read, cache_write_5m: write5m, cache_write_1h: write1h, cache_write_other: Math.max(0, written - write5m - write1h), output_text: output,
  });
  const unknown = reader.unknown.filter((key) => key.billable);
  return ok({
    normaliserVersion: NORMALISER_VERSION,
    format: 'bedrock-converse',
    parts: [{ model: context.model, quantities, contextTokens: sumInput(quantities), extras: [], unknown, problem: reader.problem }],
    total,
    served: { model: context.model, tier: readTier(context.body), region: null },
    unknownKeys: reader.unknown,
    providerCostUsd: null,
  });
};

/** Cache writes by their time to live. */
function readCacheDetails(reader: UsageReader, usage: JsonObject, path: string): { write5m: number; write1h: number } {
  const writes = { write5m: 0, write1h: 0 };
  const details = usage['cacheDetails'];
  if (!Array.isArray(details)) {
    if (details !== undefined && details !== null) reader.error ??= { field: `${path}.cacheDetails`, reason: 'must be a list' };
    return writes;
  }
  for (const [index, detail] of details.entries()) {
    const at = `${path}.cacheDetails[${index}]`;
    if (!isJsonObject(detail)) {
      reader.error ??= { field: at, reason: 'must be an object' };
      return writes;
    }
    flagUnknown(reader, detail, CACHE_DETAIL_KEYS, at);
    const count = readCount(reader, detail, 'inputTokens', at);
    if (detail['ttl'] === '1h') writes.write1h += count;
    else if (detail['ttl'] === '5m') writes.write5m += count;
    else if (count > 0) reader.unknown.push({ key: `${at}.ttl`, quantity: count, billable: true });
  }
  return writes;
}

/** Converse says `performanceConfig.latency` and `serviceTier.type` beside the usage. */
function readTier(body: JsonObject | null): string | null {
  const tier = isJsonObject(body?.['serviceTier']) ? body['serviceTier']['type'] : null;
  if (typeof tier === 'string') return tier;
  const latency = isJsonObject(body?.['performanceConfig']) ? body['performanceConfig']['latency'] : null;
  return latency === 'optimized' ? 'latency_optimized' : null;
}
