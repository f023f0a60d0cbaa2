/** Google's counts by modality, and the cached part of each. */
import type { TokenQuantities } from '@outlay/kernel';
import type { JsonObject } from './usage';
import { flagUnknown, isJsonObject, readCount, splitInput, type UsageReader } from './usage-reader';

// generateContent says `tokenCount`, the Interactions API `tokens`.
const DETAIL_KEYS = { tokenCount: new Set(['modality', 'tokenCount']), tokens: new Set(['modality', 'tokens']) };

type Modality = 'text' | 'audio' | 'image' | 'video';
// A document is billed as the images of its pages.
const MODALITIES: Readonly<Record<string, Modality>> = { TEXT: 'text', AUDIO: 'audio', IMAGE: 'image', DOCUMENT: 'image', VIDEO: 'video', MODALITY_UNSPECIFIED: 'text' };
export type Split = Record<Modality, number>;

/** A count by modality. What the details leave out is text. */
export function readSplit(
  reader: UsageReader, usage: JsonObject, key: string, totalKey: string, total: number, path: string, countKey: 'tokenCount' | 'tokens' = 'tokenCount',
): Split {
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
    flagUnknown(reader, detail, DETAIL_KEYS[countKey], at);
    const count = readCount(reader, detail, countKey, at);
    const modality = detail['modality'] === undefined ? 'text' : MODALITIES[String(detail['modality']).toUpperCase()];
    if (modality === undefined) reader.unknown.push({ key: `${at}.modality`, quantity: count, billable: count > 0 });
    split[modality ?? 'text'] += count;
  }
  const detailed = split.text + split.audio + split.image + split.video;
  if (detailed > total) reader.problem ??= `${path}.${key} hold more tokens (${detailed}) than ${totalKey} (${total}).`;
  split.text = Math.max(0, total - split.audio - split.image - split.video);
  return split;
}

export function disjointInput(reader: UsageReader, prompt: number, cached: number, of: Split, hit: Split, path: string, promptKey: string): TokenQuantities {
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
  reader.problem ??= `${path} (${cached}) does not fit into ${promptKey} (${prompt}).`;
  return { input_uncached: prompt };
}
