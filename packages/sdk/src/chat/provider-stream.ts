/** A provider's answer read without its client: one request by fetch, its server-sent events as JSON objects. Throws `ProviderError`, or what fetch throws. */
import { asObject, type Json, parseJson } from '../facts.js';
import { createSseSplitter } from '../sse.js';
import { ProviderError } from './answer-piece.js';

export interface ProviderCall {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
  readonly signal: AbortSignal;
  readonly fetch: typeof fetch;
}

export async function openProviderStream({ url, headers, body, signal, fetch: send }: ProviderCall): Promise<AsyncGenerator<Json, void>> {
  const response = await send(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body), signal });
  if (response.ok && response.body) return readEvents(response.body);
  await response.body?.cancel();
  throw new ProviderError(response.status, response.headers);
}

async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<Json, void> {
  const splitter = createSseSplitter();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      for (const piece of done ? [splitter.rest()] : splitter.push(value)) {
        const event = piece?.event && piece.event.data !== '[DONE]' ? parseJson(piece.event.data) : undefined;
        // An error in the middle of a stream has no status of its own.
        if (asObject(event?.['error'])) throw new ProviderError(500, new Headers());
        if (event) yield event;
      }
      if (done) return;
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}
