/**
 * What holds for a run: policy of team and customer, and what the run asks for -> the request that `decide` judges, and what an answer tells of each limit. Pure: the clock, prices, history
 * and the customer's usual spend are parameters.
 */
import { multiplyRational } from '@outlay/kernel';
import { type CounterAsk, type CounterScope, modelFamily } from '@outlay/ledger';
import { allowanceOf, type CalendarWindow, type CapMode, type CustomerPolicy, type Entitlement, type TenantPolicy, type WindowKind } from '@outlay/plans';
import type { PriceBook } from '@outlay/pricing';
import { decimalOf, limitOf, nanoOfPico, nanoOfUsdLimit } from './amounts';
import { allowanceCounts } from './allowance-counts';
import { calendarOf, configuredCaps, isInForce, subjectsOf } from './configured-caps';
import { allowanceKey, counterKey, creditKey } from './counter-key';
import type { BeginRequest, Limit, Metric } from './decide';
import { keptWindowsOf } from './kept-windows';
import type { RateLimit } from './rate-limit';
import { reserveRun, type ReservedRun, type RunHistory } from './reserve-run';
import { resolveRoute } from './resolve-route';
import type { RunAsk } from './run-ask';

export interface LimitFact {
  readonly id: string;
  readonly name: string;
  readonly kind: 'cap' | 'plan_cap' | 'risk' | 'allowance' | 'credits' | 'inline';
  /** `run`: of this run alone. */
  readonly scope: CounterScope | 'run';
  readonly subject: string | null;
  readonly metric: Metric;
  readonly mode: CapMode;
  readonly window: WindowKind | null;
  /** In the singular, as the plan names it; null where the metric says enough. */
  readonly unit: string | null;
  /** As `Limit.windows`, with their begin. */
  readonly windows: readonly { readonly key: string; readonly startMs: number; readonly endMs: number }[];
}

export interface ResolveFacts {
  readonly tenant: TenantPolicy;
  /** Null: the run names no customer. */
  readonly customer: CustomerPolicy | null;
  readonly book: PriceBook;
  readonly nowMs: number;
  readonly expiresMs: number;
  /** Lately of the workflow. */
  readonly history: RunHistory | null;
  /** Of the last 28 days; null: none is known, and the floor alone holds. */
  readonly dailyMeanPico: bigint | null;
}

export interface ResolvedRun extends ReservedRun {
  readonly request: BeginRequest;
  /** By the id of the limit. */
  readonly facts: ReadonlyMap<string, LimitFact>;
  /** How the ledger answers each counter of the limits; prepaid credit is not its business. */
  readonly asks: ReadonlyMap<string, CounterAsk>;
  /** Tools that the plan does not have: told, not denied. */
  readonly refusedTools: readonly string[];
}

/** `extending`: what the run has reserved already, so that its own limit is not spent twice. */
export function resolveLimits(ask: RunAsk, given: ResolveFacts, extending: { readonly cost: number } = { cost: 0 }): ResolvedRun {
  const { tenant, customer, book, nowMs, expiresMs } = given;
  const entitlement = customer?.entitlement ?? null;
  const definition = entitlement?.definition;
  const workflow = ask.workflow === null ? undefined : tenant.workflows.get(ask.workflow);
  const route = resolveRoute(workflow?.route ?? [], ask.models, definition?.models, book, nowMs);
  const models = route.filter(({ allowed }) => allowed).map(({ model }) => model);
  const weight = !definition?.credits ? null : (definition.credits.weights[ask.workflow ?? ''] ?? definition.credits.weight);
  const reserved = reserveRun(ask, { book, models, history: given.history, creditWeight: weight, nowMs, expiresMs });

  const limits = createLimits(given);
  const throttles = addCaps(limits, ask, given, models);
  if (entitlement !== null && customer !== null) addPlanCaps(limits, customer.customerId, entitlement);
  addInlineCaps(limits, ask, extending.cost);
  if (customer !== null) addRiskBlock(limits, customer, given);
  if (entitlement !== null && customer !== null) {
    addAllowances(limits, ask, customer, entitlement);
    if ((reserved.reservation.amounts.credits ?? 0) > 0) limits.addCredits(customer.customerId);
  }

  const request: BeginRequest = {
    nowMs,
    environmentMatches: ask.statedEnvironment === null || ask.statedEnvironment === ask.environment,
    suspended: customer !== null && customer.suspended !== null,
    route,
    sizes: sizesOf(ask, reserved.contextTokens, entitlement),
    missingFeatures: [...new Set([...(ask.feature === null ? [] : [ask.feature]), ...ask.features])].filter((name) => definition?.gates[name] === false),
    rates: [...throttles, ...(entitlement === null || customer === null ? [] : ratesOf(ask, customer.customerId, entitlement))],
    limits: limits.list,
    reservation: reserved.reservation,
  };
  return { ...reserved, request, facts: limits.facts, asks: limits.asks, refusedTools: ask.tools.filter((name) => definition?.gates[name] === false) };
}

