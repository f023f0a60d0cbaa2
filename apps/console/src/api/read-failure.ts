import { brand } from '../ui/brand';

/** What a screen can say about an error: one sentence, where, whether trying again helps, and the id to quote. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly field: string | null;
  readonly retryable: boolean;
  /** The correlation id of the failed request; null when no answer came. */
  readonly requestId: string | null;
}

const UNREACHABLE = `${brand.name} did not answer. Check that it is running and that you are online.`;
const OUTDATED = 'This part of the console could not be loaded. A newer version may have been installed: reload the page.';
const MODULE_FAILED = /dynamically imported module|importing a module script failed/i;

/**
 * Reads any error of a tRPC call. The server puts its public error (code, message, field, retryable, request_id) into
 * the error's data; an error without data never reached the server, or came from something in front of it.
 */
export function readFailure(error: unknown): Failure {
  const data = member(error, 'data');
  if (data === null) return unanswered(error);
  const known = member(data, 'outlay') ?? member(data, 'error') ?? data;
  const status = member(data, 'httpStatus');
  return {
    code: text(member(known, 'code')) ?? 'internal',
    message: text(member(known, 'message')) ?? text(member(error, 'message')) ?? 'Something went wrong.',
    field: text(member(known, 'field')),
    retryable: retryableOf(known, status),
    requestId: text(member(known, 'request_id')) ?? text(member(known, 'requestId')) ?? headerOf(error),
  };
}

function unanswered(error: unknown): Failure {
  const fault = error instanceof Error && error.name !== 'TRPCClientError';
  if (fault && MODULE_FAILED.test(error.message)) return { code: 'outdated', message: OUTDATED, field: null, retryable: true, requestId: null };
  if (fault) return { code: 'page_failed', message: `The page has a fault: ${error.message}`, field: null, retryable: false, requestId: null };
  const status = member(member(member(error, 'meta'), 'response'), 'status');
  const message = typeof status === 'number' ? `The answer was not readable (HTTP ${status}).` : UNREACHABLE;
  return { code: 'unreachable', message, field: null, retryable: true, requestId: headerOf(error) };
}

function retryableOf(known: unknown, status: unknown): boolean {
  const stated = member(known, 'retryable');
  if (typeof stated === 'boolean') return stated;
  return typeof status !== 'number' || status >= 500 || status === 429;
}

function headerOf(error: unknown): string | null {
  const headers = member(member(member(error, 'meta'), 'response'), 'headers');
  return headers instanceof Headers ? headers.get('x-request-id') : null;
}

function member(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return null;
  return (value as Record<string, unknown>)[key] ?? null;
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
