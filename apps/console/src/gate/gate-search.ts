/** What stands in the URL of the gate's pages. */
export const VERDICTS = ['stopped', 'deny', 'degrade', 'warn', 'allow'] as const;
type Verdict = (typeof VERDICTS)[number];

/** Codes of the gate; the guide "The gate" says what each means. */
export const REASONS = [
  'hard_cap_reached', 'soft_cap_reached', 'quota_exhausted', 'credits_exhausted', 'risk_blocked', 'rate_limited', 'model_not_allowed', 'feature_not_in_plan', 'context_too_large',
  'customer_suspended', 'environment_mismatch', 'gate_unavailable',
] as const;

export interface HoldsSearch {
  readonly customerId?: string;
  readonly workflow?: string;
}

export interface DecisionsSearch extends HoldsSearch {
  readonly verdict?: Verdict;
  readonly reason?: (typeof REASONS)[number];
  /** The correlation id of a request, or the id of a run. */
  readonly requestId?: string;
  readonly runId?: string;
  /** The decision whose drawer is open. */
  readonly decision?: string;
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

export function parseHoldsSearch(raw: Record<string, unknown>): HoldsSearch {
  return textsOf(raw, ['customerId', 'workflow']);
}

export function parseDecisionsSearch(raw: Record<string, unknown>): DecisionsSearch {
  const verdict = VERDICTS.find((each) => each === raw['verdict']);
  const reason = REASONS.find((each) => each === raw['reason']);
  return {
    ...textsOf(raw, ['customerId', 'workflow', 'requestId', 'runId']), ...(verdict ? { verdict } : {}), ...(reason ? { reason } : {}),
    ...(typeof raw['decision'] === 'string' && UUID.test(raw['decision']) ? { decision: raw['decision'] } : {}),
  };
}

function textsOf<Name extends string>(raw: Record<string, unknown>, names: readonly Name[]): { [name in Name]?: string } {
  return Object.fromEntries(names.flatMap((name) => {
    const value = raw[name];
    return typeof value === 'string' && value.trim() !== '' ? [[name, value.trim().slice(0, 255)]] : [];
  })) as { [name in Name]?: string };
}
