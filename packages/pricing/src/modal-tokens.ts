/** Token counts that OpenAI splits by modality under `*_token_details` or `*_tokens_details`: images, realtime, transcriptions. */
import type { TokenQuantities } from '@outlay/kernel';
import type { JsonObject } from './usage';
import { flagUnknown, readCount, readSection, splitInput, type UsageReader } from './usage-reader';

const INPUT_KEYS = new Set(['text_tokens', 'audio_tokens', 'image_tokens', 'cached_tokens', 'cached_tokens_details']);
const CACHED_KEYS = new Set(['text_tokens', 'audio_tokens', 'image_tokens']);
const OUTPUT_KEYS = new Set(['text_tokens', 'audio_tokens', 'image_tokens', 'reasoning_tokens']);

interface Modal {
  readonly text: number;
  readonly audio: number;
  readonly image: number;
}

/** What a total leaves unexplained is text. The cached tokens are a subset of their modality; without details the smallest overlap is taken. */
export function readModalInput(reader: UsageReader, total: number, details: JsonObject | null, path: string): TokenQuantities {
  flagUnknown(reader, details, INPUT_KEYS, path);
  const of = readModal(reader, details, total, path);
  const cached = readCount(reader, details, 'cached_tokens', path);
  const told = details === null ? null : readSection(reader, details, 'cached_tokens_details', path);
  flagUnknown(reader, told, CACHED_KEYS, `${path}.cached_tokens_details`);
  if (told === null) {
    const split = splitInput({ total, cacheRead: cached, cacheWrite: 0, audio: of.audio, image: of.image, video: 0 });
    if (split !== null) return split;
  } else {
    const hit = readModal(reader, told, cached, `${path}.cached_tokens_details`);
    if (hit.text <= of.text && hit.audio <= of.audio && hit.image <= of.image) {
      return {
        input_uncached: of.text - hit.text, input_audio: of.audio - hit.audio, input_image: of.image - hit.image,
        cache_read: hit.text, cache_read_audio: hit.audio, cache_read_image: hit.image,
      };
    }
  }
  reader.problem ??= `${path}.cached_tokens (${cached}) do not fit into the input they are part of (${total}).`;
  return { input_uncached: total };
}

/** What the details leave unexplained belongs to `rest`: the only modality that the API answers in when it gives none. */
export function readModalOutput(reader: UsageReader, total: number, details: JsonObject | null, path: string, rest: 'output_text' | 'output_audio' | 'output_image'): TokenQuantities {
  flagUnknown(reader, details, OUTPUT_KEYS, path);
  if (details === null) return { [rest]: total };
  const of = readModal(reader, details, total, path);
  const reasoning = readCount(reader, details, 'reasoning_tokens', path);
  if (reasoning > of.text) {
    reader.problem ??= `${path}.reasoning_tokens (${reasoning}) are more than the text output (${of.text}).`;
    return { output_text: of.text, output_audio: of.audio, output_image: of.image };
  }
  return { output_text: of.text - reasoning, output_reasoning: reasoning, output_audio: of.audio, output_image: of.image };
}

function readModal(reader: UsageReader, details: JsonObject | null, total: number, path: string): Modal {
  const audio = readCount(reader, details, 'audio_tokens', path);
  const image = readCount(reader, details, 'image_tokens', path);
  const stated = audio + image + readCount(reader, details, 'text_tokens', path);
  if (stated <= total) return { text: total - audio - image, audio, image };
  reader.problem ??= `${path} hold more tokens (${stated}) than the total they are part of (${total}).`;
  return { text: total, audio: 0, image: 0 };
}
