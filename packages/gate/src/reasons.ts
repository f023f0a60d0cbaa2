/** Why a run was stopped or warned: stable codes, each with its HTTP status, a sentence and the next step. The one table of them. */
export interface Reason {
  readonly http: 200 | 401 | 402 | 403 | 413 | 429 | 503;
  readonly sentence: string;
  readonly nextStep: string;
  /** A larger plan would help: the product may show its upgrade prompt. */
  readonly upgrade: boolean;
}

export const REASONS = {
  key_revoked: { http: 401, sentence: 'This API key was revoked.', nextStep: 'Create a new key in Settings, API keys.', upgrade: false },
  environment_mismatch: { http: 403, sentence: 'The API key belongs to another environment.', nextStep: 'Use the key of this environment.', upgrade: false },
  customer_suspended: { http: 403, sentence: 'This customer is suspended.', nextStep: 'Resume the customer on its page in the console.', upgrade: false },
  model_not_allowed: { http: 403, sentence: 'The plan does not include any model of this route.', nextStep: 'Use a model of the plan, or move the customer to a plan that has it.', upgrade: true },
  context_too_large: { http: 413, sentence: 'The request is larger than the plan allows.', nextStep: 'Send less: fewer files, pages or tokens of context.', upgrade: true },
  feature_not_in_plan: { http: 403, sentence: 'The plan does not include this feature.', nextStep: 'Move the customer to a plan that has it.', upgrade: true },
  rate_limited: { http: 429, sentence: 'Too many runs at once.', nextStep: 'Retry after the time in Retry-After.', upgrade: false },
  hard_cap_reached: { http: 402, sentence: 'A hard cap would be passed.', nextStep: 'Wait for the next window, or raise the cap in the console.', upgrade: false },
  risk_blocked: { http: 402, sentence: 'The spend of today is far above what is usual for this customer.', nextStep: 'Look at the customer in the console; raise or lift the risk block if this is meant.', upgrade: false },
  quota_exhausted: { http: 402, sentence: 'The allowance of the plan is used up.', nextStep: 'Wait for the next window, or move to a larger plan.', upgrade: true },
  credits_exhausted: { http: 402, sentence: 'The prepaid credits are used up.', nextStep: 'Top up credits.', upgrade: true },
  soft_cap_reached: { http: 200, sentence: 'A soft cap is passed.', nextStep: 'Nothing is stopped. Look at what drives the spend.', upgrade: false },
  gate_unavailable: { http: 503, sentence: 'The gate cannot decide at the moment.', nextStep: 'Retry soon; the policy of the workflow says what happens until then.', upgrade: false },
} as const satisfies Record<string, Reason>;

export type ReasonCode = keyof typeof REASONS;
