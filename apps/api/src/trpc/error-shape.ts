/** The public form of every tRPC error: our code, field and correlation id in `data.outlay`, the same object as REST's `error`. */
import { TRPCError } from '@trpc/server';
import { DomainError, ERRORS, toPublicError, type PublicError } from '@outlay/kernel';
import type { z } from 'zod';
import { toDomainError } from '../http/errors';

export interface ErrorData {
  /** tRPC's own word for the status. */
  readonly code: TRPCError['code'];
  readonly httpStatus: number;
  readonly path?: string;
  readonly outlay: PublicError;
}

/** What a procedure threw, with the HTTP status of our error table. */
export function toTrpcError(error: TRPCError): TRPCError {
  const known = domainErrorOf(error);
  const row = ERRORS[known.code];
  return new TRPCError({ code: row.trpc, message: row.http >= 500 ? row.sentence : known.message, cause: known });
}

/** The one of our errors behind a tRPC error, whoever raised it: a use case, the input's schema, or tRPC itself. */
export function domainErrorOf(error: TRPCError): DomainError {
  if (error.cause instanceof DomainError) return error.cause;
  if (isZodError(error.cause) && error.code === 'BAD_REQUEST') return fromZod(error.cause);
  switch (error.code) {
    case 'BAD_REQUEST':
    case 'PARSE_ERROR':
      return new DomainError('invalid_input', { message: 'The request is not valid for this procedure.', cause: error });
    case 'NOT_FOUND':
    case 'METHOD_NOT_SUPPORTED':
      return new DomainError('not_found', { message: 'There is no such procedure, or not with this HTTP method.', cause: error });
    case 'PAYLOAD_TOO_LARGE':
      return new DomainError('body_too_large', { cause: error });
    case 'UNSUPPORTED_MEDIA_TYPE':
      return new DomainError('invalid_input', { field: 'content-type', message: 'Send the body as application/json.', cause: error });
    default:
      return toDomainError(error.cause ?? error);
  }
}

export function errorDataOf(error: TRPCError, path: string | undefined, httpStatus: number, requestId: string): ErrorData {
  return { code: error.code, httpStatus, ...(path === undefined ? {} : { path }), outlay: toPublicError(domainErrorOf(error), requestId).body };
}

function isZodError(cause: unknown): cause is z.ZodError {
  return cause instanceof Error && cause.name === 'ZodError' && 'issues' in cause;
}

function fromZod(error: z.ZodError): DomainError {
  const [issue] = error.issues;
  const field = issue?.path.map(String).join('.') ?? '';
  return new DomainError('invalid_input', { ...(field === '' ? {} : { field }), message: issue?.message, cause: error });
}
