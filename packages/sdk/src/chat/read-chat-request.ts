/** The body of a chat request, parsed at the border: what comes from a browser is wrong until it is shown to be right. */
import { parseJson } from '../facts.js';
import type { Fault } from './answer-json.js';

interface ChatTurn {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

export interface ChatRequest {
  /** As the browser says it; the route's `customer` callback decides. */
  readonly customerId: string | undefined;
  readonly feature: string | undefined;
  readonly tags: readonly string[];
  readonly messages: readonly ChatTurn[];
}

export type ChatRequestResult = { readonly ok: true; readonly chat: ChatRequest } | { readonly ok: false; readonly fault: Fault };

/** 1 MB is a long conversation: about 250,000 tokens. */
export const BODY_BYTES = 1_000_000;
const MESSAGES_MAX = 1_000;
const NAME_LENGTH = 200;
const TAGS_MAX = 16;

function wrong(field: string, message: string): { readonly ok: false; readonly fault: Fault } {
  return { ok: false, fault: { status: 400, code: 'invalid_request', field, message: `"${field}" ${message}` } };
}

export async function readChatRequest(request: Request, maxBodyBytes: number): Promise<ChatRequestResult> {
  if (request.method !== 'POST') return { ok: false, fault: { status: 405, code: 'method_not_allowed', message: 'A chat is sent by POST.' } };
  // A form of another site can send cookies, but not this type: that would need CORS.
  if (!/^application\/json\b/i.test(request.headers.get('content-type') ?? '')) {
    return { ok: false, fault: { status: 415, code: 'unsupported_media_type', message: 'A chat is sent as content-type application/json.' } };
  }
  const text = await readText(request, maxBodyBytes);
  if (text === null) return { ok: false, fault: { status: 413, code: 'body_too_large', message: `The chat is larger than ${maxBodyBytes} bytes. Send fewer or shorter messages.` } };
  return parseChat(text);
}

function parseChat(text: string): ChatRequestResult {
  const body = parseJson(text);
  if (!body) return wrong('body', 'must be a JSON object: {"messages": [{"role": "user", "content": "..."}]}.');
  const { customerId, feature, tags = [], messages } = body;
  if (!isName(customerId)) return wrong('customerId', `must be text of 1 to ${NAME_LENGTH} characters.`);
  if (!isName(feature)) return wrong('feature', `must be text of 1 to ${NAME_LENGTH} characters.`);
  if (!Array.isArray(tags) || tags.length > TAGS_MAX || !tags.every((tag) => typeof tag === 'string' && isName(tag))) return wrong('tags', `must be a list of at most ${TAGS_MAX} words.`);
  if (!Array.isArray(messages) || messages.length === 0) return wrong('messages', 'must be a list with at least one message.');
  if (messages.length > MESSAGES_MAX) return wrong('messages', `has ${messages.length} messages; at most ${MESSAGES_MAX} are taken.`);
  const turns: ChatTurn[] = [];
  for (const [index, message] of messages.entries()) {
    const { role, content } = (message ?? {}) as { readonly role?: unknown; readonly content?: unknown };
    // Instructions are the server's: a browser that may write them can undo them.
    if (role !== 'user' && role !== 'assistant') return wrong(`messages[${index}].role`, 'must be "user" or "assistant". Instructions are an option of the route.');
    if (typeof content !== 'string' || content === '') return wrong(`messages[${index}].content`, 'must be text.');
    turns.push({ role, content });
  }
  if (turns.at(-1)!.role !== 'user') return wrong(`messages[${turns.length - 1}].role`, 'must be "user": the last message is the one to answer.');
  return { ok: true, chat: { customerId, feature, tags, messages: turns } };
}

function isName(value: unknown): value is string | undefined {
  return value === undefined || (typeof value === 'string' && value.length > 0 && value.length <= NAME_LENGTH);
}

/** Null when there is more than `max`: the rest is not read. */
async function readText(request: Request, max: number): Promise<string | null> {
  if (!request.body) return '';
  const decoder = new TextDecoder();
  const reader = request.body.getReader();
  let text = '';
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    if (bytes > max) {
      await reader.cancel();
      return null;
    }
    text += decoder.decode(value, { stream: true });
  }
}