interface Limits {
  readonly list: Limit[];
  readonly facts: Map<string, LimitFact>;
  readonly asks: Map<string, CounterAsk>;
  /** A limit on a counter of a scope; `window` null for open runs. */
  add(what: Stated & { readonly scope: CounterScope; readonly subject: string; readonly model?: string }): void;
  addAllowance(what: Stated & { readonly customerId: string; readonly entitlement: Entitlement; readonly index: number }): void;
  addCredits(customerId: string): void;
  addOfRun(what: Pick<Stated, 'id' | 'name' | 'limit'>): void;
}

interface Stated {
  readonly id: string;
  readonly name: string;
  readonly kind: LimitFact['kind'];
  readonly metric: Metric;
  readonly mode: CapMode;
  readonly reason: Limit['reason'];
  readonly window: WindowKind | null;
  readonly limit: number;
}

function createLimits({ tenant, customer, nowMs, expiresMs }: ResolveFacts): Limits {
  const list: Limit[] = [];
  const facts = new Map<string, LimitFact>();
  const asks = new Map<string, CounterAsk>();
  const push = (what: Stated, fact: Pick<LimitFact, 'scope' | 'subject' | 'unit'>, windows: readonly { readonly key: string; readonly startMs: number; readonly endMs: number | null }[], model?: string): void => {
    const { id, name, kind, metric, mode, reason, limit, window } = what;
    list.push({ id, metric, mode, reason, limit, windows: windows.map(({ key, endMs }) => ({ key, endMs })), ...(model === undefined ? {} : { model }) });
    facts.set(id, { id, name, kind, metric, mode, window, ...fact, windows: windows.flatMap(({ key, startMs, endMs }) => (endMs === null ? [] : [{ key, startMs, endMs }])) });
  };
  const keyed = (window: CalendarWindow, key: string): { key: string; startMs: number; endMs: number } => ({ key, startMs: window.startMs, endMs: window.endMs });
  return {
    list, facts, asks,
    add: ({ model, ...what }) => {
      const { scope, subject, metric, window } = what;
      const spans = window === null ? [] : keptWindowsOf(window, nowMs, expiresMs, calendarOf(scope, tenant, customer));
      const windows = window === null ? [{ key: counterKey({ scope, subject }, metric, null), startMs: 0, endMs: null }] : spans.map((span) => keyed(span, counterKey({ scope, subject }, metric, span)));
      push(what, { scope, subject: scope === 'tenant' ? null : subject, unit: null }, windows, model);
      for (const { key, startMs, endMs } of windows) asks.set(key, { key, scope, subject, metric: metric as CounterAsk['metric'], usableOnly: false, fromMs: startMs, toMs: endMs ?? 0, workflows: null });
    },
    addAllowance: ({ customerId, entitlement: { definition, calendar }, index, ...what }) => {
      const allowance = definition.allowances[index]!;
      const counts = allowanceCounts(definition, allowance);
      const windows = keptWindowsOf(allowance.window, nowMs, expiresMs, calendar).map((span) => keyed(span, allowanceKey(customerId, allowance, counts, span)));
      push(what, { scope: 'customer', subject: customerId, unit: allowance.unit }, windows);
      for (const { key, startMs, endMs } of windows) asks.set(key, { key, scope: 'customer', subject: customerId, metric: allowance.measure, usableOnly: counts.usableOnly, fromMs: startMs, toMs: endMs, workflows: counts.workflows });
    },
    addCredits: (customerId) => push(
      { id: 'credits', name: 'Prepaid credits', kind: 'credits', metric: 'credits', mode: 'hard', reason: 'credits_exhausted', window: null, limit: 0 },
      { scope: 'customer', subject: customerId, unit: 'credit' }, [{ key: creditKey(customerId), startMs: 0, endMs: null }]),
    addOfRun: (what) => push({ ...what, kind: 'inline', metric: 'cost', mode: 'hard', reason: 'hard_cap_reached', window: null }, { scope: 'run', subject: null, unit: null }, []),
  };
}

