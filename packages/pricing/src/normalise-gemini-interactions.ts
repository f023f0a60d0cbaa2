/**
 * Gemini's Interactions API. The cached tokens are a subset of the input; thoughts and tool-use prompts stand beside output and input, as
 * the total shows.
 */
import { err, ok } from '@outlay/kernel';
import { disjointInput, readSplit } from './gemini-modalities';
import { NORMALISER_VERSION, type JsonObject, type Normaliser, type UsageExtra } from './usage';
import { createUsageReader, flagUnknown, isJsonObject, readCount, requireCount, sumInput, withoutZeros, type UsageReader } from './usage-reader';

const USAGE_KEYS = new Set([
  'total_input_tokens', 'total_output_tokens', 'total_tokens', 'total_cached_tokens', 'total_thought_tokens', 'total_tool_use_tokens',
  'input_tokens_by_modality', 'output_tokens_by_modality', 'cached_tokens_by_modality', 'tool_use_tokens_by_modality', 'grounding_tool_count',
]);
const GROUNDING_KEYS = new Set(['type', 'count']);
/** Grounding that is billed by the query -> our kind. */
const GROUNDING_KINDS: Readonly<Record<string, string>> = { google_search: 'web_search', google_maps: 'maps_search', retrieval: 'retrieval' };

export const normaliseGeminiInteractions: Normaliser = (usage, context) => {
  const { path } = context;
  const reader = createUsageReader();
  flagUnknown(reader, usage, USAGE_KEYS, path);
  const prompt = requireCount(reader, usage, 'total_input_tokens', path);
  const answer = readCount(reader, usage, 'total_output_tokens', path);
  const cached = readCount(reader, usage, 'total_cached_tokens', path);
  const toolUse = readCount(reader, usage, 'total_tool_use_tokens', path);
  const thoughts = readCount(reader, usage, 'total_thought_tokens', path);
  const split = (name: string, total: number): ReturnType<typeof readSplit> =>
    readSplit(reader, usage, `${name}_tokens_by_modality`, `total_${name}_tokens`, total, path, 'tokens');
  const [promptSplit, cachedSplit, toolSplit, answerSplit] = [split('input', prompt), split('cached', cached), split('tool_use', toolUse), split('output', answer)];
  const input = disjointInput(reader, prompt, cached, promptSplit, cachedSplit, `${path}.total_cached_tokens`, 'total_input_tokens');
  const sum = prompt + answer + thoughts + toolUse;
  const total = usage['total_tokens'] === undefined || usage['total_tokens'] === null ? sum : readCount(reader, usage, 'total_tokens', path);
  if (total !== sum) reader.problem ??= `${path}.total_tokens (${total}) is not the sum of its parts (${sum}).`;
  const extras = readGrounding(reader, usage, path);
  if (answerSplit.video > 0) extras.push({ kind: 'output_video', quantity: String(answerSplit.video), unit: 'token' });
  if (reader.error) return err(reader.error);
  const quantities = withoutZeros({
    ...input,
    input_uncached: (input.input_uncached ?? 0) + toolSplit.text, input_audio: (input.input_audio ?? 0) + toolSplit.audio,
    input_image: (input.input_image ?? 0) + toolSplit.image, input_video: (input.input_video ?? 0) + toolSplit.video,
    output_text: answerSplit.text, output_audio: answerSplit.audio, output_image: answerSplit.image, output_reasoning: thoughts,
  });
  return ok({
    normaliserVersion: NORMALISER_VERSION,
    format: 'gemini-interactions',
    parts: [{
      model: context.model, quantities, contextTokens: sumInput(quantities), extras, unknown: reader.unknown.filter((key) => key.billable), problem: reader.problem,
    }],
    total,
    served: { model: context.model, tier: readTier(context.body), region: null },
    unknownKeys: reader.unknown,
    providerCostUsd: null,
  });
};

function readGrounding(reader: UsageReader, usage: JsonObject, path: string): UsageExtra[] {
  const counts = usage['grounding_tool_count'];
  if (counts === undefined || counts === null) return [];
  if (!Array.isArray(counts)) {
    reader.error ??= { field: `${path}.grounding_tool_count`, reason: 'must be a list' };
    return [];
  }
  return counts.flatMap((entry, index): UsageExtra[] => {
    const at = `${path}.grounding_tool_count[${index}]`;
    if (!isJsonObject(entry)) {
      reader.error ??= { field: at, reason: 'must be an object' };
      return [];
    }
    flagUnknown(reader, entry, GROUNDING_KEYS, at);
    const count = readCount(reader, entry, 'count', at);
    const kind = GROUNDING_KINDS[String(entry['type']).toLowerCase()];
    if (kind === undefined) reader.unknown.push({ key: `${at}.type`, quantity: count, billable: count > 0 });
    return kind === undefined || count === 0 ? [] : [{ kind, quantity: String(count), unit: 'search' }];
  });
}

function readTier(body: JsonObject | null): string | null {
  const tier = body?.['service_tier'];
  return typeof tier === 'string' ? tier : null;
}
