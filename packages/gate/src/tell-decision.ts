/** A decision as the wire tells it, made of what is stored with it and of nothing else: so a stored decision can be told again, to the letter. Pure. */
import { formatPico, formatRational, formatUsd } from '@outlay/kernel';
import { isUuid } from '@outlay/kernel/ids';
import type { BeginRequest, Decision, LimitState, Metric } from './decide';
import type { SeenState } from './gate-store';
import { takeRate } from './rate-limit';
import { type ReasonCode, REASONS } from './reasons';
import type { LimitFact } from './resolve-limits';

/** Grows with every change of the rule or of how it is told. */
export const RULE_VERSION = 1;

/** All that a decision was made of: a row's `input`. */
export interface DecisionInput extends SeenState {
  readonly request: BeginRequest;
  readonly facts: readonly LimitFact[];
  readonly run: RunFactsTold;
  /** Of an extension: what the run holds altogether. */
  readonly total?: BeginRequest['reservation']['amounts'];
}

interface RunFactsTold {
  /** As the caller named it. */
  readonly runId: string;
  readonly customerId: string | null;
  readonly expiresMs: number;
  readonly maxOutputTokens: number | null;
  readonly refusedTools: readonly string[];
  readonly plan: { readonly key: string; readonly name: string; readonly version: number } | null;
  readonly snapshotHash: string | null;
}

export interface ToldLimit {
  readonly id: string; readonly name: string; readonly kind: LimitFact['kind']; readonly scope: LimitFact['scope']; readonly subject: string | null; readonly metric: Metric;
  readonly mode: LimitState['mode']; readonly window: LimitFact['window']; readonly window_start: string | null; readonly window_end: string | null;
  readonly used: string; readonly held: string; readonly asked: string; readonly limit: string; readonly remaining: string; readonly overshoot: string; readonly ungated_usd: string | null;
  readonly unit: string | null; readonly passed: boolean;
}

interface ToldRate {
  readonly id: string; readonly key: string; readonly limit: number; readonly remaining: number; readonly reset_seconds: number;
}

export interface ToldPermission {
  readonly run_id: string; readonly decision: 'allow' | 'warn' | 'degrade'; readonly reason: ReasonCode | null; readonly message: string | null; readonly next_step: string | null; readonly upgrade: boolean;
  readonly models: readonly string[];
  readonly hold: { readonly expires_at: string; readonly bounded: boolean; readonly cost_usd: string | null; readonly units: string; readonly tokens: number | null; readonly calls: number | null; readonly max_output_tokens: number | null };
  readonly limits: readonly ToldLimit[]; readonly warnings: readonly { readonly limit_id: string; readonly message: string }[]; readonly rate_limits: readonly ToldRate[]; readonly refused_tools: readonly string[];
  readonly plan: RunFactsTold['plan']; readonly snapshot_hash: string | null; readonly rule_version: number;
}

export interface ToldDenial {
  readonly run_id: string; readonly decision: 'deny'; readonly reason: ReasonCode; readonly message: string; readonly next_step: string; readonly upgrade: boolean; readonly by: string | null;
  readonly limits: readonly ToldLimit[]; readonly rate_limits: readonly ToldRate[]; readonly plan: RunFactsTold['plan']; readonly snapshot_hash: string | null; readonly rule_version: number;
  readonly retry_after_seconds: number | null;
}

export type Told = ToldPermission | ToldDenial;

