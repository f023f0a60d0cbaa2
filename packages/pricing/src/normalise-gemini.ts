/**
 * Gemini generateContent `usageMetadata`. The cached content is a subset of the prompt, modality by modality; thoughts stand
 * beside the candidates and are billed as output, tool-use prompts stand beside the prompt and are billed as input.
 */
import { err, ok } from '@outlay/kernel';
import { disjointInput, readSplit } from './gemini-modalities';
import { NORMALISER_VERSION, type JsonObject, type Normaliser, type UsageExtra } from './usage';
import { createUsageReader, flagUnknown, isJsonObject, readCount, sumInput, withoutZeros } from './usage-reader';

const USAGE_KEYS = new Set([
  'promptTokenCount', 'candidatesTokenCount', 'responseTokenCount', 'totalTokenCount', 'cachedContentTokenCount', 'thoughtsTokenCount', 'toolUsePromptTokenCount',
  'promptTokensDetails', 'candidatesTokensDetails', 'responseTokensDetails', 'cacheTokensDetails', 'toolUsePromptTokensDetails',
  'trafficType', 'serviceTier',
  // Embeddings call promptTokensDetails so.
  'promptTokenDetails',
  // Not billable: the prompt before a cut, a gateway's estimate.
  'initialPromptTokenCount', 'pydantic_ai_gateway',
]);
export const normaliseGemini: Normaliser = (usage, context) => {
  const { path } = context;
  const reader = createUsageReader();
  flagUnknown(reader, usage, USAGE_KEYS, path);
  const prompt = readCount(reader, usage, 'promptTokenCount', path);
  const cached = readCount(reader, usage, 'cachedContentTokenCount', path);
  const toolUse = readCount(reader, usage, 'toolUsePromptTokenCount', path);
  const thoughts = readCount(reader, usage, 'thoughtsTokenCount', path);
  // The Live API calls the answer a response; no body has both.
  const answer = usage['candidatesTokenCount'] === undefined && usage['responseTokenCount'] !== undefined ? 'response' : 'candidates';
  const candidates = readCount(reader, usage, `${answer}TokenCount`, path);
  const promptDetails = usage['promptTokensDetails'] === undefined && usage['promptTokenDetails'] !== undefined ? 'promptTokenDetails' : 'promptTokensDetails';
  const promptSplit = readSplit(reader, usage, promptDetails, 'promptTokenCount', prompt, path);
  const cachedSplit = readSplit(reader, usage, 'cacheTokensDetails', 'cachedContentTokenCount', cached, path);
  const toolSplit = readSplit(reader, usage, 'toolUsePromptTokensDetails', 'toolUsePromptTokenCount', toolUse, path);
  const answerSplit = readSplit(reader, usage, `${answer}TokensDetails`, `${answer}TokenCount`, candidates, path);

  const input = disjointInput(reader, prompt, cached, promptSplit, cachedSplit, `${path}.cachedContentTokenCount`, 'promptTokenCount');
  const sum = prompt + candidates + thoughts + toolUse;
  const total = usage['totalTokenCount'] === undefined || usage['totalTokenCount'] === null ? sum : readCount(reader, usage, 'totalTokenCount', path);
  if (total !== sum) reader.problem ??= `${path}.totalTokenCount (${total}) is not the sum of its parts (${sum}).`;
  if (reader.error) return err(reader.error);

  const quantities = withoutZeros({
    ...input,
    input_uncached: (input.input_uncached ?? 0) + toolSplit.text,
    input_audio: (input.input_audio ?? 0) + toolSplit.audio,
    input_image: (input.input_image ?? 0) + toolSplit.image,
    input_video: (input.input_video ?? 0) + toolSplit.video,
    output_text: answerSplit.text,
    output_audio: answerSplit.audio,
    output_image: answerSplit.image,
    output_reasoning: thoughts,
  });
  const extras: UsageExtra[] = [];
  if (answerSplit.video > 0) extras.push({ kind: 'output_video', quantity: String(answerSplit.video), unit: 'token' });
  const searches = countSearches(context.body);
  if (searches > 0) extras.push({ kind: 'web_search', quantity: String(searches), unit: 'search' });
  const unknown = reader.unknown.filter((key) => key.billable);
  return ok({
    normaliserVersion: NORMALISER_VERSION,
    format: 'gemini-generate-content',
    parts: [{ model: context.model, quantities, contextTokens: sumInput(quantities), extras, unknown, problem: reader.problem }],
    total,
    served: { model: context.model, tier: readTier(usage), region: null },
    unknownKeys: reader.unknown,
    providerCostUsd: null,
  });
};

/** Searches of Google Search grounding, which are billed apart from tokens. */
function countSearches(body: JsonObject | null): number {
  const candidates = body?.['candidates'];
  if (!Array.isArray(candidates)) return 0;
  let searches = 0;
  for (const candidate of candidates) {
    const grounding = isJsonObject(candidate) ? candidate['groundingMetadata'] : null;
    const queries = isJsonObject(grounding) ? grounding['webSearchQueries'] : null;
    if (Array.isArray(queries)) searches += queries.length;
  }
  return searches;
}

function readTier(usage: JsonObject): string | null {
  const traffic = typeof usage['trafficType'] === 'string' ? usage['trafficType'].toLowerCase() : null;
  const tier = typeof usage['serviceTier'] === 'string' ? usage['serviceTier'] : null;
  return traffic !== null && traffic !== 'on_demand' && traffic !== 'traffic_type_unspecified' ? traffic : tier ?? traffic;
}
