/** What a customer has and has used, for the customer's own eyes (units only: no tokens unless the plan sells them, never a cost) and, with every limit, for the team's. */
import { formatPico } from '@outlay/kernel';
import { creditsOf, creditText, type CustomerPolicy } from '@outlay/plans';
import type { BeginRequest, LimitState } from './decide';
import { type GateContext, resolveRun } from './gate-context';
import { readUngated } from './read-ungated';
import type { LimitFact } from './resolve-limits';
import type { RunAsk } from './run-ask';
import { tellLimit, type ToldLimit } from './tell-decision';

export interface ToldAllowance {
  readonly id: string; readonly unit: string; readonly used: string; readonly held: string; readonly included: string; readonly remaining: string; readonly window_start: string | null;
  readonly window_end: string | null; readonly state: 'ok' | 'near' | 'used_up' | 'over'; readonly when_used_up: 'hard' | 'soft';
}

export interface CustomerUsage {
  readonly customer_id: string;
  readonly plan: { readonly key: string; readonly name: string; readonly version: number } | null;
  readonly allowances: readonly ToldAllowance[];
  readonly credits: { readonly remaining: string; readonly unit: 'credit'; readonly next_expiry: string | null } | null;
  readonly warning: string | null;
  readonly denied: string | null;
}

/** From this share of an allowance on it is nearly used up. */
const NEAR = 0.8;

export async function readUsage(gate: GateContext, tenantId: string, customerId: string): Promise<CustomerUsage> {
  const { customer, states } = await stateOf(gate, tenantId, customerId);
  const { entitlement } = customer;
  const allowances = (entitlement?.definition.allowances ?? []).flatMap((allowance): ToldAllowance[] => {
    const found = states.find(({ fact }) => fact.id === `allowance:${allowance.id}`);
    const when = allowance.exhausted.mode;
    // Pay as you go: nothing is included, and nothing can be used up.
    if (found === undefined) return [];
    const told = tellLimit(found.state, found.fact, false);
    return [{ id: allowance.id, unit: allowance.unit, used: told.used, held: told.held, included: told.limit, remaining: told.remaining, window_start: told.window_start, window_end: told.window_end, state: shareOf(found.state, when), when_used_up: when }];
  });
  const isPrepaid = (entitlement?.definition.credits ?? null) !== null;
  const credits = isPrepaid ? await creditsOf(gate.db, tenantId, customerId, gate.now()) : null;
  const usedUp = allowances.find(({ state }) => state === 'used_up');
  const near = allowances.find(({ state }) => state === 'near' || state === 'over');
  const noCredits = credits !== null && credits.available.num <= 0n;
  return {
    customer_id: customerId, plan: planOf(customer), allowances,
    credits: credits === null ? null : { remaining: creditText(credits.available), unit: 'credit', next_expiry: credits.nextExpiryMs === null ? null : new Date(credits.nextExpiryMs).toISOString() },
    warning: near === undefined ? null : near.state === 'over' ? `All ${near.included} ${near.unit}s are used; further ones are charged.` : `${near.used} of ${near.included} ${near.unit}s are used.`,
    denied: customer.suspended !== null ? 'This account is suspended.'
      : usedUp !== undefined ? `All ${usedUp.included} ${usedUp.unit}s are used. ${usedUp.window_end === null ? '' : `More from ${usedUp.window_end.slice(0, 10)} on.`}`.trim()
      : noCredits ? 'The credits are used up.' : null,
  };
}

export interface CustomerEntitlements {
  readonly customer_id: string;
  readonly plan: CustomerUsage['plan'];
  readonly features: Readonly<Record<string, boolean>>;
  readonly models: { readonly tiers: readonly string[]; readonly named: readonly string[] } | null;
  readonly limits: { readonly context_tokens: number | null; readonly quantities: Readonly<Record<string, number>> };
  readonly allowances: readonly { readonly id: string; readonly unit: string; readonly included: string; readonly window: string; readonly when_used_up: 'hard' | 'soft' }[];
  readonly rate_limits: readonly { readonly id: string; readonly key: string; readonly limit: number; readonly window_seconds: number }[];
  readonly suspended: boolean;
}

