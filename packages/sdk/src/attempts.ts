/** What happens after a failed attempt: the same model again, the next model, or the end. Pure. */
import { backoffMs, retryAfterMs } from './backoff.js';
import { invalidOption, isClassName, OutlayError } from './errors.js';
import type { AttemptKind, RetryDecision, RetryPolicy } from './types.js';

export interface AttemptRules {
  readonly attemptsPerModel: number;
  readonly maxAttempts: number;
  readonly fallback: boolean;
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  readonly retryUnusable: boolean;
  readonly decide: RetryPolicy['decide'];
}

/** The caller's policy over the client's over the defaults. Throws `invalid_option`. */
export function readPolicy(...policies: (RetryPolicy | undefined)[]): AttemptRules {
  const given: RetryPolicy = Object.assign({}, ...policies);
  const number = (name: 'attemptsPerModel' | 'maxAttempts' | 'baseDelayMs' | 'maxDelayMs', fallback: number, least: number): number => {
    const value = given[name] ?? fallback;
    if (typeof value !== 'number' || !(value >= least)) throw invalidOption(`retry.${name}`, `must be a number of at least ${least}.`);
    return value;
  };
  return {
    attemptsPerModel: number('attemptsPerModel', 2, 1),
    maxAttempts: number('maxAttempts', 6, 1),
    fallback: given.fallback ?? true,
    baseDelayMs: number('baseDelayMs', 500, 0),
    maxDelayMs: number('maxDelayMs', 8_000, 0),
    retryUnusable: given.retryUnusable ?? false,
    decide: given.decide,
  };
}

export interface Progress {
  readonly models: readonly string[];
  readonly modelIndex: number;
  /** Executions of `action` so far. */
  readonly attempts: number;
  /** Requests so far to the present model, the wrapped client's own retries counted. */
  readonly requestsToModel: number;
}

export interface NextAttempt {
  readonly modelIndex: number;
  readonly kind: AttemptKind;
  readonly delayMs: number;
}

/** The next attempt, or null when the run has failed. */
export function nextAttempt(rules: AttemptRules, progress: Progress, decision: RetryDecision, waitMs: number | undefined, random: number): NextAttempt | null {
  if (decision === 'stop' || progress.attempts >= rules.maxAttempts) return null;
  if (decision === 'retry' && progress.requestsToModel < rules.attemptsPerModel) {
    const delayMs = Math.max(waitMs ?? 0, backoffMs(progress.requestsToModel, rules.baseDelayMs, rules.maxDelayMs, random));
    // A provider that asks for more patience than the policy has: better another model now, or the error.
    if (delayMs <= rules.maxDelayMs) return { modelIndex: progress.modelIndex, kind: 'retry', delayMs };
  }
  const modelIndex = progress.modelIndex + 1;
  if (!rules.fallback || modelIndex >= progress.models.length) return null;
  return { modelIndex, kind: 'fallback', delayMs: 0 };
}

interface ErrorShape {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly status?: unknown;
  readonly statusCode?: unknown;
  readonly code?: unknown;
  readonly type?: unknown;
  readonly error?: { readonly type?: unknown; readonly error?: { readonly type?: unknown } };
  readonly cause?: { readonly code?: unknown };
  readonly headers?: unknown;
  /** The AI SDK's word for it. */
  readonly responseHeaders?: unknown;
  /** Of the AI SDK's error after its own retries: the last of those it retried. */
  readonly lastError?: unknown;
}

function shapeOf(error: unknown): ErrorShape {
  if (typeof error !== 'object' || error === null) return {};
  const { lastError } = error as ErrorShape;
  return lastError === undefined || lastError === error ? (error as ErrorShape) : shapeOf(lastError);
}

const TRANSIENT_TYPES = new Set(['overloaded_error', 'api_error', 'rate_limit_error', 'server_error', 'timeout_error']);
const CONNECTION_NAMES = new Set(['APIConnectionError', 'APIConnectionTimeoutError', 'TimeoutError', 'ConnectTimeoutError']);
const CONNECTION_CODES = /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|UND_ERR_)/;

/** The built-in rule, by what the official clients and fetch throw. */
export function classifyError(error: unknown): RetryDecision {
  if (error instanceof OutlayError) return error.code === 'attempt_timeout' ? 'retry' : 'stop';
  const shape = shapeOf(error);
  const status = Number(shape.status ?? shape.statusCode ?? Number.NaN);
  if (shape.code === 'insufficient_quota' || status === 404) return 'fallback';
  if (status === 408 || status === 409 || status === 429 || status >= 500) return 'retry';
  if (status >= 400) return 'stop';
  if (isAbort(error)) return 'stop';
  if (TRANSIENT_TYPES.has(String(shape.type ?? shape.error?.error?.type ?? shape.error?.type))) return 'retry';
  if (CONNECTION_NAMES.has(constructorName(error)) || CONNECTION_NAMES.has(String(shape.name)) || CONNECTION_SENTENCES.has(String(shape.message))) return 'retry';
  if (CONNECTION_CODES.test(String(shape.code ?? shape.cause?.code))) return 'retry';
  return error instanceof TypeError && /fetch failed|network/i.test(error.message) ? 'retry' : 'stop';
}

/** The official clients leave `name` at "Error"; their class names do not survive a minifier, their sentences do. */
const ABORT_SENTENCE = 'Request was aborted.';
const CONNECTION_SENTENCES = new Set(['Connection error.', 'Request timed out.']);

function constructorName(error: unknown): string {
  return typeof error === 'object' && error !== null ? String(error.constructor?.name) : '';
}

/** How long the provider asked to wait. */
export function waitAskedMs(error: unknown, nowMs: number): number | undefined {
  const shape = shapeOf(error);
  const headers = shape.headers ?? shape.responseHeaders;
  if (typeof headers !== 'object' || headers === null) return retryInfoMs(shape.message);
  if ('get' in headers && typeof headers.get === 'function') return retryAfterMs(headers as Headers, nowMs);
  const plain = headers as Record<string, unknown>;
  return retryAfterMs({ get: (name) => (plain[name] === undefined ? null : String(plain[name])) }, nowMs);
}

/** Google says it in the body, which its client makes the message of its error. */
function retryInfoMs(message: unknown): number | undefined {
  if (typeof message !== 'string' || !message.includes('RetryInfo')) return undefined;
  const seconds = /"retryDelay":\s*"(\d+(?:\.\d+)?)s"/.exec(message)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

/** A short name of an error, never its message: that may quote the prompt. */
export function errorClassOf(error: unknown): string {
  if (error instanceof OutlayError) return error.code;
  const shape = shapeOf(error);
  for (const name of [shape.code, shape.type, shape.error?.error?.type, shape.error?.type]) {
    if (isClassName(name)) return name;
  }
  const status = Number(shape.status ?? shape.statusCode ?? Number.NaN);
  if (status >= 400) return `http_${status}`;
  for (const name of [shape.cause?.code, shape.name === 'Error' ? constructorName(error) : shape.name]) {
    if (isClassName(name)) return name;
  }
  return 'error';
}

/** `action` was cancelled, by the caller or by itself. */
export function isAbort(error: unknown): boolean {
  const names = [shapeOf(error).name, constructorName(error)];
  return names.includes('AbortError') || names.includes('APIUserAbortError') || shapeOf(error).message === ABORT_SENTENCE;
}
