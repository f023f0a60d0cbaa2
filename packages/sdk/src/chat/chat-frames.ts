/**
 * The stream between a chat route and `useChatWithUsage`: server-sent events, each with a name and one line of JSON.
 *
 *     begin    {"run_id": "...", "refused_tools": []}                             once, before anything else
 *     usage    as GET /v1/customers/{id}/usage, units and credits only           after begin, then at least each second, and at the end
 *     text     {"text": "Hel"}                                                   a piece of the answer
 *     tool     {"id": "call_1", "name": "search", "arguments": "{\"q\":"}        a piece of a tool call; arguments add up by id
 *     warning  {"message": "..."}                                                a soft limit is near or passed
 *     end      {"how": "completed", "denied": null, "error": null}               once, last
 *
 * `end.how`: `completed`; `length` (the model's limit); `tools` (the model waits for a tool's result); `denied` (the gate did not extend the run: what came is
 * kept and counted, `denied` says why); `failed` (the provider broke off, `error` says so). A stream without `end` was cut on its way.
 * An answer that is not a stream is a refusal: JSON, its status as the gate's.
 */
import { asObject, asText, type Json, parseJson } from '../facts.js';
import { createSseSplitter } from '../sse.js';
import { type CustomerUsage, type Denial, readDenial, readUsage, writeDenial, writeUsage } from './customer-usage.js';

export type ChatEnd = 'completed' | 'length' | 'tools' | 'denied' | 'failed';

export interface ToolPiece {
  readonly id: string;
  readonly name: string;
  /** JSON text; pieces of one id add up. */
  readonly arguments: string;
}

export interface ChatError {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly requestId: string | null;
}

export type ChatFrame =
  | { readonly type: 'begin'; readonly runId: string; readonly refusedTools: readonly string[] }
  | { readonly type: 'usage'; readonly usage: CustomerUsage }
  | { readonly type: 'text'; readonly text: string }
  | ({ readonly type: 'tool' } & ToolPiece)
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'end'; readonly how: ChatEnd; readonly denied: Denial | null; readonly error: ChatError | null };

const encoder = new TextEncoder();

export function encodeFrame(frame: ChatFrame): Uint8Array<ArrayBuffer> {
  return encoder.encode(`event: ${frame.type}\ndata: ${JSON.stringify(dataOf(frame))}\n\n`);
}

function dataOf(frame: ChatFrame): Json {
  switch (frame.type) {
    case 'begin':
      return { run_id: frame.runId, refused_tools: frame.refusedTools };
    case 'usage':
      return writeUsage(frame.usage);
    case 'text':
      return { text: frame.text };
    case 'tool':
      return { id: frame.id, name: frame.name, arguments: frame.arguments };
    case 'warning':
      return { message: frame.message };
    case 'end':
      return { how: frame.how, denied: frame.denied && writeDenial(frame.denied), error: frame.error && writeError(frame.error) };
  }
}

/** Frames of a response's body, as they arrive. Unknown events are passed over, so that a newer server may say more. */
export async function* readFrames(body: ReadableStream<Uint8Array>): AsyncGenerator<ChatFrame, void> {
  const splitter = createSseSplitter();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      const pieces = done ? [splitter.rest()] : splitter.push(value);
      for (const piece of pieces) {
        const frame = piece?.event ? frameOf(piece.event.event, parseJson(piece.event.data)) : null;
        if (frame) yield frame;
      }
      if (done) return;
    }
  } finally {
    // Also when the reader of the frames leaves: nobody else will read this body.
    reader.cancel().catch(() => undefined);
  }
}

function frameOf(event: string, data: Json | undefined): ChatFrame | null {
  if (!data) return null;
  switch (event) {
    case 'begin':
      return { type: 'begin', runId: asText(data['run_id']) ?? '', refusedTools: textsOf(data['refused_tools']) };
    case 'usage':
      return { type: 'usage', usage: readUsage(data) };
    case 'text':
      return { type: 'text', text: asText(data['text']) ?? '' };
    case 'tool':
      return { type: 'tool', id: asText(data['id']) ?? '', name: asText(data['name']) ?? '', arguments: asText(data['arguments']) ?? '' };
    case 'warning':
      return { type: 'warning', message: asText(data['message']) ?? '' };
    case 'end':
      return { type: 'end', how: endOf(data['how']), denied: readDenial(data['denied']), error: readError(data['error']) };
    default:
      return null;
  }
}

function endOf(value: unknown): ChatEnd {
  return value === 'length' || value === 'tools' || value === 'denied' || value === 'failed' ? value : 'completed';
}

function writeError(error: ChatError): Json {
  return { code: error.code, message: error.message, retryable: error.retryable, request_id: error.requestId };
}

export function readError(value: unknown): ChatError | null {
  const error = asObject(value);
  if (!error) return null;
  return { code: asText(error['code']) ?? 'failed', message: asText(error['message']) ?? 'The answer failed.', retryable: error['retryable'] === true, requestId: asText(error['request_id']) ?? null };
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}
