/** A procedure by its path with any input at all, as somebody who writes his own requests would call it. */
import type { ListedProcedure } from './list-procedures';
import type { Browser } from './test-api';

export interface RawAnswer {
  readonly status: number;
  /** Everything that came back, as text. */
  readonly text: string;
  /** Our code of the refusal; null for an answer. */
  readonly code: string | null;
}

interface RawError {
  readonly data?: { readonly outlay?: { readonly code: string } };
}

export async function callProcedure(browser: Browser, { path, type }: Pick<ListedProcedure, 'path' | 'type'>, input: unknown): Promise<RawAnswer> {
  if (type === 'subscription') return await firstOfStream(browser, path);
  const query = type === 'query' && input !== undefined ? `?input=${encodeURIComponent(JSON.stringify(input))}` : '';
  const body = type === 'mutation' ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(input ?? {}) } : {};
  const { status, text } = await browser.request(type === 'query' ? 'GET' : 'POST', `/trpc/${path}${query}`, body);
  return { status, text, code: codeOf((JSON.parse(text) as { error?: RawError }).error) };
}

/** What a stream says right after it opened: a refusal, or nothing while nothing happens. */
async function firstOfStream(browser: Browser, path: string): Promise<RawAnswer> {
  const abort = new AbortController();
  const signal = AbortSignal.any([abort.signal, AbortSignal.timeout(300)]);
  try {
    for await (const { event, data } of browser.stream(path, signal)) {
      if (event === 'connected') continue;
      return { status: 200, text: JSON.stringify(data), code: codeOf(data as RawError) };
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    abort.abort();
  }
  return { status: 200, text: '', code: null };
}

function codeOf(error: RawError | undefined): string | null {
  return error === undefined ? null : (error.data?.outlay?.code ?? 'unknown');
}
