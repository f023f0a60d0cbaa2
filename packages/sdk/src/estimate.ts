/**
 * Token counts nobody told us: for streams that broke off, and to warn about large contexts. Four bytes a token is the usual
 * rule of thumb. Such numbers are marked `estimated`; they warn and show spend, they never block a call or charge anybody.
 */
import { type CallFacts, type Json, utf8Length } from './facts.js';

const BYTES_PER_TOKEN = 4;
/** Images, audio and files are not text; their bytes say nothing about tokens. */
const NOT_TEXT = new Set(['data', 'file_data', 'b64_json', 'image_url', 'url', 'fileUri', 'file_id', 'id']);
const DEPTH_MAX = 24;

/** Tokens in the text of a request body. */
export function estimateInputTokens(body: Json | undefined): number {
  return body ? Math.ceil(textBytes(body, 0) / BYTES_PER_TOKEN) : 0;
}

function textBytes(value: unknown, depth: number): number {
  if (typeof value === 'string') return utf8Length(value);
  if (typeof value !== 'object' || value === null || depth > DEPTH_MAX) return 0;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + textBytes(item, depth + 1), 0);
  let bytes = 0;
  for (const [name, member] of Object.entries(value)) {
    if (typeof member === 'string' && (NOT_TEXT.has(name) || member.startsWith('data:'))) continue;
    bytes += textBytes(member, depth + 1);
  }
  return bytes;
}

/** What a provider adds to the input from elsewhere: an earlier conversation, stored files, a cached context. */
const ELSEWHERE = new Set([...NOT_TEXT, 'previous_response_id', 'conversation', 'cachedContent', 'file_ids', 'container', 'inlineData', 'fileData', 'image', 'source', 'input_audio']);

/** Bytes of a request that is all text: a bound of its input, at most one token each. Undefined when its size says nothing about its tokens. */
export function textOnlyBytes(body: Json | undefined): number | undefined {
  return body && isText(body, 0) ? utf8Length(JSON.stringify(body)) : undefined;
}

function isText(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth > DEPTH_MAX) return false;
  if (Array.isArray(value)) return value.every((item) => isText(item, depth + 1));
  return Object.entries(value).every(([name, member]) => {
    // An id names something; of a message or a tool call it is just a label.
    if (name === 'id' || member === null || member === undefined) return true;
    return !ELSEWHERE.has(name) && !(typeof member === 'string' && member.startsWith('data:')) && isText(member, depth + 1);
  });
}

function estimateOutputTokens(facts: CallFacts): number {
  return Math.ceil(facts.outputBytes / BYTES_PER_TOKEN);
}

/**
 * Disjoint classes of a call that never told its usage to the end. What the provider did say counts (Anthropic states the
 * input when the stream begins), the rest is estimated.
 */
export function estimateQuantities(body: Json | undefined, facts: CallFacts): Record<string, number> {
  const usage = (facts.usage ?? {}) as Json;
  if (typeof usage['promptTokenCount'] === 'number') return geminiQuantities(usage, facts);
  const output = Math.max(estimateOutputTokens(facts), count(usage['output_tokens']), count(usage['completion_tokens']));
  if (typeof usage['input_tokens'] !== 'number') return withoutZeros({ input_uncached: estimateInputTokens(body), output_text: output });
  const ttl = (usage['cache_creation'] ?? {}) as Json;
  const write5m = count(ttl['ephemeral_5m_input_tokens']);
  const write1h = count(ttl['ephemeral_1h_input_tokens']);
  return withoutZeros({
    input_uncached: count(usage['input_tokens']),
    cache_read: count(usage['cache_read_input_tokens']),
    cache_write_5m: write5m,
    cache_write_1h: write1h,
    cache_write_other: Math.max(0, count(usage['cache_creation_input_tokens']) - write5m - write1h),
    output_text: output,
  });
}

/** Each chunk of Gemini's states the whole so far. */
function geminiQuantities(usage: Json, facts: CallFacts): Record<string, number> {
  const cached = count(usage['cachedContentTokenCount']);
  return withoutZeros({
    input_uncached: count(usage['promptTokenCount']) - cached + count(usage['toolUsePromptTokenCount']),
    cache_read: cached,
    output_text: count(usage['candidatesTokenCount']) || estimateOutputTokens(facts),
    output_reasoning: count(usage['thoughtsTokenCount']),
  });
}

function count(value: unknown): number {
  return typeof value === 'number' && value > 0 ? Math.trunc(value) : 0;
}

function withoutZeros(quantities: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(quantities).filter(([, quantity]) => quantity > 0));
}