export function tellDecision(decision: Decision, input: DecisionInput): Told {
  const facts = new Map(input.facts.map((fact) => [fact.id, fact]));
  const isAllowed = decision.verdict !== 'deny';
  const limits = decision.limits.map((state) => tellLimit(state, facts.get(state.id)!, isAllowed));
  const rates = input.request.rates.map((rate): ToldRate => {
    const { allowed, remaining, retryAfterMs } = takeRate(rate, input.rates[rate.key], input.request.nowMs);
    return { id: rate.id, key: rate.key, limit: rate.limit, remaining, reset_seconds: Math.ceil((allowed ? rate.windowMs : retryAfterMs) / 1_000) };
  });
  const { run, request } = input;
  const shared = { run_id: run.runId, limits, rate_limits: rates, plan: run.plan, snapshot_hash: run.snapshotHash, rule_version: RULE_VERSION };
  if (decision.verdict === 'deny') {
    const { reason, by, retryAfterMs } = decision;
    return {
      ...shared, decision: 'deny', reason, by, message: denialSentence(decision, input, limits, facts, rates), next_step: REASONS[reason].nextStep, upgrade: REASONS[reason].upgrade,
      retry_after_seconds: retryAfterMs === null ? null : Math.ceil(retryAfterMs / 1_000),
    };
  }
  const { bounded } = request.reservation;
  const amounts = input.total ?? request.reservation.amounts;
  const warnings = limits.filter(({ passed, mode }) => passed && mode !== 'hard').map((limit) => ({ limit_id: limit.id, message: passedSentence(limit, facts.get(limit.id)!) }));
  return {
    ...shared, decision: decision.verdict, reason: decision.reason, message: warnings.find(({ limit_id }) => limit_id === decision.by)?.message ?? null,
    next_step: decision.reason === null ? null : REASONS[decision.reason].nextStep, upgrade: false, models: decision.models,
    hold: {
      expires_at: new Date(run.expiresMs).toISOString(), bounded, cost_usd: amounts.cost === undefined ? null : amountText('cost', amounts.cost), units: amountText('units', amounts.units ?? 0),
      tokens: amounts.tokens ?? null, calls: amounts.calls ?? null, max_output_tokens: run.maxOutputTokens,
    },
    warnings, refused_tools: run.refusedTools,
  };
}

/** A limit as it stands, of a run that is open already or of none: nothing is asked. */
export function tellLimit(state: LimitState, fact: LimitFact, isAllowed: boolean): ToldLimit {
  const { id, metric, mode, held, asked, passed } = state;
  // Prepaid credit counts down from 0: its limit is the balance.
  const isCredit = fact.kind === 'credits';
  const [used, limit] = isCredit ? [0, -state.used] : [state.used, state.limit];
  const window = fact.windows.find(({ endMs }) => endMs === state.windowEndMs);
  return {
    id, name: fact.name, kind: fact.kind, scope: fact.scope, subject: fact.subject, metric, mode, window: fact.window,
    window_start: window === undefined ? null : new Date(window.startMs).toISOString(), window_end: state.windowEndMs === null ? null : new Date(state.windowEndMs).toISOString(),
    used: amountText(metric, used), held: amountText(metric, held), asked: amountText(metric, asked), limit: amountText(metric, limit),
    remaining: amountText(metric, Math.max(limit - used - held - (isAllowed ? asked : 0), 0)), overshoot: amountText(metric, state.overshoot), ungated_usd: null, unit: fact.unit, passed,
  };
}

/** Cost in dollars, units and credits as decimals, counts as they are. */
export function amountText(metric: Metric, amount: number): string {
  switch (metric) {
    case 'cost':
      return formatPico(BigInt(amount) * 1_000n);
    case 'units':
    case 'credits':
      return formatRational({ num: BigInt(amount), den: 1_000_000n }, 6);
    default:
      return String(amount);
  }
}

/** For people: `$48.20`, `19 reports`. */
function sayAmount(metric: Metric, text: string, unit: string | null): string {
  if (metric === 'cost') return formatUsd(BigInt(Math.round(Number(text) * 1e9)) * 1_000n);
  const name = unit ?? { units: 'unit', tokens: 'token', calls: 'call', runs: 'open run', credits: 'credit' }[metric];
  return `${text.replace(/^\d+/, (whole) => whole.replace(/\B(?=(\d{3})+(?!\d))/g, ','))} ${name}${text === '1' ? '' : 's'}`;
}

function sayWhose({ scope, subject }: Pick<ToldLimit, 'scope' | 'subject'>): string {
  return scope === 'tenant' ? 'the whole team' : scope === 'run' ? 'this run' : `${scope === 'key' ? 'API key' : scope} ${subject ?? ''}`.trim();
}

