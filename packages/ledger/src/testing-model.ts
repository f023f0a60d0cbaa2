/**
 * The ledger told a second time, for tests: the state of every event after its corrections, kept as plain objects, and every figure a plain sum over
 * them. Shares neither signed rows, nor SQL, nor the list of measures with the product.
 */
import { TEST_RATES } from './testing-ledger';

export interface CallState {
  readonly subject: 'call';
  readonly id: string;
  readonly occurredMs: number;
  readonly environment: string;
  readonly run: string | null;
  readonly isRequest: boolean;
  readonly attemptKind: string;
  readonly status: string;
  readonly provider: string;
  readonly model: string;
  readonly customerId: string;
  readonly workflow: string;
  readonly userId: string;
  readonly tokens: { readonly input: number; readonly cached: number; readonly output: number };
  readonly extraPico: bigint;
}

export interface OutcomeState {
  readonly subject: 'outcome';
  readonly id: string;
  readonly occurredMs: number;
  readonly environment: string;
  readonly run: string;
  readonly outcome: string;
  readonly units: number;
  readonly customerId: string;
  readonly workflow: string;
  readonly userId: string;
}

export type State = CallState | OutcomeState;

function costOf({ model, tokens, extraPico }: CallState): bigint | null {
  if (model === 'mystery') return null;
  return BigInt(tokens.input) * TEST_RATES.input + BigInt(tokens.cached) * TEST_RATES.cached + BigInt(tokens.output) * TEST_RATES.output + extraPico;
}

function ceilingOf(call: CallState): bigint {
  const { input, cached, output } = call.tokens;
  return costOf(call) ?? BigInt(input + cached + output) * TEST_RATES.unknownCeiling;
}

export interface ModelFilter {
  readonly fromMs: number;
  readonly toMs: number;
  readonly environment?: string;
  readonly workflow?: string;
  readonly customerId?: string;
  readonly userId?: string;
  readonly provider?: string;
  readonly model?: string;
}

const LABELS = ['environment', 'workflow', 'customerId', 'userId'] as const;
const OF_MODEL = ['provider', 'model'] as const;

function matching(states: readonly State[], filter: ModelFilter): State[] {
  return states.filter((state) => state.occurredMs >= filter.fromMs && state.occurredMs < filter.toMs && LABELS.every((name) => filter[name] === undefined || state[name] === filter[name])
    && (state.subject === 'outcome' || isOfModel(state, filter)));
}

function isOfModel(call: CallState, filter: ModelFilter): boolean {
  return OF_MODEL.every((name) => filter[name] === undefined || call[name] === filter[name]);
}

/** As Overview states them. `all` is every state, because a run's cost is that of its calls, wherever and whenever they were. */
export function totalsOf(all: readonly State[], filter: ModelFilter): Record<string, number | string | null> {
  const found = matching(all, filter);
  const calls = found.filter((state) => state.subject === 'call');
  const requests = calls.filter(({ isRequest }) => isRequest);
  const sum = (of: readonly CallState[]): bigint => of.reduce((total, call) => total + (costOf(call) ?? 0n), 0n);
  const narrowed = filter.provider !== undefined || filter.model !== undefined;
  const outcomes = found.filter((state) => state.subject === 'outcome').flatMap((outcome) => {
    const ofRun = all.filter((state): state is CallState => state.subject === 'call' && state.run === outcome.run && isOfModel(state, filter));
    return narrowed && ofRun.length === 0 ? [] : [{ ...outcome, cost: sum(ofRun) }];
  });
  const usable = outcomes.filter(({ outcome }) => outcome === 'usable');
  const unusable = outcomes.filter(({ outcome }) => outcome === 'unusable');
  const costs = (of: readonly { cost: bigint }[]): string => String(of.reduce((total, { cost }) => total + cost, 0n));
  return {
    costPico: String(sum(calls)),
    ceilingPico: String(calls.reduce((total, call) => total + ceilingOf(call), 0n)),
    retryCostPico: String(sum(calls.filter(({ attemptKind }) => attemptKind === 'retry'))),
    fallbackCostPico: String(sum(calls.filter(({ attemptKind }) => attemptKind === 'fallback'))),
    failedCostPico: String(sum(calls.filter(({ status }) => status !== 'succeeded'))),
    calls: requests.length,
    failed: requests.filter(({ status }) => status !== 'succeeded').length,
    retries: requests.filter(({ attemptKind }) => attemptKind === 'retry').length,
    fallbacks: requests.filter(({ attemptKind }) => attemptKind === 'fallback').length,
    unpriced: calls.filter((call) => costOf(call) === null).length,
    untagged: requests.filter(({ customerId, workflow }) => customerId === '' || workflow === '').length,
    inputTokens: calls.reduce((total, { tokens }) => total + tokens.input + tokens.cached, 0),
    usable: usable.length,
    unusable: unusable.length,
    costUsablePico: costs(usable),
    costUnusablePico: costs(unusable),
    costPerUsablePico: usable.length === 0 ? null : String(nearestEven(sum(calls), BigInt(usable.length))),
  };
}

function nearestEven(amount: bigint, parts: bigint): bigint {
  const [whole, twice] = [amount / parts, (amount % parts) * 2n];
  return twice > parts || (twice === parts && whole % 2n === 1n) ? whole + 1n : whole;
}

/** The local date, by the platform's own calendar. */
export function dayIn(timeZone: string, timeMs: number): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(timeMs);
}
