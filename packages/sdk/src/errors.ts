/** What the SDK may throw into the caller's code, each with its sentence. Delivery never throws: it warns and counts. */
import type { DenialReason, LimitState } from './gate-types.js';

const SENTENCES = {
  invalid_option: 'An option is not valid.',
  no_model: 'No model is known here. Name "models" in createOutlay({ models }) or run({ models }), or set the workflow\'s route in the console.',
  context_too_large: 'The input is larger than caps.maxContextTokens allows. Shorten the context or raise the cap.',
  attempt_timeout: 'The attempt took longer than timeoutMs.',
  client_not_supported: 'This client cannot be wrapped: it has neither withOptions() nor options to copy. Use a current release of the official client.',
  run_conflict: 'This runId was used before, for another run or one that is over.',
} as const;

export type OutlayErrorCode = keyof typeof SENTENCES | DenialReason;

export interface OutlayErrorDetails {
  /** The option at fault: `caps.softDailyCost`. */
  readonly field?: string;
  /** Says more than the table's sentence. */
  readonly message?: string;
}

/** Thrown for wrong options, for a cap that is enforced before the call, and for an attempt that ran out of time. */
export class OutlayError extends Error {
  readonly code: OutlayErrorCode;
  readonly field: string | undefined;

  constructor(code: OutlayErrorCode, details: OutlayErrorDetails = {}) {
    super(details.message ?? SENTENCES[code as keyof typeof SENTENCES] ?? code);
    this.name = 'OutlayError';
    this.code = code;
    this.field = details.field;
  }
}

export interface Denial {
  readonly reason: DenialReason;
  readonly message: string;
  readonly nextStep: string;
  readonly upgrade: boolean;
  readonly by: string | null;
  readonly limits: readonly LimitState[];
  readonly runId: string | undefined;
  readonly requestId: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly status: number;
}

/**
 * The gate stopped the run before any call was made. `code` and `reason` are the same word. Fit to be sent to a browser with `status`: as JSON it has the
 * reason, what to do and the correlation id, and none of the limits, which may tell cost.
 */
export class OutlayDenied extends OutlayError {
  readonly reason: DenialReason;
  readonly nextStep: string;
  /** A larger plan would help: show your upgrade prompt. */
  readonly upgrade: boolean;
  /** Id of the limit that stopped the run. */
  readonly by: string | null;
  readonly limits: readonly LimitState[];
  readonly runId: string | undefined;
  /** Correlation id of the decision; the console finds it. */
  readonly requestId: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  /** HTTP status: 401, 402, 403, 413, 429 or 503. */
  readonly status: number;

  constructor(denial: Denial) {
    super(denial.reason, { message: denial.message });
    this.name = 'OutlayDenied';
    this.reason = denial.reason;
    this.nextStep = denial.nextStep;
    this.upgrade = denial.upgrade;
    this.by = denial.by;
    this.limits = denial.limits;
    this.runId = denial.runId;
    this.requestId = denial.requestId;
    this.retryAfterSeconds = denial.retryAfterSeconds;
    this.status = denial.status;
  }

  toJSON(): Record<string, unknown> {
    const { reason, message, nextStep, upgrade, requestId, retryAfterSeconds } = this;
    return { code: reason, message, next_step: nextStep, upgrade, request_id: requestId ?? null, retry_after_seconds: retryAfterSeconds ?? null };
  }
}

export function invalidOption(field: string, reason: string): OutlayError {
  return new OutlayError('invalid_option', { field, message: `"${field}" ${reason}` });
}

const CLASS_FORM = /^[A-Za-z][\w.-]{0,63}$/;

/** One short word: safe to record. A sentence is not, it may quote the prompt. */
export function isClassName(name: unknown): name is string {
  return typeof name === 'string' && CLASS_FORM.test(name);
}
