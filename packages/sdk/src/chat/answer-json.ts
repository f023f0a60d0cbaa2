/** Answers of the routes that are not streams. */
import type { Json } from '../facts.js';
import { newId } from '../ids.js';
import { type CustomerUsage, type Denial, writeDenial, writeUsage } from './customer-usage.js';

export interface Fault {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** What of the request is wrong: `messages[2].content`. */
  readonly field?: string;
  readonly retryable?: boolean;
}

export function answerJson(status: number, body: Json, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers } });
}

export function answerFault({ status, code, message, field, retryable = false }: Fault): Response {
  const requestId = newId();
  return answerJson(status, { error: { code, message, ...(field === undefined ? {} : { field }), retryable, request_id: requestId } }, { 'x-request-id': requestId });
}

/** What the hook shows as `denied`, and as `usage` when it is known. */
export function answerDenial(status: number, denial: Denial, usage: CustomerUsage | null): Response {
  const { reason: code, message, nextStep, requestId, retryAfterSeconds } = denial;
  return answerJson(
    status,
    { decision: 'deny', ...writeDenial(denial), usage: usage && writeUsage(usage), error: { code, message, next_step: nextStep, retryable: status === 429 || status === 503, request_id: requestId } },
    { ...(retryAfterSeconds === null ? {} : { 'retry-after': String(retryAfterSeconds) }), ...(requestId === null ? {} : { 'x-request-id': requestId }) },
  );
}
