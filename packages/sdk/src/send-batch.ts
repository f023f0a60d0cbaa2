/** One delivery: a POST of serialised events, and what its answer means. Never throws. */
import { retryAfterMs } from './backoff.js';
import type { VerdictKind } from './types.js';

export interface BatchResult {
  readonly index: number;
  readonly id?: string;
  readonly verdict: VerdictKind;
  readonly cost_usd?: string | null;
  readonly reason?: string;
  readonly field?: string;
  readonly message?: string;
}

export type SendOutcome =
  | { readonly kind: 'answered'; readonly results: readonly BatchResult[]; readonly today: Readonly<Record<string, string>>; readonly requestId: string | undefined }
  /** Try the same events again, not before `waitMs`. */
  | { readonly kind: 'retry'; readonly error: string; readonly waitMs: number | undefined }
  /** The key is refused: nothing will go through until that changes. */
  | { readonly kind: 'refused'; readonly error: string }
  /** The request as a whole cannot be taken; halves may. */
  | { readonly kind: 'split'; readonly error: string; readonly reason: string; readonly field: string | undefined };

export interface SendSettings {
  readonly url: string;
  readonly apiKey: string;
  readonly fetch: typeof fetch;
  readonly timeoutMs: number;
  readonly gzip: boolean;
}

const VERDICTS = new Set<string>(['accepted', 'duplicate', 'conflict', 'unpriced', 'rejected']);
/** Smaller bodies fit into one packet anyway. */
const GZIP_BYTES_MIN = 1_400;

/** `stop` gives up before the timeout; the events may have arrived all the same. */
export async function sendBatch(settings: SendSettings, events: readonly string[], askToday: boolean, stop: AbortController): Promise<SendOutcome> {
  const text = `{"events":[${events.join(',')}]${askToday ? ',"today":true' : ''}}`;
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    stop.abort();
  }, settings.timeoutMs);
  letExit(timer);
  try {
    const zipped = settings.gzip && text.length > GZIP_BYTES_MIN ? await gzip(text).catch(() => null) : null;
    const response = await settings.fetch(settings.url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${settings.apiKey}`,
        'content-type': 'application/json',
        ...(zipped ? { 'content-encoding': 'gzip' } : {}),
      },
      body: zipped ?? text,
      signal: stop.signal,
    });
    return readAnswer(response.status, response.headers, await response.text(), events.length);
  } catch (error) {
    const what = timedOut ? `no answer within ${settings.timeoutMs} ms` : describeFailure(error);
    return { kind: 'retry', error: what, waitMs: undefined };
  } finally {
    clearTimeout(timer);
  }
}

function readAnswer(status: number, headers: Headers, text: string, count: number): SendOutcome {
  const body = parse(text);
  const failure = body['error'] as { code?: string; message?: string; field?: string } | undefined;
  const error = `HTTP ${status}${failure?.message ? `: ${failure.message}` : ''}`;
  if (status === 401 || status === 403) return { kind: 'refused', error };
  // Only the ledger's own word condemns an event; a proxy on the way may know no better, except about size.
  if (status === 413 || ((status === 400 || status === 422) && typeof failure?.code === 'string')) {
    return { kind: 'split', error, reason: failure?.code ?? `http_${status}`, field: failure?.field };
  }
  if (status !== 200) return { kind: 'retry', error, waitMs: retryAfterMs(headers, Date.now()) };
  const results = body['results'];
  if (!Array.isArray(results)) return { kind: 'retry', error: 'the answer is not the ledger\'s; check baseUrl', waitMs: undefined };
  return {
    kind: 'answered',
    // An event without a verdict of its own stays in the queue: its id makes sending it again harmless.
    results: (results as BatchResult[]).filter((one) => Number.isInteger(one?.index) && one.index >= 0 && one.index < count && VERDICTS.has(one.verdict)),
    today: (body['today'] as Record<string, string> | undefined) ?? {},
    requestId: typeof body['request_id'] === 'string' ? body['request_id'] : (headers.get('x-request-id') ?? undefined),
  };
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** fetch says only "fetch failed"; the cause says why. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `${error.message}${cause}`;
}

/** A timer of ours must not keep a process alive; edges return a number. */
export function letExit(timer: unknown): void {
  if (typeof timer === 'object' && timer !== null) (timer as { unref?: () => void }).unref?.();
}

export function canGzip(): boolean {
  return typeof CompressionStream === 'function';
}

async function gzip(text: string): Promise<ArrayBuffer> {
  const zipped = new Response(text).body!.pipeThrough(new CompressionStream('gzip') as unknown as ReadableWritablePair<Uint8Array, Uint8Array>);
  return new Response(zipped).arrayBuffer();
}