/** Caps of every scope that the run is in; each model of its route by itself. Answers those on starts, which are rates: of models the one that would be called first counts. */
function addCaps(limits: Limits, ask: RunAsk, { tenant, nowMs }: ResolveFacts, models: readonly string[]): RateLimit[] {
  const caps = configuredCaps(tenant);
  const rates: RateLimit[] = [];
  const addEach = (scope: CounterScope, subject: string, model?: string): void => {
    for (const cap of caps.of(scope, subject)) {
      if (!isInForce(cap, nowMs)) continue;
      const { metric, mode, window } = cap;
      if (metric === 'starts') {
        if (model === undefined || model === models[0]) rates.push({ kind: 'sliding_window', id: cap.id, key: `r:${cap.id}:s60:${scope}:${encodeURIComponent(subject)}`, limit: Number(cap.limit), windowMs: 60_000 });
        continue;
      }
      // One cap on "each model" is several limits of one run.
      const id = model !== undefined && cap.subject === null ? `${cap.id}:${model}` : cap.id;
      if (limits.facts.has(id)) continue;
      limits.add({ id, name: cap.name, kind: 'cap', metric, mode, reason: 'hard_cap_reached', window, limit: limitOf(metric, cap.limit), scope, subject, ...(model === undefined ? {} : { model }) });
    }
  };
  for (const { scope, subject } of subjectsOf(ask)) addEach(scope, subject);
  for (const model of models) addEach('model', modelFamily(model), model);
  return rates;
}

function addPlanCaps(limits: Limits, customerId: string, { definition, plan }: Entitlement): void {
  definition.costCaps.forEach(({ window, usd, mode }, i) => limits.add({
    id: `plan_cap:${i}`, name: `${plan.name}: cost of a ${window}`, kind: 'plan_cap', metric: 'cost', mode, reason: 'hard_cap_reached', window, limit: nanoOfUsdLimit(usd), scope: 'customer', subject: customerId,
  }));
}

/** The caller's own caps of a day count for the customer, or for the whole team where the run names none. */
function addInlineCaps(limits: Limits, { caps, customerId }: RunAsk, heldNano: number): void {
  const owner = customerId === null || customerId === '' ? { scope: 'tenant' as const, subject: '' } : { scope: 'customer' as const, subject: customerId };
  const daily = [['soft', caps.softDailyCostUsd, 'Soft cap of this call'], ['hard', caps.hardDailyCostUsd, 'Hard cap of this call']] as const;
  for (const [mode, usd, name] of daily) {
    if (usd !== null && usd !== undefined) limits.add({ id: `inline:${mode}_daily_cost`, name, kind: 'inline', metric: 'cost', mode, reason: 'hard_cap_reached', window: 'day', limit: nanoOfUsdLimit(usd), ...owner });
  }
  if (caps.maxRunCostUsd !== null && caps.maxRunCostUsd !== undefined) limits.addOfRun({ id: 'inline:max_run_cost', name: 'Largest cost of this run', limit: nanoOfUsdLimit(caps.maxRunCostUsd) - heldNano });
}