const WINDOW_WORDS = { day: 'today', week: 'this week', month: 'this month', period: 'in this billing period' } as const;

function sayState(limit: ToldLimit, fact: LimitFact): string {
  const { metric } = limit;
  const window = fact.window === null ? '' : ` ${WINDOW_WORDS[fact.window]}`;
  const used = `${sayAmount(metric, limit.used, null)} used`;
  if (limit.scope === 'run') return `it may cost ${sayAmount(metric, limit.limit, null)}, and asks for ${sayAmount(metric, limit.asked, null)}`;
  if (limit.kind === 'credits') return `${sayAmount(metric, limit.limit, fact.unit)} left, ${sayAmount(metric, limit.held, fact.unit)} of them held by open runs, and this run needs ${sayAmount(metric, limit.asked, fact.unit)}`;
  if (metric === 'runs') return `${sayAmount(metric, limit.held, null)} of at most ${limit.limit}`;
  const unit = metric === 'cost' ? null : fact.unit;
  return `${metric === 'cost' ? used : `${sayAmount(metric, limit.used, unit)} used`} and ${sayAmount(metric, limit.held, unit)} held of ${sayAmount(metric, limit.limit, unit)}${window}, and this run needs ${sayAmount(metric, limit.asked, unit)}`;
}

function sayEnd({ window_end }: Pick<ToldLimit, 'window_end'>): string {
  return window_end === null ? '' : ` It begins anew at ${window_end.replace(/\.000Z$/, 'Z')}.`;
}

function passedSentence(limit: ToldLimit, fact: LimitFact): string {
  return `"${limit.name}" (${sayWhose(limit)}) is passed: ${sayState(limit, fact)}.${sayEnd(limit)}`;
}

/** Names what stopped the run: limit, window, used, held, limit, and when it begins anew (B27). */
function denialSentence(
  { reason, by }: { readonly reason: ReasonCode; readonly by: string | null }, { request, run }: DecisionInput, limits: readonly ToldLimit[], facts: ReadonlyMap<string, LimitFact>, rates: readonly ToldRate[],
): string {
  const limit = limits.find(({ id }) => id === by);
  const fact = by === null ? undefined : facts.get(by);
  if (limit !== undefined && fact !== undefined) {
    const what = { cap: `Hard cap "${limit.name}"`, plan_cap: `Cap of the plan, "${limit.name}",`, risk: 'Risk block', allowance: `Allowance "${limit.name}"`, credits: 'Prepaid credits', inline: `"${limit.name}"` }[limit.kind];
    return `${what} (${sayWhose(limit)}): ${sayState(limit, fact)}.${sayEnd(limit)}`;
  }
  const rate = rates.find(({ id }) => id === by);
  if (rate !== undefined) return `Rate limit${isUuid(rate.id) ? '' : ` "${rate.id}"`}: at most ${rate.limit} runs in ${(request.rates.find(({ id }) => id === by)!.windowMs / 1_000).toLocaleString('en-US')} s. The next may begin in ${rate.reset_seconds} s.`;
  const size = request.sizes.find(({ name }) => name === by);
  if (reason === 'context_too_large' && size !== undefined) return `${size.asked.toLocaleString('en-US')} ${size.name.replace(/^caps\.max_/, '').replaceAll('_', ' ')} are asked for, and ${size.limit.toLocaleString('en-US')} are allowed.`;
  const plan = run.plan === null ? 'What holds for this customer' : `The plan "${run.plan.name}"`;
  if (reason === 'model_not_allowed') return `${plan} does not include any model of this run (${request.route.map(({ model }) => model).join(', ')}).`;
  if (reason === 'feature_not_in_plan') return `${plan} does not include "${by ?? ''}".`;
  if (reason === 'customer_suspended') return `Customer ${run.customerId ?? ''} is suspended.`;
  return REASONS[reason].sentence;
}
