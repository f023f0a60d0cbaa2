/** OpenAI Responses `usage`. Built-in tools are billed per call and stand in the body's output items, not in the usage. */
import { err, ok } from '@outlay/kernel';
import { HOST_KEYS, readHostFacts } from './host-extras';
import { readOpenAiInput, readOpenAiOutput, readTier } from './normalise-openai-chat';
import { NORMALISER_VERSION, type JsonObject, type Normaliser, type UsageExtra } from './usage';
import { createUsageReader, flagUnknown, isJsonObject, readCount, readSection, requireCount, sumInput, withoutZeros } from './usage-reader';

const USAGE_KEYS = ['input_tokens', 'input_tokens_details', 'output_tokens', 'output_tokens_details', 'total_tokens', 'pydantic_ai_gateway'];
const OWN_KEYS = new Set(USAGE_KEYS);
const KEYS_BY_HOST = new Map(Object.entries(HOST_KEYS).map(([host, keys]) => [host, new Set([...USAGE_KEYS, ...keys])]));
const INPUT_KEYS = new Set(['cached_tokens', 'cache_write_tokens', 'cache_write_tokens_details', 'audio_tokens', 'image_tokens', 'text_tokens']);
const OUTPUT_KEYS = new Set(['reasoning_tokens', 'audio_tokens', 'image_tokens', 'text_tokens']);

export const normaliseOpenAiResponses: Normaliser = (usage, context) => {
  const { path, provider } = context;
  const reader = createUsageReader();
  const inputTokens = requireCount(reader, usage, 'input_tokens', path);
  const outputTokens = requireCount(reader, usage, 'output_tokens', path);
  const inputDetails = readSection(reader, usage, 'input_tokens_details', path);
  const outputDetails = readSection(reader, usage, 'output_tokens_details', path);
  flagUnknown(reader, usage, KEYS_BY_HOST.get(provider) ?? OWN_KEYS, path);
  flagUnknown(reader, inputDetails, INPUT_KEYS, `${path}.input_tokens_details`);
  flagUnknown(reader, outputDetails, OUTPUT_KEYS, `${path}.output_tokens_details`);

  const input = readOpenAiInput(reader, inputTokens, inputDetails, `${path}.input_tokens`);
  const reasoning = readCount(reader, outputDetails, 'reasoning_tokens', `${path}.output_tokens_details`);
  const output = readOpenAiOutput(reader, outputTokens, reasoning, outputDetails, `${path}.output_tokens`);
  const total = usage['total_tokens'] === undefined || usage['total_tokens'] === null ? inputTokens + outputTokens : readCount(reader, usage, 'total_tokens', path);
  if (total !== inputTokens + outputTokens) reader.problem ??= `${path}.total_tokens (${total}) is not input_tokens + output_tokens (${inputTokens + outputTokens}).`;

  const host = readHostFacts(reader, usage, provider, path);
  if (reader.error) return err(reader.error);
  const quantities = withoutZeros({ ...input, ...output });
  const unknown = reader.unknown.filter((key) => key.billable);
  // A host that counts its tools in the usage lists the same calls in the body.
  const extras = host.extras.length > 0 ? host.extras : countTools(context.body);
  return ok({
    normaliserVersion: NORMALISER_VERSION,
    format: 'openai-responses',
    parts: [{ model: context.model, quantities, contextTokens: sumInput(quantities), extras, unknown, problem: reader.problem }],
    total,
    served: { model: context.model, tier: readTier(context.body), region: null },
    unknownKeys: reader.unknown,
    providerCostUsd: host.costUsd,
  });
};

const BILLED_TOOLS: Readonly<Record<string, { kind: string; unit: string }>> = {
  web_search_call: { kind: 'web_search', unit: 'search' },
  file_search_call: { kind: 'file_search', unit: 'search' },
  // Billed by container session and by the image model's own tokens, which this body does not tell: no rate, so unpriced.
  code_interpreter_call: { kind: 'code_interpreter', unit: 'call' },
  image_generation_call: { kind: 'image_generation', unit: 'call' },
};

function countTools(body: JsonObject | null): readonly UsageExtra[] {
  const items = body?.['output'];
  if (!Array.isArray(items)) return [];
  const counts = new Map<string, number>();
  for (const item of items) {
    if (!isJsonObject(item) || typeof item['type'] !== 'string' || BILLED_TOOLS[item['type']] === undefined) continue;
    const action = isJsonObject(item['action']) ? item['action']['type'] : undefined;
    // Opening or reading a found page is part of the search already paid.
    if (item['type'] === 'web_search_call' && action !== undefined && action !== 'search') continue;
    counts.set(item['type'], (counts.get(item['type']) ?? 0) + 1);
  }
  return [...counts].map(([type, count]) => ({ ...BILLED_TOOLS[type]!, quantity: String(count) }));
}
