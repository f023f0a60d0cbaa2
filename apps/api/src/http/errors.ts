/** Any error, in the one public form `{"error":{…}}`. The cause goes to the log, never to the caller of a 5xx. */
import { DomainError, toPublicError } from '@outlay/kernel';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

// Postgres and sockets: the database is away, starting or stopping. It is not the request's fault, and retrying helps.
const AWAY = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', '57P01', '57P02', '57P03', '53300', '08000', '08001', '08003', '08006']);
const AWAY_SENTENCE = /timeout exceeded when trying to connect|Connection terminated|server closed the connection|Client has encountered a connection error/;
// Prisma: cannot reach the server, timed out waiting for a connection or for a transaction to start.
const PRISMA_AWAY = new Set(['P1001', 'P1002', 'P1017', 'P2024', 'P2028']);

/** What went wrong, as one of our errors; an unknown one becomes `internal` with its cause. */
export function toDomainError(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  if (!(error instanceof Error)) return new DomainError('internal', { cause: error });
  return fromFastify(error) ?? (isAway(error) ? new DomainError('unavailable', { cause: error }) : new DomainError('internal', { cause: error }));
}

function isAway(error: Error, depth = 0): boolean {
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && (AWAY.has(code) || PRISMA_AWAY.has(code))) return true;
  if (AWAY_SENTENCE.test(error.message)) return true;
  return depth < 3 && error.cause instanceof Error && isAway(error.cause, depth + 1);
}

interface FastifyFault {
  readonly code?: string;
  readonly statusCode?: number;
  readonly validation?: readonly { instancePath: string; message?: string; params?: Record<string, unknown> }[];
}

/** Fastify's own refusals of a request. */
function fromFastify(error: Error): DomainError | null {
  const { code, statusCode, validation } = error as FastifyFault;
  if (validation) {
    const [issue] = validation;
    const field = fieldOf(issue?.instancePath ?? '', issue?.params);
    return new DomainError('invalid_input', { ...(field === '' ? {} : { field }), message: issue?.message ? `${field === '' ? 'The input' : field} ${issue.message}.` : undefined, cause: error });
  }
  if (statusCode === 413) return new DomainError('body_too_large', { cause: error });
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return new DomainError('invalid_input', { field: 'content-type', message: 'Send the body as application/json.', cause: error });
  if (error instanceof SyntaxError && statusCode === 400) return new DomainError('invalid_input', { field: 'body', message: 'The body is not JSON.', cause: error });
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) return new DomainError('invalid_input', { cause: error });
  return null;
}

/** `/events/3/usage` -> `events[3].usage`; a missing or unknown member is named itself. */
function fieldOf(pointer: string, params: Record<string, unknown> = {}): string {
  const member = params['missingProperty'] ?? params['additionalProperty'];
  const parts = [...pointer.split('/').slice(1), ...(typeof member === 'string' ? [member] : [])];
  return parts.reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : path === '' ? part : `${path}.${part}`), '');
}

/** Answers with the public form of an error, and logs what the caller must not see. */
export function sendError(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
  const known = toDomainError(error);
  const { http, body, retryAfterSeconds } = toPublicError(known, request.id);
  if (http >= 500) request.log.error({ err: known.cause ?? known }, 'request failed');
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
  return reply.code(http).type('application/json; charset=utf-8').send({ error: body });
}

export function installErrorHandlers(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => sendError(request, reply, error));
}
