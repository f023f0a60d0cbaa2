/**
 * A decision of the gate as an end user may read it. The gate's own sentences are for the team that runs the product: they name caps and dollars, and speak
 * of the console. These do not.
 */
import type { Denial } from './customer-usage.js';

interface Words {
  readonly message: string;
  readonly nextStep: string;
  readonly upgrade?: boolean;
}

const BUSY: Words = { message: 'The service is not available at the moment.', nextStep: 'Try again soon.' };

const WORDS: Readonly<Record<string, Words>> = {
  quota_exhausted: { message: 'You have used everything your plan includes for now.', nextStep: 'Wait until it is renewed, or move to a larger plan.', upgrade: true },
  credits_exhausted: { message: 'Your prepaid credits are used up.', nextStep: 'Buy more credits to go on.', upgrade: true },
  hard_cap_reached: { message: 'The limit of your plan is reached for now.', nextStep: 'Wait until it is renewed, or ask for a higher limit.', upgrade: true },
  risk_blocked: { message: 'There is much more use than usual, so it was paused.', nextStep: 'Contact support if this is meant.' },
  model_not_allowed: { message: 'Your plan does not include this model.', nextStep: 'Move to a plan that has it.', upgrade: true },
  feature_not_in_plan: { message: 'Your plan does not include this feature.', nextStep: 'Move to a plan that has it.', upgrade: true },
  context_too_large: { message: 'This is longer than your plan allows.', nextStep: 'Send less, or start a new conversation.', upgrade: true },
  customer_suspended: { message: 'This account is paused.', nextStep: 'Contact support.' },
  rate_limited: { message: 'That was a lot in a short time.', nextStep: 'Try again in a moment.' },
};

/** Ours to mend, not the user's: told as a service that is not there. */
const OURS = new Set(['key_revoked', 'environment_mismatch', 'gate_unavailable']);

export interface GateDenial {
  readonly reason: string;
  readonly status: number;
  readonly requestId: string | undefined;
  readonly retryAfterSeconds: number | undefined;
}

export function toPublicDenial({ reason, status, requestId, retryAfterSeconds }: GateDenial): { readonly status: number; readonly denial: Denial } {
  const ours = OURS.has(reason) || !(reason in WORDS);
  const { message, nextStep, upgrade = false } = ours ? BUSY : WORDS[reason]!;
  const wait = reason === 'rate_limited' && retryAfterSeconds !== undefined ? `Try again in ${retryAfterSeconds} ${retryAfterSeconds === 1 ? 'second' : 'seconds'}.` : nextStep;
  return {
    status: ours ? 503 : status,
    denial: { reason: ours ? 'gate_unavailable' : reason, message, nextStep: wait, upgrade, retryAfterSeconds: retryAfterSeconds ?? null, requestId: requestId ?? null },
  };
}

export const NEAR_LIMIT = 'You are close to what your plan includes.';
