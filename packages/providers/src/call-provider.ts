/** One request to a provider's reporting API: its status told in words, its amounts read exactly. Shared by the adapters, which know the rest. */
import { DomainError, parseDecimal, type Rational, ZERO } from '@outlay/kernel';
import type { z } from 'zod';
import { type AdapterContext, SyncFault } from './adapter';

export interface ProviderCall {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly method?: 'GET' | 'POST';
  readonly body?: string;
  /** What a person is told when the key is refused. */
  readonly refused: string;
  /** What this provider means by a status beside its usual meaning; null: the usual one. */
  readonly judge?: (status: number, message: string) => SyncFault | null;
  /** Fields whose numbers are kept as they are written: a float would not hold them. */
  readonly exact?: readonly string[];
}

const BODY_BYTES_MAX = 32 * 1_024 * 1_024;

/** Errors: `SyncFault`. Neither the key nor the provider's body is in its words, but for the provider's own short message. */
export async function callProvider<T extends z.ZodType>(context: Pick<AdapterContext, 'fetch' | 'signal'>, call: ProviderCall, schema: T): Promise<z.infer<T>> {
  const host = new URL(call.url).host;
  const answer = await context.fetch(call.url, { method: call.method ?? 'GET', headers: { accept: 'application/json', ...call.headers }, signal: context.signal, ...(call.body === undefined ? {} : { body: call.body }) })
    .catch((error: unknown) => {
      throw new SyncFault(error instanceof DomainError && error.code === 'invalid_input' ? 'not_found' : 'unavailable', error instanceof DomainError ? error.message : `${host} did not answer.`, null, error);
    });
  const text = hideKeys(await readBody(answer.body, host), call.headers);
  const judged = answer.status === 200 ? null : (call.judge?.(answer.status, messageIn(text, answer.status)) ?? null);
  if (judged !== null) throw judged;
  if (answer.status === 429) throw new SyncFault('rate_limited', `${host} asks to wait: too many requests.`, retryAfterMs(answer.headers.get('retry-after'), Date.now()));
  if (answer.status >= 500) throw new SyncFault('unavailable', `${host} has an error of its own (${answer.status}).`, retryAfterMs(answer.headers.get('retry-after'), Date.now()));
  if (answer.status === 401 || answer.status === 403) throw new SyncFault('credentials', `${call.refused} ${host} said: ${messageIn(text, answer.status)}`);
  if (answer.status === 404) throw new SyncFault('not_found', `${host} does not know ${new URL(call.url).pathname}. Check the base URL. It said: ${messageIn(text, 404)}`);
  if (answer.status !== 200) throw new SyncFault('unexpected', `${host} refused the request (${answer.status}): ${messageIn(text, answer.status)}`);
  const parsed = schema.safeParse(parseJson(call.exact === undefined ? text : quoteNumbers(text, call.exact), host));
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new SyncFault('unexpected', `The answer of ${host} has another form than documented at "${issue.path.join('.')}": ${issue.message}. Nothing was stored.`);
  }
  return parsed.data;
}

async function readBody(body: AsyncIterable<Uint8Array> | null, host: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > BODY_BYTES_MAX) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw new SyncFault('unavailable', `${host} broke off in the middle of its answer.`, null, error);
  }
  if (bytes > BODY_BYTES_MAX) throw new SyncFault('unexpected', `${host} answered with more than 32 MB for one page.`);
  return Buffer.concat(chunks).toString('utf8');
}

/** A provider that repeats what it was sent must not bring the key into our words. */
function hideKeys(text: string, headers: Readonly<Record<string, string>>): string {
  return Object.values(headers).flatMap((value) => value.split(' ')).filter((word) => word.length >= 16).reduce((hidden, word) => hidden.replaceAll(word, '(key)'), text);
}

/** `{"value": 0.1}` as `{"value": "0.1"}`. A quotation mark inside of a text has a backslash before it, so no text is touched. */
export function quoteNumbers(text: string, fields: readonly string[]): string {
  return text.replace(new RegExp(`(?<!\\\\)("(?:${fields.join('|')})"\\s*:\\s*)(-?\\d[\\d.eE+-]*)`, 'g'), '$1"$2"');
}

function parseJson(text: string, host: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SyncFault('unexpected', `${host} answered with something that is no JSON. Check the base URL.`);
  }
}

/** Seconds or a date; null where the provider does not say. */
function retryAfterMs(header: string | null, nowMs: number): number | null {
  if (header === null) return null;
  if (/^\d{1,6}$/.test(header.trim())) return Number(header) * 1_000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(at - nowMs, 0);
}

/** The provider's own sentence, if it has the usual form; cut short, and without anything that looks like a key. */
function messageIn(text: string, status: number): string {
  try {
    const body = JSON.parse(text) as { error?: { message?: unknown } | string };
    const message = typeof body.error === 'string' ? body.error : body.error?.message;
    if (typeof message === 'string' && message !== '') return `${message.slice(0, 200).replace(/\b(sk|key|ya29|ghp)[-_.][\w.*-]{6,}/gi, '(key)')}`;
  } catch {
    // No JSON: nothing that could be shown to a person.
  }
  return `status ${status}.`;
}

/** An amount as a number or a decimal string, also `0E-6176`; null when it is neither. */
export function readAmount(value: string | number): Rational | null {
  const text = String(value).trim();
  return /^[+-]?0*\.?0*(e[+-]?\d+)?$/i.test(text) && /0/.test(text) ? ZERO : parseDecimal(text);
}

/** Pages by cursor. A provider that hands out the same cursor twice would be asked for ever: it is told. */
export async function* pagesOf<P>(fetchPage: (cursor: string | null) => Promise<P>, next: (page: P) => string | null, host: string): AsyncGenerator<P> {
  const seen = new Set<string>();
  for (let cursor: string | null = null; ;) {
    const page = await fetchPage(cursor);
    yield page;
    cursor = next(page);
    if (cursor === null) return;
    if (seen.has(cursor) || seen.size >= 5_000) throw new SyncFault('unexpected', `${host} hands out the same page again and again. Nothing more was read.`);
    seen.add(cursor);
  }
}
