/**
 * The one decision rule: may this run begin? Pure: counters, what the run asks for and what holds for its customer -> a decision and what it changes. No clock,
 * no I/O; the memory store calls it, the Redis store runs the same rule as a script, and one suite holds both to it.
 *
 * Amounts are whole numbers below 2^53: runs, calls, tokens, units in millionths, cost in nano-dollars. Whoever turns a finer amount into one rounds up.
 */
import { type RateLimit, type RateState, takeRate } from './rate-limit';
import type { ReasonCode } from './reasons';

export const METRICS = ['cost', 'units', 'tokens', 'calls', 'runs', 'credits'] as const;
/** `runs`: open at the same time. `credits`: prepaid, in millionths; limit 0, `used` is minus the balance. */
export type Metric = (typeof METRICS)[number];

/** A limit that applies to the run: a cap, an allowance of the plan, its credits. */
export interface Limit {
  readonly id: string;
  readonly metric: Metric;
  /** `soft` warns, `degrade` asks for a cheaper model, `hard` denies. */
  readonly mode: 'soft' | 'degrade' | 'hard';
  /** What a hard limit says when it denies; the order of the checks. */
  readonly reason: 'hard_cap_reached' | 'risk_blocked' | 'quota_exhausted' | 'credits_exhausted';
  readonly limit: number;
  /** Every window that the hold's life touches, the present one first: the hold counts in each. None: a limit of the run alone, which has no counter. */
  readonly windows: readonly { readonly key: string; readonly endMs: number | null }[];
  /** Holds for this model of the route only: when it is hard and passed, the model is left out, and it denies when no other is left. */
  readonly model?: string;
}

/** `used` is what the ledger says, `held` what open runs may still spend. */
export interface Counter {
  readonly used: number;
  readonly held: number;
}

/** What the run reserves. `bounded`: it cannot use more; else an estimate, which states the most it may be. */
export interface Reservation {
  readonly amounts: Readonly<Partial<Record<Metric, number>>>;
  readonly bounded: boolean;
  readonly most: Readonly<Partial<Record<Metric, number>>>;
}

/** A model of the workflow's route, in its order. */
export interface RouteEntry {
  readonly model: string;
  readonly allowed: boolean;
  /** Taken when a limit in mode `degrade` is passed. */
  readonly cheaper: boolean;
}

/** The run, and what holds for it: resolved before, so that nothing here looks anything up. */
export interface BeginRequest {
  readonly nowMs: number;
  readonly environmentMatches: boolean;
  readonly suspended: boolean;
  /** Empty: the run names no model, and none is checked. */
  readonly route: readonly RouteEntry[];
  /** Context tokens, and quantities by the caller's own names, against what the plan allows. */
  readonly sizes: readonly { readonly name: string; readonly asked: number; readonly limit: number }[];
  /** Features and tools that the run names and the plan does not have. */
  readonly missingFeatures: readonly string[];
  readonly rates: readonly RateLimit[];
  readonly limits: readonly Limit[];
  readonly reservation: Reservation;
}

export interface GateState {
  counter(key: string): Counter;
  rate(key: string): RateState | undefined;
}

export interface LimitState {
  readonly id: string;
  readonly metric: Metric;
  readonly mode: Limit['mode'];
  /** Before this run, in the window that is nearest to its limit. */
  readonly used: number;
  readonly held: number;
  readonly asked: number;
  readonly limit: number;
  readonly windowEndMs: number | null;
  readonly passed: boolean;
  /** By how much this run may pass the limit although it was allowed: 0 for a bounded hold under a hard limit. */
  readonly overshoot: number;
}

export interface Denial {
  readonly verdict: 'deny';
  readonly reason: ReasonCode;
  /** What denied: the limit, rate, size or feature. */
  readonly by: string | null;
  readonly retryAfterMs: number | null;
  readonly limits: readonly LimitState[];
}

export interface Permission {
  readonly verdict: 'allow' | 'warn' | 'degrade';
  readonly reason: 'soft_cap_reached' | null;
  readonly by: string | null;
  /** Models that may be called, in order. */
  readonly models: readonly string[];
  readonly limits: readonly LimitState[];
  /** What to add to `held`, by counter; nothing else changes a counter here. */
  readonly holds: readonly { readonly key: string; readonly metric: Metric; readonly amount: number }[];
  readonly rates: readonly { readonly key: string; readonly next: RateState }[];
}

export type Decision = Denial | Permission;

/** Order of the hard limits: caps before allowances before credits. */
const HARD_ORDER = ['hard_cap_reached', 'risk_blocked', 'quota_exhausted', 'credits_exhausted'] as const;

