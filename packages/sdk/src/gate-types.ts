/** What the gate says, in the SDK's words. Amounts are decimal text: cost in US dollars, the rest as it is counted. */

/** Why a run was stopped; the table with sentences and next steps is the server's. */
export type DenialReason =
  | 'quota_exhausted'
  | 'credits_exhausted'
  | 'hard_cap_reached'
  | 'risk_blocked'
  | 'model_not_allowed'
  | 'feature_not_in_plan'
  | 'customer_suspended'
  | 'environment_mismatch'
  | 'context_too_large'
  | 'rate_limited'
  | 'key_revoked'
  | 'gate_unavailable';

/**
 * `allow`, `warn` and `degrade` are the gate's. `ungated`: it could not be asked and the workflow's policy lets the run go on. `off`: the gate is not used,
 * by option or because the API key may not.
 */
export type RunDecision = 'allow' | 'warn' | 'degrade' | 'ungated' | 'off';

/** What happens when the gate cannot be asked: go on and record, stop, or go on with the cheapest model of the route. */
export type GatePolicy = 'allow' | 'deny' | 'degrade';

/** A limit that applies to the run, as it stood when the run began. */
export interface LimitState {
  readonly id: string;
  readonly name: string;
  readonly kind: 'cap' | 'plan_cap' | 'risk' | 'allowance' | 'credits' | 'inline';
  readonly scope: string;
  readonly subject: string | null;
  readonly metric: string;
  readonly mode: 'soft' | 'degrade' | 'hard';
  readonly window: string | null;
  readonly windowStart: string | null;
  readonly windowEnd: string | null;
  readonly used: string;
  readonly held: string;
  readonly asked: string;
  readonly limit: string;
  readonly remaining: string;
  /** By how much this run may pass the limit although it was allowed. */
  readonly overshoot: string;
  /** Spend of the window that the gate was never asked about. */
  readonly ungatedUsd: string | null;
  readonly unit: string | null;
  readonly passed: boolean;
}

/** What the gate reserved for the run. Null: not limited, or not known. */
export interface HoldState {
  readonly expiresAt: string;
  /** The run cannot use more; else it is an estimate. */
  readonly bounded: boolean;
  readonly costUsd: string | null;
  readonly units: string | null;
  readonly tokens: number | null;
  readonly calls: number | null;
  /** Of each call. Wrapped clients ask the provider for no more. */
  readonly maxOutputTokens: number | null;
}

export interface GateSettings {
  /** How long `run` waits for the gate before `onGateUnavailable` decides. Default 2000. */
  readonly timeoutMs?: number;
  /** How long what a run holds may outlive a crash of this process; renewed while the run goes on. Default 600. */
  readonly holdSeconds?: number;
}