/** Spend of today far above what is usual: holds by default, for each customer. */
function addRiskBlock(limits: Limits, customer: CustomerPolicy, { tenant: { risk }, nowMs, dailyMeanPico }: ResolveFacts): void {
  const isLifted = customer.riskLiftedUntil !== null && Date.parse(customer.riskLiftedUntil) > nowMs;
  if (!risk.enabled || isLifted) return;
  const usual = multiplyRational(decimalOf(risk.factor), { num: dailyMeanPico ?? 0n, den: 1n });
  const limit = Math.max(limitOf('cost', risk.floorPico.toString()), nanoOfPico(usual.num / usual.den));
  limits.add({ id: 'risk', name: 'Risk block', kind: 'risk', metric: 'cost', mode: 'hard', reason: 'risk_blocked', window: 'day', limit, scope: 'customer', subject: customer.customerId });
}

/** The allowance that the run's outcome burns, and the one that its tokens do. Pay as you go has nothing that could be used up. */
function addAllowances(limits: Limits, ask: RunAsk, customer: CustomerPolicy, entitlement: Entitlement): void {
  const { definition } = entitlement;
  for (const measure of ['units', 'tokens'] as const) {
    const allowance = allowanceOf(definition, measure, ask.workflow ?? '');
    if (allowance === null) continue;
    const { mode } = allowance.exhausted;
    const limit = limitOf(measure, allowance.included);
    if (mode === 'soft' && limit === 0) continue;
    limits.addAllowance({
      id: `allowance:${allowance.id}`, name: allowance.unit, kind: 'allowance', metric: measure, mode, reason: 'quota_exhausted', window: allowance.window, limit,
      customerId: customer.customerId, entitlement, index: definition.allowances.indexOf(allowance),
    });
  }
}

/** The strictest first, so that it is the one that is named. */
function sizesOf(ask: RunAsk, contextTokens: number | null, entitlement: Entitlement | null): BeginRequest['sizes'] {
  const limits = entitlement?.definition.limits;
  const context = [['context_tokens', limits?.contextTokens], ['caps.max_context_tokens', ask.caps.maxContextTokens]] as const;
  const sizes = contextTokens === null ? [] : context.flatMap(([name, limit]) => (limit === null || limit === undefined ? [] : [{ name, asked: contextTokens, limit }])).sort((a, b) => a.limit - b.limit);
  const named = Object.entries(limits?.quantities ?? {}).flatMap(([name, limit]) => {
    const asked = ask.quantities[name];
    return asked === undefined ? [] : [{ name, asked, limit }];
  });
  return [...sizes, ...named];
}

/** Each counts apart what it names; runs that name no user or workflow count together, so that leaving the name out is no way around. */
function ratesOf(ask: RunAsk, customerId: string, { definition }: Entitlement): RateLimit[] {
  const owner = { customer: '', user: ask.userId ?? '', workflow: ask.workflow ?? '', api_key: ask.apiKeyId ?? '' };
  return definition.rateLimits.map(({ id, key, limit, windowSeconds, algorithm }) => {
    const of = key === 'api_key' ? ['', owner.api_key] : [customerId, owner[key]];
    const base = { id, key: `r:${id}:${algorithm.kind === 'sliding_window' ? 's' : 'b'}${windowSeconds}:${key}:${of.map(encodeURIComponent).join(':')}`, limit, windowMs: windowSeconds * 1_000 };
    return algorithm.kind === 'sliding_window' ? { kind: 'sliding_window', ...base } : { kind: 'token_bucket', ...base, burst: algorithm.burst };
  });
}
