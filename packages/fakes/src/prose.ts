/** Words for the answers, and a token count that is near enough to the real ones for tests and demos. */
import { isObject } from './json';
import type { Random } from './random';

const WORDS = (
  'the report shows that revenue grew while costs stayed flat across every region we looked at and most customers renewed '
  + 'their plan before the term ended because support answered quickly so next quarter should focus on fewer larger accounts '
  + 'page twelve states the notice period is thirty days unless both parties agree otherwise in writing please check your '
  + 'account settings then sign in again if the problem remains we will gladly refund this month in short nothing suggests '
  + 'a change of course but two suppliers need attention since their delivery times doubled after the new contract started'
).split(' ');
const LOOP = WORDS.length;

/** `tokens` words, one a token, split into `chunks` pieces as evenly as whole words allow; each piece carries its tokens. */
export function writeProse(random: Random, tokens: number, chunks: number): readonly { text: string; tokens: number }[] {
  const start = random.int(0, LOOP - 1);
  const pieces = Math.max(1, Math.min(chunks, Math.max(1, tokens)));
  const made: { text: string; tokens: number }[] = [];
  for (let piece = 0, word = 0; piece < pieces; piece += 1) {
    const end = Math.floor((tokens * (piece + 1)) / pieces);
    let text = '';
    for (let index = word; index < end; index += 1) text += index === 0 ? WORDS[(start + index) % LOOP] : ` ${WORDS[(start + index) % LOOP]}`;
    made.push({ text, tokens: end - word });
    word = end;
  }
  return made;
}

/** A given text in `chunks` pieces; `tokens` are spread over them. */
export function splitText(text: string, tokens: number, chunks: number): readonly { text: string; tokens: number }[] {
  const pieces = Math.max(1, Math.min(chunks, Math.max(1, text.length)));
  return Array.from({ length: pieces }, (_, piece) => ({
    text: text.slice(Math.floor((text.length * piece) / pieces), Math.floor((text.length * (piece + 1)) / pieces)),
    tokens: Math.floor((tokens * (piece + 1)) / pieces) - Math.floor((tokens * piece) / pieces),
  }));
}

/** About four characters of English a token. */
function countTextTokens(text: string): number {
  return Math.ceil(text.length / 4);
}

const IMAGE_TOKENS = 765;

/** Tokens of any part of a request: its texts, and a flat number for an image or file instead of its bytes. */
export function countTokens(value: unknown): number {
  if (typeof value === 'string') return countTextTokens(value);
  if (Array.isArray(value)) return value.reduce<number>((sum, part) => sum + countTokens(part), 0);
  if (!isObject(value)) return value === undefined || value === null ? 0 : 1;
  if (value.type === 'image' || value.type === 'image_url' || value.type === 'input_image') return IMAGE_TOKENS;
  let sum = 0;
  for (const [key, part] of Object.entries(value)) if (key !== 'type' && key !== 'cache_control') sum += countTokens(part);
  return sum;
}
