/** What the SDK may throw into the caller's code, each with its sentence. Delivery never throws: it warns and counts. */
const SENTENCES = {
  invalid_option: 'An option is not valid.',
  no_model: 'No model is known here. Name "models" in createOutlay({ models }) or run({ models }).',
  context_too_large: 'The input is larger than caps.maxContextTokens allows. Shorten the context or raise the cap.',
  attempt_timeout: 'The attempt took longer than timeoutMs.',
  client_not_supported: 'This client cannot be wrapped: it has neither withOptions() nor options to copy. Use a current release of the official client.',
} as const;

export type OutlayErrorCode = keyof typeof SENTENCES;

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
    super(details.message ?? SENTENCES[code]);
    this.name = 'OutlayError';
    this.code = code;
    this.field = details.field;
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