const NONE: ReadonlySet<string> = new Set();

/** Checks in the order of the design; the first that fails decides, and every limit's state is told in any case. */
export function decide(state: GateState, request: BeginRequest): Decision {
  const limits = request.limits.map((limit) => stateOf(limit, state, request.reservation));
  const deny = (reason: ReasonCode, by: string | null, retryAfterMs: number | null = null): Denial => ({ verdict: 'deny', reason, by, retryAfterMs, limits });

  if (!request.environmentMatches) return deny('environment_mismatch', null);
  if (request.suspended) return deny('customer_suspended', null);
  const permitted = request.route.filter((entry) => entry.allowed);
  if (request.route.length > 0 && permitted.length === 0) return deny('model_not_allowed', request.route[0]!.model);
  const tooLarge = request.sizes.find(({ asked, limit }) => asked > limit);
  if (tooLarge) return deny('context_too_large', tooLarge.name);
  if (request.missingFeatures.length > 0) return deny('feature_not_in_plan', request.missingFeatures[0]!);

  const rates = request.rates.map((rate) => ({ rate, answer: takeRate(rate, state.rate(rate.key), request.nowMs) }));
  const refused = rates.filter(({ answer }) => !answer.allowed).sort((a, b) => b.answer.retryAfterMs - a.answer.retryAfterMs)[0];
  if (refused) return deny('rate_limited', refused.rate.id, refused.answer.retryAfterMs);

  const isHardPassed = limits.some(({ mode, passed }) => mode === 'hard' && passed);
  const capped = isHardPassed ? new Set(request.limits.flatMap((limit, at) => (limit.model !== undefined && limit.mode === 'hard' && limits[at]!.passed ? [limit.model] : []))) : NONE;
  const allowed = isHardPassed ? permitted.filter(({ model }) => !capped.has(model)) : permitted;
  if (isHardPassed) for (const reason of HARD_ORDER) {
    const i = request.limits.findIndex((limit, at) => limit.mode === 'hard' && limit.reason === reason && limits[at]!.passed && (limit.model === undefined || allowed.length === 0));
    if (i >= 0) return deny(reason, request.limits[i]!.id, limits[i]!.windowEndMs === null ? null : Math.max(limits[i]!.windowEndMs - request.nowMs, 1));
  }

  const degraded = limits.find(({ mode, passed }) => mode === 'degrade' && passed);
  const warned = degraded ?? limits.find(({ passed }) => passed);
  const cheaper = degraded ? allowed.filter((entry) => entry.cheaper) : [];
  return {
    verdict: degraded ? 'degrade' : warned ? 'warn' : 'allow',
    reason: warned ? 'soft_cap_reached' : null,
    by: warned?.id ?? null,
    // A route without a cheaper entry is not stopped by a limit that is not hard.
    models: (cheaper.length > 0 ? cheaper : allowed).map(({ model }) => model),
    limits,
    holds: holdsOf(request, capped),
    rates: rates.map(({ rate, answer }) => ({ key: rate.key, next: answer.next })),
  };
}

function stateOf({ id, metric, mode, limit, windows }: Limit, state: GateState, { amounts, bounded, most }: Reservation): LimitState {
  const asked = amounts[metric] ?? 0;
  // The fullest decides: a hold that lives past midnight must fit into tomorrow too.
  let [used, held, endMs]: [number, number, number | null] = [0, 0, null];
  for (let i = 0; i < windows.length; i++) {
    const window = windows[i]!;
    const counter = state.counter(window.key);
    if (i > 0 && counter.used + counter.held <= used + held) continue;
    ({ used, held } = counter);
    ({ endMs } = window);
  }
  const before = used + held;
  return {
    id, metric, mode, used, held, asked, limit, windowEndMs: endMs,
    // What asks for nothing of a metric passes no limit of it, but for one that is passed already.
    passed: asked > 0 ? before + asked > limit : before > limit,
    overshoot: mode === 'hard' && bounded ? 0 : Math.max(before + Math.max(bounded ? asked : (most[metric] ?? asked), asked) - limit, 0),
  };
}

/** Each counter once, even where several limits look at it; none of a model that was left out. */
function holdsOf({ limits, reservation }: BeginRequest, capped: ReadonlySet<string>): Permission['holds'] {
  const holds = new Map<string, { key: string; metric: Metric; amount: number }>();
  for (const { metric, windows, model } of limits) {
    if (model !== undefined && capped.has(model)) continue;
    const amount = reservation.amounts[metric] ?? 0;
    if (amount > 0) for (const { key } of windows) holds.set(key, { key, metric, amount });
  }
  return [...holds.values()];
}
