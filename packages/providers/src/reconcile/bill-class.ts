/** What a line of a bill is for, by the words of the provider. Pure; lenient, because the words change: what is not recognised is compared with the whole of its model. */
import type { TokenClass } from '@outlay/kernel';

/** Coarser than token classes: bills tell fewer apart. */
export type BillClass = 'input' | 'cached' | 'write_5m' | 'write_1h' | 'write' | 'output' | 'audio_input' | 'audio_output' | 'image_input' | 'image_output';

const OF_TOKENS: Readonly<Partial<Record<TokenClass, BillClass>>> = {
  input_uncached: 'input', input_video: 'input', cache_read: 'cached', cache_read_audio: 'cached', cache_read_image: 'cached', cache_write_5m: 'write_5m', cache_write_1h: 'write_1h',
  cache_write_30m: 'write', cache_write_12h: 'write', cache_write_other: 'write', input_audio: 'audio_input', input_image: 'image_input', output_text: 'output', output_reasoning: 'output',
  output_audio: 'audio_output', output_image: 'image_output',
};

export function classOfTokens(name: TokenClass): BillClass {
  return OF_TOKENS[name] ?? 'input';
}

const WORDS: readonly (readonly [RegExp, BillClass])[] = [
  [/audio.*(output|completion)|output.*audio/, 'audio_output'], [/image.*(output|completion)|output.*image/, 'image_output'],
  [/(cach\w* *write|creation|write).*(1 ?h|hour)|ephemeral[ _]1h/, 'write_1h'], [/(cach\w* *write|creation|write).*5 ?m|ephemeral[ _]5m/, 'write_5m'], [/cach\w*[ _-]*(write|creation)|write[ _-]*cach/, 'write'],
  [/cach/, 'cached'], [/audio/, 'audio_input'], [/image/, 'image_input'], [/output|completion/, 'output'], [/input|prompt/, 'input'],
];

/** Null where a line is for something else than tokens, or does not say. */
export function classOfLine({ lineItem, dimensions }: { readonly lineItem: string | null; readonly dimensions: Readonly<Record<string, string | null>> }): BillClass | null {
  const comma = lineItem?.indexOf(',') ?? -1;
  const said = (dimensions['token_type'] ?? (lineItem === null ? '' : comma >= 0 ? lineItem.slice(comma + 1) : lineItem)).toLowerCase().replace('uncached', '');
  if (/search|storage|session|training|character|second|minute|request/.test(said)) return null;
  return WORDS.find(([pattern]) => pattern.test(said))?.[1] ?? null;
}
