/**
 * Gemini generateContent `usageMetadata`. The cached content is a subset of the prompt, modality by modality; thoughts stand
 * beside the candidates and are billed as output, tool-use prompts stand beside the prompt and are billed as input.
 */
import { err, ok, type TokenQuantities } from '@outlay/kernel';
import { NORMALISER_VERSION, type JsonObject, type Normaliser, type UsageExtra } from './usage';
import { createUsageReader, flagUnknown, isJsonObject, readCount, splitInput, sumInput, withoutZeros, type UsageReader } from './usage-reader';

const USAGE_KEYS = new Set([
  'promptTokenCount', 'candidatesTokenCount', 'responseTokenCount', 'totalTokenCount', 'cachedContentTokenCount', 'thoughtsTokenCount', 'toolUsePromptTokenCount',
  'promptTokensDetails', 'candidatesTokensDetails', 'responseTokensDetails', 'cacheTokensDetails', 'toolUsePromptTokensDetails',
  'trafficType', 'serviceTier',
  // Not billable: an older name of promptTokensDetails, the prompt before a cut, a gateway's estimate.
  'promptTokenDetails', 'initialPromptTokenCount', 'pydantic_ai_gateway',
]);
const DETAIL_KEYS = new Set(['modality', 'tokenCount']);

type Modality = 'text' | 'audio' | 'image' | 'video';
// A document is billed as the images of its pages.
const MODALITIES: Readonly<Record<string, Modality>> = { TEXT: 'text', AUDIO: 'audio', IMAGE: 'image', DOCUMENT: 'image', VIDEO: 'video', MODALITY_UNSPECIFIED: 'text' };
type Split = Record<Modality, number>;

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
  const promptSplit = readSplit(reader, usage, 'promptTokensDetails', 'promptTokenCount', prompt, path);
  const cachedSplit = readSplit(reader, usage, 'cacheTokensDetails', 'cachedContentTokenCount', cached, path);
  const toolSplit = readSplit(reader, usage, 'toolUsePromptTokensDetails', 'toolUsePromptTokenCount', toolUse, path);
  const answerSplit = readSplit(reader, usage, `${answer}TokensDetails`, `${answer}TokenCount`, candidates, path);

  const input = disjointInput(reader, prompt, cached, promptSplit, cachedSplit, `${path}.cachedContentTokenCount`);
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

/** A count by modality. What the details leave out is text. */
function readSplit(reader: UsageReader, usage: JsonObject, key: string, totalKey: string, total: number, path: string): Split {
  const split: Split = { text: 0, audio: 0, image: 0, video: 0 };
  const details = usage[key];
  if (details === undefined || details === null) return { ...split, text: total };
  if (!Array.isArray(details)) {
    reader.error ??= { field: `${path}.${key}`, reason: 'must be a list' };
    return split;
  }
  for (const [index, detail] of details.entries()) {
    const at = `${path}.${key}[${index}]`;
    if (!isJsonObject(detail)) {
      reader.error ??= { field: at, reason: 'must be an object' };
      return split;
    }
    flagUnknown(reader, detail, DETAIL_KEYS, at);
    const count = readCount(reader, detail, 'tokenCount', at);
    const modality = detail['modality'] === undefined ? 'text' : MODALITIES[String(detail['modality'])];
    if (modality === undefined) reader.unknown.push({ key: `${at}.modality`, quantity: count, billable: count > 0 });
    split[modality ?? 'text'] += count;
  }
  const detailed = split.text + split.audio + split.image + split.video;
  if (detailed > total) reader.problem ??= `${path}.${key} hold more tokens (${detailed}) than ${totalKey} (${total}).`;
  split.text = Math.max(0, total - split.audio - split.image - split.video);
  return split;
}

function disjointInput(reader: UsageReader, prompt: number, cached: number, of: Split, hit: Split, path: string): TokenQuantities {
  // Without modalities of the cached part, take the smallest overlap, which is the dearest reading.
  const told = hit.audio + hit.image + hit.video > 0 || of.audio + of.image + of.video === 0;
  if (!told) {
    const split = splitInput({ total: prompt, cacheRead: cached, cacheWrite: 0, audio: of.audio, image: of.image, video: of.video });
    if (split !== null) return split;
  } else if (hit.text <= of.text && hit.audio <= of.audio && hit.image <= of.image && hit.video <= of.video) {
    return {
      input_uncached: of.text - hit.text,
      input_audio: of.audio - hit.audio,
      input_image: of.image - hit.image,
      input_video: of.video - hit.video,
      cache_read: hit.text + hit.video,
      cache_read_audio: hit.audio,
      cache_read_image: hit.image,
    };
  }
  reader.problem ??= `${path} (${cached}) does not fit into promptTokenCount (${prompt}).`;
  return { input_uncached: prompt };
}

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