export async function readEntitlements(gate: GateContext, tenantId: string, customerId: string): Promise<CustomerEntitlements> {
  const customer = await gate.policies.customer(tenantId, customerId, gate.now());
  const definition = customer.entitlement?.definition;
  return {
    customer_id: customerId, plan: planOf(customer), features: definition?.gates ?? {}, models: definition?.models ?? null,
    limits: { context_tokens: definition?.limits.contextTokens ?? null, quantities: definition?.limits.quantities ?? {} },
    allowances: (definition?.allowances ?? []).map(({ id, unit, included, window, exhausted }) => ({ id, unit, included, window, when_used_up: exhausted.mode })),
    rate_limits: (definition?.rateLimits ?? []).map(({ id, key, limit, windowSeconds }) => ({ id, key, limit, window_seconds: windowSeconds })),
    suspended: customer.suspended !== null,
  };
}

/** Every limit that a run of the customer would meet, whatever its workflow. */
export async function readCustomerLimits(gate: GateContext, tenantId: string, customerId: string): Promise<{ limits: ToldLimit[]; usage: CustomerUsage }> {
  const { states } = await stateOf(gate, tenantId, customerId);
  const limits = states.map(({ state, fact }) => tellLimit(state, fact, false));
  const { timeZone } = await gate.policies.tenant(tenantId);
  // Only its own: rows of one customer are found by an index, and this is looked at every few seconds.
  const ungated = await readUngated(gate.db, tenantId, limits.flatMap(({ id, scope, subject, metric, window_start: windowStart, window_end: windowEnd }) => (
    metric !== 'cost' || scope !== 'customer' || windowStart === null || windowEnd === null ? [] : [{ id, scope, subject, windowStart, windowEnd }])), timeZone);
  return { limits: limits.map((limit) => ({ ...limit, ungated_usd: dollarsOf(ungated.get(limit.id)) })), usage: await readUsage(gate, tenantId, customerId) };
}

function dollarsOf(pico: bigint | null | undefined): string | null {
  return pico === null || pico === undefined ? null : formatPico(pico);
}

interface StateOf {
  readonly state: LimitState;
  readonly fact: LimitFact;
}

/** One look at the counters of all workflows that the plan tells apart. */
async function stateOf(gate: GateContext, tenantId: string, customerId: string): Promise<{ customer: CustomerPolicy; states: readonly StateOf[] }> {
  const nowMs = gate.now();
  const customer = await gate.policies.customer(tenantId, customerId, nowMs);
  const workflows = new Set<string | null>([null, ...(customer.entitlement?.definition.allowances ?? []).flatMap((allowance) => allowance.workflows ?? [])]);
  const facts = new Map<string, LimitFact>();
  const limits = new Map<string, BeginRequest['limits'][number]>();
  const asks = new Map<string, Parameters<GateContext['teams']['decide']>[1] extends ReadonlyMap<string, infer A> ? A : never>();
  let request: BeginRequest | undefined;
  for (const workflow of workflows) {
    const { resolved } = await resolveRun(gate, tenantId, { ...NOTHING_ASKED, customerId, workflow }, nowMs, nowMs + 1);
    request ??= resolved.request;
    for (const limit of resolved.request.limits) limits.set(limit.id, limit);
    for (const [id, fact] of resolved.facts) facts.set(id, fact);
    for (const [key, ask] of resolved.asks) asks.set(key, ask);
  }
  const look: BeginRequest = { ...request!, suspended: false, environmentMatches: true, route: [], sizes: [], missingFeatures: [], rates: [], limits: [...limits.values()], reservation: { amounts: {}, bounded: true, most: {} } };
  const begun = (await gate.teams.decide(tenantId, asks, () => gate.store().check(tenantId, look)))!;
  return { customer, states: begun.decision.limits.map((state) => ({ state, fact: facts.get(state.id)! })) };
}

const NOTHING_ASKED: RunAsk = {
  environment: '', apiKeyId: null, statedEnvironment: null, customerId: null, userId: null, workflow: null, feature: null, models: [], features: [], tools: [], inputTokens: null, inputBytes: null,
  maxOutputTokens: null, maxCalls: null, quantities: {}, units: null, estimateUsd: null, caps: {},
};

function shareOf({ used, held, limit }: LimitState, when: 'hard' | 'soft'): ToldAllowance['state'] {
  if (used >= limit && when === 'hard') return 'used_up';
  if (used > limit) return 'over';
  return used + held >= limit * NEAR ? 'near' : 'ok';
}

function planOf({ entitlement }: CustomerPolicy): CustomerUsage['plan'] {
  return entitlement === null ? null : { key: entitlement.plan.key, name: entitlement.plan.name, version: entitlement.version.number };
}

