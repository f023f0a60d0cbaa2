/**
 * The one error table. A code says what happened; the table says what each surface does with it. The sentence is public:
 * it never carries a cause, a query or a secret. A 5xx hides its cause and shows the correlation id instead.
 */
interface ErrorRow {
  readonly http: number;
  readonly trpc: 'BAD_REQUEST' | 'UNAUTHORIZED' | 'FORBIDDEN' | 'NOT_FOUND' | 'CONFLICT' | 'PAYLOAD_TOO_LARGE' | 'TOO_MANY_REQUESTS' | 'PRECONDITION_FAILED' | 'INTERNAL_SERVER_ERROR' | 'SERVICE_UNAVAILABLE';
  readonly retryable: boolean;
  readonly sentence: string;
}

export const ERRORS = {
  invalid_input: { http: 400, trpc: 'BAD_REQUEST', retryable: false, sentence: 'The input is not valid.' },
  not_signed_in: { http: 401, trpc: 'UNAUTHORIZED', retryable: false, sentence: 'Sign in first.' },
  wrong_credentials: { http: 401, trpc: 'UNAUTHORIZED', retryable: false, sentence: 'E-mail or password is wrong.' },
  key_missing: { http: 401, trpc: 'UNAUTHORIZED', retryable: false, sentence: 'Send an API key in the header "Authorization: Bearer ol_...".' },
  key_invalid: { http: 401, trpc: 'UNAUTHORIZED', retryable: false, sentence: 'This API key is not known.' },
  key_revoked: { http: 401, trpc: 'UNAUTHORIZED', retryable: false, sentence: 'This API key was revoked. Create a new one in Settings, API keys.' },
  key_expired: { http: 401, trpc: 'UNAUTHORIZED', retryable: false, sentence: 'This API key has expired. Create a new one in Settings, API keys.' },
  ability_missing: { http: 403, trpc: 'FORBIDDEN', retryable: false, sentence: 'This API key lacks the ability that the request needs.' },
  environment_mismatch: { http: 403, trpc: 'FORBIDDEN', retryable: false, sentence: 'The API key belongs to another environment.' },
  role_missing: { http: 403, trpc: 'FORBIDDEN', retryable: false, sentence: 'Your role does not allow this. Ask an owner or admin.' },
  origin_mismatch: { http: 403, trpc: 'FORBIDDEN', retryable: false, sentence: 'The request came from another site and was refused.' },
  not_found: { http: 404, trpc: 'NOT_FOUND', retryable: false, sentence: 'There is no such thing here.' },
  conflict: { http: 409, trpc: 'CONFLICT', retryable: false, sentence: 'It was changed meanwhile. Reload and try again.' },
  already_exists: { http: 409, trpc: 'CONFLICT', retryable: false, sentence: 'It exists already.' },
  last_owner: { http: 409, trpc: 'CONFLICT', retryable: false, sentence: 'The last owner cannot leave or lose the role. Make another member owner first.' },
  link_expired: { http: 410, trpc: 'PRECONDITION_FAILED', retryable: false, sentence: 'This link has expired or was used. Ask for a new one.' },
  body_too_large: { http: 413, trpc: 'PAYLOAD_TOO_LARGE', retryable: false, sentence: 'The body is too large. Send at most 1,000 events and 4 MB at once.' },
  rate_limited: { http: 429, trpc: 'TOO_MANY_REQUESTS', retryable: true, sentence: 'Too many attempts. Wait a moment and try again.' },
  overloaded: { http: 429, trpc: 'TOO_MANY_REQUESTS', retryable: true, sentence: 'The ledger is busy. Retry after the time in Retry-After; nothing was recorded.' },
  unavailable: { http: 503, trpc: 'SERVICE_UNAVAILABLE', retryable: true, sentence: 'Outlay is starting, stopping or cannot reach its database. Retry soon.' },
  internal: { http: 500, trpc: 'INTERNAL_SERVER_ERROR', retryable: true, sentence: 'Something went wrong on our side. Quote the correlation id when you report it.' },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;

export interface ErrorDetails {
  /** The field at fault, as a path: `events[3].usage.input_tokens`. */
  readonly field?: string;
  /** Says more than the table's sentence; public. */
  readonly message?: string;
  readonly retryAfterSeconds?: number;
  /** Kept for the log, never shown. */
  readonly cause?: unknown;
}

/** The only class of errors that our own I/O code throws. */
export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    super(details.message ?? ERRORS[code].sentence, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'DomainError';
    this.code = code;
    this.field = details.field;
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

/** The public form of any error, the same on every surface. */
export interface PublicError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly field?: string;
  readonly retryable: boolean;
  readonly request_id: string;
}

export function toPublicError(error: unknown, requestId: string): { http: number; body: PublicError; retryAfterSeconds?: number } {
  const known = error instanceof DomainError ? error : new DomainError('internal', { cause: error });
  const row: ErrorRow = ERRORS[known.code];
  return {
    http: row.http,
    retryAfterSeconds: known.retryAfterSeconds,
    body: {
      code: known.code,
      message: row.http >= 500 ? row.sentence : known.message,
      ...(known.field === undefined ? {} : { field: known.field }),
      retryable: row.retryable,
      request_id: requestId,
    },
  };
}
