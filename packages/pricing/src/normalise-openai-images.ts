/**
 * OpenAI Images. Models of the gpt-image line bill tokens: text and image in, image (and for some text) out. Older ones bill an image
 * by quality and size and send no usage: there the body's list of images is counted, or a usage `{images, quality?, size?}` that the caller states.
 */
import { err, ok } from '@outlay/kernel';
import { readModalInput, readModalOutput } from './modal-tokens';
import { NORMALISER_VERSION, type JsonObject, type Normaliser, type UsageExtra } from './usage';
import { createUsageReader, flagUnknown, isJsonObject, readCount, readSection, requireCount, sumInput, withoutZeros } from './usage-reader';

const TOKEN_KEYS = new Set(['input_tokens', 'input_tokens_details', 'output_tokens', 'output_tokens_details', 'total_tokens', 'pydantic_ai_gateway']);
const IMAGE_KEYS = new Set(['images', 'quality', 'size']);

export const normaliseOpenAiImages: Normaliser = (usage, context) => {
  const { path } = context;
  const reader = createUsageReader();
  const perImage = usage['images'] !== undefined;
  flagUnknown(reader, usage, perImage ? IMAGE_KEYS : TOKEN_KEYS, path);
  const images = perImage ? requireCount(reader, usage, 'images', path) : 0;
  const inputTokens = perImage ? 0 : requireCount(reader, usage, 'input_tokens', path);
  const outputTokens = perImage ? 0 : requireCount(reader, usage, 'output_tokens', path);
  const input = readModalInput(reader, inputTokens, readSection(reader, usage, 'input_tokens_details', path), `${path}.input_tokens_details`);
  const output = readModalOutput(reader, outputTokens, readSection(reader, usage, 'output_tokens_details', path), `${path}.output_tokens_details`, 'output_image');
  const sum = inputTokens + outputTokens;
  const total = usage['total_tokens'] === undefined || usage['total_tokens'] === null ? sum : readCount(reader, usage, 'total_tokens', path);
  if (total !== sum) reader.problem ??= `${path}.total_tokens (${total}) is not input_tokens + output_tokens (${sum}).`;
  if (reader.error) return err(reader.error);
  const quantities = withoutZeros({ ...input, ...output });
  const unknown = reader.unknown.filter((key) => key.billable);
  const extras = images === 0 ? [] : [imageExtra(images, usage)];
  return ok({
    normaliserVersion: NORMALISER_VERSION,
    format: 'openai-images',
    parts: [{ model: context.model, quantities, contextTokens: sumInput(quantities), extras, unknown, problem: reader.problem }],
    total,
    served: { model: context.model, tier: null, region: null },
    unknownKeys: reader.unknown,
    providerCostUsd: null,
  });
};

/** The usage of a body without one: how many images it holds; quality and size where it repeats them. Null when it holds none. */
export function countImages(body: JsonObject): JsonObject | null {
  const data = body['data'];
  if (!Array.isArray(data) || data.length === 0 || !data.every((image) => isJsonObject(image) && ('url' in image || 'b64_json' in image))) return null;
  return { images: data.length, ...(body['quality'] === undefined ? {} : { quality: body['quality'] }), ...(body['size'] === undefined ? {} : { size: body['size'] }) };
}

/** One price for each quality and size: without a size there is none, and the call stays unpriced. */
function imageExtra(images: number, usage: JsonObject): UsageExtra {
  const word = (key: string): string => (typeof usage[key] === 'string' ? usage[key].trim().toLowerCase() : '');
  const size = word('size');
  return { kind: size === '' ? 'image' : `image_${word('quality') || 'standard'}_${size}`, quantity: String(images), unit: 'image' };
}
