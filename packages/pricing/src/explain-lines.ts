/** The arithmetic of a price in words, for people who check an invoice. */
import type { TokenClass } from '@outlay/kernel';
import type { PriceLine } from './price-usage';

const TOKEN_WORDS: Readonly<Record<TokenClass, string>> = {
  input_uncached: 'uncached input',
  cache_read: 'cached input',
  cache_write_5m: 'cache write (5 minutes)',
  cache_write_30m: 'cache write (30 minutes)',
  cache_write_1h: 'cache write (1 hour)',
  cache_write_12h: 'cache write (12 hours)',
  cache_write_other: 'cache write',
  input_audio: 'audio input',
  cache_read_audio: 'cached audio input',
  input_image: 'image input',
  cache_read_image: 'cached image input',
  input_video: 'video input',
  output_text: 'output',
  output_reasoning: 'reasoning output',
  output_audio: 'audio output',
  output_image: 'image output',
};

const KIND_WORDS: Readonly<Record<string, readonly [one: string, many: string]>> = {
  web_search: ['web search', 'web searches'],
  file_search: ['file search', 'file searches'],
  request: ['request', 'requests'],
  output_video: ['video output token', 'video output tokens'],
  output_citation: ['citation token', 'citation tokens'],
  document_page: ['document page', 'document pages'],
  annotated_document_page: ['annotated document page', 'annotated document pages'],
  audio_second: ['second of audio', 'seconds of audio'],
  input_audio_second: ['second of audio input', 'seconds of audio input'],
  character: ['character', 'characters'],
  text_message: ['text message', 'text messages'],
  x_search: ['search on X', 'searches on X'],
  code_execution: ['code execution', 'code executions'],
  attachment_search: ['attachment search', 'attachment searches'],
};

const PER_WORDS: Readonly<Record<number, string>> = { 1: ' each', 1000: ' per thousand', 1_000_000: ' per million', 3600: ' per hour' };

/** One sentence a line: `1,200 uncached input tokens × $2.50 per million = $0.003`. */
export function explainLines(lines: readonly PriceLine[]): readonly string[] {
  return lines.map((line) => {
    const quantity = `${groupDigits(line.quantity)} ${nameOf(line)}`;
    if (line.price === null) return `${quantity}, cost as stated = $${groupDigits(line.amount)}`;
    return `${quantity} × ${formatPrice(line.price)}${PER_WORDS[line.per] ?? ` per ${groupDigits(String(line.per))}`} = $${groupDigits(line.amount)}`;
  });
}

function nameOf(line: PriceLine): string {
  const one = line.quantity === '1';
  const tokens = TOKEN_WORDS[line.class as TokenClass];
  if (tokens !== undefined) return `${tokens} token${one ? '' : 's'}`;
  return KIND_WORDS[line.class]?.[one ? 0 : 1] ?? line.class.replaceAll('_', ' ');
}

function groupDigits(decimal: string): string {
  const [whole = '', fraction] = decimal.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** `2.5` -> `$2.50`; digits beyond cents stay. */
function formatPrice(price: string): string {
  const [whole = '', fraction = ''] = price.split('.');
  return `$${groupDigits(whole)}.${fraction.padEnd(2, '0')}`;
}
